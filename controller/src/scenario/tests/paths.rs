//! Files that are not where a scenario says, and paths of other systems.

use std::path::MAIN_SEPARATOR;

use shared::files::WorkingDirectory;

use super::scenario;
use crate::chain::chain;
use crate::scenario::load;

/// What loading a scenario beside these files says.
fn loading(name: &str, text: &str, beside: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for file in beside {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, "").expect("written");
    }
    let path = folder.path().join("scenarios").join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let text = text.replace("type: Meter", "type: CSV");
    let text = text.replace("type: House", "type: Load");
    if !text.is_empty() {
        std::fs::write(&path, text).expect("written");
    }
    let error = load(&path, &models::CATALOGUE, &WorkingDirectory).expect_err("refused");
    chain(&error)
}

#[test]
fn a_file_beside_the_scenario_is_found_there_and_the_working_directory_named() {
    let text = scenario("", "", "");
    let here = std::env::current_dir().expect("a folder");
    let said = loading("s.yaml", &text, &["scenarios/load.csv"]);
    for part in [
        "there is no file 'load.csv'",
        &format!(
            "start from the working directory, here '{}'",
            here.display()
        ),
        "the file is beside the scenario: run from there (cd ",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = loading("s.yaml", &text, &["load.csv"]);
    assert!(
        said.contains("the file is above: run from there (cd "),
        "{said}"
    );
    let said = loading("s.yaml", &text, &[]);
    assert!(
        said.contains(&format!("here '{}'\n", here.display())),
        "{said}"
    );
}

// On Windows a backslash is between folders.
#[cfg(not(windows))]
#[test]
fn a_backslash_is_told_to_be_a_slash() {
    let text = scenario("", "", "").replace("load.csv", r"'data\load.csv'");
    let said = loading("s.yaml", &text, &[]);
    assert!(
        said.contains("write '/' between folders: 'data/load.csv'"),
        "{said}"
    );
    let message = super::only(&scenario("", "", r"  file: '.\results\out.csv'"));
    assert!(message.contains("write './results/out.csv'"), "{message}");
}

#[test]
fn a_scenario_that_is_not_there_is_looked_for() {
    let said = loading("s.yaml", "", &["scenarios/s.yaml.txt"]);
    assert!(
        said.contains("there is no such file; did you mean '") && said.ends_with("s.yaml.txt'?")
    );
    let said = loading("sceanrio.yaml", "", &["scenarios/scenario.yaml"]);
    let meant = format!("scenarios{MAIN_SEPARATOR}scenario.yaml'?");
    assert!(said.ends_with(&meant), "{said}");
    let said = loading("", "", &["scenarios/a.yaml"]);
    assert!(
        said.contains("it is a folder; name a scenario in it, such as '"),
        "{said}"
    );
}
