//! A controller that is installed brings the nodes that were installed with it.

use std::fs;
use std::path::{Path, PathBuf};

use rig::{Run, controller_binary, node_binary};

use crate::deploying::assert_said;
use crate::lan::{Lan, PATIENCE};
use crate::machine::Setup;

/// Set to a Python environment with the wheel in it, where that is to be tried.
const REQUIRE_WHEEL: &str = "ILLUMINATOR_REQUIRE_WHEEL";

/// A folder with the programs of the workspace where packages put them.
fn install(prefix: &Path) -> PathBuf {
    let nodes = prefix.join("lib/illuminator/nodes");
    let node = format!(
        "illuminator-node-{}-unknown-linux-musl",
        std::env::consts::ARCH
    );
    for folder in [&prefix.join("bin"), &nodes] {
        fs::create_dir_all(folder).expect("made");
    }
    // What stands before a program has it hear of interrupts.
    let controller = controller_binary().last().expect("a program");
    fs::copy(controller, prefix.join("bin/controller")).expect("copied");
    fs::copy(&node_binary()[0], nodes.join(node)).expect("copied");
    prefix.to_owned()
}

#[test]
fn an_installed_controller_brings_its_own_node() {
    let Some(lan) = Lan::with(&[Setup::Sudo]) else {
        return;
    };
    let prefix = std::env::var_os(REQUIRE_WHEEL);
    let prefix = prefix.map_or_else(|| install(&lan.path("prefix")), PathBuf::from);
    // As installers of Python programs have it: a link on the path to what is in an environment.
    let link = lan.path("bin/controller");
    std::os::unix::fs::symlink(prefix.join("bin/controller"), &link).expect("made");
    let mut command = lan.command_there(link.to_str().expect("UTF-8"));
    command.args(["deploy", &lan.address_of(0)]);
    let deployed: rig::Ended = Run::start(&mut command).finish_within(PATIENCE).into();
    deployed.assert(0, &[]);
    assert_said(&deployed, "binary: installed");
    assert_said(&deployed, "1 of 1 hosts ready");
}
