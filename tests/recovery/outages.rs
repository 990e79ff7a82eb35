//! Cables that are out for a while, between machines of their own.

use std::thread;
use std::time::Duration;

use rig::{Ended, Lan, Trial, loop_scenario, placed};

use serde_json::Value as Json;

use super::{TICKS, interruptions, takeovers};

/// Whose cable is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Out {
    /// That of the first node.
    Node,
    /// That of the controller, so that all nodes are out of its reach.
    Controller,
    /// What two nodes have between them, and nothing else.
    Between,
}

/// What comes of an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// Nobody notices.
    Survives,
    /// All is there again, and nothing has to be computed once more.
    Returns,
    /// All is there again, over another connection.
    Anew,
    /// Another node takes over.
    Moves,
    /// This machine passes values on.
    Relays,
}

/// A run over two nodes through an outage of so many seconds; the first of them has a light, or not. With a light they have
/// a key as well.
fn through(out: Out, seconds: u64, has_light: bool, then: Then) {
    let lan = if has_light {
        Lan::with_key(2)
    } else {
        Lan::new(2)
    };
    let Some(lan) = lan else {
        return;
    };
    let mut scenario = loop_scenario(TICKS);
    if has_light {
        scenario = scenario.replace(
            "- name: Cell\n  type: Battery\n",
            "- name: Cell\n  type: Battery\n  leds: [{attribute: soc, pin: 18, below: 15}]\n",
        );
    }
    let trial = Trial::new(&placed(&scenario, &|model| {
        let node = match model {
            "Homes" | "Cell" => 0,
            "Brain" => 1,
            _ => return None,
        };
        let address = lan.nodes[node].address;
        Some((address.ip().to_string(), address.port()))
    }));
    let options = [
        "--json",
        "--pace",
        "500/s",
        "--timeout",
        "2",
        "--patience",
        "90",
    ];
    let run = lan.start(&trial, &options);
    trial.wait_for_row(300);
    let set = |is_out: bool| match out {
        Out::Node => lan.set_cable(0, if is_out { "down" } else { "up" }),
        Out::Controller => lan.set_cable(lan.controller(), if is_out { "down" } else { "up" }),
        Out::Between => lan.set_apart([0, 1], is_out),
    };
    set(true);
    // How long it lasts is all that there is to an outage.
    thread::sleep(Duration::from_secs(seconds));
    set(false);
    let ended = Ended::from(run.finish_within(Duration::from_secs(150)));
    let what = format!("{out:?} for {seconds} s");
    assert_eq!(
        ended.code,
        Some(0),
        "{what}: {}\n{}",
        ended.stdout,
        ended.stderr
    );
    trial.assert_whole_loop(TICKS);
    let interruptions = interruptions(&ended);
    let moved = takeovers(&interruptions);
    let relayed = super::summary(&ended)["relayed"].as_array().map(Vec::len);
    let came = match (interruptions.len(), moved.len(), relayed) {
        (0, 0, Some(0)) => Then::Survives,
        (1, 0, Some(0)) if interruptions[0]["ticks_computed_again"] == 0 => Then::Returns,
        (_, 0, Some(0)) => Then::Anew,
        (_, 0, Some(1)) => Then::Relays,
        (_, 1.., _) => Then::Moves,
        other => panic!("{what}: {other:?} {interruptions:#?}"),
    };
    println!("{what}: {came:?}, {}", Json::Array(interruptions.clone()));
    assert_eq!(came, then, "{what}: {interruptions:#?}");
}

#[test]
fn rows_are_the_same_through_outages_of_all_lengths() {
    let outages = [
        (Out::Node, 1, false, Then::Survives),
        (Out::Node, 20, false, Then::Moves),
        (Out::Node, 8, true, Then::Returns),
        (Out::Node, 20, true, Then::Returns),
        (Out::Node, 60, true, Then::Returns),
        (Out::Controller, 1, false, Then::Survives),
        (Out::Controller, 20, true, Then::Returns),
        (Out::Controller, 8, true, Then::Returns),
        // Where nobody is heard, nobody is missed more than the others.
        (Out::Controller, 12, false, Then::Returns),
        (Out::Controller, 60, true, Then::Returns),
        (Out::Between, 1, false, Then::Survives),
        (Out::Between, 20, false, Then::Relays),
    ];
    thread::scope(|scope| {
        for (out, seconds, has_light, then) in outages {
            scope.spawn(move || through(out, seconds, has_light, then));
        }
    });
}
