//! Interpreters of Python that tests want.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::process::run_bounded;

/// The plain Python of this machine, 3.9 or later. Where there is none, a test is left out, or fails where
/// `ILLUMINATOR_REQUIRE_PYTHON` is set.
pub fn python() -> Option<String> {
    let works = |name: &&str| {
        let check = "import sys; sys.exit(sys.version_info < (3, 9))";
        let found = Command::new(name).args(["-c", check]).output();
        found.is_ok_and(|found| found.status.success())
    };
    let found = ["python3", "python"].into_iter().find(works);
    if found.is_none() {
        let is_required = env::var_os("ILLUMINATOR_REQUIRE_PYTHON").is_some();
        assert!(!is_required, "Python 3.9 or later is not there");
        eprintln!("SKIPPED: a test with Python 3.9 or later, which is not there");
    }
    found.map(str::to_owned)
}

/// The interpreter of a virtual environment that has some modules. `variable` names the folder of the environment;
/// where it is not set, a test is left out.
pub fn environment(variable: &str, modules: &[&str]) -> Option<String> {
    let Some(folder) = env::var_os(variable) else {
        eprintln!("SKIPPED: a test with {modules:?}, because {variable} is not set");
        return None;
    };
    let interpreter = PathBuf::from(folder).join("bin/python");
    let interpreter = interpreter.to_str().expect("a path in UTF-8").to_owned();
    let imports = format!("import {}", modules.join(", "));
    let found = run_bounded(Command::new(&interpreter).args(["-c", &imports]));
    let said = String::from_utf8_lossy(&found.stderr);
    assert!(found.status.success(), "{variable}: {said}");
    Some(interpreter)
}

/// The environment with mosaik 3.7.1 and simulators of others.
pub const MOSAIK: &str = "ILLUMINATOR_REQUIRE_MOSAIK";

/// The environment with the Python Illuminator.
pub const REFERENCE: &str = "ILLUMINATOR_REQUIRE_REFERENCE";

/// A folder in which a package `illuminator` has the models of the installed one and nothing else: no base class.
pub fn models_alone(interpreter: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = "import importlib.util, pathlib, shutil, sys\n\
        package = pathlib.Path(importlib.util.find_spec('illuminator').origin).parent\n\
        shutil.copytree(package / 'models', pathlib.Path(sys.argv[1]) / 'illuminator' / 'models')\n\
        (pathlib.Path(sys.argv[1]) / 'illuminator' / '__init__.py').touch()\n";
    let mut command = Command::new(interpreter);
    command.args(["-c", copy]).arg(folder.path());
    let copied = run_bounded(&mut command);
    let said = String::from_utf8_lossy(&copied.stderr);
    assert!(copied.status.success(), "{said}");
    folder
}
