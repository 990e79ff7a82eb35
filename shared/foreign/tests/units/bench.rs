//! An engine with units in it, and sources of values that are ours.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Instant;

use engine::{Engine, NoRows, Turn};
use foreign::wire::{append_json, read_json};
use foreign::{
    EntityRequest, Fault, Host, LocalHost, Program, SimulatorDescription, SimulatorRequest,
};
use foreign::{InsideConnection, Spot, UnitWiring, WiredInput, WiredPublished, WiredSource};
use shared::files::MemoryFiles;
use shared::index::Index;
use shared::journal::Outside;
use shared::memory::Account;
use shared::model::{
    InputSlot, Model, ModelConfig, ModelType, Published, PublishedSlot, Registry, Step, StepError,
    Waker,
};
use shared::plan::{
    CONTROLLER, ConnectedInput, Feed, LocalId, ModelId, PlannedModel, SitePlan, Source,
};
use shared::progress::Failure;
use shared::time::{TimeGrid, WallTime};
use shared::value::{Kind, Origin, Value};

use crate::simulator::PATIENCE;

/// A value that is written as JSON.
pub(crate) fn json(text: &str) -> Value {
    read_json(text.as_bytes()).expect("JSON")
}

/// A value as JSON.
pub(crate) fn text(value: &Value) -> String {
    let mut text = String::new();
    append_json(value, &mut text);
    text
}

/// What is asked for.
pub(crate) fn request(
    name: &str,
    program: &Program,
    ticks: u64,
    init: &str,
    entities: &[(&str, &str)],
) -> SimulatorRequest {
    let entries = |text: &str| match json(text) {
        Value::Map(entries) => entries.to_vec(),
        other => panic!("no mapping: {other:?}"),
    };
    let entities = entities
        .iter()
        .enumerate()
        .map(|(number, (model, parameters))| EntityRequest {
            name: format!("{name}{number}"),
            model: Some((*model).to_owned()),
            parameters: entries(parameters),
        });
    SimulatorRequest {
        name: name.to_owned(),
        listed_as: String::new(),
        program: program.clone(),
        folders: Vec::new(),
        resolution: 1,
        ticks,
        init: entries(init),
        entities: entities.collect(),
        calls: Vec::new(),
        pipeline: true,
    }
}

/// Starts one simulator.
pub(crate) fn start(
    host: &mut LocalHost,
    request: SimulatorRequest,
) -> Result<SimulatorDescription, Fault> {
    host.start(vec![request], &mut |_| {}).remove(0)
}

/// A spot, written `0:entity.attribute`.
pub(crate) fn spot(text: &str) -> Spot {
    let (simulator, rest) = text.split_once(':').expect("a simulator");
    let (entity, attribute) = rest.split_once('.').expect("an attribute");
    Spot {
        simulator: simulator.parse().expect("a number"),
        entity: entity.to_owned(),
        attribute: attribute.to_owned(),
    }
}

/// A wiring of these simulators, with nothing connected.
pub(crate) fn wiring(simulators: &[u16]) -> UnitWiring {
    UnitWiring {
        type_name: format!("unit {simulators:?}"),
        name: "Unit".to_owned(),
        simulators: simulators.to_vec(),
        inputs: Vec::new(),
        published: Vec::new(),
        inside: Vec::new(),
        graph: foreign::RelationGraph::default(),
    }
}

/// An input with sources of these ids, which are new at each tick.
pub(crate) fn input(to: &str, origin: Origin, sources: &[&str]) -> WiredInput {
    let source = |(rank, id): (usize, &&str)| WiredSource {
        id: (*id).to_owned(),
        origin,
        every: 1,
        shifted: false,
        rank: u32::try_from(rank).expect("few"),
    };
    WiredInput {
        name: to.to_owned(),
        to: spot(to),
        sources: sources.iter().enumerate().map(source).collect(),
    }
}

pub(crate) fn published(from: &str) -> WiredPublished {
    WiredPublished {
        name: from.to_owned(),
        from: spot(from),
        origin: Origin::State,
        initial: None,
    }
}

/// A direct connection.
pub(crate) fn inside(from: &str, to: &str, rank: u32) -> InsideConnection {
    InsideConnection {
        from: spot(from),
        to: spot(to),
        shifted: false,
        weak: false,
        initial: None,
        asynchronous: false,
        rank,
    }
}

/// What models came to at each tick.
pub(crate) type Seen = Arc<Mutex<Vec<String>>>;

/// A run that is being put together.
pub(crate) struct Bench {
    types: Registry,
    models: Vec<PlannedModel>,
    ticks: u64,
    /// What models have of the world outside that are taken in from now on.
    pub(crate) outside: Outside,
}

/// A source of ours: its values, one a tick. The last one stays.
struct Script(Vec<Value>);

impl Model for Script {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let tick = usize::try_from(step.tick()).expect("a small tick");
        let value = self.0.get(tick).or(self.0.last()).cloned();
        step.publish(PublishedSlot::at(0), value.unwrap_or_default());
        Ok(())
    }
}

/// Notes what arrives.
struct Witness(Seen);

impl Model for Witness {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let value = step.value(InputSlot::at(0)).cloned().unwrap_or_default();
        self.0.lock().expect("whole").push(text(&value));
        Ok(())
    }
}

impl Bench {
    pub(crate) fn new(ticks: u64) -> Self {
        let (types, models) = (Registry::of(&[]), Vec::new());
        Self {
            types,
            models,
            ticks,
            outside: Outside::default(),
        }
    }

    /// Takes in a model whose inputs come from others, and returns its place.
    pub(crate) fn add(&mut self, model_type: ModelType, inputs: &[Vec<(u32, usize)>]) -> u32 {
        let place = u32::try_from(self.models.len()).expect("few");
        let connected = inputs
            .iter()
            .enumerate()
            .map(|(slot, sources)| ConnectedInput {
                slot: InputSlot::at(slot),
                origin: Origin::State,
                sources: sources
                    .iter()
                    .map(|&(model, slot)| Source {
                        from: Feed::Local {
                            model: LocalId(model),
                            slot: PublishedSlot::at(slot),
                        },
                        shifted: false,
                        initial: None,
                    })
                    .collect(),
                names: Vec::new(),
            });
        self.models.push(PlannedModel {
            saved: Vec::new(),
            id: ModelId(place),
            config: ModelConfig {
                model_type: model_type.name.to_string(),
                ..ModelConfig::default()
            },
            inputs: connected.collect(),
            leds: Vec::new(),
            outside: self.outside.clone(),
        });
        self.types.add(model_type).expect("taken in");
        place
    }

    /// Takes in a source of values, one a tick, written as JSON.
    pub(crate) fn script(&mut self, values: &[&str]) -> u32 {
        let values: Vec<Value> = values.iter().map(|text| json(text)).collect();
        let name = format!("Script {}", self.models.len());
        let mut model_type =
            ModelType::described(name, move |_| Ok(Box::new(Script(values.clone()))));
        model_type.published = vec![Published {
            kind: Kind::Any,
            ..Published::state("x", "-", "")
        }]
        .into();
        self.add(model_type, &[])
    }

    /// Notes what a model publishes, at each tick.
    pub(crate) fn watch(&mut self, model: u32, slot: usize) -> Seen {
        let seen = Seen::default();
        let (name, for_it) = (format!("Witness {}", self.models.len()), Arc::clone(&seen));
        let mut model_type =
            ModelType::described(name, move |_| Ok(Box::new(Witness(Arc::clone(&for_it)))));
        model_type.inputs = vec![shared::model::Input {
            kind: Kind::Any,
            ..shared::model::Input::number("x", "-", "")
        }]
        .into();
        self.add(model_type, &[vec![(model, slot)]]);
        seen
    }

    /// Makes the engine, and a channel on which somebody hears that steps may be tried again.
    pub(crate) fn engine(self) -> (Engine, mpsc::Receiver<()>) {
        let plan = SitePlan {
            from: 0,
            site: CONTROLLER,
            grid: TimeGrid {
                start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
                resolution: 1,
                ticks: self.ticks,
            },
            models: self.models,
            imports: Vec::new(),
            exports: Vec::new(),
        };
        let (files, account) = (MemoryFiles::default(), Account::unlimited());
        let built = Engine::build(&plan, &self.types, &files, account, &mut || true);
        let mut engine = built.expect("an engine");
        let (sender, receiver) = mpsc::channel();
        let waker = Waker::new(move || {
            // The test may be over.
            let _ = sender.send(());
        });
        engine.attend(&waker, &plan);
        engine.look_ahead(|_| true).expect("nobody goes ahead");
        (engine, receiver)
    }

    /// Runs to the end, or to a failure.
    pub(crate) fn run(self) -> Option<Failure> {
        let (mut engine, answers) = self.engine();
        drive(&mut engine, &answers);
        engine.failure().cloned()
    }
}

/// Drives an engine to its end.
pub(crate) fn drive(engine: &mut Engine, answers: &mpsc::Receiver<()>) {
    let until = Instant::now() + PATIENCE;
    loop {
        match engine.run(1000, &mut NoRows).expect("no rows to write") {
            Turn::Again => {}
            Turn::Finished => return,
            Turn::Blocked => {
                let left = until.saturating_duration_since(Instant::now());
                answers.recv_timeout(left).expect("an answer in time");
                engine.retry();
            }
        }
    }
}
