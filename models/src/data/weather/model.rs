//! The model: what of the weather is published in a step.

use shared::model::{Build, BuildError, Memory, Model, Step, StepError};
use shared::time::TimeGrid;
use shared::value::Value;

use super::file::{HAS_READERS, Row, WeatherFile, words};
use super::formats::{AIR, BEAM, COUNT, DIFFUSE, END, GLOBAL, LEVEL_BEAM, MIDDLE, START, WIND};
use super::radiation::{Decomposition, Measured, Radiation};
use super::series::{Interval, Series};
use super::sun::{Location, Sun};
use super::{
    AZ, DATE_FORMAT, DECOMPOSITION, EXPONENT, FF, FILE_PATH, G_BN, G_DH, G_GH, HS, HUB_HEIGHT,
    LATITUDE, LONGITUDE, MAX_GAP, ROUGHNESS, STAMP, TA, TIME_ZONE, U, WIND_HEIGHT, YEAR,
};
use crate::data::text::date_format::DateFormat;
use crate::data::text::lines::{Lines, at_file};

/// The longest step, in seconds: there is no one position of the sun in a longer one.
const LONGEST_STEP: i64 = 10_800;

pub(super) struct Weather {
    series: Series,
    sky: Sky,
    grid: TimeGrid,
    /// The length of a step in seconds.
    length: i64,
    /// How far the clock of the scenario is ahead of that of the file, in seconds.
    shift: i64,
    /// Wind at the hub, for that at the height at which it is measured.
    wind_factor: f64,
}

/// What the radiation of a row depends on beside the row.
#[derive(Clone, Copy)]
struct Sky {
    location: Location,
    /// How far the clock of the file is ahead of UTC, in seconds.
    zone: i64,
    decomposition: Decomposition,
}

/// Refuses parameters that do not go together, or that only this type can judge.
fn check(build: &Build<'_>) -> Result<(), BuildError> {
    let number = |slot| build.number(slot).to_f64();
    let pattern = build.text(DATE_FORMAT);
    if let Err(error) = DateFormat::new(pattern) {
        let message = format!("parameter 'date_format' is '{pattern}': {error}");
        return Err(BuildError::invalid_parameter("date_format", message));
    }
    let roughness = number(ROUGHNESS);
    if roughness >= number(WIND_HEIGHT).min(number(HUB_HEIGHT)) {
        let message = format!(
            "parameter 'roughness' must be below 'wind_height' and 'hub_height', and {roughness} m is not"
        );
        return Err(BuildError::invalid_parameter("roughness", message));
    }
    Ok(())
}

impl Weather {
    pub(super) fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        if HAS_READERS {
            check(build)?;
        }
        let Some(path) = build.parameter(FILE_PATH).as_text() else {
            let words = words(|| "parameter 'file_path' must be one file".to_owned());
            return Err(BuildError::invalid_parameter("file_path", words));
        };
        let lines = Lines::open(build, path)?;
        let gap = build.number(MAX_GAP).to_f64();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "in the range of the parameter"
        )]
        let gap = gap as usize;
        let file = WeatherFile::open(lines, build.text(DATE_FORMAT), gap);
        let file = file.map_err(at_file)?;
        let header = file.header;
        let mut place = [header.zone, header.latitude, header.longitude];
        let parameters = [
            ("time_zone", TIME_ZONE),
            ("latitude", LATITUDE),
            ("longitude", LONGITUDE),
        ];
        for (number, (name, slot)) in place.iter_mut().zip(parameters) {
            if let Some(given) = build.parameter(slot).as_number() {
                *number = given.to_f64();
            }
            if number.is_nan() {
                let words = words(|| {
                    format!("the file does not have the '{name}'; give it as a parameter")
                });
                return Err(BuildError::missing_parameter(name, words));
            }
        }
        let [zone, latitude, longitude] = place;
        // Plain columns have no clock of their own.
        let zone_of_file = if header.zone.is_nan() {
            zone
        } else {
            header.zone
        };
        let sky = Sky {
            location: Location::new(latitude, longitude),
            zone: seconds(zone_of_file),
            decomposition: match build.text(DECOMPOSITION) {
                "boland" => Decomposition::Boland,
                _ => Decomposition::Erbs,
            },
        };
        let shift = seconds(zone) - sky.zone;
        let grid = build.grid();
        let length = i64::from(grid.resolution) * i64::from(build.step_size());
        if length > LONGEST_STEP {
            let words = words(|| {
                format!(
                    "a step is {length} s, and the sun has no one position in more than {LONGEST_STEP} s; take a \
                     smaller 'time_step_size' or 'time_resolution'"
                )
            });
            return Err(BuildError::invalid_parameter("time_step_size", words));
        }
        let step_size = u64::from(build.step_size()).max(1);
        let end = grid.ticks.div_ceil(step_size).saturating_mul(step_size);
        let run = (
            grid.start.seconds() - shift,
            grid.at(end).seconds().saturating_sub(shift),
        );
        let position = match build.text(STAMP) {
            "start" => START,
            "middle" => MIDDLE,
            "end" => END,
            _ => file.format.position,
        };
        let is_any_year = match build.text(YEAR) {
            "any" => true,
            "same" => false,
            _ => file.format.is_typical,
        };
        let mut dark = 0_u64;
        let series = Series::new(file, (position, is_any_year), run, |interval, middle| {
            if HAS_READERS {
                dark += u64::from(sky.is_bright_at_night(interval, middle));
            }
        });
        let series = series.map_err(at_file)?;
        let bridged = series.bridged;
        if bridged > 0 {
            build.warn(|| {
                format!("values are missing, which 'max_gap' bridges: in {bridged} of the rows")
            });
        }
        if dark > 0 {
            build.warn(|| {
                format!(
                    "in {dark} rows there is radiation though the sun is down: look at 'latitude', 'longitude', \
                     'time_zone' and 'stamp'"
                )
            });
        }
        Ok(Self {
            series,
            sky,
            grid,
            length,
            shift,
            wind_factor: wind_factor(build),
        })
    }
}

/// Hours in seconds.
fn seconds(hours: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a zone has few hours")]
    let seconds = (hours * 3600.0).round() as i64;
    seconds
}

/// The wind at the hub, for a wind of 1 at the height at which it is measured.
fn wind_factor(build: &Build<'_>) -> f64 {
    let number = |slot| build.number(slot).to_f64();
    let (measured, hub, roughness) = (number(WIND_HEIGHT), number(HUB_HEIGHT), number(ROUGHNESS));
    match build.parameter(EXPONENT).as_number() {
        Some(exponent) => libm::pow(hub / measured, exponent.to_f64()),
        None => libm::log(hub / roughness) / libm::log(measured / roughness),
    }
}

/// The middle of two times.
fn middle(from: i64, to: i64) -> f64 {
    f64::midpoint(from as f64, to as f64)
}

impl Sky {
    /// The sun at a time of the file's clock.
    fn sun(&self, time: f64) -> Sun {
        self.location.sun(time - self.zone as f64)
    }

    /// Whether a row whose middle is at a time has radiation though the sun is well below the horizon.
    fn is_bright_at_night(&self, row: &Row, middle: f64) -> bool {
        let brightest = row.values[..AIR].iter().copied().fold(0.0, f64::max);
        // 6° below the horizon, where twilight that can be measured ends.
        brightest > 10.0 && self.sun(middle).sin_elevation < -0.1045
    }

    /// The radiation of a row in a part of its time: the row is about the time from `row.0` to `row.1`.
    fn radiation(&self, values: &[f64; COUNT], row: (i64, i64), part: (i64, i64)) -> Radiation {
        let time = middle(row.0, row.1);
        let sun = self.sun(time);
        let measured = Measured {
            global: values[GLOBAL],
            diffuse: values[DIFFUSE],
            beam: values[BEAM],
            level_beam: values[LEVEL_BEAM],
        };
        let utc = time - self.zone as f64;
        let radiation = measured.complete(&sun, utc, self.decomposition);
        if part == row {
            return radiation;
        }
        let mean = |(from, to): (i64, i64)| sun.mean_sine(from as f64 - time, to as f64 - time);
        let whole = mean(row);
        // Where the sun is down all the time, what there is of light is spread evenly.
        let sines = if whole > 0.0 { mean(part) / whole } else { 1.0 };
        radiation.in_part(sines)
    }
}

impl Model for Weather {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let begin = self.grid.at(step.tick()).seconds() - self.shift;
        let end = begin + self.length;
        let centre = middle(begin, end);
        let sun = self.sky.sun(centre);
        let mut sum = Radiation::default();
        let (mut air, mut wind) = (f64::NAN, f64::NAN);
        let mut time = begin;
        while time < end {
            let place = self.series.place(time);
            let Interval { begin, row } = self.series.at(place)?;
            let row_begin = time + begin - place;
            let row_end = row_begin + self.series.length;
            let part = (time, row_end.min(end));
            let radiation = self.sky.radiation(&row.values, (row_begin, row_end), part);
            let share = (part.1 - part.0) as f64 / self.length as f64;
            sum.global += share * radiation.global;
            sum.diffuse += share * radiation.diffuse;
            sum.beam += share * radiation.beam;
            if part.0 as f64 <= centre && centre < part.1 as f64 {
                let place = place as f64 + (centre - time as f64);
                air = self.series.between(AIR, place);
                wind = self.series.between(WIND, place);
            }
            time = part.1;
        }
        if sun.sin_elevation <= 0.0 {
            (sum.diffuse, sum.beam) = (sum.global, 0.0);
        }
        for (slot, value) in [
            (G_GH, sum.global),
            (G_DH, sum.diffuse),
            (G_BN, sum.beam),
            (TA, air),
            (HS, sun.elevation()),
            (AZ, sun.azimuth()),
            (FF, wind),
            (U, wind * self.wind_factor),
        ] {
            step.publish(slot, Value::Float(value));
        }
        Ok(())
    }

    /// Nothing: which row is due follows from the tick, and the file is read up to it.
    fn memory(&mut self, _: &mut Memory<'_>) -> bool {
        true
    }
}
