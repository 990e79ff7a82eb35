//! What is left when nodes are taken away: nothing.

use crate::lan::Lan;
use crate::machine::{Machine, Setup};

#[test]
fn nothing_is_left_of_a_node_that_is_taken_away() {
    let setups = [Setup::Root, Setup::Sudo];
    let Some(lan) = Lan::with(&setups) else {
        return;
    };
    let before: Vec<String> = lan.machines.iter().map(Machine::remains).collect();
    lan.provide_bridge();
    lan.deploy(&["--bridge"]).assert(0, &[]);
    for machine in &lan.machines {
        machine.sh("echo mine >/etc/illuminator/node.toml");
        assert!(machine.remains().contains("/etc/illuminator"));
    }
    let removed = lan.for_all("undeploy", &[]);
    removed.assert(0, &[]);
    for step in [
        "user illuminator",
        "user illuminator-bridge",
        "bridge binary",
    ] {
        let said = format!("{step}: removed");
        assert!(removed.stdout.contains(&said), "{said}: {removed:?}");
    }
    assert!(
        removed.stdout.ends_with("2 of 2 hosts without a node\n"),
        "{removed:?}"
    );
    for (machine, before) in lan.machines.iter().zip(before) {
        assert_eq!(machine.remains(), before);
    }
    let again = lan.for_all("undeploy", &[]);
    again.assert(0, &[]);
    assert!(again.stdout.contains("binary: not there"), "{again:?}");
    lan.deploy(&[]).assert(0, &[]);
}
