//! Several people and one node.

use std::fs;
use std::process::Command;

use rig::{Ended, Run, loop_scenario, placed, wait_within};

use crate::deploying::{assert_said, count};
use crate::system::{ADDRESS, PATIENCE, System};

/// A controller of somebody who has another key.
fn other(system: &System, arguments: &[&str]) -> Ended {
    let mut command: Command = system.lan.command(arguments);
    command.env("XDG_CONFIG_HOME", system.lan.path("other"));
    Run::start(&mut command).finish_within(PATIENCE).into()
}

#[test]
fn somebodys_run_is_not_ended_and_somebodys_key_not_replaced_unless_that_is_wanted() {
    let Some(system) = System::start() else {
        return;
    };
    let deploy = ["deploy", "--binaries", "illuminator-node", ADDRESS];
    system.deploy(&[]).assert(0, &[]);
    let key = system.sh("cat /etc/illuminator/cluster.key");
    let node = system.node();

    let refused = other(&system, &deploy);
    refused.assert(4, &[]);
    assert_said(&refused, "it is that of somebody else; --force");

    let scenario = placed(&loop_scenario(60_000_000), &|model| {
        (model == "Mill").then(|| (ADDRESS.to_owned(), 5123))
    });
    fs::write(system.lan.path("long.yaml"), scenario).expect("written");
    let mut run = system
        .lan
        .start(&["run", "long.yaml", "--output", "out.csv", "--patience", "0"]);
    wait_within(PATIENCE, "the first row of the result", || {
        let csv = fs::read_to_string(system.lan.path("out.partial.csv")).ok()?;
        (csv.lines().count() > 1).then_some(())
    });
    // The same person, with something that needs a start.
    let busy = system.deploy(&["--listen-port", "6000"]);
    busy.assert(4, &[]);
    assert_said(&busy, "(1 model) for 10.99.0.254; wait for the end");
    let gone = system.run(&["undeploy", ADDRESS]);
    gone.assert(4, &[]);
    assert_said(&gone, "(1 model) for 10.99.0.254; wait for the end");
    // What needs none is done.
    system.deploy(&[]).assert(0, &[]);
    // Somebody else.
    for arguments in [&deploy[..], &["undeploy", ADDRESS]] {
        let refused = other(&system, arguments);
        refused.assert(4, &[]);
        assert_said(&refused, "and it runs '");
        assert_eq!(
            count(&refused, "(1 model) for 10.99.0.254; --force takes it over"),
            1
        );
    }
    assert_eq!(system.node(), node, "the node goes on");
    assert_eq!(system.sh("cat /etc/illuminator/cluster.key"), key);

    let forced = other(&system, &[&deploy[..], &["--force"]].concat());
    forced.assert(0, &[]);
    assert_said(&forced, "key: replaced");
    // The run loses its node, not what it has computed.
    run.wait_to_say("somebody stopped the node; the run holds at tick");
    run.wait_to_say("note: this machine runs Mill in place of 10.99.0.1:5123");
    run.wait_to_say("note: the run goes on at tick");
    run.signal("INT");
    let ended = Ended::from(run.finish_within(PATIENCE));
    ended.assert(130, &[]);

    // A node that does not run has its owner all the same.
    system.sh("systemctl stop illuminator-node");
    let refused = system.deploy(&[]);
    refused.assert(4, &[]);
    assert_said(&refused, "key: there is another one");
    other(&system, &["undeploy", ADDRESS]).assert(0, &[]);
}
