//! Sweeps: many variants of a scenario.

#![cfg(unix)]

mod asking;
mod combinations;
mod engines;
mod going_on;
mod indicators;
mod nodes;
mod parquet;
mod parts;
mod refusals;
mod scenarios;
mod studies;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use rig::{
    Ended, Run, Scenario, conformance_folder, controller_binary, run_bounded, scenarios, workspace,
};
use tempfile::TempDir;

/// A folder in which sweeps run.
struct Place(TempDir);

/// Contents by name, those of folders included.
type Files = BTreeMap<PathBuf, Vec<u8>>;

impl Place {
    /// One that sees the data of the conformance set, and has its scenarios with many variants.
    fn with_conformance() -> Self {
        let place = Self::new();
        let set = conformance_folder();
        symlink(set.join("data"), place.path("data")).expect("linked");
        for name in ["p01_product.yaml", "p02_aligned.yaml"] {
            fs::copy(set.join("parallel").join(name), place.path(name)).expect("copied");
        }
        place
    }

    /// One that has the power balance as `scenario.yaml`, changed so, and sees its data.
    fn with_power_balance(change: &dyn Fn(String) -> String) -> Self {
        let place = Self::new();
        symlink(workspace().join("scenarios"), place.path("scenarios")).expect("linked");
        let text = fs::read_to_string(workspace().join("scenarios/power-balance.yaml"));
        place.write("scenario.yaml", &change(text.expect("readable")));
        place
    }

    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// What is in the folder besides what sweeps read, by name.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("a folder");
        let name = |entry: std::io::Result<fs::DirEntry>| {
            let name = entry.expect("an entry").file_name();
            name.into_string().expect("UTF-8")
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.retain(|name| !["scenario.yaml", "scenarios"].contains(&name.as_str()));
        names.sort();
        names
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = controller_binary();
        let mut command = Command::new(&program[0]);
        command.args(&program[1..]).args(arguments);
        command.current_dir(self.0.path());
        for name in ENGINES {
            command.env_remove(name);
        }
        command
    }

    /// Runs the controller to its end.
    fn controller(&self, arguments: &[&str]) -> Ended {
        run_bounded(&mut self.command(arguments)).into()
    }

    /// Runs a sweep to its end.
    fn sweep(&self, arguments: &[&str]) -> Ended {
        self.controller(&[&["sweep"], arguments].concat())
    }

    /// Starts a sweep.
    fn start(&self, arguments: &[&str]) -> Run {
        Run::start(&mut self.command(&[&["sweep"], arguments].concat()))
    }

    /// The files of a folder, and of those in it.
    fn files(&self, folder: &str) -> Files {
        let mut files = Files::new();
        collect(&self.path(folder), &self.path(folder), &mut files);
        // What it was made from names the paths of this test.
        files.retain(|path, _| !path.to_string_lossy().ends_with(".sweep.json"));
        files
    }
}

/// Runs each scenario of the conformance set alone, and hands it to `act`: where it is `scenario.yaml`, its result, its name,
/// and its text.
fn each_of_the_conformance_set(mut act: impl FnMut(&Place, &str, &Scenario)) {
    let set = conformance_folder();
    for scenario in scenarios(&set.join("scenarios"), &set.join("expected")) {
        let place = Place::new();
        symlink(set.join("data"), place.path("data")).expect("linked");
        place.write("scenario.yaml", &scenario.text);
        let run = ["run", "scenario.yaml", "-q", "--no-record", "-o", "run.csv"];
        place.controller(&run).assert(0, &[]);
        act(&place, &place.read("run.csv"), &scenario);
    }
}

/// What would say that a sweep is one of several parts.
const ENGINES: [&str; 8] = [
    "SLURM_ARRAY_TASK_ID",
    "SLURM_PROCID",
    "SLURM_NTASKS",
    "SLURM_STEP_NUM_TASKS",
    "SLURM_JOB_ID",
    "OMPI_COMM_WORLD_RANK",
    "PMI_RANK",
    "HQ_TASK_ID",
];

fn collect(root: &Path, folder: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below").to_owned();
            files.insert(name, fs::read(&path).expect("readable"));
        }
    }
}

/// What the Python Illuminator has written for one of the scenarios: results, and the table of combinations.
fn expected(scenario: &str, results: &str) -> Files {
    let folder = conformance_folder().join("parallel/expected");
    let mut files = Files::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let name = if name == format!("{scenario}.scenariotable.csv") {
            "scenariotable.csv".to_owned()
        } else if name.starts_with(results) && !name.contains("scenariotable") {
            name
        } else {
            continue;
        };
        files.insert(name.into(), fs::read(&path).expect("readable"));
    }
    files
}

#[track_caller]
fn assert_same(got: &Files, wanted: &Files) {
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(got), names(wanted));
    for (name, content) in wanted {
        let text = |content: &[u8]| String::from_utf8_lossy(content).into_owned();
        assert_eq!(text(&got[name]), text(content), "{}", name.display());
    }
}
