//! What the other side says when it lets nobody in, and what the user's ssh has for people.

use std::fs;

use crate::deploying::assert_said;
use crate::lan::Lan;
use crate::machine::Setup;

#[test]
fn what_ssh_is_told_for_people_does_not_get_in_the_way() {
    let Some(lan) = Lan::with(&[Setup::Sudo]) else {
        return;
    };
    lan.configure_ssh(
        "Host 10.99.0.1\n  RemoteCommand sleep 100\n  RequestTTY force\n  StdinNull yes\n  SessionType none\n  \
         ForkAfterAuthentication yes\n  PermitLocalCommand yes\n  LocalCommand false\n  LogLevel QUIET\n  \
         LocalForward 5123 127.0.0.1:22",
    );
    let deployed = lan.deploy(&[]);
    deployed.assert(0, &[]);
    assert_said(&deployed, "service: installed");
    // The files of this machine are an overlay.
    assert_said(&deployed, "what is installed is gone after the next start");
}

#[test]
fn a_host_key_that_has_changed_is_told_apart_from_one_that_is_not_known() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let known = lan.path("ssh/known_hosts");
    let stranger = fs::read_to_string(lan.path("ssh/stranger.pub")).expect("a key");
    for (content, said) in [
        (String::new(), "compare the host's key"),
        (
            format!("10.99.0.1 {stranger}"),
            "'ssh-keygen -R 10.99.0.1 -f ",
        ),
    ] {
        fs::write(&known, content).expect("written");
        let refused = lan.deploy(&[]);
        refused.assert(4, &["error: failed: 10.99.0.1"]);
        assert_said(&refused, said);
        assert!(!refused.stdout.contains("\\r"), "{refused:?}");
    }
}

#[test]
fn a_user_who_may_not_log_in_hears_why() {
    let Some(lan) = Lan::with(&[Setup::Sudo]) else {
        return;
    };
    lan.machines[0].sh("usermod --shell /usr/sbin/nologin pi");
    let refused = lan.deploy(&[]);
    refused.assert(4, &[]);
    assert_said(&refused, "This account is currently not available.");
}

#[test]
fn a_name_that_only_ssh_knows_is_refused_before_anything_is_installed() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    let before = lan.machines[0].remains();
    lan.configure_ssh("Host labpi\n  HostName 10.99.0.1\n  User root");
    let refused = lan.run(&["deploy", "--binaries", "illuminator-node", "labpi"]);
    refused.assert(4, &[]);
    assert_said(&refused, "'labpi' is an alias of ssh only");
    assert_said(&refused, "name its address: 10.99.0.1");
    assert_eq!(lan.machines[0].remains(), before);
    let local = lan.run(&["undeploy", "labpi"]);
    local.assert(0, &[]);
}

#[test]
fn nothing_stays_of_a_node_for_which_there_is_no_room() {
    let Some(lan) = Lan::with(&[Setup::Sudo]) else {
        return;
    };
    lan.machines[0].sh("mount -t tmpfs -o size=200k,uid=$(id -u pi) none /home/pi");
    let refused = lan.deploy(&[]);
    refused.assert(4, &[]);
    assert_said(&refused, "No space left on device");
    assert_eq!(lan.machines[0].sh("ls -A /home/pi"), "");
}
