//! What deploying comes to where something is in the way.

use std::fs;
use std::path::Path;
use std::process::Command;

use rig::{Ended, run_bounded};

use crate::lan::Lan;
use crate::machine::Setup;

/// The part of a report that is about one host.
fn part<'a>(ended: &'a Ended, host: &str) -> &'a str {
    let start = ended.stdout.find(host).expect("its part");
    let rest = &ended.stdout[start..];
    let end = rest.find("\n1").unwrap_or(rest.len());
    &rest[..end]
}

#[test]
fn a_host_that_fails_does_not_keep_the_others_from_their_nodes() {
    let setups = [Setup::Root, Setup::Root, Setup::SudoWithPassword];
    let Some(lan) = Lan::with(&setups) else {
        return;
    };
    // The second machine knows another key; a fourth is not there.
    let stranger = fs::read(lan.path("ssh/stranger.pub")).expect("a key");
    fs::write(lan.machines[1].path("/etc/pi/user.pub"), stranger).expect("written");
    let remains = lan.machines[2].remains();
    let deployed = lan.deploy(&["10.99.0.77"]);
    deployed.assert(4, &["error: failed: 10.99.0.77, 10.99.0.2, 10.99.0.3"]);
    assert!(
        deployed.stdout.contains("1 of 4 hosts ready"),
        "{deployed:?}"
    );
    assert!(part(&deployed, "10.99.0.1 ").contains("service: installed"));
    let refused = part(&deployed, "10.99.0.2\n");
    assert!(refused.contains("Permission denied"), "{refused}");
    assert!(refused.contains("ssh-copy-id 10.99.0.2"), "{refused}");
    let powerless = part(&deployed, "10.99.0.3\n");
    assert!(powerless.contains("a password is required"), "{powerless}");
    assert!(powerless.contains("NOPASSWD"), "{powerless}");
    let absent = part(&deployed, "10.99.0.77\n");
    assert!(absent.contains("No route to host"), "{absent}");
    assert!(absent.contains("switched on"), "{absent}");
    assert_eq!(lan.machines[2].remains(), remains, "nothing is half done");
}

/// A program that says what a node says, and does nothing else.
pub(crate) const IMPOSTOR: &str = r#"
fn main() {
    if std::env::args().nth(1).as_deref() == Some("--version") {
        return println!("illuminator-node VERSION");
    }
    eprintln!("no");
    std::process::exit(1);
}
"#;

/// Compiles a program that takes a node's place.
pub(crate) fn compile(lan: &Lan, program: &str) -> std::path::PathBuf {
    let (source, binary) = (lan.path("impostor.rs"), lan.path("impostor"));
    let program = program.replace("VERSION", env!("CARGO_PKG_VERSION"));
    fs::write(&source, program).expect("written");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command
        .args(["--edition", "2024", "-o"])
        .arg(&binary)
        .arg(&source);
    let output = run_bounded(&mut command);
    assert!(output.status.success(), "{output:?}");
    binary
}

#[test]
fn a_program_that_does_not_come_up_is_not_installed() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let other = compile(&lan, IMPOSTOR);
    lan.provide_node("other", &other);
    let remains = lan.machines[0].remains();
    let refused = lan.run(&["deploy", "--binaries", "other", "10.99.0.1"]);
    refused.assert(4, &[]);
    assert!(
        refused
            .stdout
            .contains("a node does not come up there: no; nothing was installed"),
        "{refused:?}"
    );
    assert_eq!(lan.machines[0].remains(), remains);
}

#[test]
fn a_person_called_illuminator_is_left_alone() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let machine = &lan.machines[0];
    machine.sh("PATH=$PATH:/usr/sbin; useradd --create-home --shell /bin/sh illuminator");
    let refused = lan.deploy(&[]);
    refused.assert(4, &[]);
    assert!(
        refused.stdout.contains("somebody logs in by that name"),
        "{refused:?}"
    );
    lan.for_all("undeploy", &[]).assert(4, &[]);
    assert!(machine.sh("id illuminator").contains("uid="));
    assert!(machine.path("/home/illuminator").exists());
}

#[test]
fn a_node_from_a_package_is_left_to_the_package() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let machine = &lan.machines[0];
    let remains = machine.remains();
    machine
        .sh("mkdir -p /usr/lib/systemd/system; >/usr/lib/systemd/system/illuminator-node.service");
    for (command, remedy) in [("deploy", "apt-get remove"), ("undeploy", "apt-get purge")] {
        let options = ["--binaries", "illuminator-node"];
        let options = if command == "deploy" {
            &options[..]
        } else {
            &[]
        };
        let refused = lan.for_all(command, options);
        refused.assert(4, &[]);
        assert!(refused.stdout.contains(remedy), "{refused:?}");
    }
    assert_eq!(machine.remains(), remains);
}

#[test]
fn hosts_that_cannot_be_are_refused_before_anything_happens() {
    let root = Path::new("/");
    for (arguments, said) in [
        (
            &["deploy", "--", "-oProxyCommand=x"][..],
            "-oProxyCommand=x",
        ),
        (&["deploy"], "say which hosts"),
        (&["deploy", "pi@pi1"], "--user pi"),
        (
            &["deploy", "pi1", "--user", "a b"],
            "not the name of a user",
        ),
        (
            &["deploy", "pi1", "--identity", "/no/such/key"],
            "no key file",
        ),
        (&["undeploy", "a;b"], "'a;b'"),
    ] {
        Ended::from(rig::controller(root, arguments)).assert(1, &[said]);
    }
    Ended::from(rig::controller(root, &["deploy", "no-such.yaml"])).assert(2, &["no-such.yaml"]);
}
