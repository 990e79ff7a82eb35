//! Random graphs on random sites, and what comes of them by the rules as they are written.

use std::collections::BTreeSet;
use std::io;

use engine::Rows;
use proptest::prelude::*;
use shared::files::MemoryFiles;
use shared::index::Index;
use shared::journal::Outside;
use shared::model::{
    Build, Input, Literal, Memory, Model, ModelConfig, ModelType, Need, Parameter, Published,
    Registry, SectionPolicy, Step, StepError, build,
};
use shared::model_type;
use shared::plan::{ConnectedInput, ModelId, PublishedId, SiteId, Source};
use shared::time::{Tick, TimeGrid, WallTime};
use shared::value::{Kind, Origin, Value};

use crate::placement::{Plans, Snapshot, plan};
use crate::places::Beside;
use crate::scenario::{Dates, Graph, GraphModel, Monitor, MonitorItem};

model_type! {
    /// Mixes the tick and all that it receives into one number that forgets nothing.
    pub(crate) static MIXER = ModelType::new("Mixer", |build| Ok(Box::new(Mixer::new(build))))
        .with_sections(SectionPolicy::Merge);
    parameters {
        SEED = Parameter::integer("seed", "-", "").with_default(Literal::Int(7)),
    }
    inputs {
        X = Input::number("x", "-", "").with_kind(Kind::Any).with_need(Need::Optional),
    }
    published {
        Y = Published::state("y", "-", ""),
    }
}

/// The type above.
pub(crate) static TYPES: Registry = Registry::of(&[&MIXER]);

struct Mixer(i64);

impl Mixer {
    fn new(build: &Build<'_>) -> Self {
        match build.parameter(SEED) {
            Value::Int(seed) => Self(*seed),
            other => panic!("{other} is no integer"),
        }
    }
}

fn mix(memory: i64, tick: Tick, input: Option<&Value>) -> i64 {
    let tick = i64::try_from(tick).expect("small");
    let text = input.map(ToString::to_string).unwrap_or_default();
    let bytes = text.bytes().map(i64::from);
    bytes.fold((memory * 31 + tick) % 1_000_003, |mixed, byte| {
        (mixed * 131 + byte) % 1_000_003
    })
}

impl Model for Mixer {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        self.0 = mix(self.0, step.tick(), step.value(X));
        step.publish(Y, self.0);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.0);
        true
    }
}

/// What is chosen at random.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) ticks: Tick,
    pub(crate) step_sizes: Vec<u32>,
    pub(crate) sites: Vec<SiteId>,
    /// From, to, shifted. A direct one goes to a later model.
    pub(crate) connections: Vec<(usize, usize, bool)>,
    /// The most publications that a site may be ahead of another.
    pub(crate) window: u32,
    /// How much each engine may do in its turn, and which of the waiting batches then arrives.
    pub(crate) schedule: Vec<usize>,
}

pub(crate) const SITES: usize = 3;

pub(crate) fn cases() -> impl Strategy<Value = Case> {
    (1usize..8).prop_flat_map(|count| {
        (
            0u64..400,
            prop::collection::vec(1u32..5, count),
            prop::collection::vec((0..SITES).prop_map(SiteId::at), count),
            prop::collection::vec((0..count, 0..count, any::<bool>()), 0..14),
            2u32..200,
            prop::collection::vec(0usize..100, 1..40),
        )
            .prop_map(
                |(ticks, step_sizes, sites, mut connections, window, schedule)| {
                    for (from, to, shifted) in &mut connections {
                        *shifted |= *from >= *to;
                    }
                    // One slot per source and target, as the loader sees to.
                    let mut seen = BTreeSet::new();
                    connections.retain(|(from, to, _)| seen.insert((*from, *to)));
                    Case {
                        ticks,
                        step_sizes,
                        sites,
                        connections,
                        window,
                        schedule,
                    }
                },
            )
    })
}

fn initial(from: usize) -> Value {
    Value::Int(-1 - i64::try_from(from).expect("small"))
}

/// The value that a model with these sources sees.
fn seen(values: Vec<Value>) -> Option<Value> {
    match values.len() {
        0 => None,
        1 => values.into_iter().next(),
        _ => Some(Value::List(values.into())),
    }
}

/// The rows by the rules as they are written: tick by tick, model by model.
pub(crate) fn expected(case: &Case) -> Vec<Vec<Value>> {
    expected_with(case, &vec![7; case.step_sizes.len()])
}

/// Likewise where each model begins with its seed.
pub(crate) fn expected_with(case: &Case, seeds: &[i64]) -> Vec<Vec<Value>> {
    let count = case.step_sizes.len();
    let mut memory = seeds.to_vec();
    let mut history: Vec<Vec<(Tick, Value)>> = vec![Vec::new(); count];
    let newest = |history: &Vec<(Tick, Value)>, look: Tick| {
        let found = history.iter().rev().find(|(tick, _)| *tick <= look);
        found
            .map(|(_, value)| value.clone())
            .expect("published at tick 0")
    };
    let mut rows = Vec::new();
    for tick in 0..case.ticks {
        for model in 0..count {
            if tick % Tick::from(case.step_sizes[model]) != 0 {
                continue;
            }
            let sources = case.connections.iter().filter(|(_, to, _)| *to == model);
            let values = sources.map(|&(from, _, shifted)| match (shifted, tick) {
                (true, 0) => initial(from),
                (true, _) => newest(&history[from], tick - 1),
                (false, _) => newest(&history[from], tick),
            });
            let input = seen(values.collect());
            memory[model] = mix(memory[model], tick, input.as_ref());
            history[model].push((tick, Value::Int(memory[model])));
        }
        rows.push(
            history
                .iter()
                .map(|history| newest(history, tick))
                .collect(),
        );
    }
    rows
}

/// What a model publishes.
fn published(model: usize) -> PublishedId {
    let model = ModelId::at(model);
    PublishedId { model, slot: Y }
}

pub(crate) fn graph(case: &Case) -> Graph {
    let start = WallTime::parse("2012-02-01 00:00:00").expect("valid");
    let grid = TimeGrid {
        start,
        resolution: 900,
        ticks: case.ticks,
    };
    let model = |(index, &step_size): (usize, &u32)| {
        let config = ModelConfig {
            name: format!("M{index}"),
            model_type: "Mixer".into(),
            time_step_size: Some(step_size),
            ..ModelConfig::default()
        };
        let instance = build(&MIXER, &config, grid, &MemoryFiles::default()).expect("builds");
        let sources = case.connections.iter().filter(|(_, to, _)| *to == index);
        let sources: Vec<Source<PublishedId>> = sources
            .map(|&(from, _, shifted)| Source {
                from: published(from),
                shifted,
                initial: shifted.then(|| initial(from)),
            })
            .collect();
        let wiring = ConnectedInput {
            slot: X,
            origin: Origin::State,
            sources,
            names: Vec::new(),
        };
        GraphModel {
            config,
            instance,
            connect: None,
            leds: Vec::new(),
            outside: Outside::default(),
            inputs: if wiring.sources.is_empty() {
                Vec::new()
            } else {
                vec![wiring]
            },
            after: Vec::new(),
            paths: Vec::new(),
            programs: None,
        }
    };
    let count = case.step_sizes.len();
    let item = |model| MonitorItem {
        text: format!("M{model}.y"),
        source: published(model),
    };
    Graph {
        name: "mixed".into(),
        grid,
        models: case.step_sizes.iter().enumerate().map(model).collect(),
        order: (0..count).map(ModelId::at).collect(),
        monitor: Monitor {
            dates: Dates::default(),
            file: "out.csv".into(),
            beside: Beside::default(),
            items: (0..count).map(item).collect(),
        },
        announced: Vec::new(),
        notes: Vec::new(),
    }
}

/// The plans of a case, with its windows.
pub(crate) fn plans(case: &Case) -> Plans {
    let graph = graph(case);
    plans_of(case, &graph, &Snapshot::start(&graph))
}

/// The plans of a graph of a case, on its sites and with its windows, from a snapshot on.
pub(crate) fn plans_of(case: &Case, graph: &Graph, snapshot: &Snapshot) -> Plans {
    let mut plans = plan(graph, &case.sites.clone().into(), SITES, snapshot);
    for plan in &mut plans.sites {
        let imports = plan.imports.iter_mut().map(|import| &mut import.window);
        let exports = plan.exports.iter_mut().map(|export| &mut export.window);
        for window in imports.chain(exports) {
            *window = case.window.min(*window);
        }
    }
    plans
}

/// Rows, from a tick on.
#[derive(Default)]
pub(crate) struct Collected {
    from: Tick,
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Collected {
    pub(crate) fn from(from: Tick) -> Self {
        let rows = Vec::new();
        Self { from, rows }
    }

    /// Those of before, from the first one on.
    pub(crate) fn from_rows(rows: Vec<Vec<Value>>) -> Self {
        Self { from: 0, rows }
    }
}

impl Rows for Collected {
    fn row(&mut self, tick: Tick, values: &mut [Value]) -> io::Result<()> {
        let next = self.from + self.rows.len() as Tick;
        assert_eq!(tick, next, "rows come in order");
        self.rows.push(values.to_vec());
        Ok(())
    }
}
