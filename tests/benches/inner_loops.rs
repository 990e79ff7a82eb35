//! What the inner loops cost: a step on one site, a value from one site to the next, a step of each type, a row of a file.
//!
//!     cargo bench -p illuminator-tests --bench inner_loops

use std::fmt::Write;

use divan::Bencher;
use divan::counter::ItemsCount;
use engine::{Engine, NoRows, Turn};
use shared::files::MemoryFiles;
use shared::index::Index;
use shared::journal::Outside;
use shared::memory::Account;
use shared::model::{Entries, InputSlot, ModelConfig, PublishedSlot, SectionPolicy};
use shared::plan::{
    ConnectedInput, Export, Feed, Import, ImportId, LocalId, ModelId, PlannedModel, Position,
    SiteId, SitePlan, Source,
};
use shared::time::{Tick, TimeGrid, WallTime};
use shared::value::{Origin, Value};

const TICKS: Tick = 10_000;

/// The sites of a pair; neither is the controller, whose engine would have the monitor.
const FIRST: SiteId = SiteId(1);
const SECOND: SiteId = SiteId(2);

/// `in1` and `out1` of an adder.
const IN1: usize = 0;
const OUT1: usize = 0;

const WINDOW: u32 = 1024;

fn main() {
    divan::main();
}

fn plan(site: SiteId, models: Vec<PlannedModel>) -> SitePlan {
    SitePlan {
        from: 0,
        site,
        grid: TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
            resolution: 1,
            ticks: TICKS,
        },
        models,
        imports: Vec::new(),
        exports: Vec::new(),
    }
}

/// An adder that adds 0.125 to what comes from a model, if any does.
fn adder(id: u32, from: Option<Feed>) -> PlannedModel {
    let initial = [("in1", 0.0), ("in2", 0.125)];
    let initial = initial.map(|(name, value)| (name.into(), Value::Float(value)));
    let source = |from| Source {
        from,
        shifted: false,
        initial: None,
    };
    let input = |from| ConnectedInput {
        slot: InputSlot::at(IN1),
        origin: Origin::Output,
        sources: vec![source(from)],
        names: Vec::new(),
    };
    PlannedModel {
        saved: Vec::new(),
        id: ModelId(id),
        config: ModelConfig {
            name: format!("M{id}"),
            model_type: "Adder".into(),
            inputs: Some(initial.into()),
            ..ModelConfig::default()
        },
        inputs: from.map(input).into_iter().collect(),
        leds: Vec::new(),
        outside: Outside::default(),
    }
}

fn engine(plan: &SitePlan, files: &MemoryFiles) -> Engine {
    let account = Account::unlimited();
    Engine::build(plan, &models::CATALOGUE, files, account, &mut || true).expect("a sound plan")
}

fn run_to_the_end(engine: &mut Engine) {
    while engine.run(4096, &mut NoRows).expect("no rows") == Turn::Again {}
    assert!(engine.is_finished());
}

/// A chain of adders on one site, each fed by the one before; items are steps.
#[divan::bench(args = [1, 10, 100, 1000], sample_count = 20)]
fn step_of_a_chain(bencher: Bencher, length: u32) {
    let feed = |model| Feed::Local {
        model: LocalId(model),
        slot: PublishedSlot::at(OUT1),
    };
    let models = (0..length).map(|id| adder(id, id.checked_sub(1).map(feed)));
    let plan = plan(FIRST, models.collect());
    bencher
        .counter(ItemsCount::new(Tick::from(length) * TICKS))
        .with_inputs(|| engine(&plan, &MemoryFiles::default()))
        .bench_local_refs(run_to_the_end);
}

/// Two sites with an adder each, the first one feeds the second; items are values that cross, with
/// both steps and the credit that returns.
#[divan::bench(sample_count = 20)]
fn value_from_site_to_site(bencher: Bencher) {
    let mut first = plan(FIRST, vec![adder(0, None)]);
    first.exports.push(Export {
        to: SECOND,
        model: LocalId(0),
        attributes: vec![PublishedSlot::at(OUT1)],
        window: WINDOW,
        lazy: false,
    });
    let feed = Feed::Import {
        import: ImportId(0),
        attribute: Position(0),
    };
    let mut second = plan(SECOND, vec![adder(1, Some(feed))]);
    second.imports.push(Import {
        from: FIRST,
        model: ModelId(0),
        attributes: 1,
        window: WINDOW,
    });
    let files = MemoryFiles::default();
    bencher
        .counter(ItemsCount::new(TICKS))
        .with_inputs(|| (engine(&first, &files), engine(&second, &files)))
        .bench_local_refs(|(first, second)| {
            while !second.is_finished() {
                turn(first, second, (FIRST, SECOND));
                turn(second, first, (SECOND, FIRST));
            }
        });
}

/// One engine does what it can, and the other gets what comes of it.
fn turn(engine: &mut Engine, other: &mut Engine, (from, to): (SiteId, SiteId)) {
    engine.run(512, &mut NoRows).expect("no rows");
    let batch = engine.take_batch(to);
    other.receive(from, &batch).expect("a sound batch");
    engine.recycle(to, batch);
}

/// A model of each type that has a default for everything, on its own; items are steps.
#[divan::bench(args = types(), sample_count = 20)]
fn step_of_a_type(bencher: Bencher, model_type: &str) {
    let plan = plan(FIRST, vec![alone(model_type)]);
    bencher
        .counter(ItemsCount::new(TICKS))
        .with_inputs(|| engine(&plan, &MemoryFiles::default()))
        .bench_local_refs(run_to_the_end);
}

/// Those types that can be built as they are.
fn types() -> impl Iterator<Item = &'static str> {
    let names = models::CATALOGUE.iter().filter_map(|known| {
        let plan = plan(FIRST, vec![alone(&known.name)]);
        let (files, account) = (MemoryFiles::default(), Account::unlimited());
        let built = Engine::build(&plan, &models::CATALOGUE, &files, account, &mut || true);
        let is_whole = known.sections == SectionPolicy::Merge;
        (is_whole && built.is_ok()).then_some(&*known.name)
    });
    names.collect::<Vec<_>>().into_iter()
}

/// A model with what its type takes for granted, and prices, which none does.
fn alone(model_type: &str) -> PlannedModel {
    let given = |names: &[&str]| -> Entries {
        let names = names.iter();
        names
            .map(|name| ((*name).into(), Value::Float(0.3)))
            .collect()
    };
    PlannedModel {
        saved: Vec::new(),
        id: ModelId(0),
        config: ModelConfig {
            name: "Alone".into(),
            model_type: model_type.into(),
            parameters: (model_type == "Tariff").then(|| given(&["price"])),
            inputs: (model_type == "EnergyAccount").then(|| given(&["price_buy", "price_sell"])),
            ..ModelConfig::default()
        },
        inputs: Vec::new(),
        leds: Vec::new(),
        outside: Outside::default(),
    }
}

/// A reader of a file in memory; items are rows.
#[divan::bench(args = [1, 7], sample_count = 20)]
fn row_of_a_file(bencher: Bencher, columns: usize) {
    let names: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
    let mut text = format!("made up\ntime,{}\n", names.join(","));
    let reader = PlannedModel {
        saved: Vec::new(),
        id: ModelId(0),
        config: ModelConfig {
            name: "File".into(),
            model_type: "CSV".into(),
            parameters: Some(vec![("file_path".into(), Value::text("file.csv"))]),
            ..ModelConfig::default()
        },
        inputs: Vec::new(),
        leds: Vec::new(),
        outside: Outside::default(),
    };
    let plan = plan(FIRST, vec![reader]);
    for tick in 0..TICKS {
        let number = (tick * 37 % 1000) as f64 / 10.0;
        let cells = vec![format!("{number:.1}"); columns];
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{},{}", plan.grid.at(tick), cells.join(","));
    }
    let mut files = MemoryFiles::default();
    files.insert("file.csv".into(), text.into_bytes());
    bencher
        .counter(ItemsCount::new(TICKS))
        .with_inputs(|| engine(&plan, &files))
        .bench_local_refs(run_to_the_end);
}
