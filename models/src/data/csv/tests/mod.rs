//! A reader on a test rig: built from small files, stepped by hand.

mod examination;
mod faults;
mod kept;
mod memory;
mod properties;
mod rows;
mod switching;
mod titles;

use std::io::{self, Seek, SeekFrom};
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use shared::files::{Content, FileError, Files, MemoryFiles, State};
use shared::model::{
    BuildError, Entries, Expected, Finding, Instance, ModelConfig, StepError, Stepped, TypeRef,
    build,
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
        let instance = build(reader, &config, grid, &Still(files));
        let instance = instance.map_err(|mut errors| errors.remove(0))?;
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

/// Files that nobody changes, unless they say so.
struct Still<'a>(&'a dyn Files);

impl Files for Still<'_> {
    fn open(&self, path: &str) -> Result<Box<dyn Content>, FileError> {
        Ok(Box::new(StillContent(self.0.open(path)?)))
    }
}

struct StillContent(Box<dyn Content>);

impl Content for StillContent {
    fn take_line(&mut self, limit: usize, line: &mut Vec<u8>) -> io::Result<usize> {
        self.0.take_line(limit, line)
    }

    /// A few rows at a time.
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let bytes = self.0.fill_buf()?;
        Ok(&bytes[..bytes.len().min(100)])
    }

    fn consume(&mut self, count: usize) {
        self.0.consume(count);
    }

    fn state(&self) -> Option<State> {
        self.0.state().or(Some(State {
            length: 0,
            modified: Duration::ZERO,
        }))
    }
}

impl Seek for StillContent {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Rig {
    /// Examines the files, and keeps all that can be.
    fn examine(&mut self, expected: &[Option<Expected>], connected: &[bool]) -> Vec<Finding> {
        let room = AtomicUsize::new(usize::MAX);
        self.instance.examine(expected, connected, &room)
    }

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
