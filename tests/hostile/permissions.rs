//! Peers that ask for more than a run needs: to look around in a node's network, pins that belong to
//! something else, files in other places.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use rig::{FakeNode, Node, Peer, Trial, assert_serves, placed};
use shared::index::Index;
use shared::led::{LedKind, LedRule, PinLed, ValueLed};
use shared::model::AttributeSlot;
use shared::model::{PublishedSlot, SideFile, WrittenFile};
use shared::plan::{ModelId, SiteId};
use shared::wire::{LINK_TIMEOUT, LinkPeer, Refusal, ToController, ToNode, Token, decode};

use crate::session::{plan, send_plan};

/// What a node says of a link to this address, and how long it takes.
fn probe(node: SocketAddr, call: SocketAddr) -> (String, Duration) {
    let mut session = Peer::with_session(node, &["Load"]);
    let begun = Instant::now();
    session.send(&ToNode::Links {
        token: Token([7; 16]),
        silence: 30,
        peers: vec![LinkPeer {
            site: SiteId(2),
            call: Some(call),
        }],
    });
    let mut plan = plan(100);
    plan.imports[0].from = SiteId(2);
    send_plan(&mut session, &plan);
    loop {
        let answer = session.receive().expect("an answer");
        if let Ok(ToController::Relayed { reason, .. }) = decode(&answer) {
            return (reason.to_owned(), begun.elapsed());
        }
    }
}

#[test]
fn a_controller_learns_nothing_of_what_listens_in_the_network_of_a_node() {
    let mut node = Node::start();
    let at = |address: &str| TcpListener::bind(address).expect("a free port");
    // One that takes connections and says nothing, one that closes them, one where nothing listens.
    let silent = at("127.0.0.1:0");
    let closing = at("127.0.0.1:0");
    let closed = at("127.0.0.1:0").local_addr().expect("bound");
    let places = [
        silent.local_addr().expect("bound"),
        closing.local_addr().expect("bound"),
        closed,
        "127.0.0.1:22".parse().expect("an address"),
        "224.0.0.1:5123".parse().expect("an address"),
        node.address,
    ];
    thread::spawn(move || closing.incoming().for_each(drop));
    let probe = |place| {
        let node = node.address;
        thread::spawn(move || probe(node, place))
    };
    let probes: Vec<_> = places.into_iter().map(probe).collect();
    let said: Vec<_> = probes
        .into_iter()
        .map(|p| p.join().expect("said"))
        .collect();
    for ((reason, time), place) in said.iter().zip(places) {
        assert_eq!(*reason, said[0].0, "{place}");
        assert!(*time >= LINK_TIMEOUT, "{place}: {time:?}");
    }
    assert_serves(&mut node);
}

/// What a node says to a plan with lights on these pins.
fn with_pins(node: &Node, pins: &[u8]) -> Option<Refusal> {
    let mut lit = plan(3);
    let led = |&pin: &u8| ValueLed {
        attribute: AttributeSlot::Published(PublishedSlot::at(0)),
        kind: LedKind::Pin(PinLed {
            pin,
            active_low: false,
            rule: LedRule::Above(0.0),
        }),
    };
    lit.models[0].leds = pins.iter().map(led).collect();
    let mut peer = Peer::with_session(node.address, &["Load"]);
    send_plan(&mut peer, &lit);
    peer.finish_sending();
    peer.refusal()
}

#[test]
fn lights_on_reserved_pins_are_refused_unless_the_node_allows_them() {
    let mut node = Node::start_with(&["--listen", "127.0.0.1:0", "--led-output", "none"]);
    let refused = |pin| {
        Some(Refusal::ReservedPin {
            model: ModelId(0),
            pin,
        })
    };
    for pin in [0, 1, 2, 3, 14, 15] {
        assert_eq!(with_pins(&node, &[17, pin]), refused(pin), "{pin}");
    }
    let others: Vec<u8> = (4..14).chain(16..28).collect();
    assert_eq!(with_pins(&node, &others), None);
    assert_serves(&mut node);

    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("node.toml");
    fs::write(&config, "[leds]\noutput = \"none\"\nallow = [2, 3]\n").expect("written");
    let config = config.to_str().expect("UTF-8");
    let node = Node::start_with(&["--listen", "127.0.0.1:0", "--config", config]);
    assert_eq!(with_pins(&node, &[2, 3]), None);
    assert_eq!(with_pins(&node, &[3, 14]), refused(14));
}

#[test]
fn a_scenario_whose_pin_a_node_refuses_is_told_the_pin_and_the_remedy() {
    let node = Node::start();
    let scenario = rig::loop_scenario(50).replace(
        "- name: Cell\n  type: Battery\n",
        "- name: Cell\n  type: Battery\n  leds: [{attribute: soc, pin: 2, below: 15}]\n",
    );
    let trial = Trial::new(&rig::placed(&scenario, &|model| {
        (model == "Cell").then(|| (node.address.ip().to_string(), node.address.port()))
    }));
    let said = [
        "wants pin 2, which is reserved for I2C",
        "'allow = [2]' under [leds]",
    ];
    trial.run(&[]).assert(4, &said);
}

/// A run whose `Cell` is on a node that asks for this file.
fn ask_for(path: &'static str) -> (Trial, rig::Ended) {
    let fake = FakeNode::start(move |mut peer| {
        peer.welcome();
        peer.take_plan();
        peer.send(&ToController::File(WrittenFile {
            model: ModelId(4),
            tick: 0,
            file: SideFile {
                path: path.to_owned(),
                content: b"owned by the node\n".to_vec(),
            },
        }));
        peer.wait_for_end();
    });
    let trial = Trial::loop_on(fake.address, 50);
    let ended = trial.run(&["--timeout", "2"]);
    (trial, ended)
}

#[test]
fn a_node_whose_models_write_no_files_cannot_have_any_written() {
    // `Cell` has no folder; its other parameters were taken for one.
    for path in [
        "power/a.csv",
        "a.csv",
        "./out.csv",
        "/tmp/illuminator-owned",
        "../a.csv",
        "",
    ] {
        let (trial, ended) = ask_for(path);
        ended.assert(4, &["lost node", "none of the files that its type writes"]);
        assert!(!trial.path("a.csv").exists() && !trial.path("power").exists());
    }
}

/// A market with a justice agent, which writes a file a step into a folder.
const JUSTICE: &str = "\
scenario:
  name: justice
  start_time: '2012-01-01 00:00:00'
  end_time: '2012-01-01 00:00:04'
  time_resolution: 1
models:
- name: Homes
  type: Load
- name: Gas
  type: GenerationCompanyAgent
  parameters: {company_name: Gas, automated_bids: true, bids_manual: null}
  inputs:
    portfolio: [{Technology: Gas, 'Capacity (MW)': 90, 'Cost (€/MWh)': 71, Availability: 1}]
- name: Auction
  type: Operator_Market
  parameters: {results_dir: market}
- name: Fairness
  type: JusticeAgent
  parameters:
    social_parameters: {Gas: {ownership: 0.9, local: 0.9, climate: 1}}
    justice_step: 3
    results_dir: results
connections:
- {from: Gas.bids, to: Auction.bids}
- {from: Homes.load_dem, to: Auction.demand}
- {from: Auction.demand, to: Fairness.demand}
- {from: Auction.market_clearing_price, to: Fairness.market_clearing_price}
- {from: Auction.market_results_summary, to: Fairness.market_results}
monitor:
  items: [Fairness.justice_score]
";

/// What becomes of a run whose justice agent is on a node that asks for a file of this tick, under the
/// name that it has for another one or the same.
fn write_at(tick: u64, named: u64) -> (Trial, rig::Ended) {
    let fake = FakeNode::start(move |mut peer| {
        if !peer.takes_a_plan() {
            return;
        }
        peer.send(&ToController::File(WrittenFile {
            model: ModelId(3),
            tick,
            file: SideFile {
                path: format!("results/betascores_{named}.csv"),
                content: b"owned by the node\n".to_vec(),
            },
        }));
        peer.wait_for_end();
    });
    let address = fake.address;
    let trial = Trial::new(&placed(JUSTICE, &|model| {
        (model == "Fairness").then(|| (address.ip().to_string(), address.port()))
    }));
    let ended = trial.run(&["--timeout", "2", "--patience", "0"]);
    (trial, ended)
}

#[test]
fn a_node_writes_its_files_for_ticks_of_the_run_and_no_others() {
    // The last one that there is: nothing is wrong with it, but that the node is gone before the rows are there, and
    // that who takes over has another content for it.
    let (trial, ended) = write_at(3, 3);
    ended.assert(
        0,
        &["no sign of life for 2 s", "this machine runs Fairness"],
    );
    let written = std::fs::read_to_string(trial.path("out.files/results/betascores_3.csv"));
    let written = written.expect("the model's own");
    assert!(
        written.contains("Gas") && !written.contains("owned"),
        "{written}"
    );
    for tick in [4, 1 << 40, u64::MAX] {
        let (trial, ended) = write_at(tick, tick);
        ended.assert(4, &["lost node", "a step after the end of the run"]);
        assert!(!trial.path("out.files").exists(), "tick {tick}");
    }
    let (trial, ended) = write_at(3, 1 << 40);
    ended.assert(4, &["none of the files that its type writes"]);
    assert!(!trial.path("out.files").exists());
}
