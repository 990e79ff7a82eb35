//! Plans for variants, and variants, that no controller would send.

use rig::{Node, Peer, assert_serves};
use shared::index::Index;
use shared::model::{Attribute, InputSlot, PublishedSlot};
use shared::plan::{Feed, LocalId};
use shared::value::{Kind, Origin, Value};
use shared::variant::{
    Function, IndicatorPlan, Maker, Making, Outcome, Shape, TRACE, TallyPlan, VariantsPlan,
};
use shared::wire::{Refusal, ToController, ToNode, decode};

use crate::session::plan;

/// Variants of one `Load`, whose number of houses is the only factor.
fn variants_plan() -> VariantsPlan {
    let published = ["load_dem", "consumption"].map(|name| Attribute {
        name: name.into(),
        origin: Origin::Output,
        kind: Kind::Number,
    });
    VariantsPlan {
        grid: plan(4).grid,
        items: vec![Feed::Local {
            model: LocalId(0),
            slot: PublishedSlot::at(0),
        }],
        makers: vec![Maker {
            shape: Shape {
                published: published.into(),
                required: Vec::new(),
                left_out: Vec::new(),
                step_size: 1,
            },
            making: Making::Built(vec![(0, "houses".into())]),
        }],
        width: 0,
        tallies: TallyPlan {
            indicators: vec![IndicatorPlan {
                place: 0,
                function: Function::Sum,
                rows_of_a_step: 1,
            }],
            balance: None,
        },
        rows: false,
    }
}

/// Sends a plan for variants with this trace.
fn send(peer: &mut Peer, plan_of_all: &VariantsPlan, trace: &[u8]) {
    let mut model = plan(4).models.remove(0);
    model.inputs.clear();
    peer.send(&ToNode::Model(Box::new(model)));
    peer.send(&ToNode::File {
        path: TRACE,
        last: true,
        content: trace,
    });
    peer.send(&ToNode::Variants(Box::new(plan_of_all.clone())));
}

/// The next thing that a node says, but for its signs of life.
fn next(peer: &mut Peer) -> Vec<u8> {
    loop {
        let said = peer.receive().expect("an answer");
        if !matches!(decode(&said), Ok(ToController::Alive(_))) {
            return said;
        }
    }
}

fn variant(id: u64, values: Vec<Value>) -> ToNode<'static> {
    ToNode::Variant {
        id,
        values,
        tallies: None,
    }
}

/// A change that spoils a plan.
type Spoil = fn(&mut VariantsPlan);

#[test]
fn plans_that_do_not_fit_together_are_refused() {
    let mut node = Node::start();
    let spoilt: [(&str, Spoil, &[u8]); 4] = [
        ("a model too few", |plan| plan.makers.clear(), &[]),
        ("a trace that is not there", |plan| plan.width = 1, &[]),
        (
            "a trace of something else",
            |plan| plan.width = 1,
            &[0xff; 9],
        ),
        ("a time without end", |plan| plan.grid.ticks = u64::MAX, &[]),
    ];
    for (what, spoil, trace) in spoilt {
        let mut plan = variants_plan();
        spoil(&mut plan);
        let mut peer = Peer::with_session(node.address, &["Load"]);
        send(&mut peer, &plan, trace);
        assert_eq!(peer.refusal(), Some(Refusal::InconsistentPlan), "{what}");
    }
    assert_serves(&mut node);
}

#[test]
fn memory_that_variants_would_take_is_counted() {
    let mut node = Node::start();
    let mut plan = variants_plan();
    plan.grid.ticks = 50_000_000;
    let mut peer = Peer::with_session(node.address, &["Load"]);
    send(&mut peer, &plan, &[]);
    assert_eq!(decode(&next(&mut peer)), Ok(ToController::Ready));
    let mut tallies = plan.tallies;
    tallies.indicators[0].function = Function::Quantile(0.5);
    peer.send(&ToNode::Variant {
        id: 3,
        values: vec![Value::Int(2)],
        tallies: Some(Box::new(tallies)),
    });
    let outcome = Box::new(Outcome::Elsewhere);
    let refused = ToController::Came { id: 3, outcome };
    assert_eq!(decode(&next(&mut peer)), Ok(refused));
    assert_serves(&mut node);
}

#[test]
fn what_refers_to_nothing_comes_to_nothing() {
    let mut node = Node::start();
    let spoilt: [(&str, Spoil); 5] = [
        ("a factor that is not there", |plan| {
            plan.makers[0].making = Making::Built(vec![(7, "houses".into())]);
        }),
        ("another shape", |plan| {
            plan.makers[0].shape.required = vec![InputSlot::at(3)];
        }),
        ("a column of a model that is not there", |plan| {
            plan.items = vec![Feed::Local {
                model: LocalId(9),
                slot: PublishedSlot::at(0),
            }];
        }),
        ("a model that is to be played without a trace", |plan| {
            plan.makers[0].making = Making::Played(vec![(5, PublishedSlot::at(99))]);
        }),
        ("an indicator of a column that is not there", |plan| {
            plan.tallies.indicators[0].place = 12;
        }),
    ];
    for (what, spoil) in spoilt {
        let mut plan = variants_plan();
        spoil(&mut plan);
        let mut peer = Peer::with_session(node.address, &["Load"]);
        send(&mut peer, &plan, &[]);
        assert_eq!(decode(&next(&mut peer)), Ok(ToController::Ready), "{what}");
        peer.send(&variant(3, vec![Value::Int(2)]));
        let said = next(&mut peer);
        let Ok(ToController::Came { id: 3, outcome }) = decode(&said) else {
            panic!("{what}: {:?}", decode::<ToController<'_>>(&said));
        };
        match *outcome {
            Outcome::Elsewhere => {}
            Outcome::Numbers { numbers, .. } => {
                assert_eq!(numbers.indicators, [None], "{what}");
            }
            Outcome::Failed(failure) => panic!("{what}: {failure:?}"),
        }
    }
    assert_serves(&mut node);
}

#[test]
fn what_belongs_to_no_variants_ends_the_session() {
    let mut node = Node::start();
    let mut peer = Peer::with_session(node.address, &["Load"]);
    peer.send(&variant(1, Vec::new()));
    assert_eq!(peer.refusal(), Some(Refusal::OutOfOrder), "without a plan");

    let mut peer = Peer::with_session(node.address, &["Load"]);
    send(&mut peer, &variants_plan(), &[]);
    assert_eq!(decode(&next(&mut peer)), Ok(ToController::Ready));
    peer.send(&ToNode::Limit(3));
    assert_eq!(peer.refusal(), Some(Refusal::OutOfOrder), "a limit");
    assert_serves(&mut node);
}

#[test]
fn a_session_that_is_cut_leaves_no_variant_running() {
    let mut node = Node::start();
    let mut plan = variants_plan();
    plan.grid.ticks = 100_000_000;
    let mut peer = Peer::with_session(node.address, &["Load"]);
    send(&mut peer, &plan, &[]);
    assert_eq!(decode(&next(&mut peer)), Ok(ToController::Ready));
    peer.send(&variant(1, vec![Value::Int(2)]));
    drop(peer);
    node.wait_for_report("session lost");
    assert_serves(&mut node);
}
