//! A session as a well-behaved controller would hold it, to depart from.

use rig::Peer;
use serde::Serialize;
use shared::index::Index;
use shared::journal::Outside;
use shared::model::{InputSlot, ModelConfig, PublishedSlot};
use shared::plan::{
    CONTROLLER, ConnectedInput, Export, Feed, Import, ImportId, LocalId, ModelId, PlannedModel,
    Position, SiteId, SitePlan, Source, WINDOW,
};
use shared::time::{Tick, TimeGrid, WallTime};
use shared::value::{Origin, Value};
use shared::wire::{ToController, ToNode, decode};

/// The first value of an import, as it comes.
pub(crate) fn imported(import: u32) -> Source {
    Source {
        from: Feed::Import {
            import: ImportId(import),
            attribute: Position(0),
        },
        shifted: false,
        initial: None,
    }
}

/// What comes from the controller of one of its models.
pub(crate) fn import(model: u32, attributes: u32, window: u32) -> Import {
    Import {
        from: CONTROLLER,
        model: ModelId(model),
        attributes,
        window,
    }
}

/// A plan for a node with one `Load`, which reads a value of the controller and gives its demand
/// back.
pub(crate) fn plan(ticks: Tick) -> SitePlan {
    let input = ConnectedInput {
        slot: InputSlot::at(0),
        origin: Origin::State,
        sources: vec![imported(0)],
        names: Vec::new(),
    };
    let parameters = [
        ("houses", Value::Int(2)),
        ("input_type", Value::text("power")),
        ("output_type", Value::text("power")),
    ];
    let config = ModelConfig {
        name: "Homes".into(),
        model_type: "Load".into(),
        parameters: Some(parameters.map(|(key, value)| (key.into(), value)).into()),
        ..ModelConfig::default()
    };
    SitePlan {
        from: 0,
        site: SiteId(1),
        grid: TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
            resolution: 900,
            ticks,
        },
        models: vec![PlannedModel {
            saved: Vec::new(),
            id: ModelId(0),
            config,
            inputs: vec![input],
            leds: Vec::new(),
            outside: Outside::default(),
        }],
        imports: vec![import(1, 1, WINDOW)],
        exports: vec![Export {
            to: CONTROLLER,
            model: LocalId(0),
            attributes: vec![PublishedSlot::at(0)],
            window: WINDOW,
            lazy: false,
        }],
    }
}

/// The message that ends a plan.
pub(crate) fn start(plan: &SitePlan) -> ToNode<'static> {
    ToNode::Start {
        site: plan.site,
        grid: plan.grid,
        from: plan.from,
        imports: plan.imports.clone(),
        exports: plan.exports.clone(),
    }
}

/// Sends a plan.
pub(crate) fn send_plan(peer: &mut Peer, plan: &SitePlan) {
    for model in &plan.models {
        peer.send(&ToNode::Model(Box::new(model.clone())));
    }
    peer.send(&start(plan));
}

/// Opens a session and sends a plan, up to the word that the node is ready.
pub(crate) fn running(address: std::net::SocketAddr, plan: &SitePlan) -> Peer {
    let mut peer = Peer::with_session(address, &["Load"]);
    send_plan(&mut peer, plan);
    let answer = peer.receive().expect("an answer");
    assert_eq!(decode(&answer), Ok(ToController::Ready));
    peer
}

/// A part of a batch: a publication of stream 0.
pub(crate) fn publication(tick: Tick, ahead: Tick, value: &impl Serialize) -> Vec<u8> {
    encoded(&((0u64, tick, ahead), value))
}

/// Any content as a batch has it.
pub(crate) fn encoded(content: &impl Serialize) -> Vec<u8> {
    postcard::to_extend(content, Vec::new()).expect("serializes")
}

/// Sends a batch to a node.
pub(crate) fn send_batch(peer: &mut Peer, batch: &[u8]) {
    peer.send(&ToNode::Batch {
        from: CONTROLLER,
        batch,
    });
}
