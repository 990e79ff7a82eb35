//! Manual pages.

use std::fs;
use std::process::Command;

use crate::{controller, has};

#[test]
fn every_command_has_a_page_that_says_what_its_help_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("UTF-8");
    controller(&["man", "--folder", path]).assert(0, &[]);
    let run = fs::read_to_string(folder.path().join("controller-run.1")).expect("a page");
    assert_eq!(controller(&["man", "run"]).stdout, run);
    for words in [
        ".TH CONTROLLER\\-RUN 1",
        "\n.SH SYNOPSIS\n.B controller run\n[options] <scenario>\n",
        "\\fB\\-o\\fR, \\fB\\-\\-output\\fR \\fIfile\\fR",
        "\n.SH EXIT STATUS\n.TP\n\\fB0\\fR\ndone\n",
    ] {
        assert!(run.contains(words), "no {words:?} in {run}");
    }
    for page in [
        "controller",
        "controller-key",
        "controller-key-new",
        "controller-man",
    ] {
        assert!(folder.path().join(format!("{page}.1")).is_file(), "{page}");
    }
    if !has("mandoc") {
        return;
    }
    for page in fs::read_dir(folder.path()).expect("a folder") {
        let page = page.expect("an entry").path();
        let mut lint = Command::new("mandoc");
        lint.args(["-T", "lint", "-W", "warning"]).arg(&page);
        let lint = rig::Ended::from(rig::run_bounded(&mut lint));
        // A page without a date is one that is made the same on every day.
        let said = lint
            .stdout
            .lines()
            .filter(|line| !line.contains("missing date"));
        assert_eq!(said.collect::<Vec<_>>(), [""; 0], "{page:?}");
    }
}
