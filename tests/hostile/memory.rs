//! Sessions that want more memory than there may be: few bytes that become many, and many sessions.

use rig::{Node, Peer, assert_serves, binary_is_native, peak_memory, wait_for};
use shared::index::Index;
use shared::journal::Outside;
use shared::memory::{NODE_MEMORY, OutOfMemory, SESSION_MEMORY};
use shared::model::{InputSlot, ModelConfig};
use shared::plan::{ConnectedInput, Import, ModelId, PlannedModel, SitePlan, WINDOW};
use shared::value::{Origin, Value};
use shared::wire::{FILE_PIECE, MAX_FILE, MAX_FRAME, Refusal, ToController, ToNode, decode};

use crate::session::{encoded, import, imported, plan, send_batch, start};

/// What a node takes beside what it counts: its program, what waits to be sent, and for an emulated
/// one all that its emulator takes.
fn uncounted() -> u64 {
    let mebibytes = if binary_is_native("ILLUMINATOR_NODE") {
        32
    } else {
        160
    };
    mebibytes * 1024 * 1024
}

/// Checks that a node has never had more memory than this, where that is known, and serves.
#[track_caller]
fn assert_stayed_below(node: &mut Node, counted: usize) {
    match peak_memory(node.pid()) {
        Some(peak) => assert!(peak < counted as u64 + uncounted(), "{peak} bytes"),
        None => eprintln!("SKIPPED: a look at the memory of a node, which is not known here"),
    }
    assert_serves(node);
}

fn assert_out_of_memory(refusal: Option<&Refusal>, what: &str) {
    let (limit, shared) = (SESSION_MEMORY as u64, false);
    let expected = Refusal::OutOfMemory(OutOfMemory { limit, shared });
    assert_eq!(refusal, Some(&expected), "{what}");
}

/// A model without connections.
fn model(id: u32, model_type: &str, parameters: Option<(&str, Value)>) -> PlannedModel {
    let parameters = parameters.map(|(key, value)| vec![(key.into(), value)]);
    let config = ModelConfig {
        name: format!("m{id}"),
        model_type: model_type.into(),
        parameters,
        ..ModelConfig::default()
    };
    PlannedModel {
        saved: Vec::new(),
        id: ModelId(id),
        config,
        inputs: Vec::new(),
        leds: Vec::new(),
        outside: Outside::default(),
    }
}

/// A plan without streams for the models that have been sent.
fn empty_plan() -> SitePlan {
    let mut plan = plan(2);
    (plan.models, plan.imports, plan.exports) = (Vec::new(), Vec::new(), Vec::new());
    plan
}

/// What comes of a session with these files and models.
fn refusal(node: &Node, file: Option<&[u8]>, models: &[PlannedModel]) -> Option<Refusal> {
    let mut peer = Peer::with_session(node.address, &["Load", "CSV"]);
    if let Some(content) = file {
        send_file(&mut peer, "a", content);
    }
    for model in models {
        peer.send(&ToNode::Model(Box::new(model.clone())));
    }
    peer.send(&start(&empty_plan()));
    peer.refusal()
}

fn send_file(peer: &mut Peer, path: &str, content: &[u8]) {
    for content in content.chunks(FILE_PIECE) {
        let last = false;
        peer.send(&ToNode::File {
            path,
            last,
            content,
        });
    }
    let (last, content) = (true, &[][..]);
    peer.send(&ToNode::File {
        path,
        last,
        content,
    });
}

/// One input with these streams as its sources.
fn reader_of(imports: u32) -> PlannedModel {
    let input = ConnectedInput {
        slot: InputSlot::at(0),
        origin: Origin::Output,
        sources: (0..imports).map(imported).collect(),
        names: Vec::new(),
    };
    PlannedModel {
        saved: Vec::new(),
        inputs: vec![input],
        ..model(0, "Load", None)
    }
}

/// A session in which one model reads these streams.
fn reading(node: &Node, imports: Vec<Import>) -> Peer {
    let mut peer = Peer::with_session(node.address, &["Load"]);
    let count = u32::try_from(imports.len()).expect("few");
    peer.send(&ToNode::Model(Box::new(reader_of(count))));
    peer.send(&start(&SitePlan {
        from: 0,
        imports,
        ..empty_plan()
    }));
    peer
}

#[test]
fn a_number_of_values_that_no_publication_holds_is_refused_before_there_is_room_for_them() {
    let mut node = Node::start();
    for attributes in [u32::MAX, 1 << 31, 1 << 30, 50_000_000, (1 << 16) + 1] {
        let mut peer = reading(&node, vec![import(9, attributes, 4)]);
        send_batch(&mut peer, &[0, 0, 1, 0]);
        let refused = Some(Refusal::InconsistentPlan);
        assert_eq!(peer.refusal(), refused, "{attributes}");
    }
    // As many as there may be, and one that arrives.
    let mut peer = reading(&node, vec![import(9, 1 << 16, WINDOW)]);
    send_batch(&mut peer, &[0, 0, 1, 0]);
    assert_eq!(
        peer.refusal(),
        Some(Refusal::OutOfOrder),
        "a publication that is cut"
    );
    assert_stayed_below(&mut node, 16 * 1024 * 1024);
}

#[test]
fn publications_within_their_window_are_refused_when_they_take_too_much_memory() {
    let mut node = Node::start();
    // It waits for the second stream, of which nothing comes.
    let attributes = 30_000;
    let streams = [8, 9].map(|model| import(model, attributes, WINDOW));
    let mut peer = reading(&node, streams.to_vec());
    let nulls = vec![0; attributes as usize];
    for tick in 0..1000u64 {
        let head = encoded(&(0u64, tick, 1u64));
        send_batch(&mut peer, &[head, nulls.clone()].concat());
    }
    assert_out_of_memory(peer.refusal().as_ref(), "values");

    let mut peer = reading(&node, vec![import(8, 1, WINDOW), import(9, 1, WINDOW)]);
    let list = encoded(&Value::List(vec![Value::Null; 60_000].into()));
    for tick in 0..1000u64 {
        let head = encoded(&(0u64, tick, 1u64));
        send_batch(&mut peer, &[head, list.clone()].concat());
    }
    assert_out_of_memory(peer.refusal().as_ref(), "values");
    assert_stayed_below(&mut node, SESSION_MEMORY);
}

#[test]
fn a_publication_that_is_longer_than_any_that_is_sent_is_refused() {
    let node = Node::start();
    let mut peer = reading(&node, vec![import(8, 1, WINDOW)]);
    let list = encoded(&Value::List(vec![Value::Null; 500_000].into()));
    send_batch(&mut peer, &[encoded(&(0u64, 0u64, 1u64)), list].concat());
    assert_eq!(peer.refusal(), Some(Refusal::OutOfOrder));
}

#[test]
fn models_count_as_they_are_in_memory() {
    let mut node = Node::start();
    let nulls = Value::List(vec![Value::Null; MAX_FRAME - 100].into());
    let large: Vec<_> = (0..16)
        .map(|id| model(id, "Load", Some(("x", nulls.clone()))))
        .collect();
    assert_out_of_memory(refusal(&node, None, &large).as_ref(), "lists of nulls");
    let texts = Value::List(vec![Value::text(""); MAX_FRAME / 2 - 100].into());
    let large: Vec<_> = (0..16)
        .map(|id| model(id, "Load", Some(("x", texts.clone()))))
        .collect();
    assert_out_of_memory(refusal(&node, None, &large).as_ref(), "empty texts");
    let tiny: Vec<_> = (0..500_000).map(|id| model(id, "Load", None)).collect();
    assert_out_of_memory(refusal(&node, None, &tiny).as_ref(), "tiny models");
    assert_stayed_below(&mut node, SESSION_MEMORY);
}

#[test]
fn what_models_make_of_files_counts_as_well() {
    let mut node = Node::start();
    let short = b"t\ntime,x\n2012-01-01 00:00:00,1\n2012-01-01 00:15:00,2\n";
    let paths = Value::List(vec![Value::text("a"); 340_000].into());
    let paths = [model(0, "CSV", Some(("file_path", paths)))];
    assert_out_of_memory(refusal(&node, Some(short), &paths).as_ref(), "paths");

    let columns = 10_000;
    let names: String = (0..columns).fold(String::new(), |names, number| {
        names + &format!(",{number:x}")
    });
    let cells = ",1".repeat(columns);
    let row = |minute: u32| format!("2012-01-01 00:{minute:02}:00{cells}\n");
    let wide = format!("t\ntime{names}\n{}{}", row(0), row(15));
    let readers: Vec<_> = (0..1000)
        .map(|id| model(id, "CSV", Some(("file_path", Value::text("a")))))
        .collect();
    let wide = Some(wide.as_bytes());
    assert_out_of_memory(refusal(&node, wide, &readers).as_ref(), "columns");
    assert_stayed_below(&mut node, SESSION_MEMORY);
}

#[test]
fn very_many_sources_of_one_model_are_wired_in_time() {
    let mut node = Node::start();
    let sources = 130_000;
    let mut peer = reading(&node, (0..sources).map(|m| import(m, 1, 2)).collect());
    let answer = loop {
        let answer = peer.receive().expect("an answer");
        if !matches!(decode(&answer), Ok(ToController::Alive { .. })) {
            break answer;
        }
    };
    assert_eq!(decode(&answer), Ok(ToController::Ready));
    drop(peer);
    assert_stayed_below(&mut node, SESSION_MEMORY);
}

#[test]
fn all_sessions_of_a_node_share_what_it_has() {
    let mut node = Node::start();
    let content = vec![b'x'; MAX_FILE];
    let mut holding: Vec<Peer> = Vec::new();
    for _ in 0..=NODE_MEMORY / (2 * MAX_FILE) {
        let mut peer = Peer::with_session(node.address, &[]);
        send_file(&mut peer, "a", &content);
        send_file(&mut peer, "b", &content[..MAX_FILE / 2]);
        holding.push(peer);
        // Nobody is silent for so long that the session ends.
        for peer in &mut holding {
            peer.send(&ToNode::Alive);
        }
    }
    let refused = wait_for("a session that is one too many", || {
        let mut peer = Peer::with_session(node.address, &[]);
        send_file(&mut peer, "c", &content);
        peer.finish_sending();
        peer.refusal()
    });
    let (limit, shared) = (NODE_MEMORY as u64, true);
    let expected = Refusal::OutOfMemory(OutOfMemory { limit, shared });
    assert_eq!(refused, expected);
    drop(holding);
    assert_stayed_below(&mut node, NODE_MEMORY);
}

#[test]
fn a_session_whose_controller_goes_while_models_are_built_is_over() {
    let node = Node::start();
    let mut peer = Peer::with_session(node.address, &["CSV"]);
    // Each model reads the file to its end for the row that it starts with.
    let row = |number: u32| {
        let (hour, minute) = (number / 60 % 24, number % 60);
        format!("2012-01-01 {hour:02}:{minute:02}:00,1\n")
    };
    let rows: Vec<String> = (0..200_000).map(row).collect();
    let mut file = format!("t\ntime,x\n{}", rows.concat());
    file += "2013-01-01 00:00:00,1\n";
    send_file(&mut peer, "a", file.as_bytes());
    for id in 0..1000 {
        let mut model = model(id, "CSV", Some(("file_path", Value::text("a"))));
        let start = ("start".into(), Value::text("2013-01-01 00:00:00"));
        model.config.parameters.as_mut().expect("given").push(start);
        peer.send(&ToNode::Model(Box::new(model)));
    }
    peer.send(&start(&empty_plan()));
    drop(peer);
    wait_for("the end of the session", || {
        (Peer::greeted(node.address).open(&[]) == Ok(0)).then_some(())
    });
}
