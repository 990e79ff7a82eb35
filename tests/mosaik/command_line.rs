//! What is typed.

use std::process::Command;

use rig::{Bridge, Ended, bridge_binary, run_bounded};

fn bridge(arguments: &[&str]) -> Ended {
    run_bounded(Command::new(bridge_binary()).args(arguments)).into()
}

#[test]
fn what_is_wrong_on_the_command_line_is_said_with_its_remedy() {
    bridge(&[]).assert(
        1,
        &["error: say what to do, such as 'illuminator-bridge serve --mosaik"],
    );
    bridge(&["serv"]).assert(1, &["did you mean 'serve'?"]);
    bridge(&["serve", "--nodes", "pi1.local"])
        .assert(1, &["say where mosaik finds them with '--mosaik'"]);
    for controllers in [["--listen", "127.0.0.1:0"], ["--config", "b.toml"]] {
        let both = [&["serve", "--mosaik", "127.0.0.1:0"], &controllers[..]].concat();
        bridge(&both).assert(1, &["start one bridge for each"]);
    }
    bridge(&["serve", "--mosaik", "nowhere"]).assert(1, &["'nowhere' is no address"]);
    bridge(&["run", "Batery", "127.0.0.1:1"])
        .assert(1, &["no model type 'Batery', did you mean 'Battery'?"]);
    bridge(&["run", "Battery", "127.0.0.1:1"])
        .assert(1, &["cannot reach mosaik at 127.0.0.1:1", "'--remote'"]);
    bridge(&["run", "Battery", "192.0.2.1:1"])
        .assert(1, &["is on another machine", "'--insecure'"]);
    let serve = ["serve", "--mosaik", "127.0.0.1:0"];
    let with = |more: &[&str]| bridge(&[&serve[..], more].concat());
    with(&["--key", "k"]).assert(1, &["say which with '--nodes'"]);
    with(&["--nodes", "pi1.local,a b"]).assert(1, &["--nodes: 'a b': 'a b' is neither"]);
    with(&["--nodes", "pi1.local", "--key", "/nowhere/k"]).assert(1, &["/nowhere/k"]);
}

#[test]
fn what_is_wrong_with_the_list_of_programs_is_said_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bridge.toml");
    let config = path.to_str().expect("UTF-8");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--config", config];
    bridge(&serve).assert(78, &["bridge.toml"]);
    for (text, words) in [
        (
            "[programs.Sun]\nfolder = \"x\"\n",
            "bridge.toml:2: [programs.Sun] must have one of",
        ),
        (
            "\n[programs.Sun]\npython = \"a:B\"\npyhton = \"c:D\"\n",
            "bridge.toml:3: [programs.Sun] has an unknown key 'pyhton'",
        ),
        (
            "[programs.Sun]\npython = 3\n",
            "bridge.toml:2: 'programs.Sun.python' must be a text",
        ),
    ] {
        std::fs::write(&path, text).expect("written");
        bridge(&serve).assert(78, &[words]);
    }
}

#[test]
fn other_machines_are_let_in_only_when_that_is_asked_for() {
    let open = ["serve", "--mosaik", "0.0.0.0:0"];
    bridge(&open).assert(1, &["mosaik has no keys", "'--insecure'"]);
    let bridge = Bridge::start_with(&[&open[..], &["--insecure", "-q"]].concat());
    bridge.wait_for_report("warning: 0.0.0.0:");
    assert_eq!(bridge.stop(), Some(0));
}

#[test]
fn help_and_version_are_answers() {
    let version = bridge(&["--version"]);
    version.assert(0, &[]);
    assert_eq!(
        version.stdout,
        format!("illuminator-bridge {}\n", env!("CARGO_PKG_VERSION"))
    );
    let help = bridge(&["serve", "--help"]);
    help.assert(0, &[]);
    for option in ["--mosaik", "--nodes", "--key", "--insecure", "-q, --quiet"] {
        assert!(help.stdout.contains(option), "{}", help.stdout);
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let first = Bridge::start(&[]);
    let address = first.address.to_string();
    bridge(&["serve", "--mosaik", &address]).assert(1, &["cannot listen on", &address]);
}
