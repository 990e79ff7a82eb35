//! What the page computes, tried in Node.js: layout, series, time, words.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where this is set, the test fails without Node.js; else it is left out.
const VARIABLE: &str = "ILLUMINATOR_REQUIRE_NODEJS";

#[test]
fn the_modules_of_the_page_compute_what_they_should() {
    let program = ["node", "nodejs"].into_iter().find(|name| runs_tests(name));
    let Some(program) = program else {
        assert!(
            env::var_os(VARIABLE).is_none(),
            "Node.js 20 or later is not there"
        );
        eprintln!("SKIPPED: a test with Node.js 20 or later, which is not there");
        return;
    };
    let mut command = Command::new(program);
    // A test of a module that never ends is ended by Node.js itself.
    command.args(["--test", "--test-timeout=60000"]);
    let output = command.args(test_files()).output().expect("a program");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

fn runs_tests(name: &str) -> bool {
    let version = Command::new(name).arg("--version").output();
    let Ok(version) = version else { return false };
    let said = String::from_utf8_lossy(&version.stdout);
    let major = said.trim().trim_start_matches('v').split('.').next();
    major.and_then(|major| major.parse::<u32>().ok()) >= Some(20)
}

fn test_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("page/tests");
    let entries = fs::read_dir(&folder).expect("a folder of tests");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(
        !files.is_empty(),
        "{}: there are no tests",
        folder.display()
    );
    files
}
