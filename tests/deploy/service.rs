//! The node as a service of a real systemd.

use std::fs;
use std::io::Write;
use std::path::Path;

use rig::{loop_scenario, placed};

use crate::deploying::{assert_result, assert_said, count};
use crate::failing::compile;
use crate::lan::Lan;
use crate::system::{ADDRESS, ADDRESS_6, System};

/// Makes the node of the workspace another one, which runs the same with something behind it.
fn renew(lan: &Lan) {
    append_to(&only_file(&lan.path("illuminator-node")));
}

/// Puts something behind a program.
pub(crate) fn append_to(program: &Path) {
    let newer = fs::OpenOptions::new().append(true).open(program);
    newer.expect("opened").write_all(b"newer").expect("written");
}

#[test]
fn a_node_is_installed_used_brought_up_to_date_and_taken_away() {
    let Some(system) = System::start() else {
        return;
    };
    let before = system.remains();
    let first = system.deploy(&[]);
    first.assert(0, &[]);
    assert_said(&first, "handshake: the node answers at 10.99.0.1:5123");
    assert_eq!(count(&first, "next start"), 0, "this disk stays: {first:?}");
    let said = system.sh(
        "systemd-analyze verify --man=no illuminator-node.service 2>&1 | grep illuminator
        systemctl is-enabled illuminator-node; cat /proc/$(pidof illuminator-node)/status | grep Uid; \
         id -u illuminator; id -Gn illuminator",
    );
    let said: Vec<&str> = said.lines().collect();
    assert_eq!(said[0], "enabled", "{said:?}");
    assert!(said[1].contains(&format!("\t{}\t", said[2])), "{said:?}");
    for group in ["gpio", "dialout", "spi"] {
        assert!(said[3].contains(group), "{said:?}");
    }
    let announced = system.sh(
        "for try in $(seq 100); do
            journalctl -u avahi-daemon --output cat | grep 'Illuminator node on pi.*established' && break
            sleep 0.2
        done",
    );
    assert!(
        announced.contains("successfully established"),
        "{announced}"
    );

    let scenario = placed(&loop_scenario(100), &|model| match model {
        "Mill" => Some((ADDRESS.to_owned(), 5123)),
        _ => None,
    });
    fs::write(system.lan.path("scenario.yaml"), scenario).expect("written");
    let ran = system.run(&["run", "scenario.yaml", "--output", "out.csv"]);
    assert_result(&system.lan, &ran, 100);

    let node = system.node();
    assert_ne!(node, 0);
    let again = system.deploy(&[]);
    again.assert(0, &[]);
    assert_eq!(count(&again, "already up to date"), 7, "{again:?}");
    assert_eq!(system.node(), node, "nothing starts again without need");
    // By its address of one network, too.
    for host in [ADDRESS_6, "fe80::1%lan"] {
        system.run(&["nodes", host]).assert(0, &[]);
    }

    renew(&system.lan);
    let upgraded = system.deploy(&[]);
    upgraded.assert(0, &[]);
    assert_said(&upgraded, "binary: replaced");
    assert_said(&upgraded, "start: started again");
    assert_ne!(system.node(), node);

    let removed = system.run(&["undeploy", ADDRESS]);
    removed.assert(0, &[]);
    assert_eq!(system.remains(), before);
    assert_eq!(system.node(), 0);
}

/// A node that is broken as soon as systemd starts it, in one of two ways, and otherwise the one of the
/// workspace.
const BROKEN: &str = r#"
use std::os::unix::{fs::PermissionsExt, process::CommandExt};
fn main() {
    if std::env::var_os("INVOCATION_ID").is_some() {
        BREAK
    }
    let path = format!("/tmp/node-{}", std::process::id());
    std::fs::write(&path, include_bytes!("GOOD")).expect("written");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o700)).expect("changed");
    panic!("{}", std::process::Command::new(&path).args(std::env::args_os().skip(1)).exec());
}
"#;
const ABORTS: &str = r#"eprintln!("I am broken at start"); std::process::abort();"#;
const HANGS: &str = r#"
    let listener = std::net::TcpListener::bind("0.0.0.0:5123").expect("free");
    let _held: Vec<_> = listener.incoming().collect();
"#;

fn only_file(folder: &Path) -> std::path::PathBuf {
    let entry = fs::read_dir(folder).expect("a folder").next();
    entry.expect("a file").expect("readable").path()
}

#[test]
fn an_upgrade_that_does_not_come_up_or_does_not_answer_is_taken_back() {
    let Some(system) = System::start() else {
        return;
    };
    system.deploy(&[]).assert(0, &[]);
    let before = system.sh("cksum </usr/local/bin/illuminator-node");
    let good = only_file(&system.lan.path("illuminator-node"));
    let broken = BROKEN.replace("GOOD", good.to_str().expect("UTF-8"));
    for (how, said) in [
        (
            ABORTS,
            "start: the node does not come up: I am broken at start",
        ),
        (
            HANGS,
            "failed: handshake: the node at 10.99.0.1:5123 cannot be used",
        ),
    ] {
        let program = compile(&system.lan, &broken.replace("BREAK", how));
        system.lan.provide_node("broken", &program);
        let upgrade = system.run(&["deploy", "--binaries", "broken", ADDRESS]);
        upgrade.assert(4, &[]);
        assert_said(&upgrade, said);
        assert_said(&upgrade, "note: everything is as it was before");
        assert_eq!(system.sh("cksum </usr/local/bin/illuminator-node"), before);
        assert_ne!(system.node(), 0, "the old one runs");
    }
    let again = system.deploy(&[]);
    again.assert(0, &[]);
    assert_said(&again, "start: already up to date");
}

#[test]
fn the_configuration_of_a_node_is_that_of_its_owner() {
    let Some(system) = System::start() else {
        return;
    };
    system.deploy(&[]).assert(0, &[]);

    // What is wrong with it is told, and the node is not started over and over.
    system.write("/etc/illuminator/node.toml", "colour = 3\n");
    renew(&system.lan);
    let refused = system.deploy(&[]);
    refused.assert(4, &[]);
    assert_said(&refused, "failed: start: the node does not come up: ");
    assert_eq!(
        count(&refused, "node.toml:1: unknown key 'colour'"),
        2,
        "{refused:?}"
    );
    assert_said(&refused, "the node that ran does not come up again: ");
    let state = "systemctl show --property NRestarts,ExecMainStatus --value illuminator-node";
    let state = system.sh(state);
    assert!(state == "0\n78\n" || state == "78\n0\n", "{state}");

    // Where it listens holds, wherever the node was told to.
    system.write("/etc/illuminator/node.toml", "listen = [\"[::]:6000\"]\n");
    let moved = system.deploy(&[]);
    moved.assert(0, &[]);
    assert_said(&moved, "handshake: the node answers at 10.99.0.1:6000");
    let announced = system.sh("grep port /etc/avahi/services/illuminator.service");
    assert!(announced.contains("<port>6000</port>"), "{announced}");
    let refused = system.deploy(&["--listen-port", "5123"]);
    refused.assert(4, &[]);
    assert_eq!(
        count(
            &refused,
            "the node listens on port 6000 there and not on 5123: its /etc/illuminator/node.toml"
        ),
        1,
        "{refused:?}"
    );
}

#[test]
fn what_is_called_ready_outlives_a_plug_that_is_pulled() {
    let Some(mut system) = System::emulated() else {
        return;
    };
    let files = "cksum /usr/local/bin/illuminator-node /etc/illuminator/* \
                 /etc/systemd/system/illuminator-node.service /etc/avahi/services/illuminator.service; \
                 grep illuminator /etc/passwd /etc/group";
    system.write_only_what_is_flushed();
    let deployed = system.deploy(&[]);
    // Nothing else comes between the answer and the cut.
    system.cut_power();
    deployed.assert(0, &[]);
    system.switch_on();
    let after = system.sh(files);
    assert_eq!(
        after.lines().count(),
        5 + 5,
        "all files, and the user in its groups: {after}"
    );
    assert!(!after.contains("4294967295 0 "), "an empty file: {after}");
    system.run(&["nodes", ADDRESS]).assert(0, &[]);
    let again = system.deploy(&[]);
    again.assert(0, &[]);
    assert_eq!(count(&again, "already up to date"), 7, "{again:?}");
}
