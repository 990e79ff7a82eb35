//! Runs an example, changed and with other monitor items.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;

use rig::{controller, workspace};

/// The text of an example.
pub(crate) fn text_of(name: &str) -> String {
    let path = workspace().join(format!("scenarios/{name}.yaml"));
    fs::read_to_string(path).expect("readable")
}

/// Runs a scenario beside the data of the examples; returns its result.
pub(crate) fn result_of(text: &str) -> String {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    symlink(workspace().join("scenarios"), folder.join("scenarios")).expect("linked");
    fs::write(folder.join("s.yaml"), text).expect("written");
    let run = controller(
        folder,
        &[
            "run", "s.yaml", "--quiet", "--strict", "--output", "out.csv",
        ],
    );
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{}\n{said}", run.status);
    fs::read_to_string(folder.join("out.csv")).expect("a result")
}

/// A row of a result, by items.
pub(crate) struct Row(BTreeMap<String, f64>);

impl Row {
    pub(crate) fn get(&self, item: &str) -> f64 {
        let value = self.0.get(item);
        *value.unwrap_or_else(|| panic!("no {item}"))
    }
}

/// An example that may be changed before it runs.
pub(crate) struct System(String);

impl System {
    pub(crate) fn new(name: &str) -> Self {
        Self(text_of(name))
    }

    /// The same with another text in one place.
    pub(crate) fn with(self, text: &str, other: &str) -> Self {
        assert_eq!(self.0.matches(text).count(), 1, "{text}");
        Self(self.0.replace(text, other))
    }

    /// Runs it with these monitor items, all of which are numbers.
    pub(crate) fn rows(&self, items: &[&str]) -> Vec<Row> {
        let (system, _) = self.0.split_once("\nmonitor:\n").expect("a monitor");
        let mut text = format!("{system}\nmonitor:\n  file: 'out.csv'\n  items:\n");
        for item in items {
            text.extend(["  - ", item, "\n"]);
        }
        let result = result_of(&text);
        let mut lines = result.lines();
        let names: Vec<&str> = lines.next().expect("names").split(',').collect();
        let row = |line: &str| {
            let cells = names.iter().zip(line.split(',')).skip(1);
            let number = |cell: &str| cell.parse().expect("a number");
            Row(cells
                .map(|(name, cell)| ((*name).to_owned(), number(cell)))
                .collect())
        };
        lines.map(row).collect()
    }
}
