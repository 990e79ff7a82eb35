//! What deploying comes to where nothing is in the way.

use std::fs;

use rig::{Ended, Trial, loop_scenario, placed, wait_within};

use crate::lan::{Lan, PATIENCE, run};
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
pub(crate) fn count(ended: &Ended, words: &str) -> usize {
    let lines = ended.stdout.lines();
    lines.filter(|line| line.contains(words)).count()
}

/// Checks that a line of what a controller said, and one only, has these words.
#[track_caller]
pub(crate) fn assert_said(ended: &Ended, words: &str) {
    assert_eq!(count(ended, words), 1, "'{words}' in {ended:?}");
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
        ("/etc/illuminator/deploy.toml", "644 root root"),
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
    let olds = machine
        .sh("find /etc /usr/local -xdev -name '*.illuminator-old' -o -name '*.illuminator-new'");
    assert_eq!(olds, "", "nothing of the installation is left over");
}

#[test]
fn machines_have_a_node_each_and_keep_what_is_up_to_date() {
    let Some(lan) = Lan::with(&[Setup::Root, Setup::Sudo]) else {
        return;
    };
    let first = lan.deploy(&[]);
    first.assert(0, &[]);
    assert!(
        first.stdout.contains("the cluster has a key now: "),
        "{first:?}"
    );
    assert!(first.stdout.ends_with("2 of 2 hosts ready\n"), "{first:?}");
    for machine in &lan.machines {
        assert_installed(&lan, machine);
    }
    let settings = lan.machines[0].path("/etc/illuminator/node.toml");
    fs::write(&settings, "mine").expect("written");
    let again = lan.deploy(&[]);
    again.assert(0, &[]);
    for step in [
        "user illuminator",
        "binary",
        "key",
        "settings",
        "service",
        "avahi",
    ] {
        assert_eq!(
            count(&again, &format!("{step}: already up to date")),
            2,
            "{step}: {again:?}"
        );
    }
    assert_eq!(fs::read_to_string(settings).expect("there"), "mine");
    let sent = |call: &&String| call.contains("cat >");
    assert_eq!(
        lan.ssh_calls().iter().filter(sent).count(),
        2,
        "each machine was sent one node, once"
    );
    let key = lan.key();
    for call in lan.ssh_calls() {
        assert!(!call.contains(&key), "the key is on a command line: {call}");
    }
    assert!(!first.stdout.contains(&key) && !first.stderr.contains(&key));
}

#[test]
fn a_deployment_that_is_interrupted_comes_to_its_end_on_the_host() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let machine = &lan.machines[0];
    for signal in ["INT", "KILL"] {
        lan.for_all("undeploy", &[]).assert(0, &[]);
        // What is placed last is compared with what is there, which does not end before this does.
        let last = "/etc/avahi/services/illuminator.service";
        machine.sh(&format!("mkfifo {last}"));
        let run = lan.start(&["deploy", "--binaries", "illuminator-node", "10.99.0.1"]);
        let key = machine.path("/etc/illuminator/cluster.key");
        wait_within(PATIENCE, "the key", || key.exists().then_some(()));
        run.signal(signal);
        let ended = Ended::from(run.finish_within(PATIENCE));
        assert_eq!(ended.code, (signal == "INT").then_some(130), "{ended:?}");
        machine.sh(&format!("exec 3>{last}; rm {last}"));
        wait_within(PATIENCE, "the end of the script", || {
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
fn a_node_keeps_the_port_that_it_was_given() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let machine = &lan.machines[0];
    let port = || {
        let given = machine.read("/etc/illuminator/deploy.toml").expect("there");
        given.lines().last().expect("a line").to_owned()
    };
    lan.deploy(&["--listen-port", "6000"]).assert(0, &[]);
    assert_eq!(port(), r#"listen = ["[::]:6000"]"#);
    let again = lan.deploy(&[]);
    again.assert(0, &[]);
    assert_eq!(port(), r#"listen = ["[::]:6000"]"#);
    assert!(!again.stdout.contains("port:"), "{again:?}");

    let scenario = placed(&loop_scenario(20), &|model| {
        (model == "Mill").then(|| (lan.address_of(0), 7000))
    });
    fs::write(lan.path("scenario.yaml"), scenario).expect("written");
    let moved = lan.run(&["deploy", "--binaries", "illuminator-node", "scenario.yaml"]);
    moved.assert(0, &[]);
    assert_said(&moved, "note: port: it changes from 6000 to 7000");
    assert_eq!(port(), r#"listen = ["[::]:7000"]"#);

    // A release before this one had the port on the command line.
    let unit = "/etc/systemd/system/illuminator-node.service";
    machine.sh(&format!(
        "rm /etc/illuminator/deploy.toml; sed -i 's/ --defaults .*/ --listen 0.0.0.0:6001/' {unit}"
    ));
    lan.deploy(&[]).assert(0, &[]);
    assert_eq!(port(), r#"listen = ["[::]:6001"]"#);
}

#[test]
fn where_systemd_does_not_run_the_service_waits_for_it() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let machine = &lan.machines[0];
    machine.sh("rm -r /etc/avahi");
    let deployed = lan.deploy(&[]);
    deployed.assert(0, &[]);
    for note in [
        "note: start: systemd does not run here, so the service is not started",
        "note: avahi: there is no /etc/avahi/services; the node announces itself",
        "note: handshake: not checked",
    ] {
        assert_eq!(count(&deployed, note), 1, "{note}: {deployed:?}");
    }
    assert_eq!(machine.nodes(), [] as [u32; 0]);
    let unit = machine.path("/etc/systemd/system/illuminator-node.service");
    let text = fs::read_to_string(&unit).expect("installed");
    assert!(
        text.contains("/illuminator-node serve --defaults /etc/illuminator/deploy.toml\n"),
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
    for command in [&["deploy", "--bridge"][..], &["deploy"], &["undeploy"]] {
        let options = [&command[1..], &["--dry-run", "--user", "root"]].concat();
        let dry = lan.for_all(command[0], &options);
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
