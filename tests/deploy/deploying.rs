//! What deploying comes to where nothing is in the way.

use std::fs;
use std::io::Write;

use rig::{Ended, Trial, loop_scenario, placed, wait_for};

use crate::lan::{Lan, run};
use crate::machine::{Machine, Setup};

/// The loop of the rig, with models on three machines.
pub(crate) fn spread_loop(lan: &Lan, ticks: u64) -> String {
    let scenario = placed(&loop_scenario(ticks), &|model| {
        let machine = ["Cell", "Mill", "Homes"]
            .iter()
            .position(|&at| at == model)?;
        Some((lan.address_of(machine), 5123))
    });
    fs::write(lan.path("scenario.yaml"), &scenario).expect("written");
    scenario
}

/// Checks that a run over the machines gave all rows of the loop.
#[track_caller]
pub(crate) fn assert_result(lan: &Lan, ran: &Ended, ticks: u64) {
    ran.assert(0, &[]);
    let csv = fs::read_to_string(lan.path("out.csv")).expect("a result");
    assert_eq!(Trial::assert_loop_prefix(&csv), ticks);
}

/// How many lines of a text say this.
fn count(ended: &Ended, words: &str) -> usize {
    let lines = ended.stdout.lines();
    lines.filter(|line| line.contains(words)).count()
}

/// All that is on a machine after a deployment.
fn assert_installed(lan: &Lan, machine: &Machine) {
    let key = machine.read("/etc/illuminator/cluster.key").expect("a key");
    assert_eq!(key, lan.key() + "\n");
    for (path, rights) in [
        ("/etc/illuminator", "755 root root"),
        (
            "/etc/illuminator/cluster.key",
            "600 illuminator illuminator",
        ),
        ("/usr/local/bin/illuminator-node", "755 root root"),
        (
            "/etc/systemd/system/illuminator-node.service",
            "644 root root",
        ),
        ("/etc/avahi/services/illuminator.service", "644 root root"),
    ] {
        assert_eq!(machine.rights(path), rights, "{path}");
    }
    let groups = machine.sh("id -Gn illuminator");
    assert!(
        groups.contains("gpio") && groups.contains("dialout"),
        "{groups}"
    );
    let announced = machine.read("/etc/avahi/services/illuminator.service");
    let announced = announced.expect("announced");
    assert!(
        announced.contains("<type>_illuminator._tcp</type>"),
        "{announced}"
    );
    assert!(announced.contains("<port>5123</port>"), "{announced}");
    let olds = machine.sh("find / -xdev -name '*.illuminator-old' -o -name '*.illuminator-new'");
    assert_eq!(olds, "", "nothing of the installation is left over");
}

#[test]
fn three_machines_have_nodes_and_run_a_scenario_together() {
    let Some(lan) = Lan::with(&[Setup::Root, Setup::Sudo, Setup::Root]) else {
        return;
    };
    spread_loop(&lan, 300);
    let deployed = lan.run(&["deploy", "--binaries", "illuminator-node", "scenario.yaml"]);
    deployed.assert(0, &[]);
    assert_eq!(
        count(&deployed, "handshake: the node answers at 10.99.0."),
        3,
        "{deployed:?}"
    );
    assert!(
        deployed.stdout.contains("the cluster has a key now: "),
        "{deployed:?}"
    );
    assert!(
        deployed.stdout.ends_with("3 of 3 hosts ready\n"),
        "{deployed:?}"
    );
    for machine in &lan.machines {
        assert_installed(&lan, machine);
        let [node] = machine.nodes()[..] else {
            panic!("one node")
        };
        let status = fs::read_to_string(format!("/proc/{node}/status")).expect("it runs");
        let user = machine.sh("id -u illuminator");
        assert!(
            status.contains(&format!("Uid:\t{}\t", user.trim())),
            "{status}"
        );
    }
    let ran = lan.run(&["run", "scenario.yaml", "--output", "out.csv"]);
    assert_result(&lan, &ran, 300);
    let key = lan.key();
    for call in lan.ssh_calls() {
        assert!(!call.contains(&key), "the key is on a command line: {call}");
    }
    assert!(!deployed.stdout.contains(&key) && !deployed.stderr.contains(&key));
}

#[test]
fn deploying_again_changes_and_restarts_nothing() {
    let Some(lan) = Lan::with(&[Setup::Root, Setup::Sudo]) else {
        return;
    };
    lan.deploy(&[]).assert(0, &[]);
    let before: Vec<_> = lan
        .machines
        .iter()
        .map(|m| (m.nodes(), m.starts()))
        .collect();
    let settings = lan.machines[0].path("/etc/illuminator/node.toml");
    fs::write(&settings, "mine").expect("written");
    let again = lan.deploy(&[]);
    again.assert(0, &[]);
    for step in [
        "user illuminator",
        "binary",
        "key",
        "service",
        "avahi",
        "start",
    ] {
        assert_eq!(
            count(&again, &format!("{step}: already up to date")),
            2,
            "{step}: {again:?}"
        );
    }
    let after: Vec<_> = lan
        .machines
        .iter()
        .map(|m| (m.nodes(), m.starts()))
        .collect();
    assert_eq!(before, after, "the same processes");
    assert_eq!(fs::read_to_string(settings).expect("there"), "mine");
    let sent = lan
        .ssh_calls()
        .iter()
        .filter(|call| call.contains("cat >"))
        .count();
    assert_eq!(sent, 2, "each machine was sent one node, once");
}

#[test]
fn a_newer_node_takes_the_place_of_the_old_one() {
    let Some(lan) = Lan::with(&[Setup::Root, Setup::Sudo]) else {
        return;
    };
    lan.deploy(&[]).assert(0, &[]);
    let old: Vec<_> = lan.machines.iter().map(Machine::nodes).collect();
    let program = lan.path("illuminator-node");
    let program = fs::read_dir(program).expect("a folder").next();
    let program = program.expect("a node").expect("readable").path();
    let mut newer = fs::OpenOptions::new()
        .append(true)
        .open(program)
        .expect("opened");
    // A program runs the same with something behind it.
    newer.write_all(b"newer").expect("written");
    drop(newer);
    let upgraded = lan.deploy(&[]);
    upgraded.assert(0, &[]);
    assert_eq!(count(&upgraded, "binary: replaced"), 2, "{upgraded:?}");
    assert_eq!(count(&upgraded, "start: started again"), 2, "{upgraded:?}");
    for (machine, old) in lan.machines.iter().zip(old) {
        assert_installed(&lan, machine);
        let new = machine.nodes();
        assert_eq!(new.len(), 1);
        assert_ne!(new, old);
    }
}

#[test]
fn a_deployment_that_is_interrupted_comes_to_its_end_on_the_host() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let machine = &lan.machines[0];
    for signal in ["INT", "KILL"] {
        lan.for_all("undeploy", &[]).assert(0, &[]);
        let run = lan.start(&["deploy", "--binaries", "illuminator-node", "10.99.0.1"]);
        let key = machine.path("/etc/illuminator/cluster.key");
        wait_for("the key", || key.exists().then_some(()));
        run.signal(signal);
        let ended = Ended::from(run.finish());
        assert_eq!(ended.code, (signal == "INT").then_some(130), "{ended:?}");
        wait_for("the end of the script", || {
            let scripts = machine.sh("ps -eo args | grep -c '[s]h -s'");
            (scripts.trim() == "0").then_some(())
        });
        assert_installed(&lan, machine);
        let again = lan.deploy(&[]);
        again.assert(0, &[]);
        assert_eq!(count(&again, "already up to date"), 6, "{again:?}");
    }
}

#[test]
fn the_node_listens_where_it_is_told_to() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let scenario = placed(&loop_scenario(20), &|model| match model {
        "Mill" => Some((lan.address_of(0), 6001)),
        "Cell" => Some((lan.address_of(0), 6002)),
        _ => None,
    });
    fs::write(lan.path("scenario.yaml"), scenario).expect("written");
    let first = lan.run(&["deploy", "--binaries", "illuminator-node", "scenario.yaml"]);
    first.assert(0, &[]);
    assert_eq!(
        count(&first, "the node answers at 10.99.0.1:6001"),
        1,
        "{first:?}"
    );
    let ran = lan.run(&["run", "scenario.yaml", "--output", "out.csv"]);
    assert_result(&lan, &ran, 20);
    let moved = lan.deploy(&["--listen-port", "7000"]);
    moved.assert(0, &[]);
    assert_eq!(count(&moved, "service: replaced"), 1, "{moved:?}");
    assert_eq!(
        count(&moved, "the node answers at 10.99.0.1:7000"),
        1,
        "{moved:?}"
    );
}

#[test]
fn where_systemd_does_not_run_the_service_waits_for_it() {
    let Some(lan) = Lan::with(&[Setup::WithoutSystemd]) else {
        return;
    };
    let machine = &lan.machines[0];
    machine.sh("rm -r /etc/avahi");
    let deployed = lan.deploy(&[]);
    deployed.assert(0, &[]);
    for note in [
        "note: start: systemd does not run here, so the service is not started",
        "note: avahi: there is no /etc/avahi/services; the node is not announced",
        "note: handshake: not checked",
    ] {
        assert_eq!(count(&deployed, note), 1, "{note}: {deployed:?}");
    }
    assert_eq!(machine.nodes(), [] as [u32; 0]);
    let unit = machine.path("/etc/systemd/system/illuminator-node.service");
    let text = fs::read_to_string(&unit).expect("installed");
    assert!(
        text.contains("/illuminator-node serve --listen 0.0.0.0:5123\n"),
        "{text}"
    );
    assert_unit_is_valid(&lan, &text);
}

/// Asks systemd, where its tools are installed, whether it likes the unit.
fn assert_unit_is_valid(lan: &Lan, text: &str) {
    let path = lan.path("illuminator-node.service");
    // It wants to see the program, which is not installed on this machine.
    let text = text.replace("/usr/local/bin/illuminator-node", "/bin/true");
    fs::write(&path, text).expect("written");
    let path = path.to_str().expect("UTF-8");
    match run("systemd-analyze", &["verify", "--man=no", path]) {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!said.contains("illuminator"), "{said}");
        }
        Err(reason) if reason.contains("there is no") => {
            eprintln!("SKIPPED: the check of the unit by systemd: {reason}");
        }
        Err(reason) => panic!("{reason}"),
    }
}

#[test]
fn a_dry_run_prints_a_script_and_runs_nothing() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let remains = lan.machines[0].remains();
    let dry = lan.deploy(&["--dry-run"]);
    dry.assert(0, &[]);
    assert!(!lan.path("config").exists(), "no key was made");
    lan.deploy(&[]).assert(0, &[]);
    let key = lan.key();
    let calls = lan.ssh_calls().len();
    for command in ["deploy", "undeploy"] {
        let dry = lan.for_all(command, &["--dry-run", "--user", "root"]);
        dry.assert(0, &[]);
        assert!(dry.stdout.contains("ssh -T "), "{dry:?}");
        assert!(dry.stdout.contains("-- 10.99.0.1 "), "{dry:?}");
        assert!(!dry.stdout.contains(&key), "{dry:?}");
        fs::write(lan.path("dry.sh"), &dry.stdout).expect("written");
        run("sh", &["-n", lan.path("dry.sh").to_str().expect("UTF-8")]).expect("a script");
    }
    assert_eq!(lan.ssh_calls().len(), calls, "ssh was not run");
    lan.for_all("undeploy", &[]).assert(0, &[]);
    assert_eq!(lan.machines[0].remains(), remains);
}
