//! The power balance as one would write it by hand: three files in, one loop, one file out.

use std::f64::consts::PI;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::str::Lines;

/// How floats become text.
#[derive(Clone, Copy)]
pub(crate) enum Digits {
    /// By the standard library.
    Plain,
    /// By the fastest crate.
    Tuned,
}

/// A number that may be an integer, which is written without a point.
#[derive(Clone, Copy)]
struct Number {
    value: f64,
    whole: bool,
}

const fn float(value: f64) -> Number {
    Number {
        value,
        whole: false,
    }
}

const fn whole(value: f64) -> Number {
    Number { value, whole: true }
}

/// Runs the scenario in the working directory.
pub(crate) fn run(result: &Path, digits: Digits) -> io::Result<()> {
    let load = fs::read_to_string("load.csv")?;
    let sun = fs::read_to_string("sun.csv")?;
    let wind = fs::read_to_string("wind.csv")?;
    let (mut load, mut sun, mut wind) = (rows(&load), rows(&sun), rows(&wind));
    let mut out = BufWriter::with_capacity(1 << 16, File::create(result)?);
    out.write_all(
        b"date,Balance.flow2b,Balance.res_load,Balance.dump,Battery.p_out,Battery.soc,\
          Roof.pv_gen,Mill.wind_gen,Homes.load_dem\n",
    )?;
    let roof = Roof::new();
    let mut battery = Battery { soc: whole(10.0) };
    let mut flow = whole(0.0);
    while let Some((stamp, [demand])) = row(&mut load)? {
        let light = row::<7>(&mut sun)?.filter(|(s, _)| *s == stamp);
        let air = row::<1>(&mut wind)?.filter(|(s, _)| *s == stamp);
        let (Some((_, light)), Some((_, [speed]))) = (light, air) else {
            return Err(io::Error::other("the files have the same days"));
        };
        let homes = 5.0 * demand;
        let pv = roof.power(light);
        let mill = mill(speed);
        let p_out = battery.step(flow.value);
        let residual = homes - mill.value - pv;
        let soc = battery.soc.value;
        flow = if residual > 0.0 && soc > 10.0 {
            float(-residual.min((soc - 10.0) / 100.0 * 0.8))
        } else if residual < 0.0 && soc < 90.0 {
            float((-residual).min((90.0 - soc) / 100.0 * 0.8))
        } else {
            whole(0.0)
        };
        let dump = -(residual + flow.value);
        let cells = [
            flow,
            float(residual),
            float(dump),
            p_out,
            battery.soc,
            float(pv),
            mill,
            float(homes),
        ];
        out.write_all(stamp.strip_suffix(" 00:00:00").unwrap_or(stamp).as_bytes())?;
        for cell in cells {
            out.write_all(b",")?;
            write_number(&mut out, cell, digits)?;
        }
        out.write_all(b"\n")?;
    }
    out.flush()
}

fn write_number(out: &mut impl Write, number: Number, digits: Digits) -> io::Result<()> {
    let Number { value, whole } = number;
    if whole {
        write!(out, "{value}")
    } else if value != 0.0 && value.abs() < 1e-4 {
        // Python's exponents have two digits.
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once("e-").unwrap_or((&text, "0"));
        write!(out, "{digits}e-{exponent:0>2}")
    } else {
        match digits {
            Digits::Plain => write!(out, "{value:?}"),
            Digits::Tuned => out.write_all(zmij::Buffer::new().format(value).as_bytes()),
        }
    }
}

/// The rows of a file, after title and names.
fn rows(text: &str) -> Lines<'_> {
    let mut lines = text.lines();
    lines.next();
    lines.next();
    lines
}

/// The next row: its time stamp and its numbers.
fn row<'t, const COLUMNS: usize>(
    lines: &mut Lines<'t>,
) -> io::Result<Option<(&'t str, [f64; COLUMNS])>> {
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    let mut cells = line.split(',');
    let stamp = cells.next().unwrap_or_default();
    let mut numbers = [0.0; COLUMNS];
    for number in &mut numbers {
        let cell = cells.next().unwrap_or_default();
        *number = cell.parse().map_err(io::Error::other)?;
    }
    Ok(Some((stamp, numbers)))
}

struct Roof {
    area: f64,
    normal: (f64, f64),
    sky_view: f64,
}

fn cos(degrees: f64) -> f64 {
    libm::cos(degrees * (PI / 180.0))
}

fn sin(degrees: f64) -> f64 {
    libm::sin(degrees * (PI / 180.0))
}

impl Roof {
    fn new() -> Self {
        Self {
            area: 2.0 * 1.26,
            normal: (cos(90.0 - 14.0), sin(90.0 - 14.0)),
            sky_view: f64::midpoint(1.0, cos(14.0)),
        }
    }

    fn power(&self, [global, diffuse, beam, air, height, wind, azimuth]: [f64; 7]) -> f64 {
        let incidence =
            self.normal.0 * cos(height) * cos(180.0 - azimuth) + self.normal.1 * sin(height);
        let irradiance = self.sky_view * diffuse
            + 0.2 * (1.0 - self.sky_view) * global
            + beam * incidence.max(0.0);
        let cell =
            air + irradiance / 800.0 * 24.0 * (9.5 / (5.7 + 2.318 * wind)) * (1.0 - 0.198 / 0.90);
        let efficiency = 0.198 * (1.0 + -0.0031 * (cell - 25.0));
        let power = self.area * irradiance * efficiency * 0.96 * 0.99 * 0.97 / 1000.0;
        round3(power)
    }
}

fn round3(value: f64) -> f64 {
    (value * 1000.0).round_ties_even() / 1000.0
}

fn mill(speed: f64) -> Number {
    let speed = speed * 0.930_981_765_964_323_9 * 0.807_388_817_236_700_6;
    if (10.3..=25.0).contains(&speed) {
        float(0.3)
    } else if !(2.8..=25.0).contains(&speed) {
        whole(0.0)
    } else {
        float(0.5 * cube(speed) * (PI * (1.0 * 1.0)) * 1.225 * 0.40 / 1000.0)
    }
}

/// The cube, rounded once: `speed * speed * speed` is off by one unit now and then.
fn cube(x: f64) -> f64 {
    let (square, rest) = product(x, x);
    let (cube, cube_rest) = product(square, x);
    cube + (cube_rest + rest * x)
}

/// A product, and what its rounding cut off.
fn product(a: f64, b: f64) -> (f64, f64) {
    let split = |x: f64| {
        let shifted = 134_217_729.0 * x;
        let high = shifted - (shifted - x);
        (high, x - high)
    };
    let rounded = a * b;
    let ((a_high, a_low), (b_high, b_low)) = (split(a), split(b));
    let rest = ((a_high * b_high - rounded) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (rounded, rest)
}

struct Battery {
    soc: Number,
}

impl Battery {
    fn step(&mut self, request: f64) -> Number {
        let soc = self.soc.value;
        let (power, soc) = if request < 0.0 {
            let limited = request.max(-0.8);
            let wanted = limited * 0.25 / 0.9;
            let available = (10.0 - soc) / 100.0 * 0.8;
            if soc <= 10.0 {
                (whole(0.0), self.soc)
            } else if wanted > available {
                (float(limited), float(soc + wanted / 0.8 * 100.0))
            } else {
                (float(available * 0.9 / 0.25), whole(10.0))
            }
        } else if request > 0.0 {
            let limited = request.min(0.8);
            let stored = limited * 0.25 * 0.9;
            let room = (90.0 - soc) / 100.0 * 0.8;
            if soc >= 90.0 {
                (whole(0.0), self.soc)
            } else if stored <= room {
                (float(limited), float(soc + stored / 0.8 * 100.0))
            } else {
                (float(room / 0.9 / 0.25), whole(90.0))
            }
        } else {
            (whole(0.0), self.soc)
        };
        self.soc = if soc.whole {
            soc
        } else {
            float(round3(soc.value))
        };
        power
    }
}
