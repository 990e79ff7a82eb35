//! `controller nodes` and `controller identify`.

use rig::{Ended, Node, Trial, controller, wait_for};
use serde_json::Value as Json;

use super::FOREVER;

fn ask(arguments: &[&str]) -> Ended {
    let folder = tempfile::tempdir().expect("a folder");
    controller(folder.path(), arguments).into()
}

#[test]
fn nodes_say_how_they_are_and_what_they_run() {
    let node = Node::start();
    let address = node.address.to_string();
    let sessions = || {
        let ended = ask(&["nodes", &address, "--json"]);
        ended.assert(0, &[]);
        let status: Json = serde_json::from_str(&ended.stdout).expect("JSON");
        assert_eq!(status[0]["node"], address.as_str());
        assert_eq!(status[0]["release"], env!("CARGO_PKG_VERSION"));
        status[0]["sessions"].clone()
    };
    assert_eq!(sessions(), serde_json::json!([]));
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&["--quiet"]);
    trial.wait_for_rows();
    let session = wait_for("word of how far it is", || {
        let session = sessions()[0].clone();
        (!session["tick"].is_null()).then_some(session)
    });
    for (field, expected) in [
        ("scenario", Json::from("loop")),
        ("models", Json::from(1)),
        ("for", Json::from("127.0.0.1")),
        ("site", Json::from(1)),
        // It is the only node of the run, and stands still for nobody.
        ("run", Json::Null),
        ("waits", Json::Null),
    ] {
        assert_eq!(session[field], expected, "{field} of {session}");
    }
    let scenario = trial.path("scenario.yaml");
    let table = ask(&["nodes", scenario.to_str().expect("UTF-8")]);
    table.assert(0, &[]);
    assert!(
        table.stdout.contains("loop (1 model, at tick ")
            && table.stdout.contains(", for 127.0.0.1)"),
        "{}",
        table.stdout
    );
    run.signal("INT");
    assert_eq!(run.finish().status.code(), Some(130));
    wait_for("the end of the session", || {
        (sessions() == serde_json::json!([])).then_some(())
    });
}

#[test]
fn a_node_that_does_not_answer_is_told_beside_those_that_do() {
    let node = Node::start();
    let gone = Node::start();
    let (there, not_there) = (node.address.to_string(), gone.address.to_string());
    drop(gone);
    for command in ["nodes", "identify"] {
        let ended = ask(&[command, &there, &not_there]);
        ended.assert(4, &[&not_there, "nothing listens there"]);
        assert!(ended.stdout.contains(&there), "{}", ended.stdout);
        assert!(!ended.stdout.contains(&not_there), "{}", ended.stdout);
    }
}

#[test]
fn nodes_that_nobody_named_are_asked_for() {
    ask(&["nodes"]).assert(1, &["say which nodes"]);
    ask(&["identify", "no/such.yaml"]).assert(2, &["no/such.yaml"]);
    ask(&["nodes", "pi:port"]).assert(1, &["'port' is no port"]);
}
