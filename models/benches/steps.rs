//! How long a step of each type takes: the longest case of its vectors, over and over.
//!
//!     cargo bench -p illuminator-models --bench steps

#[expect(dead_code, reason = "the tests look at more of a case")]
#[path = "../tests/vectors/case.rs"]
mod case;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use case::{Case, CaseStep, Message};
use engine::combine;
use shared::files::MemoryFiles;
use shared::model::{Instance, ModelConfig, ModelType, TypeRef, build};
use shared::time::{Tick, TimeGrid, WallTime};
use shared::value::{Origin, Value};

const STEPS: u64 = 200_000;
const RUNS: usize = 5;

fn grid(resolution: u32) -> TimeGrid {
    let start = WallTime::parse("2012-01-01 00:00:00").expect("a time");
    TimeGrid {
        start,
        resolution,
        ticks: Tick::MAX,
    }
}

fn main() {
    for name in models::CATALOGUE.names() {
        let step = if name == "CSV" {
            reader()
        } else {
            of_vectors(name)
        };
        match step {
            Some(time) => println!("{name:24} {time:>8.1} ns"),
            None => println!("{name:24} no vectors"),
        }
    }
}

/// The median over runs of the time of a step in nanoseconds.
fn median(mut run: impl FnMut() -> Option<Duration>) -> Option<f64> {
    let mut times = (0..RUNS).map(|_| run()).collect::<Option<Vec<_>>>()?;
    times.sort();
    Some(times[RUNS / 2].as_secs_f64() * 1e9 / STEPS as f64)
}

/// A reader of seven columns.
fn reader() -> Option<f64> {
    let mut text = String::from("weather\ntime,a,b,c,d,e,f,g\n");
    for tick in 0..STEPS {
        let stamp = grid(900).at(tick);
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{stamp},{tick},0.5,12.25,-3.1,{}.75,1e3,0", tick % 90);
    }
    let mut files = MemoryFiles::default();
    files.insert("weather.csv".to_owned(), text.into_bytes());
    let config = ModelConfig {
        parameters: Some(vec![("file_path".into(), Value::text("weather.csv"))]),
        ..ModelConfig::default()
    };
    median(|| {
        let mut instance = build(&models::data::csv::CSV, &config, grid(900), &files).ok()?;
        let mut published = vec![None; instance.published.len()];
        let start = Instant::now();
        for tick in 0..STEPS {
            instance.step(tick, &[None], &mut published).ok()?;
        }
        Some(start.elapsed())
    })
}

fn of_vectors(name: &str) -> Option<f64> {
    let model_type = &models::CATALOGUE.find(name)?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let text = fs::read_to_string(folder.join(format!("{name}.json"))).ok()?;
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).ok()?;
    let cases = cases.iter().map(|json| Case::new(name, json));
    let sound = cases.filter(|case| case.policy.is_none() && built(model_type, case).is_some());
    let case = sound.max_by_key(|case| case.steps.len())?;
    let inputs: Vec<Vec<Option<Value>>> = case
        .steps
        .iter()
        .map(|step| received(model_type, &step.inputs))
        .collect();
    let ticks: Vec<Tick> = case.steps.iter().map(|step| step.tick).collect();
    median(|| {
        let mut instance = built(model_type, &case)?;
        connect(&mut instance, case.steps.first()?);
        let mut published = vec![None; instance.published.len()];
        let start = Instant::now();
        for _ in 0..STEPS / inputs.len() as u64 {
            for (tick, inputs) in ticks.iter().zip(&inputs) {
                instance.step(*tick, inputs, &mut published).ok()?;
            }
        }
        Some(start.elapsed())
    })
}

fn built(model_type: &TypeRef, case: &Case) -> Option<Instance> {
    build(
        model_type.clone(),
        &case.config,
        grid(case.resolution),
        &MemoryFiles::default(),
    )
    .ok()
}

/// Names the sources of a step to a model that tells them apart.
fn connect(instance: &mut Instance, step: &CaseStep) {
    for (name, messages) in &step.inputs {
        let Some(slot) = instance.input_slot(name) else {
            continue;
        };
        if instance.model_type.inputs[slot.index()].by_source {
            let sources: Vec<String> = messages.iter().map(|m| m.source.clone()).collect();
            instance.model.connected(slot, &sources);
        }
    }
}

/// What the model sees of the messages of a step.
fn received(model_type: &ModelType, messages: &[(String, Vec<Message>)]) -> Vec<Option<Value>> {
    let seen = |name: &str| {
        let (_, messages) = messages.iter().find(|(known, _)| known == name)?;
        let values = messages.iter().map(|message| &message.value);
        match (messages.as_slice(), messages.first()?.origin) {
            ([state], Origin::State) => Some(state.value.clone()),
            (_, Origin::State) => Some(combine::list(values)),
            (_, Origin::Output) => combine::sum(values).ok(),
        }
    };
    model_type
        .inputs
        .iter()
        .map(|input| seen(&input.name))
        .collect()
}
