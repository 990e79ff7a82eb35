//! An engine and what its models ask for.

use super::{Engine, NoRows, Turn};
use crate::files::MemoryFiles;
use crate::journal::Outside;
use crate::memory::Account;
use crate::model::{MAX_SIDE_FILE, Model, ModelConfig, ModelType, Registry, Step, StepError};
use crate::plan::{CONTROLLER, ModelId, PlannedModel, SitePlan};
use crate::time::{Tick, TimeGrid, WallTime};

static WRITER: ModelType = ModelType::new("Writer", |_| Ok(Box::new(Writer)));

/// Asks for a file of half the limit in each step.
struct Writer;

impl Model for Writer {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let path = format!("out/{}.csv", step.tick());
        step.write_file(path, vec![b'x'; MAX_SIDE_FILE / 2])
    }
}

static TALKER: ModelType = ModelType::new("Talker", |_| Ok(Box::new(Talker)));

/// Says something at every 400th tick, and fails in the end.
struct Talker;

impl Model for Talker {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        match step.tick() {
            1300 => return Err(StepError::new("tired", "it has said enough")),
            tick if tick % 400 == 0 => step.notice(format!("tick {tick}")),
            _ => {}
        }
        Ok(())
    }
}

static TYPES: Registry = Registry::of(&[&WRITER, &TALKER]);

/// An engine with models of one type, for so many ticks.
fn engine(model_type: &ModelType, models: &[ModelId], ticks: Tick) -> Engine {
    let planned = models.iter().map(|&id| PlannedModel {
        id,
        config: ModelConfig {
            model_type: model_type.name.to_string(),
            ..ModelConfig::default()
        },
        inputs: Vec::new(),
        leds: Vec::new(),
        outside: Outside::default(),
    });
    let plan = SitePlan {
        site: CONTROLLER,
        grid: TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
            resolution: 900,
            ticks,
        },
        models: planned.collect(),
        imports: Vec::new(),
        exports: Vec::new(),
    };
    let (files, account) = (MemoryFiles::default(), Account::unlimited());
    Engine::build(&plan, &TYPES, &files, account, &mut || true).expect("an engine")
}

#[test]
fn files_come_out_with_their_model_and_tick_and_a_turn_ends_when_they_are_many() {
    for ahead in [false, true] {
        let mut engine = engine(&WRITER, &[ModelId(7), ModelId(9)], 3);
        if ahead {
            engine.look_ahead().expect("a thread");
        }
        let mut written = Vec::new();
        for turn in 0..3 {
            let came_to = engine.run(1000, &mut NoRows).expect("no rows to write");
            assert_eq!(came_to, Turn::Again, "turn {turn}");
            let files = engine.take_files();
            assert_eq!(files.len(), 2, "turn {turn}");
            written.extend(files.into_iter().map(|w| (w.model.0, w.tick, w.file.path)));
        }
        assert_eq!(engine.run(1000, &mut NoRows).expect("none"), Turn::Finished);
        assert_eq!(engine.take_files(), []);

        written.sort();
        let expected = [(7, 0), (7, 1), (7, 2), (9, 0), (9, 1), (9, 2)];
        let expected = expected.map(|(model, tick)| (model, tick, format!("out/{tick}.csv")));
        assert_eq!(written, expected);
    }
}

#[test]
fn who_steps_ahead_says_the_same_and_fails_at_the_same_tick() {
    let [here, ahead] = [false, true].map(|ahead| {
        let mut engine = engine(&TALKER, &[ModelId(3), ModelId(4)], 5000);
        if ahead {
            engine.look_ahead().expect("a thread");
        }
        while engine.run(100, &mut NoRows).expect("no rows to write") == Turn::Again {}
        let mut notices = engine.take_notices();
        notices.sort_by_key(|notice| (notice.model, notice.tick));
        (engine.failure().cloned(), notices, engine.steps())
    });
    let failure = here.0.as_ref().expect("it fails");
    assert_eq!((failure.model, failure.tick), (ModelId(3), 1300));
    assert_eq!((here.1.len(), here.2), (8, 2600));
    assert_eq!(here, ahead);
}
