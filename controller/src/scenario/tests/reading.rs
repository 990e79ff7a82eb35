//! Scenario files on disk.

use super::samples::{CATALOGUE, files, scenario};
use crate::chain::chain;
use crate::scenario::load;

/// What loading a file with this content says.
fn load_bytes(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s.yaml");
    std::fs::write(&path, bytes).expect("written");
    let prefix = folder.path().join("").display().to_string();
    match load(&path, &CATALOGUE, &files()) {
        Ok((graph, _)) => graph.name,
        Err(error) => error.to_string().replace(&prefix, ""),
    }
}

#[test]
fn a_file_is_loaded_and_named_in_its_problems() {
    assert_eq!(load_bytes(scenario("", "", "").as_bytes()), "s");
    let wrong = scenario("", "", "").replace("models:", "model:");
    assert!(load_bytes(wrong.as_bytes()).starts_with("s.yaml:2:1: error: "));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let path = std::path::Path::new("no/such/scenario.yaml");
    let error = load(path, &CATALOGUE, &files()).expect_err("refused");
    let expected = "cannot read the scenario 'no/such/scenario.yaml': ";
    assert!(chain(&error).starts_with(expected), "{error}");
    let error = load(".".as_ref(), &CATALOGUE, &files()).expect_err("refused");
    assert!(
        error
            .to_string()
            .starts_with("cannot read the scenario '.'"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_not_utf_8_is_refused_where_it_ceases_to_be() {
    assert_eq!(
        load_bytes(b"a: 1\nb: \xc3\xa4\xe4\n"),
        "s.yaml:2:5: error: not UTF-8 from here on; save the file as UTF-8"
    );
}
