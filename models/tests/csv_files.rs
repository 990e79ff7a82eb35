//! The reader on the data files of the conformance set: how far it comes, and what it publishes.

use std::path::Path;

use shared::model::{Entries, Instance, ModelConfig, StepError, build};
use shared::time::{NEVER, TimeGrid, WallTime};
use shared::value::Value;

/// A reader of one data file in a scenario with ticks of this many seconds.
struct Run {
    instance: Instance,
    published: Vec<Option<Value>>,
    notices: Vec<String>,
    ticks: u64,
}

impl Run {
    fn new(file: &str, start: &str, resolution: u32, ticks: u64) -> Self {
        Self::with(file, start, (resolution, 1), ticks, &[])
    }

    fn with(
        file: &str,
        start: &str,
        (resolution, step_size): (u32, u32),
        ticks: u64,
        parameters: &[(&str, &str)],
    ) -> Self {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/data");
        let path = data.join(file);
        let mut entries: Entries = vec![(
            "file_path".into(),
            Value::text(path.to_str().expect("text")),
        )];
        for (key, value) in parameters {
            entries.push(((*key).into(), Value::text(value)));
        }
        let config = ModelConfig {
            name: "Meter".into(),
            model_type: "CSV".into(),
            parameters: Some(entries),
            time_step_size: Some(step_size),
            ..ModelConfig::default()
        };
        let grid = TimeGrid {
            start: WallTime::parse(start).expect("a time"),
            resolution,
            ticks,
        };
        let csv = models::CATALOGUE.find("CSV").expect("in the catalogue");
        let instance = build(csv, &config, grid, &shared::files::WorkingDirectory);
        let instance = instance.unwrap_or_else(|errors| panic!("{file}: {errors:?}"));
        Self {
            published: vec![None; instance.published.len()],
            instance,
            notices: Vec::new(),
            ticks,
        }
    }

    /// Runs to the end or to the first error; returns what a column had at each tick that the
    /// monitor would write.
    fn column(&mut self, name: &str) -> (Vec<f64>, Option<StepError>) {
        let slot = self.instance.published_slot(name).expect("a column");
        let (mut next, mut values) = (0, Vec::new());
        for tick in 0..self.ticks {
            if tick == next {
                match self.instance.step(tick, &[None], &mut self.published) {
                    Ok(stepped) => {
                        next = stepped.next;
                        self.notices
                            .extend(stepped.notices().iter().map(|said| said.text.clone()));
                    }
                    Err(error) => return (values, Some(error)),
                }
            }
            match self.published[slot.index()] {
                Some(Value::Float(value)) => values.push(value),
                ref other => panic!("tick {tick}: {other:?}"),
            }
        }
        assert!(next >= self.ticks || next == NEVER);
        (values, None)
    }
}

#[test]
fn a_faulty_file_is_read_up_to_its_fault() {
    for (file, start, rows, code, said) in [
        (
            "load_mar_wall.csv",
            "2012-03-25 00:00:00",
            8,
            "unexpected_time_stamp",
            "load_mar_wall.csv:107: the row for 2012-03-25 02:00:00 is due and this one is for \
             2012-03-25 03:00:00; an hour is missing",
        ),
        (
            "load_hourly.csv",
            "2012-02-01 00:00:00",
            1,
            "unexpected_time_stamp",
            "load_hourly.csv:4: the row for 2012-02-01 00:15:00 is due and this one is for \
             2012-02-01 01:00:00; its rows are 3600 s apart and the steps 900 s; write \
             'time_step_size: 4'",
        ),
        (
            "bad_cell.csv",
            "2012-02-01 00:00:00",
            4,
            "bad_cell:load",
            "bad_cell.csv:7: 'n/a' in column 'load' is not a number",
        ),
    ] {
        let (values, error) = Run::new(file, start, 900, 16).column("load");
        let error = error.unwrap_or_else(|| panic!("{file} has a fault"));
        assert_eq!((values.len(), &*error.code), (rows, code), "{error}");
        assert!(error.message.contains(said), "{error}");
    }
}

#[test]
fn every_way_to_write_a_number_gives_the_float_that_python_reads() {
    let cycle = [
        7.0,
        2.5,
        1000.0,
        -0.04,
        12.0,
        0.5,
        1000.0,
        -0.0,
        3.0,
        1e-7,
        12_345_678_901_234_567_890.0,
        1e16,
        0.300_000_000_000_000_04,
        f64::INFINITY,
        f64::NAN,
        0.5,
    ];
    let (values, error) = Run::new("numbers.csv", "2012-02-01 00:00:00", 900, 48).column("a");
    assert_eq!((values.len(), error), (48, None));
    for (value, expected) in values.iter().zip(cycle.iter().cycle()) {
        assert!(
            value.to_bits() == expected.to_bits() || (value.is_nan() && expected.is_nan()),
            "{value} for {expected}"
        );
    }
}

#[test]
fn regular_rows_pass_both_changes_of_clock() {
    for (file, start) in [
        ("load_mar.csv", "2012-03-25 00:00:00"),
        ("load_oct.csv", "2012-10-28 00:00:00"),
    ] {
        let (values, error) = Run::new(file, start, 900, 96).column("load");
        assert_eq!((values.len(), error), (96, None), "{file}");
    }
}

#[test]
fn a_file_that_ends_early_holds_and_says_so_once() {
    let mut run = Run::new("load_short.csv", "2012-02-01 00:00:00", 900, 2000);
    let (values, error) = run.column("load");
    assert_eq!((values.len(), error), (2000, None));
    assert!(values[29..].iter().all(|value| *value == values[29]));
    assert_eq!(run.notices.len(), 1, "{:?}", run.notices);
}

#[test]
fn a_file_that_ends_with_a_long_run_says_nothing() {
    let mut run = Run::new("minute_ramp.csv", "2012-02-01 00:00:00", 60, 1000);
    let (values, error) = run.column("v");
    assert_eq!((values.len(), error), (1000, None));
    assert_eq!((values[0], values[999]), (0.0, 999.0));
    assert_eq!(run.notices, [] as [String; 0]);
}

#[test]
fn hourly_rows_are_read_in_steps_of_four_quarters() {
    let mut run = Run::with("load_hourly.csv", "2012-02-01 00:00:00", (900, 4), 24, &[]);
    let (values, error) = run.column("load");
    assert_eq!((values.len(), error), (24, None));
    assert!(
        values
            .chunks(4)
            .all(|hour| hour.iter().all(|v| *v == hour[0]))
    );
    assert_ne!(values[0], values[4]);
}

#[test]
fn blank_lines_and_other_formats_are_read() {
    let (values, error) = Run::new("blank_line.csv", "2012-02-01 00:00:00", 900, 16).column("load");
    assert_eq!((values.len(), values[12], error), (16, 0.5, None));
    let parameters = [
        ("delimiter", ";"),
        ("date_format", "DD-MM-YYYY HH:mm"),
        ("start", "2012-02-01 00:00:00"),
    ];
    let start = "2012-02-01 00:00:00";
    let mut run = Run::with("semicolon.txt", start, (900, 1), 72, &parameters);
    let names: Vec<_> = run.instance.published.iter().map(|a| &*a.name).collect();
    assert_eq!(names, ["load", "temp", "idx"]);
    let (values, error) = run.column("temp");
    assert_eq!((values.len(), values[1], error), (72, -3.59, None));
}
