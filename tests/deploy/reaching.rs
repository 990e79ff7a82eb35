//! Whether a node can be reached is known before it is installed.

use std::process::Command;

use rig::run_bounded;

use crate::deploying::assert_said;
use crate::lan::Lan;
use crate::machine::Setup;

#[test]
fn a_host_is_reached_by_either_protocol() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    for host in ["fd99::1", "fe80::1%lan"] {
        let deploy = [
            "deploy",
            "--user",
            "root",
            "--binaries",
            "illuminator-node",
            host,
        ];
        let deployed = lan.run(&deploy);
        deployed.assert(0, &[]);
        assert_said(&deployed, "1 of 1 hosts ready");
    }
    let refused = lan.run(&["deploy", "fe80::1"]);
    refused.assert(1, &["fe80::1%eth0"]);
}

#[test]
fn a_firewall_is_met_before_anything_is_installed() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let before = lan.machines[0].remains();
    for (verdict, words) in [
        ("prohibit", "Permission denied"),
        ("unreachable", "Network is unreachable"),
    ] {
        let rule = |what: &str| {
            let mut command: Command = lan.switch().command("ip");
            command.args([
                "rule",
                what,
                "to",
                "10.99.0.1",
                "ipproto",
                "tcp",
                "dport",
                "5123",
            ]);
            assert!(
                run_bounded(command.arg(verdict)).status.success(),
                "ip rule {what}"
            );
        };
        rule("add");
        let refused = lan.deploy(&[]);
        rule("del");
        refused.assert(4, &[]);
        assert_said(&refused, words);
        assert_said(
            &refused,
            "let a firewall there or on the way pass TCP to port 5123",
        );
        assert_said(&refused, "nothing was installed");
        assert_eq!(lan.machines[0].remains(), before);
    }
}

#[test]
fn a_port_that_something_else_has_is_not_taken() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let before = lan.machines[0].remains();
    let refused = lan.deploy(&["--listen-port", "22"]);
    refused.assert(4, &[]);
    assert_said(
        &refused,
        "something that 'controller deploy' did not install listens at 10.99.0.1:22",
    );
    assert_eq!(lan.machines[0].remains(), before);
}
