//! Worlds that mosaik itself runs as well: the simulators hear the same. Left out where
//! `ILLUMINATOR_REQUIRE_MOSAIK` does not name an environment of Python with mosaik.

#[path = "../units/bench.rs"]
#[allow(
    dead_code,
    reason = "what units are tried with is more than worlds need"
)]
mod bench;
mod real;
#[path = "../units/simulator.rs"]
#[allow(
    dead_code,
    reason = "what units are tried with is more than worlds need"
)]
mod simulator;
mod worlds;

use std::path::{Path, PathBuf};

/// The Python of the environment that is to be used; `None` where there is none.
fn python() -> Option<PathBuf> {
    let Some(environment) = std::env::var_os("ILLUMINATOR_REQUIRE_MOSAIK") else {
        eprintln!("left out: ILLUMINATOR_REQUIRE_MOSAIK names no environment with mosaik");
        return None;
    };
    let folder = if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    };
    let python = Path::new(&environment).join(folder);
    assert!(python.exists(), "there is no {}", python.display());
    Some(python)
}

/// A file beside these tests.
fn beside(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/mosaik")
        .join(name);
    path.to_str().expect("plain text").to_owned()
}
