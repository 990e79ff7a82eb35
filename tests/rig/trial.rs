//! A scenario of a test, the run of it and what came of that.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::process::{Run, controller_binary, controller_in, run_bounded};
use crate::wait::wait_for;
use crate::{Disk, LOOP_START, Namespace, Node, loop_scenario, placed};

/// A scenario in a folder of its own, with its result beside it.
#[derive(Debug)]
pub struct Trial {
    scratch: TempDir,
    /// Where the controller runs: data files of the scenario are found from there.
    folder: PathBuf,
}

/// A controller that has ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// What it said on standard output.
    pub stdout: String,
    /// What it said on standard error.
    pub stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

impl Ended {
    /// Checks the exit code, and that all of these were said on standard error.
    #[track_caller]
    pub fn assert(&self, code: i32, said: &[&str]) {
        let Self { stdout, stderr, .. } = self;
        assert_eq!(self.code, Some(code), "{stdout}\n{stderr}");
        for text in said {
            assert!(stderr.contains(text), "no '{text}' in: {stderr}");
        }
    }
}

impl Trial {
    /// A scenario that is run in its own folder.
    pub fn new(scenario: &str) -> Self {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path().to_owned();
        Self::in_folder(scratch, folder, scenario)
    }

    /// A scenario that is run in another folder, where its data files are.
    pub fn with_data(folder: &Path, scenario: &str) -> Self {
        let scratch = tempfile::tempdir().expect("a folder");
        Self::in_folder(scratch, folder.to_owned(), scenario)
    }

    /// [`loop_scenario`] with `Cell` on a node, so that every step crosses the network twice.
    pub fn loop_on(address: SocketAddr, ticks: u64) -> Self {
        Self::new(&placed(&loop_scenario(ticks), &|model| {
            (model == "Cell").then(|| (address.ip().to_string(), address.port()))
        }))
    }

    fn in_folder(scratch: TempDir, folder: PathBuf, scenario: &str) -> Self {
        fs::write(scratch.path().join("scenario.yaml"), scenario).expect("written");
        fs::create_dir(scratch.path().join("disk")).expect("created");
        Self { scratch, folder }
    }

    /// A path in the folder of the scenario.
    pub fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn arguments(&self, options: &[&str]) -> Vec<String> {
        let text = |path: PathBuf| path.to_str().expect("UTF-8").to_owned();
        let mut arguments = vec!["run".to_owned(), text(self.path("scenario.yaml"))];
        if !options.contains(&"--output") {
            arguments.extend(["--output".to_owned(), text(self.path("out.csv"))]);
        }
        arguments.extend(options.iter().map(|&option| option.to_owned()));
        arguments
    }

    /// The command that runs the controller, to start it in another way.
    pub fn command(&self, options: &[&str]) -> Command {
        let program = [controller_binary(), &self.arguments(options)].concat();
        let mut command = Command::new(&program[0]);
        command.args(&program[1..]).current_dir(&self.folder);
        command
    }

    /// Starts the controller, which writes its result to `out.csv` beside the scenario.
    pub fn start(&self, options: &[&str]) -> Run {
        let arguments = self.arguments(options);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        controller_in(&self.folder, &arguments)
    }

    /// Starts the controller in a network namespace.
    pub fn start_in(&self, namespace: &Namespace, options: &[&str]) -> Run {
        let program = [controller_binary(), &self.arguments(options)].concat();
        let mut command = namespace.command(&program[0]);
        Run::start(command.args(&program[1..]).current_dir(&self.folder))
    }

    /// Starts `controller run` or `controller check`.
    pub fn start_command(&self, command: &str, options: &[&str]) -> Run {
        if command == "run" {
            return self.start(options);
        }
        let scenario = self.path("scenario.yaml");
        let mut arguments = vec![command, scenario.to_str().expect("UTF-8")];
        arguments.extend(options);
        controller_in(&self.folder, &arguments)
    }

    /// Runs the controller to its end.
    pub fn run(&self, options: &[&str]) -> Ended {
        self.start(options).finish().into()
    }

    /// Runs the controller to its end, with these variables in its environment.
    pub fn run_with(&self, variables: &[(&str, &str)], options: &[&str]) -> Ended {
        run_bounded(self.command(options).envs(variables.iter().copied())).into()
    }

    /// Runs `controller check`.
    pub fn check(&self, options: &[&str]) -> Ended {
        self.start_command("check", options).finish().into()
    }

    /// Runs the controller with its result on this disk; `None` where that is not permitted.
    pub fn run_on(&self, disk: Disk, options: &[&str]) -> Option<Ended> {
        Some(self.start_on(disk, &[], options)?.finish().into())
    }

    /// Starts it with its result on this disk, and with these variables in its environment.
    pub fn start_on(
        &self,
        disk: Disk,
        variables: &[(&str, &str)],
        options: &[&str],
    ) -> Option<Run> {
        let options: Vec<&str> = [&["--output", "disk/out.csv"], options].concat();
        let program = [controller_binary(), &self.arguments(&options)].concat();
        let mut command = disk.command(&program)?;
        command.envs(variables.iter().copied());
        Some(Run::start(command.current_dir(self.scratch.path())))
    }

    /// The result, or the rows of a run that is not at its end or did not come there; `None` where
    /// there is no file.
    pub fn csv(&self) -> Option<String> {
        let result = fs::read_to_string(self.path("out.csv")).ok();
        result.or_else(|| self.partial())
    }

    /// The rows that are not a result yet; `None` where there is no file.
    pub fn partial(&self) -> Option<String> {
        fs::read_to_string(self.path("out.partial.csv")).ok()
    }

    /// Waits until a run has written its first rows.
    pub fn wait_for_rows(&self) {
        self.wait_for_row(1);
    }

    /// Waits until a run has written so many rows.
    pub fn wait_for_row(&self, row: u64) {
        wait_for("rows of the result", || (self.rows() >= row).then_some(()));
    }

    /// The rows of a run that is not at its end, or has left them; half a line is none.
    pub fn rows(&self) -> u64 {
        let partial = self.partial().unwrap_or_default();
        (partial.matches('\n').count() as u64).saturating_sub(1)
    }

    /// Checks that the result is that of all steps of [`loop_scenario`].
    #[track_caller]
    pub fn assert_whole_loop(&self, ticks: u64) {
        assert_eq!(
            Self::assert_loop_prefix(&self.csv().expect("a result")),
            ticks
        );
    }

    /// Checks that a result of [`loop_scenario`] has rows and holds nothing but the first rows of
    /// what a run on one machine gives; returns their number.
    #[track_caller]
    pub fn assert_loop_prefix(csv: &str) -> u64 {
        assert!(csv.ends_with('\n'), "half a line: {:?}", csv.lines().last());
        let rows = csv.lines().count() as u64 - 1;
        assert!(rows > 0, "no rows since {LOOP_START}");
        let alone = Trial::new(&loop_scenario(rows));
        alone.run(&["--local"]).assert(0, &[]);
        let expected = alone.csv().expect("a result");
        let difference = csv.lines().zip(expected.lines()).find(|(a, b)| a != b);
        assert_eq!(difference, None, "in {rows} rows");
        assert_eq!(csv.len(), expected.len());
        rows
    }
}

/// A number as the summary of a run has it: `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let (first, rest) = digits.split_at((digits.len() - 1) % 3 + 1);
    let rest = rest.as_bytes().chunks(3).map(String::from_utf8_lossy);
    rest.fold(first.to_owned(), |text, group| format!("{text},{group}"))
}

/// Checks that a node serves a run, with the right result.
#[track_caller]
pub fn assert_serves(node: &mut Node) {
    node.assert_running();
    let trial = Trial::loop_on(node.address, 50);
    trial.run(&[]).assert(0, &[]);
    trial.assert_whole_loop(50);
}
