//! Plans for variants, and variants, that no controller would send.

use rig::{Node, Peer, assert_serves};
use shared::files::MemoryFiles;
use shared::index::Index;
use shared::model::{InputSlot, PublishedSlot, build};
use shared::plan::{Feed, LocalId, PlannedModel};
use shared::value::Value;
use shared::variant::{
    EnginePlan, Function, IndicatorPlan, MAX_WAITING, Maker, Making, Numbers, Outcome, Shape,
    TRACE, TallyPlan, VariantsPlan,
};
use shared::wire::{Refusal, ToController, ToNode, decode};

use crate::session::plan;

/// One `Load` to which nothing is connected.
fn model() -> PlannedModel {
    let mut model = plan(4).models.remove(0);
    model.inputs.clear();
    model
}

/// Variants of it, whose number of houses is the only factor.
fn variants_plan() -> VariantsPlan {
    let grid = plan(4).grid;
    let load = models::CATALOGUE.find("Load").expect("a type");
    let built = build(load, &model().config, grid, &MemoryFiles::default());
    VariantsPlan {
        grid,
        engines: vec![EnginePlan {
            variants: 1,
            items: vec![Feed::Local {
                model: LocalId(0),
                slot: PublishedSlot::at(0),
            }],
            makers: vec![Maker {
                shape: Shape::of(&built.expect("a model")),
                making: Making::Built(vec![(0, "houses".into())]),
            }],
        }],
        width: 0,
        tallies: TallyPlan {
            indicators: vec![IndicatorPlan {
                place: 0,
                function: Function::Sum,
                measure: None,
                rows_of_a_step: 1,
            }],
            balance: None,
        },
        rows: false,
    }
}

/// Sends a plan for variants with this trace.
fn send(peer: &mut Peer, plan_of_all: &VariantsPlan, trace: &[u8]) {
    peer.send(&ToNode::Model(Box::new(model())));
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
        engine: 0,
        values,
        tallies: None,
    }
}

/// A change that spoils a plan.
type Spoil = fn(&mut VariantsPlan);

#[test]
fn plans_that_do_not_fit_together_are_refused() {
    let mut node = Node::start();
    let spoilt: [(&str, Spoil, &[u8]); 6] = [
        ("no engine", |plan| plan.engines.clear(), &[]),
        (
            "engines that have no model left",
            |plan| plan.engines.push(plan.engines[0].clone()),
            &[],
        ),
        (
            "a model too few",
            |plan| plan.engines[0].makers.clear(),
            &[],
        ),
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
        engine: 0,
        values: vec![Value::Int(2)],
        tallies: Some(Box::new(tallies)),
    });
    let outcome = Box::new(Outcome::Elsewhere);
    let refused = ToController::Came { id: 3, outcome };
    assert_eq!(decode(&next(&mut peer)), Ok(refused));
    assert_serves(&mut node);
}

#[test]
fn engines_for_more_variants_than_there_is_memory_for_or_for_none_are_no_harm() {
    let mut node = Node::start();
    let none = Outcome::Numbers {
        numbers: Vec::new(),
        warning: None,
    };
    // How many variants go into the only engine, which one is asked for, and what comes of it.
    let cases = [
        (u32::MAX, 0, Outcome::Elsewhere),
        (1, 7, Outcome::Elsewhere),
        (0, 0, none),
    ];
    for (variants, engine, outcome) in cases {
        let mut plan = variants_plan();
        plan.engines[0].variants = variants;
        plan.tallies.indicators.clear();
        let mut peer = Peer::with_session(node.address, &["Load"]);
        send(&mut peer, &plan, &[]);
        assert_eq!(decode(&next(&mut peer)), Ok(ToController::Ready));
        peer.send(&ToNode::Variant {
            id: 3,
            engine,
            values: vec![Value::Int(2)],
            tallies: None,
        });
        let outcome = Box::new(outcome);
        let came = ToController::Came { id: 3, outcome };
        assert_eq!(decode(&next(&mut peer)), Ok(came), "{variants}");
    }
    assert_serves(&mut node);
}

#[test]
fn what_refers_to_nothing_comes_to_nothing() {
    let mut node = Node::start();
    // What the variant comes to: whether it runs there, and its number.
    let plans: [(&str, Spoil, Option<Option<f64>>); 6] = [
        ("as it should be", |_| {}, Some(Some(0.0))),
        (
            "a factor that is not there",
            |plan| plan.engines[0].makers[0].making = Making::Built(vec![(7, "houses".into())]),
            None,
        ),
        (
            "another shape",
            |plan| plan.engines[0].makers[0].shape.required = vec![InputSlot::at(3)],
            None,
        ),
        (
            "a column of a model that is not there",
            |plan| {
                plan.engines[0].items = vec![Feed::Local {
                    model: LocalId(9),
                    slot: PublishedSlot::at(0),
                }];
            },
            None,
        ),
        (
            "a model that is to be played without a trace",
            |plan| {
                plan.engines[0].makers[0].making = Making::Played(vec![(5, PublishedSlot::at(99))]);
            },
            Some(None),
        ),
        (
            "an indicator of a column that is not there",
            |plan| plan.tallies.indicators[0].place = 12,
            Some(None),
        ),
    ];
    for (what, spoil, comes_to) in plans {
        let mut plan = variants_plan();
        spoil(&mut plan);
        let mut peer = Peer::with_session(node.address, &["Load"]);
        send(&mut peer, &plan, &[]);
        assert_eq!(decode(&next(&mut peer)), Ok(ToController::Ready), "{what}");
        peer.send(&variant(3, vec![Value::Int(2)]));
        let said = next(&mut peer);
        let outcome = match comes_to {
            None => Outcome::Elsewhere,
            Some(number) => Outcome::Numbers {
                numbers: vec![Numbers {
                    indicators: vec![number],
                    balance: None,
                }],
                warning: None,
            },
        };
        let outcome = Box::new(outcome);
        let came = ToController::Came { id: 3, outcome };
        assert_eq!(decode(&said), Ok(came), "{what}");
    }
    assert_serves(&mut node);
}

#[test]
fn more_variants_than_a_node_takes_and_other_messages_end_the_session() {
    let mut node = Node::start();
    let mut peer = Peer::with_session(node.address, &["Load"]);
    peer.send(&variant(1, Vec::new()));
    assert_eq!(peer.refusal(), Some(Refusal::OutOfOrder), "without a plan");

    let mut plan = variants_plan();
    // So long that none is done meanwhile.
    plan.grid.ticks = 100_000_000;
    let mut peer = Peer::with_session(node.address, &["Load"]);
    send(&mut peer, &plan, &[]);
    assert_eq!(decode(&next(&mut peer)), Ok(ToController::Ready));
    for id in 0..=MAX_WAITING as u64 {
        peer.send(&variant(id, vec![Value::Int(2)]));
    }
    assert_eq!(peer.refusal(), Some(Refusal::OutOfOrder), "too many");

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
