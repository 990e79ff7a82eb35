//! Runs that stand still: who is blocking whom, as the run itself says and as its nodes do.

use rig::{Ended, Node, Trial, controller, loop_scenario, placed, wait_for};
use serde_json::{Value as Json, json};

use super::FOREVER;
use super::links::loop_between;

#[test]
fn while_a_node_is_stopped_the_run_and_the_other_node_say_who_blocks_whom() {
    let nodes = [Node::start(), Node::start_at("127.0.0.2")];
    let (stopped, other) = (nodes[0].address.to_string(), nodes[1].address.to_string());
    // A row is what the other node makes of what comes from the one that is stopped.
    let all = "[Brain.flow2b, Brain.dump, Cell.soc, Cell.p_out, Homes.load_dem]";
    let scenario = loop_scenario(FOREVER).replace(all, "[Brain.flow2b]");
    let trial = Trial::new(&placed(&scenario, &|model| {
        let node = match model {
            "Homes" | "Cell" => &nodes[0],
            "Brain" => &nodes[1],
            _ => return None,
        };
        Some((node.address.ip().to_string(), node.address.port()))
    }));
    let mut run = trial.start(&["--timeout", "60"]);
    trial.wait_for_rows();
    nodes[0].signal("STOP");

    let said = run.wait_to_say("waiting for ");
    assert!(said.contains("waiting for 1 s: the row of tick "), "{said}");
    let chain = format!(" waits for 'Brain' on {other}, which waits for '");
    assert!(said.contains(&chain), "{said}");
    // It has two models, and either lacks.
    let end = format!("' on {stopped}, which has said nothing for ");
    assert!(said.contains(&end), "{said}");

    let scenario = trial.path("scenario.yaml");
    let scenario = scenario.to_str().expect("UTF-8");
    let ask = |arguments: &[&str]| -> Ended {
        let folder = tempfile::tempdir().expect("a folder");
        controller(folder.path(), &[&["nodes"], arguments].concat()).into()
    };
    let asked = ask(&[scenario]);
    asked.assert(4, &[&stopped]);
    let line = asked
        .stdout
        .lines()
        .find(|line| line.starts_with("loop (for 127.0.0.1)"));
    let line = line.expect("a line about the run");
    assert!(line.contains(" has stood still for "), "{line}");
    let waits = format!("'Brain' on {other} at tick ");
    assert!(line.contains(&waits), "{line}");
    let end = format!("' on {stopped}, which does not answer");
    assert!(line.ends_with(&end), "{line}");

    // Without the scenario there are numbers.
    let asked = ask(&[&other, "--json"]);
    asked.assert(0, &[]);
    let status: Json = serde_json::from_str(&asked.stdout).expect("JSON");
    let session = &status[0]["sessions"][0];
    let waits = &session["waits"];
    let tick = &waits["chain"][0]["tick"];
    let cause = &waits["chain"][1]["model"];
    assert!(cause == "model 3" || cause == "model 4", "{waits}");
    let chain = json!([
        {"model": "model 5", "site": other, "tick": tick},
        {"model": cause, "site": "node 1 of the run", "tick": tick},
    ]);
    assert_eq!(waits, &json!({"chain": chain, "cause": "unknown"}));
    assert_eq!(session["site"], 2);
    assert!(session["still_seconds"].as_f64() > Some(1.0), "{session}");

    let rows = trial.csv().expect("rows").len();
    nodes[0].signal("CONT");
    wait_for("more rows", || {
        (trial.csv()?.len() > rows + 1000).then_some(())
    });
    // Its record has the time, and not only those who were there to see it.
    run.signal("INT");
    assert_eq!(run.finish().status.code(), Some(130));
    let record = std::fs::read_to_string(trial.path("out.partial.run.json")).expect("a record");
    let record: Json = serde_json::from_str(&record).expect("JSON");
    let stalls = record["stalls"].as_array().expect("a list");
    let of_stop = |stall: &&Json| {
        stall["chain"]
            .as_array()
            .is_some_and(|chain| chain.len() > 2)
    };
    let stall = stalls.iter().find(of_stop).expect("that of the stop");
    let ends = [0, 1].map(|place| stall["chain"][place]["model"].clone());
    assert_eq!(ends, [Json::Null, json!("Brain")]);
    assert_eq!(stall["chain"][2]["site"], stopped);
    assert_eq!(stall["cause"], "silent");
    assert!(stall["seconds"].as_f64() > Some(1.0), "{stall}");
    assert!(stall["after_seconds"].as_f64() > Some(0.0), "{stall}");
}

#[test]
fn two_nodes_of_a_run_are_one_chain_with_names_or_without() {
    let nodes = [Node::start(), Node::start_at("127.0.0.2")];
    let (first, second) = (nodes[0].address.to_string(), nodes[1].address.to_string());
    let trial = loop_between(nodes[0].address, nodes[1].address, FOREVER);
    let run = trial.start(&["--quiet"]);
    trial.wait_for_rows();
    // The controller is what they wait for in the end, and cannot be asked.
    run.signal("STOP");
    let said = wait_for("both to stand still", || {
        let folder = tempfile::tempdir().expect("a folder");
        let asked = controller(folder.path(), &["nodes", &first, &second, "--json"]);
        let status: Json = serde_json::from_slice(&asked.stdout).expect("JSON");
        let sessions = [0, 1].map(|node| status[node]["sessions"][0].clone());
        let is_still = |session: &Json| session["still_seconds"].as_f64() > Some(1.0);
        sessions.iter().all(is_still).then_some(sessions)
    });
    assert_eq!(said[0]["run"], said[1]["run"]);
    assert_eq!(said[0]["run"].as_str().map(str::len), Some(8));
    let last = |session: &Json| {
        session["waits"]["chain"]
            .as_array()
            .and_then(|chain| chain.last().cloned())
    };
    for session in &said {
        let last = last(session).expect("a chain");
        assert_eq!(last["site"], "the controller at 127.0.0.1", "{session}");
    }
    run.signal("CONT");
    run.signal("INT");
    assert_eq!(run.finish().status.code(), Some(130));
}
