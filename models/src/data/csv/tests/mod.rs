//! A reader on a test rig: built from small files, stepped by hand.

mod examination;
mod faults;
mod memory;
mod properties;
mod rows;
mod switching;
mod titles;

use shared::files::{Files, MemoryFiles};
use shared::model::{
    BuildError, Entries, Instance, ModelConfig, StepError, Stepped, TypeRef, build,
};
use shared::time::{NEVER, TimeGrid, WallTime};
use shared::value::Value;

use super::CSV;

/// A reader in a scenario that starts at 2012-02-01 00:00:00 with ticks of 900 s.
struct Rig {
    instance: Instance,
    published: Vec<Option<Value>>,
}

#[derive(Default)]
struct Setup<'a> {
    files: &'a [(&'a str, &'a str)],
    parameters: &'a [(&'a str, Value)],
    index: Option<Value>,
    step_size: Option<u32>,
    ticks: u64,
}

impl Setup<'_> {
    fn build(&self) -> Result<Rig, BuildError> {
        let mut files = MemoryFiles::default();
        for (path, content) in self.files {
            files.insert((*path).to_owned(), content.as_bytes().into());
        }
        self.build_from(&files)
    }

    fn build_from(&self, files: &dyn Files) -> Result<Rig, BuildError> {
        self.build_as(&CSV, files)
    }

    fn build_as(&self, reader: impl Into<TypeRef>, files: &dyn Files) -> Result<Rig, BuildError> {
        let mut parameters: Entries = self
            .parameters
            .iter()
            .map(|(key, value)| ((*key).into(), value.clone()))
            .collect();
        if !parameters.iter().any(|(key, _)| &**key == "file_path") {
            parameters.push(("file_path".into(), Value::text("a.csv")));
        }
        let config = ModelConfig {
            name: "Meter".into(),
            model_type: "CSV".into(),
            parameters: Some(parameters),
            inputs: self
                .index
                .clone()
                .map(|index| vec![("file_index".into(), index)]),
            time_step_size: self.step_size,
            ..ModelConfig::default()
        };
        let start = WallTime::parse("2012-02-01 00:00:00").expect("valid");
        let ticks = if self.ticks == 0 { 100 } else { self.ticks };
        let grid = TimeGrid {
            start,
            resolution: 900,
            ticks,
        };
        let instance =
            build(reader, &config, grid, files).map_err(|mut errors| errors.remove(0))?;
        let published = vec![None; instance.published.len()];
        Ok(Rig {
            instance,
            published,
        })
    }

    fn rig(&self) -> Rig {
        self.build().expect("buildable")
    }

    fn refusal(&self) -> BuildError {
        self.build().err().expect("refused")
    }
}

impl Rig {
    fn step(&mut self, tick: u64) -> Result<Stepped, StepError> {
        self.instance.step(tick, &[None], &mut self.published)
    }

    fn step_with(&mut self, tick: u64, index: Value) -> Result<Stepped, StepError> {
        self.instance
            .step(tick, &[Some(index)], &mut self.published)
    }

    fn value(&self, name: &str) -> Value {
        let slot = self.instance.published_slot(name).expect("published");
        self.published[slot.index()].clone().unwrap_or_default()
    }
}

/// Reads to the end of the file, to the first error, or a few rows.
fn read_bytes(content: &[u8]) -> Result<(), String> {
    let mut files = MemoryFiles::default();
    files.insert("a.csv".to_owned(), content.into());
    let rig = Setup::default().build_from(&files);
    let mut rig = rig.map_err(|error| error.code.to_string())?;
    for tick in 0..5 {
        let stepped = rig.step(tick).map_err(|error| error.code.to_string())?;
        if stepped.next == NEVER {
            break;
        }
    }
    Ok(())
}

fn one<'a>(file: &'a [(&'a str, &'a str)]) -> Setup<'a> {
    Setup {
        files: file,
        ..Setup::default()
    }
}

const QUARTERS: &str = "title\ntime,x,y # kW\n2012-02-01 00:00:00,1,10\n2012-02-01 00:15:00,2,20\n\
                        2012-02-01 00:30:00,3,30\n";
