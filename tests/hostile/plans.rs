//! Plans that refer to what is not there, or that no controller would make.

use rig::{Node, Peer, assert_serves};
use shared::index::Index;
use shared::journal::Outside;
use shared::led::{LedKind, LedRule, Palette, PinLed, SpiBus, StripLed, StripRule, ValueLed};
use shared::model::AttributeSlot;
use shared::model::{InputSlot, ModelConfig, PublishedSlot};
use shared::plan::{
    Feed, ImportId, LocalId, MAX_LEDS, MAX_SITES, ModelId, PlannedModel, Position, SiteId,
    SitePlan, Source, WINDOW,
};
use shared::time::WallTime;
use shared::value::Value;
use shared::wire::{MAX_FRAME, Refusal, ToController, ToNode, append_frame, decode};

use crate::session::{plan, send_plan, start};

/// What a node says to a plan.
fn answer(node: &Node, plan: &SitePlan) -> Option<Refusal> {
    let mut peer = Peer::with_session(node.address, &["Load"]);
    send_plan(&mut peer, plan);
    peer.finish_sending();
    peer.refusal()
}

/// A change that spoils a plan.
type Spoil = fn(&mut SitePlan);

fn source(plan: &mut SitePlan) -> &mut Source {
    &mut plan.models[0].inputs[0].sources[0]
}

const INCONSISTENT: &[(&str, Spoil)] = &[
    ("an input that the type does not have", |plan| {
        plan.models[0].inputs[0].slot = InputSlot::at(1);
    }),
    ("an input without a source", |plan| {
        plan.models[0].inputs[0].sources.clear();
    }),
    ("a stream that does not arrive", |plan| {
        let (import, attribute) = (1, 0);
        source(plan).from = Feed::Import {
            import: ImportId(import),
            attribute: Position(attribute),
        };
    }),
    ("an attribute that the stream does not have", |plan| {
        let (import, attribute) = (0, 1);
        source(plan).from = Feed::Import {
            import: ImportId(import),
            attribute: Position(attribute),
        };
    }),
    ("a model that is not there", |plan| {
        source(plan).from = Feed::Local {
            model: LocalId(1),
            slot: PublishedSlot::at(0),
        };
    }),
    ("a slot that the model does not publish", |plan| {
        source(plan).from = Feed::Local {
            model: LocalId(0),
            slot: PublishedSlot::at(2),
        };
    }),
    ("numbers as large as they get", |plan| {
        let (model, slot) = (u32::MAX, u32::MAX as usize);
        source(plan).from = Feed::Local {
            model: LocalId(model),
            slot: PublishedSlot::at(slot),
        };
    }),
    ("a time-shifted connection without a first value", |plan| {
        source(plan).shifted = true;
    }),
    ("an export of a model that is not there", |plan| {
        plan.exports[0].model = LocalId(1);
    }),
    ("an export of a slot that is not there", |plan| {
        plan.exports[0].attributes = [0, 2].map(PublishedSlot::at).to_vec();
    }),
    ("a type that the node does not have", |plan| {
        plan.models[0].config.model_type = "Reactor".into();
    }),
    ("steps without a length", |plan| plan.grid.resolution = 0),
    ("a model that stays where it is", |plan| {
        plan.models[0].config.time_step_size = Some(0);
    }),
    ("more time than there is", |plan| {
        plan.grid.ticks = u64::MAX - 1;
    }),
    ("a start outside of the calendar", |plan| {
        let start: WallTime =
            postcard::from_bytes(&postcard::to_extend(&i64::MIN, Vec::new()).expect("serializes"))
                .expect("a number");
        plan.grid.start = start;
    }),
    ("a window for arriving values without end", |plan| {
        plan.imports[0].window = WINDOW + 1;
    }),
    ("a window for leaving values without end", |plan| {
        plan.exports[0].window = u32::MAX;
    }),
    ("a light on a pin that no Pi has", |plan| {
        plan.models[0].leds = vec![led(28, AttributeSlot::Published(PublishedSlot::at(0)))];
    }),
    ("a strip without pixels", |plan| {
        plan.models[0].leds = vec![strip(0)];
    }),
    ("a strip that no bus feeds", |plan| {
        plan.models[0].leds = vec![strip(u16::MAX)];
    }),
    ("a light for an output that no model has", |plan| {
        plan.models[0].leds = vec![led(27, AttributeSlot::Published(PublishedSlot::at(9)))];
    }),
    ("a light for an input that no model has", |plan| {
        plan.models[0].leds = vec![led(27, AttributeSlot::Input(InputSlot::at(9)))];
    }),
    ("lights without end", |plan| {
        plan.models[0].leds = vec![led(27, AttributeSlot::Input(InputSlot::at(0))); MAX_LEDS + 1];
    }),
    ("more sites than a run can have", |plan| {
        plan.imports[0].from = SiteId(MAX_SITES);
    }),
];

fn led(pin: u8, attribute: AttributeSlot) -> ValueLed {
    ValueLed {
        attribute,
        kind: LedKind::Pin(PinLed {
            pin,
            active_low: false,
            rule: LedRule::Above(0.0),
        }),
    }
}

fn strip(pixels: u16) -> ValueLed {
    ValueLed {
        attribute: AttributeSlot::Published(PublishedSlot::at(0)),
        kind: LedKind::Strip(StripLed {
            bus: SpiBus::Spi0,
            pixels,
            rule: StripRule::Palette(Palette::Battery),
        }),
    }
}

#[test]
fn plans_that_do_not_fit_together_are_refused() {
    let mut node = Node::start();
    assert_eq!(answer(&node, &plan(3)), None, "the plan as it should be");
    for (what, spoil) in INCONSISTENT {
        let mut spoilt = plan(3);
        spoil(&mut spoilt);
        let refusal = answer(&node, &spoilt);
        assert_eq!(refusal, Some(Refusal::InconsistentPlan), "{what}");
    }
    assert_serves(&mut node);
}

/// A reader of a series on a node.
fn reader(path: &str) -> PlannedModel {
    let config = ModelConfig {
        name: "Meter".into(),
        model_type: "CSV".into(),
        parameters: Some(vec![("file_path".into(), Value::text(path))]),
        ..ModelConfig::default()
    };
    PlannedModel {
        saved: Vec::new(),
        id: ModelId(0),
        config,
        inputs: Vec::new(),
        leds: Vec::new(),
        outside: Outside::default(),
    }
}

#[test]
fn a_node_opens_no_file_of_its_own() {
    let mut node = Node::start();
    for path in ["/etc/passwd", "../../etc/passwd", "/dev/zero", ""] {
        let mut peer = Peer::with_session(node.address, &["CSV"]);
        peer.send(&ToNode::Model(Box::new(reader(path))));
        peer.send(&start(&SitePlan {
            from: 0,
            exports: Vec::new(),
            ..plan(3)
        }));
        let answers = peer.answers();
        let Ok(ToController::NotReady {
            model: ModelId(0),
            errors,
        }) = decode(&answers[0])
        else {
            panic!("{path}: {answers:?}")
        };
        let reason = if path.is_empty() {
            "parameter 'file_path' must be the path of a file"
        } else {
            "the controller did not send it"
        };
        assert!(errors[0].message.contains(reason), "{errors:?}");
    }
    assert_serves(&mut node);
}

#[test]
fn rows_at_any_distance_do_no_harm_to_a_node() {
    let mut node = Node::start();
    let most = u32::MAX;
    for (resolution, step) in [
        (0, 1),
        (1, 1),
        (7, 1),
        (1, 0),
        (most, 1),
        (1, most),
        (most, most),
    ] {
        let mut peer = Peer::with_session(node.address, &["CSV"]);
        peer.send(&ToNode::File {
            path: "a.csv",
            last: true,
            content: b"title\ntime,x\n2012-01-01 00:00:00,1\n2012-01-01 00:00:07,2\n",
        });
        let mut model = reader("a.csv");
        model.config.time_step_size = Some(step);
        peer.send(&ToNode::Model(Box::new(model)));
        let mut plan = plan(3);
        plan.exports.clear();
        plan.grid.resolution = resolution;
        peer.send(&start(&plan));
        peer.finish_sending();
        peer.wait_for_end();
        node.assert_running();
    }
    assert_serves(&mut node);
}

#[test]
fn values_that_nest_without_end_are_refused_before_they_are_taken() {
    let mut node = Node::start();
    let nested = (0..1000).fold(Value::Null, |inner, _| Value::List([inner].into()));
    let mut spoilt = plan(3);
    spoilt.models[0].config.parameters = Some(vec![("houses".into(), nested)]);
    assert_eq!(answer(&node, &spoilt), None, "no message");
    node.wait_for_report("session lost: a frame whose content is no message");

    // By hand, as deep as a frame is long: a model, and in place of its first parameter's value
    // lists in lists.
    let mut model = plan(3).models.remove(0);
    model.config.parameters = Some(vec![("houses".into(), Value::text("here"))]);
    let mut frame = Vec::new();
    append_frame(&mut frame, &ToNode::Model(Box::new(model)), MAX_FRAME).expect("fits");
    let here = frame
        .windows(4)
        .position(|window| window == b"here")
        .expect("there")
        - 2;
    let depth = MAX_FRAME / 2 - 200;
    let content = [&frame[4..here], &[5, 1].repeat(depth), &frame[here + 6..]].concat();
    let length = u32::try_from(content.len()).expect("small").to_le_bytes();
    let mut peer = Peer::with_session(node.address, &["Load"]);
    peer.send_raw(&length).expect("the node listens");
    peer.send_raw(&content).expect("the node listens");
    assert_eq!(peer.refusal(), None, "no message");
    assert_serves(&mut node);
}

#[test]
fn a_plan_with_very_many_streams_is_built_or_refused_in_time() {
    let mut node = Node::start();
    let mut wide = plan(3);
    let import = wide.imports[0];
    wide.imports = (0..100_000)
        .map(|number: u32| shared::plan::Import {
            from: SiteId(u16::try_from(number % u32::from(MAX_SITES)).expect("small")),
            ..import
        })
        .collect();
    let mut peer = Peer::with_session(node.address, &["Load"]);
    send_plan(&mut peer, &wide);
    let answer = peer.receive().expect("an answer");
    assert_eq!(decode(&answer), Ok(ToController::Ready));
    assert_serves(&mut node);
}
