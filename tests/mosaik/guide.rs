//! The page of the guide, as it stands.

use std::path::{Path, PathBuf};

use rig::{MOSAIK, bridge_binary, environment, run_page, workspace};

#[test]
fn the_page_about_mosaik_runs_as_it_stands() {
    let Some(interpreter) = environment(MOSAIK, &["mosaik"]) else {
        return;
    };
    let folder = |program: &str| -> PathBuf {
        let folder = Path::new(program).parent();
        folder.expect("in a folder").to_owned()
    };
    let programs = [folder(bridge_binary()), folder(&interpreter)];
    run_page(&workspace().join("docs/mosaik.md"), &programs, &[]);
}
