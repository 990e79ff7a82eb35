//! A host and what its models ask for.

use super::*;
use crate::files::MemoryFiles;
use crate::model::{
    BuildError, MAX_SIDE_FILE, Model, ModelConfig, ModelType, SectionPolicy, Step, StepError,
};
use crate::plan::{PlannedModel, SitePlan};
use crate::time::WallTime;

static WRITER: ModelType = ModelType {
    name: "Writer",
    documentation: "",
    sections: SectionPolicy::Replace,
    parameters: &[],
    inputs: &[],
    published: &[],
    never_published: &[],
    time_step_size: 1,
    build: |_| Ok::<Box<dyn Model>, BuildError>(Box::new(Writer)),
};

/// Asks for a file of half the limit in each step.
struct Writer;

impl Model for Writer {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let path = format!("out/{}.csv", step.tick());
        step.write_file(path, vec![b'x'; MAX_SIDE_FILE / 2])
    }
}

fn writers(models: &[u32]) -> Host {
    let planned = models.iter().map(|&id| PlannedModel {
        id,
        config: ModelConfig {
            model_type: "Writer".into(),
            ..ModelConfig::default()
        },
        inputs: Vec::new(),
        leds: Vec::new(),
    });
    let plan = SitePlan {
        site: 0,
        grid: TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
            resolution: 900,
            ticks: 3,
        },
        models: planned.collect(),
        imports: Vec::new(),
        exports: Vec::new(),
    };
    Host::build(&plan, &[&WRITER], &MemoryFiles::default()).expect("a host")
}

#[test]
fn files_come_out_with_their_model_and_tick_and_a_turn_ends_when_they_are_many() {
    let mut host = writers(&[7, 9]);
    let mut written = Vec::new();
    for turn in 0..3 {
        let came_to = host.run(1000, &mut NoRows).expect("no rows to write");
        assert_eq!(came_to, Turn::Again, "turn {turn}");
        let files = host.take_files();
        assert_eq!(files.len(), 2, "turn {turn}");
        written.extend(files.into_iter().map(|w| (w.model, w.tick, w.file.path)));
    }
    assert_eq!(host.run(1000, &mut NoRows).expect("none"), Turn::Finished);
    assert_eq!(host.take_files(), []);

    written.sort();
    let expected = [(7, 0), (7, 1), (7, 2), (9, 0), (9, 1), (9, 2)];
    let expected = expected.map(|(model, tick)| (model, tick, format!("out/{tick}.csv")));
    assert_eq!(written, expected);
}
