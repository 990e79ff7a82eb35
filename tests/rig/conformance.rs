//! The conformance set: scenarios and what must come out.

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::workspace;

/// The folder of the conformance set: `ILLUMINATOR_CONFORMANCE`, or that of this project.
pub fn conformance_folder() -> PathBuf {
    match env::var_os("ILLUMINATOR_CONFORMANCE") {
        Some(folder) => fs::canonicalize(folder).expect("ILLUMINATOR_CONFORMANCE is a folder"),
        None => workspace().join("tests/conformance"),
    }
}

/// A scenario of the set.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name, without folder and extension.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The result file that must come out.
    pub expected: String,
    /// The types that it names.
    pub types: Vec<String>,
}

/// All scenarios of a folder for which there is an expected result, by name.
pub fn scenarios(folder: &Path, expected: &Path) -> Vec<Scenario> {
    let mut found: Vec<Scenario> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .filter_map(|entry| {
            let path = entry.expect("readable").path();
            let name = path.file_stem()?.to_str()?.to_owned();
            let is_yaml = path
                .extension()
                .is_some_and(|extension| extension == "yaml");
            let result = fs::read_to_string(expected.join(format!("{name}.csv"))).ok();
            let text = is_yaml.then(|| fs::read_to_string(&path).expect("readable"))?;
            let types = text.lines().filter_map(|line| {
                let name = line
                    .trim_start()
                    .trim_start_matches("- ")
                    .strip_prefix("type:")?;
                let name = name.split('#').next().unwrap_or_default();
                Some(name.trim().trim_matches(['\'', '"']).to_owned())
            });
            Some(Scenario {
                types: types.collect(),
                name,
                expected: result?,
                text,
            })
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

impl Scenario {
    /// The names of the models, in the order of the file.
    pub fn models(&self) -> Vec<&str> {
        self.text.lines().filter_map(model_name).collect()
    }

    /// The text with a `connect` entry for some of the models, by their place in the file.
    pub fn placed(&self, place: &dyn Fn(usize) -> Option<SocketAddr>) -> String {
        let models = self.models();
        let place_of = |model: &str| {
            models
                .iter()
                .position(|name| *name == model)
                .and_then(place)
        };
        placed(&self.text, &|model| {
            let address = place_of(model)?;
            Some((address.ip().to_string(), address.port()))
        })
    }
}

/// A scenario's text with a `connect` entry, host and port, for some of its models.
pub fn placed(text: &str, place: &dyn Fn(&str) -> Option<(String, u16)>) -> String {
    let mut placed = String::new();
    for line in text.lines() {
        placed.extend([line, "\n"]);
        if let Some((host, port)) = model_name(line).and_then(place) {
            let indent = line.len() - line.trim_start().len() + 2;
            let entry = format!("connect: {{ip: '{host}', port: {port}}}");
            placed.extend([" ".repeat(indent).as_str(), &entry, "\n"]);
        }
    }
    placed
}

fn model_name(line: &str) -> Option<&str> {
    Some(line.trim_start().strip_prefix("- name:")?.trim())
}

/// Where two result files differ; the same text has no difference. With a tolerance, floats may
/// differ by that much relative to their size: results that go through the powers of `Wind` and
/// the angles of `PV` depend on the mathematical library in their last digits.
pub fn difference(got: &str, expected: &str, tolerance: f64) -> Option<String> {
    if got == expected {
        return None;
    }
    let (got_lines, expected_lines) = (got.lines().count(), expected.lines().count());
    if got_lines != expected_lines {
        return Some(format!("{got_lines} lines, not {expected_lines}"));
    }
    let mut lines = got.lines().zip(expected.lines()).enumerate();
    lines.find_map(|(number, (got, expected))| {
        let same = got == expected
            || (got.split(',').count() == expected.split(',').count()
                && got
                    .split(',')
                    .zip(expected.split(','))
                    .all(|(a, b)| close(a, b, tolerance)));
        (!same).then(|| {
            format!(
                "line {}:\n  got      {got}\n  expected {expected}",
                number + 1
            )
        })
    })
}

fn close(got: &str, expected: &str, tolerance: f64) -> bool {
    if got == expected {
        return true;
    }
    let is_float = |text: &str| text.contains(['.', 'e']);
    match (got.parse::<f64>(), expected.parse::<f64>()) {
        (Ok(a), Ok(b)) if is_float(got) && is_float(expected) => {
            (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
        }
        _ => false,
    }
}
