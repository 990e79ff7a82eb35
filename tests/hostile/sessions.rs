//! Sessions in which messages come that do not belong there.

use rig::{Node, Peer, assert_serves};
use shared::plan::{CONTROLLER, ImportId, ModelId, Position, SiteId, WINDOW};
use shared::value::Value;
use shared::wire::{Refusal, ToController, ToNode, TypeId, decode};

use crate::session::{encoded, plan, publication, running, send_batch, start};

#[test]
fn a_session_as_it_should_be_gives_its_values() {
    let mut node = Node::start();
    let mut peer = running(node.address, &plan(3));
    for tick in 0..3 {
        send_batch(&mut peer, &publication(tick, 1, &Value::Int(10)));
    }
    let mut values = Vec::new();
    loop {
        let answer = peer.receive().expect("an answer");
        match decode(&answer) {
            Ok(ToController::Batch {
                to: CONTROLLER,
                batch,
            }) => values.extend_from_slice(batch),
            Ok(ToController::Finished(report)) => break assert_eq!(report.steps, 3),
            Ok(ToController::Alive { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    let expected: Vec<u8> = (0..3)
        .flat_map(|tick| publication(tick, 1, &Value::Int(20)))
        .collect();
    assert_eq!(values, expected);
    peer.send(&ToNode::Close);
    node.wait_for_report("session over, 3 steps");
    assert_serves(&mut node);
}

/// Any message of each kind.
fn messages() -> [ToNode<'static>; 5] {
    let model = plan(3).models.remove(0);
    [
        ToNode::Open {
            release: "test",
            scenario: "again",
            types: vec![TypeId {
                name: "Load".into(),
                fingerprint: 0,
            }],
        },
        ToNode::File {
            path: "a.csv",
            last: true,
            content: b"late",
        },
        ToNode::Model(Box::new(model)),
        start(&plan(3)),
        ToNode::Batch {
            from: CONTROLLER,
            batch: &[],
        },
    ]
}

#[test]
fn messages_that_come_too_early_or_too_late_are_refused() {
    let mut node = Node::start();
    let [open, file, model, start, batch] = messages();
    for early in [open.clone(), batch, ToNode::Limit(3)] {
        let mut peer = Peer::with_session(node.address, &["Load"]);
        peer.send(&early);
        assert_eq!(peer.refusal(), Some(Refusal::OutOfOrder), "{early:?}");
    }
    for late in [open, file, model, start] {
        let mut peer = running(node.address, &plan(3));
        peer.send(&late);
        assert_eq!(peer.refusal(), Some(Refusal::OutOfOrder), "{late:?}");
    }
    assert_serves(&mut node);
}

#[test]
fn pieces_of_two_files_do_not_mix() {
    let mut node = Node::start();
    let mut peer = Peer::with_session(node.address, &["Load"]);
    for path in ["a.csv", "b.csv"] {
        peer.send(&ToNode::File {
            path,
            last: false,
            content: b"piece",
        });
    }
    assert_eq!(peer.refusal(), Some(Refusal::OutOfOrder));
    assert_serves(&mut node);
}

#[test]
fn batches_that_the_plan_does_not_have_are_refused() {
    let mut node = Node::start();
    let one = Value::Int(1);
    let beyond_window: Vec<u8> = (0..=u64::from(WINDOW) + 1)
        .flat_map(|tick| publication(tick, 1, &one))
        .collect();
    for (said, batch) in [
        (
            "stream 1 is not in the plan",
            encoded(&((2u64, 0u64, 1u64), &one)),
        ),
        (
            "a publication is cut or holds no value",
            encoded(&((u64::MAX - 1, 0u64, 1u64), &one)),
        ),
        (
            "stream 0 came with tick 1 where 0 is due",
            publication(1, 1, &one),
        ),
        (
            "stream 0 came with tick 0 where 5 is due",
            [publication(0, 5, &one), publication(0, 5, &one)].concat(),
        ),
        (
            "stream 0 came with tick 1 where 18446744073709551615 is due",
            [publication(0, 0, &one), publication(1, 1, &one)].concat(),
        ),
        (
            "a publication is cut or holds no value",
            [
                publication(0, u64::MAX, &one),
                publication(u64::MAX, 1, &one),
            ]
            .concat(),
        ),
        ("stream 0 exceeds its window", beyond_window),
        (
            "stream 0 got credit for more than was sent",
            encoded(&(1u64, 1u64)),
        ),
        (
            "stream 0 got credit for more than was sent",
            encoded(&(1u64, u64::MAX)),
        ),
        ("stream 3 is not in the plan", encoded(&(7u64, 1u64))),
        ("a publication is cut or holds no value", vec![0]),
        ("a publication is cut or holds no value", vec![0xff; 50]),
        (
            "a publication is cut or holds no value",
            publication(0, 1, &99u8),
        ),
        (
            "a publication is cut or holds no value",
            [publication(0, 1, &5u8), [1, 5].repeat(200_000)].concat(),
        ),
    ] {
        // No step is made in between: it lacks the value of a second stream.
        let mut held = plan(2000);
        held.imports.push(shared::plan::Import {
            from: SiteId(2),
            model: ModelId(2),
            ..held.imports[0]
        });
        let mut second = held.models[0].inputs[0].sources[0].clone();
        second.from = shared::plan::Feed::Import {
            import: ImportId(1),
            attribute: Position(0),
        };
        held.models[0].inputs[0].sources.push(second);
        let mut peer = running(node.address, &held);
        send_batch(&mut peer, &batch);
        assert_eq!(peer.refusal(), Some(Refusal::OutOfOrder), "{said}");
        node.wait_for_report(&format!(
            "session lost: the controller sent a batch that cannot be: {said}"
        ));
    }
    let mut peer = running(node.address, &plan(3));
    peer.send(&ToNode::Batch {
        from: SiteId(9),
        batch: &publication(0, 1, &one),
    });
    assert_eq!(peer.refusal(), Some(Refusal::OutOfOrder), "a stranger");
    assert_serves(&mut node);
}

#[test]
fn values_that_a_model_cannot_use_fail_its_step_and_nothing_else() {
    let mut node = Node::start();
    for value in [
        Value::Null,
        Value::text("many"),
        Value::List([Value::Int(1)].into()),
        Value::Int(i64::MAX),
    ] {
        let mut peer = running(node.address, &plan(3));
        send_batch(&mut peer, &publication(0, 1, &value));
        let failed = loop {
            let answer = peer.receive().expect("an answer");
            if let Ok(ToController::Failed(failure)) = decode(&answer) {
                break failure;
            }
        };
        assert_eq!((failed.model, failed.tick), (ModelId(0), 0), "{failed:?}");
        assert_eq!(failed.inputs, [("load".to_owned(), value)]);
        peer.send(&ToNode::Close);
        peer.wait_for_end();
    }
    assert_serves(&mut node);
}
