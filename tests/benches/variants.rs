//! What a variant of a sweep costs beside its bare steps: the power balance of four days, whose battery has another
//! capacity in each variant, with one indicator and in one thread.
//!
//!     cargo bench -p illuminator-tests --bench variants
//!
//! The bare steps are those of engines that have been built before: the models that differ step, and what the others
//! publish, which is the same in all variants, is played back. Sweeps are processes; a long one less a short one is what
//! variants take. Both take turns, and medians are printed. `variants bare SCENARIO` runs all models of a scenario in one
//! thread and adds up its rows, for whoever counts instructions.

use std::env;
use std::io;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use controller::Scenario;
use controller::scenario::Graph;
use engine::{Engine, Rows, Turn};
use rig::{controller_binary, workspace};
use shared::files::WorkingDirectory;
use shared::index::{Index, Table};
use shared::model::{Instance, Model, PublishedSlot, Step, StepError, build};
use shared::plan::{
    CONTROLLER, ConnectedInput, Feed, LocalId, ModelId, PlannedModel, PublishedId, SitePlan,
};
use shared::time::Tick;
use shared::value::{Number, Value};

const SCENARIO: &str = "scenarios/power-balance.yaml";

/// The models that differ; the battery changes itself, the other one follows from it.
const VARYING: [&str; 2] = ["Control", "Storage"];

const ROUNDS: usize = 9;

/// Variants of a sweep, and of one that is too short to matter.
const MANY: u32 = 4000;
const FEW: u32 = 100;

/// Engines that are built beforehand in a round.
const ENGINES: u32 = 500;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    env::set_current_dir(workspace()).expect("the workspace is there");
    match arguments.as_slice() {
        [_, word, scenario] if word == "bare" => bare(scenario),
        _ => compare(),
    }
}

/// Steps all models of a scenario.
fn bare(scenario: &str) {
    let scenario = Scenario::load(scenario).expect("a sound scenario");
    let graph = scenario.graph();
    let items: Vec<PublishedId> = graph.monitor.items.iter().map(|item| item.source).collect();
    let mut engine = whole(graph, &items);
    let mut sum = Sum::default();
    run_to_the_end(&mut engine, &mut sum);
    println!("{} rows, {} in all", engine.rows(), sum.0);
}

fn compare() {
    let (mut sweeps, mut steps) = (Vec::new(), Vec::new());
    let scenario = Scenario::load(SCENARIO).expect("a sound scenario");
    let made = Prepared::new(scenario.graph());
    for _ in 0..ROUNDS {
        let (many, few) = (sweep(MANY), sweep(FEW));
        sweeps.push(many.saturating_sub(few) / (MANY - FEW));
        let engines: Vec<Engine> = (0..ENGINES).map(|_| made.engine()).collect();
        let start = Instant::now();
        let mut sum = Sum::default();
        for mut engine in engines {
            run_to_the_end(&mut engine, &mut sum);
        }
        steps.push(start.elapsed() / ENGINES);
        assert!(sum.0.is_finite(), "it adds up");
    }
    let (sweep, steps) = (median(sweeps), median(steps));
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    println!("a variant:      {:.1} µs", micros(sweep));
    println!("its bare steps: {:.1} µs", micros(steps));
    println!("ratio:          {:.2}", micros(sweep) / micros(steps));
}

/// How long a sweep of so many variants takes.
fn sweep(variants: u32) -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let command = controller_binary();
    let (program, first) = command.split_first().expect("a command");
    let start = Instant::now();
    let status = Command::new(program)
        .args(first)
        .args(["sweep", SCENARIO, "-q", "--jobs", "1"])
        .arg(format!(
            "--set=Storage.max_energy=range(1,{},1)",
            variants + 1
        ))
        .args(["--indicators", "mean(Storage.soc)", "-o"])
        .arg(folder.path().join("table.csv"))
        .stdin(Stdio::null())
        .status();
    let time = start.elapsed();
    assert!(
        status.is_ok_and(|status| status.success()),
        "it does its work"
    );
    time
}

/// An engine of all models, built for it.
fn whole(graph: &Graph, items: &[PublishedId]) -> Engine {
    let (plan, items) = plan(graph, &graph.order, items);
    let instances = graph.order.iter().map(|&model| built(graph, model));
    Engine::new(&plan, instances.collect(), &items).expect("a sound plan")
}

fn built(graph: &Graph, model: ModelId) -> Instance {
    let model = &graph.models[model];
    let model_type = model.instance.model_type.clone();
    build(model_type, &model.config, graph.grid, &WorkingDirectory).expect("built before")
}

/// What the engines of variants are made of.
struct Prepared<'a> {
    graph: &'a Graph,
    order: Vec<ModelId>,
    plan: SitePlan,
    items: Vec<Feed>,
    /// What the models that are the same publish for the others, by source.
    traces: Vec<(PublishedId, Arc<[Value]>)>,
}

impl<'a> Prepared<'a> {
    fn new(graph: &'a Graph) -> Self {
        let varies = |id: ModelId| VARYING.contains(&&*graph.models[id].config.name);
        let (varying, same): (Vec<ModelId>, Vec<ModelId>) =
            graph.order.iter().partition(|id| varies(**id));
        let inputs = varying
            .iter()
            .flat_map(|&model| &graph.models[model].inputs);
        let sources = inputs
            .flat_map(|input| &input.sources)
            .map(|source| source.from);
        let played: Vec<PublishedId> = sources.filter(|from| !varies(from.model)).collect();
        let mut trace = Trace(Vec::new());
        run_to_the_end(&mut whole(graph, &played), &mut trace);
        let column = |place| trace.0.iter().skip(place).step_by(played.len()).cloned();
        let columns = (0..played.len()).map(|place| column(place).collect::<Arc<[Value]>>());
        let traces: Vec<_> = played.iter().copied().zip(columns).collect();
        let is_played = |id: &ModelId| traces.iter().any(|(from, _)| from.model == *id);
        let order: Vec<ModelId> = same.into_iter().filter(is_played).chain(varying).collect();
        let soc = graph
            .monitor
            .items
            .iter()
            .filter(|item| item.text == "Storage.soc");
        let soc: Vec<PublishedId> = soc.map(|item| item.source).collect();
        let (mut plan, items) = plan(graph, &order, &soc);
        for planned in &mut plan.models {
            if is_played(&planned.id) {
                planned.inputs.clear();
            }
        }
        Self {
            graph,
            order,
            plan,
            items,
            traces,
        }
    }

    fn engine(&self) -> Engine {
        let made = |&id: &ModelId| {
            let instance = built(self.graph, id);
            let own = self.traces.iter().filter(|(from, _)| from.model == id);
            let own: Vec<_> = own
                .map(|(from, values)| (from.slot, values.clone()))
                .collect();
            if own.is_empty() {
                instance
            } else {
                instance.with(Box::new(Played(own)))
            }
        };
        let instances = self.order.iter().map(made);
        Engine::new(&self.plan, instances.collect(), &self.items).expect("a sound plan")
    }
}

/// All values of rows.
struct Trace(Vec<Value>);

impl Rows for Trace {
    fn row(&mut self, _: Tick, values: &mut [Value]) -> io::Result<()> {
        self.0.extend_from_slice(values);
        Ok(())
    }
}

/// Publishes what a model has published before.
struct Played(Vec<(PublishedSlot, Arc<[Value]>)>);

impl Model for Played {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let tick = usize::try_from(step.tick()).expect("few ticks");
        for (slot, values) in &self.0 {
            step.publish_copy(*slot, &values[tick]);
        }
        Ok(())
    }
}

/// A plan for these models in one process, and where the monitor finds what it records.
fn plan(graph: &Graph, order: &[ModelId], items: &[PublishedId]) -> (SitePlan, Vec<Feed>) {
    let mut places: Table<ModelId, LocalId> = graph.models.iter().map(|_| LocalId(0)).collect();
    for (place, &model) in order.iter().enumerate() {
        places[model] = LocalId::at(place);
    }
    let feed = |from: PublishedId| Feed::Local {
        model: places[from.model],
        slot: from.slot,
    };
    let planned = |&id: &ModelId| {
        let model = &graph.models[id];
        let inputs = model.inputs.iter().map(|input| input.found_at(feed));
        PlannedModel {
            id,
            config: model.config.clone(),
            inputs: inputs.collect::<Vec<ConnectedInput>>(),
            leds: Vec::new(),
            outside: model.outside.clone(),
            saved: Vec::new(),
        }
    };
    let plan = SitePlan {
        site: CONTROLLER,
        grid: graph.grid,
        from: 0,
        models: order.iter().map(planned).collect(),
        imports: Vec::new(),
        exports: Vec::new(),
    };
    (plan, items.iter().map(|&item| feed(item)).collect())
}

fn run_to_the_end(engine: &mut Engine, rows: &mut dyn Rows) {
    while engine.run(1 << 18, rows).expect("rows are taken") == Turn::Again {}
    assert!(engine.is_finished(), "nothing is in the way");
}

/// The sum of all numbers.
#[derive(Default)]
struct Sum(f64);

impl Rows for Sum {
    fn row(&mut self, _: Tick, values: &mut [Value]) -> io::Result<()> {
        let numbers = values.iter().filter_map(Value::as_number);
        self.0 += numbers.map(Number::to_f64).sum::<f64>();
        Ok(())
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
