//! The pages of the guide about engines that share a sweep out show what `tests/engines.sh` runs.

use std::collections::BTreeMap;
use std::fs;

use rig::{blocks_of, workspace};

/// What each page is about, which is also a folder with what is run.
const ENGINES: [&str; 4] = ["gnu-parallel", "hyperqueue", "mpi", "slurm"];

/// The files of a folder, by name.
fn files(engine: &str) -> BTreeMap<String, String> {
    let folder = workspace().join("tests/engines").join(engine);
    let entries = fs::read_dir(folder).expect("a folder");
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("UTF-8");
        (name, fs::read_to_string(entry.path()).expect("readable"))
    };
    entries.map(file).collect()
}

#[test]
fn a_page_shows_all_files_that_are_run_and_no_others() {
    for engine in ENGINES {
        let page = workspace().join(format!("docs/sweeps/{engine}.md"));
        let mut shown: Vec<String> = blocks_of(&page).into_iter().map(|b| b.text).collect();
        let mut run: Vec<String> = files(engine).into_values().collect();
        shown.sort();
        run.sort();
        assert_eq!(shown, run, "{engine}");
    }
}

#[test]
fn each_file_is_run_by_the_script_or_named_by_one_that_is() {
    let script = workspace().join("tests/engines.sh");
    let script = fs::read_to_string(script).expect("readable");
    let entries = fs::read_dir(workspace().join("tests/engines")).expect("a folder");
    assert_eq!(entries.count(), ENGINES.len(), "each engine has a page");
    for engine in ENGINES {
        let files = files(engine);
        for name in files.keys() {
            let is_run = script.contains(&format!("engine {engine} {name} "));
            let mut others = files.values();
            let is_named = others.any(|other| other.contains(name.as_str()));
            assert!(is_run || is_named, "nobody runs {engine}/{name}");
        }
    }
}

#[test]
fn the_guide_leads_to_each_page() {
    let page = fs::read_to_string(workspace().join("docs/sweeps.md")).expect("readable");
    for engine in ENGINES {
        assert!(page.contains(&format!("](sweeps/{engine}.md)")), "{engine}");
    }
}
