//! Weather on a test rig: built from small files that are made up here, stepped by hand.

mod faults;
mod formats;
mod going_on;
mod physics;
mod time;

use std::fmt::Write;

use shared::files::MemoryFiles;
use shared::model::{BuildError, Entries, Instance, ModelConfig, StepError, build};
use shared::time::{TimeGrid, WallTime};
use shared::value::{Number, Value};

use super::WEATHER;

/// A model that reads `w`, and what it has published.
struct Rig {
    instance: Instance,
    published: Vec<Option<Value>>,
}

/// A run: the file, the parameters, when it starts, the length of a step in seconds, how many there are.
struct Setup<'a> {
    file: &'a str,
    parameters: &'a [(&'a str, Value)],
    start: &'a str,
    resolution: u32,
    ticks: u64,
}

impl Setup<'_> {
    fn build(&self) -> Result<Rig, BuildError> {
        let mut files = MemoryFiles::default();
        files.insert("w".to_owned(), self.file.as_bytes().into());
        let mut parameters: Entries = self
            .parameters
            .iter()
            .map(|(key, value)| ((*key).into(), value.clone()))
            .collect();
        if !parameters.iter().any(|(key, _)| &**key == "file_path") {
            parameters.push(("file_path".into(), Value::text("w")));
        }
        let config = ModelConfig {
            parameters: Some(parameters),
            ..ModelConfig::default()
        };
        let grid = TimeGrid {
            start: WallTime::parse(self.start).expect("a time"),
            resolution: self.resolution,
            ticks: self.ticks,
        };
        let instance =
            build(&WEATHER, &config, grid, &files).map_err(|mut errors| errors.remove(0))?;
        let published = vec![None; instance.published.len()];
        Ok(Rig {
            instance,
            published,
        })
    }

    fn rig(&self) -> Rig {
        self.build().unwrap_or_else(|error| panic!("{error:?}"))
    }

    fn refusal(&self) -> BuildError {
        self.build().err().expect("refused")
    }
}

impl Rig {
    fn step(&mut self, tick: u64) -> Result<(), StepError> {
        let stepped = self.instance.step(tick, &[], &mut self.published);
        stepped.map(|_| ())
    }

    fn value(&self, name: &str) -> f64 {
        let slot = self.instance.published_slot(name).expect("a state");
        let number = self.published[slot.index()]
            .as_ref()
            .and_then(Value::as_number);
        number.map(Number::to_f64).expect("a number")
    }

    /// These states in a step.
    fn values<const N: usize>(&mut self, tick: u64, names: [&str; N]) -> [f64; N] {
        self.step(tick).expect("a step");
        names.map(|name| self.value(name))
    }
}

#[track_caller]
fn assert_close(found: f64, expected: f64, within: f64) {
    assert!(
        (found - expected).abs() <= within,
        "{found} is not {expected}"
    );
}

/// Parameters of columns: a place on earth, and UTC.
fn at(latitude: f64, longitude: f64) -> Vec<(&'static str, Value)> {
    vec![
        ("latitude", Value::Float(latitude)),
        ("longitude", Value::Float(longitude)),
        ("time_zone", Value::Int(0)),
    ]
}

/// The header of an EPW file of nowhere: 52.1° N, 5.2° E, one hour ahead of UTC.
const EPW: &str = "LOCATION,Nowhere,-,NLD,made up,000000,52.1,5.2,1.0,2.0\nDESIGN CONDITIONS,0\n\
                   TYPICAL/EXTREME PERIODS,0\nGROUND TEMPERATURES,0\n\
                   HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0\nCOMMENTS 1,made up\nCOMMENTS 2,\n\
                   DATA PERIODS,1,1,Data,Sunday,1/1,12/31\n";

/// A row of an EPW file: date, hour, air, global, beam, diffuse, wind.
fn epw_row(date: (i32, u8, u8), hour: u8, [air, global, beam, diffuse, wind]: [f64; 5]) -> String {
    let (year, month, day) = date;
    format!(
        "{year},{month},{day},{hour},60,A7,{air},5.0,80,101300,0,0,300,{global},{beam},{diffuse},9999,9999,9999,9999,\
         200,{wind},5,5,20.0,77777,9,999999999,100,0.0,0,88,0.000,0.0,0.0\n"
    )
}

/// An EPW file of a year with or without 29 February, whose months are of different years. The air says which hour of
/// the year it is.
fn typical_year(leap: bool) -> String {
    let mut file = EPW.to_owned();
    let first = WallTime::parse(if leap {
        "2000-01-01 00:00:00"
    } else {
        "2001-01-01 00:00:00"
    });
    let first = first.expect("a time");
    for hour in 0..if leap { 8784 } else { 8760 } {
        let civil = first.plus(hour * 3600).civil();
        let year = 1990 + i32::from(civil.month);
        let hour_of_year = hour as f64 / 200.0;
        let row = [hour_of_year, 0.0, 0.0, 0.0, 3.0];
        file += &epw_row((year, civil.month, civil.day), civil.hour + 1, row);
    }
    file
}

/// Columns from a time on, an hour apart: global radiation, air, wind.
fn columns(start: &str, rows: &[[f64; 3]]) -> String {
    let mut file = "time,G_Gh,Ta,FF\n".to_owned();
    let start = WallTime::parse(start).expect("a time");
    for (hour, [global, air, wind]) in (0_i64..).zip(rows) {
        let time = start.plus(hour * 3600);
        writeln!(file, "{time},{global},{air},{wind}").expect("written");
    }
    file
}
