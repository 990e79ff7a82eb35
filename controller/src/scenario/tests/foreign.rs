//! Files that are something else than a scenario of this generation.

use super::samples::{CATALOGUE, files};
use super::{only, scenario};
use crate::scenario::{LoadError, load, load_text};

/// What loading a file with this content says, without its path.
fn loading(content: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s.yaml");
    std::fs::write(&path, content).expect("written");
    match load(&path, &CATALOGUE, &files()) {
        Ok(_) => panic!("accepted"),
        Err(LoadError::Refused(problems)) => {
            assert_eq!(problems.iter().count(), 1, "{problems}");
            problems.into_vec()[0].message.clone()
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_scenario_of_the_generation_before_is_named_with_what_to_write_now() {
    let text = "\
simulators:
  PV: {python: 'Models.PV.pv_mosaik:PvAdapter'}
  Reader: {type: CSVAdapter, datafile: load.csv}
models: []
";
    let refused = load_text("s.yaml", text, &models::CATALOGUE, &files());
    let message = refused.expect_err("refused").to_string();
    for part in [
        "1:1: error: this is a scenario of the Illuminator before version 3",
        "'simulators'",
        "'PvAdapter' is now 'PV'",
        "'CSVAdapter' is now 'CSV'",
        "'datafile' is now 'file_path'",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(
        only("<?xml version='1.0'?>\n<config><Model/></config>\n").contains("before version 3")
    );
}

#[test]
fn an_old_name_of_a_type_is_told_what_it_is_called_now() {
    let text = scenario("", "", "").replace("type: House", "type: HouseAdapter");
    assert!(only(&text).contains("the type 'HouseAdapter' is called 'House' here"));
    let text = scenario("", "", "").replace("type: House", "type: house");
    assert!(only(&text).contains("did you mean 'House'?"));
}

#[test]
fn what_is_no_scenario_is_named() {
    let notebook = br#"{"cells": [], "metadata": {}, "nbformat": 4}"#;
    assert!(loading(notebook).contains("this is a Jupyter notebook"));
    assert!(loading(b"<html></html>").starts_with("this is XML; a scenario is"));
    let table = b"load of a house\ntime,load\n2012-01-01 00:00:00,1\n2012-01-01 00:15:00,2\n";
    assert!(loading(table).starts_with("this is a table of data"));
    assert!(loading(b"\xff\xfes\x00").contains("UTF-16; save it as UTF-8"));
    assert!(loading(b"PK\x03\x04...").contains("a spreadsheet"));
    assert!(loading(b"a: 1\0").contains("no text file"));
    assert!(loading(b"").contains("the file is empty"));
}
