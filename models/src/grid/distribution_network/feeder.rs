//! The feeder as the scenario describes it: buses, lines and a transformer, per unit.

use std::sync::Arc;

use shared::model::BuildError;
use shared::value::Value;

use super::complex::Complex;
use crate::parts::quantities::finite;

/// The base of power, MVA; all below is per unit of it and of the nominal voltage.
pub(super) const KILO: f64 = 1000.0;

/// A line.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) name: Arc<str>,
    ends: [usize; 2],
    impedance: Complex,
    /// Half of its shunt admittance, which is at each end.
    pub(super) half_shunt: Complex,
    /// A.
    pub(super) limit: f64,
    is_in_service: bool,
}

/// A transformer between the source and the root.
pub(super) struct Transformer {
    pub(super) impedance: Complex,
    pub(super) half_shunt: Complex,
    /// What the voltage of the source is divided by.
    pub(super) ratio: f64,
    /// Of its tap.
    pub(super) tap: f64,
    /// Loading in % of a current of 1 p.u.
    pub(super) loading: f64,
}

/// A bus other than the root, and the line that feeds it.
#[derive(Clone, Copy)]
pub(super) struct Branch {
    pub(super) bus: usize,
    pub(super) parent: usize,
    pub(super) line: usize,
    pub(super) impedance: Complex,
}

/// A table of the scenario: a line, or the transformer.
struct Table<'a> {
    entries: &'a Value,
    /// The parameter that it is in, and what to call it.
    parameter: &'static str,
    label: &'a str,
}

/// The numbers that a key can have.
#[derive(Clone, Copy)]
enum Fits {
    Any,
    NotNegative,
    Positive,
    /// Whole numbers from 1.
    Count,
}

impl Table<'_> {
    fn refuse(&self, what: &str) -> BuildError {
        refuse(self.parameter, &format!("{}: {what}", self.label))
    }

    /// Refuses keys that are none of these.
    fn check_keys(&self, known: &[&str]) -> Result<(), BuildError> {
        let Value::Map(entries) = self.entries else {
            return Err(self.refuse("it must be a mapping"));
        };
        match entries.iter().find(|(key, _)| !known.contains(&&**key)) {
            Some((key, _)) => {
                let known = known.join(", ");
                Err(self.refuse(&format!("there is no key '{key}' (has: {known})")))
            }
            None => Ok(()),
        }
    }

    fn number(&self, key: &str, default: Option<f64>, fits: Fits) -> Result<f64, BuildError> {
        let given = self.entries.get(key);
        let number = match given {
            None => default,
            Some(given) => finite(given),
        };
        let is_whole = matches!(given, None | Some(Value::Int(_)));
        let number = number.filter(|x| match fits {
            Fits::Any => true,
            Fits::NotNegative => *x >= 0.0,
            Fits::Positive => *x > 0.0,
            Fits::Count => *x >= 1.0 && is_whole,
        });
        number.ok_or_else(|| {
            let what = match fits {
                Fits::Any => "a number",
                Fits::NotNegative => "a number, 0 at least",
                Fits::Positive => "a number above 0",
                Fits::Count => "a whole number, 1 at least",
            };
            self.refuse(&format!("'{key}' must be {what}"))
        })
    }
}

fn refuse(parameter: &str, what: &str) -> BuildError {
    BuildError::invalid_parameter(parameter, format!("parameter '{parameter}': {what}"))
}

/// Names of buses and lines are parts of names of attributes.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !text.is_empty() && text.chars().all(fits)
}

/// The names of the buses.
pub(super) fn buses(given: &Value) -> Result<Vec<Arc<str>>, BuildError> {
    let wanted = || {
        refuse(
            "buses",
            "it must be a list of names of letters, digits and '_'",
        )
    };
    let Value::List(list) = given else {
        return Err(wanted());
    };
    let mut buses: Vec<Arc<str>> = Vec::new();
    for bus in &**list {
        match bus {
            Value::Text(name) if is_name(name) && !buses.contains(name) => {
                buses.push(Arc::clone(name));
            }
            Value::Text(name) if is_name(name) => {
                return Err(refuse("buses", &format!("'{name}' is there twice")));
            }
            _ => return Err(wanted()),
        }
    }
    if buses.is_empty() {
        return Err(wanted());
    }
    Ok(buses)
}

/// The place of the bus that is fed by the source.
pub(super) fn root(given: &Value, buses: &[Arc<str>]) -> Result<usize, BuildError> {
    let Some(name) = given.as_text() else {
        return Ok(0);
    };
    let place = buses.iter().position(|bus| **bus == *name);
    place.ok_or_else(|| refuse("root", &format!("there is no bus '{name}'")))
}

/// The lines, for a nominal voltage in kV and a frequency in Hz.
pub(super) fn lines(
    given: &Value,
    buses: &[Arc<str>],
    nominal: f64,
    frequency: f64,
) -> Result<Vec<Line>, BuildError> {
    let Value::List(list) = given else {
        return Err(refuse("lines", "it must be a list of lines"));
    };
    let mut lines: Vec<Line> = Vec::new();
    for (place, entries) in list.iter().enumerate() {
        let label = match entries.get("name").and_then(Value::as_text) {
            Some(name) => format!("line '{name}'"),
            None => format!("line {}", place + 1),
        };
        let line = Table {
            entries,
            parameter: "lines",
            label: &label,
        };
        let line = line_of(&line, buses, nominal, frequency)?;
        if lines.iter().any(|known| known.name == line.name) {
            return Err(refuse("lines", &format!("{label} is there twice")));
        }
        lines.push(line);
    }
    Ok(lines)
}

fn line_of(
    table: &Table<'_>,
    buses: &[Arc<str>],
    nominal: f64,
    frequency: f64,
) -> Result<Line, BuildError> {
    table.check_keys(&[
        "name",
        "from",
        "to",
        "length_km",
        "r_ohm_per_km",
        "x_ohm_per_km",
        "max_i_a",
        "c_nf_per_km",
        "parallel",
        "in_service",
    ])?;
    let name = match table.entries.get("name") {
        Some(Value::Text(name)) if is_name(name) => Arc::clone(name),
        _ => return Err(table.refuse("'name' must be made of letters, digits and '_'")),
    };
    let end = |key: &str| {
        let bus = table.entries.get(key).and_then(Value::as_text);
        let place = buses.iter().position(|known| Some(&**known) == bus);
        place.ok_or_else(|| table.refuse(&format!("'{key}' must be one of the buses")))
    };
    let ends = [end("from")?, end("to")?];
    let is_in_service = match table.entries.get("in_service") {
        None | Some(Value::Bool(true) | Value::Int(1)) => true,
        Some(Value::Bool(false) | Value::Int(0)) => false,
        _ => return Err(table.refuse("'in_service' must be true or false")),
    };
    let length = table.number("length_km", None, Fits::NotNegative)?;
    let resistance = table.number("r_ohm_per_km", None, Fits::NotNegative)?;
    let reactance = table.number("x_ohm_per_km", None, Fits::NotNegative)?;
    let limit = table.number("max_i_a", None, Fits::Positive)?;
    let capacitance = table.number("c_nf_per_km", Some(0.0), Fits::NotNegative)?;
    let parallel = table.number("parallel", Some(1.0), Fits::Count)?;
    let base = nominal * nominal;
    let angular = 2.0 * std::f64::consts::PI * frequency;
    let shunt = angular * capacitance * 1e-9 * length * parallel * base;
    Ok(Line {
        name,
        ends,
        impedance: Complex::new(resistance, reactance) * (length / (parallel * base)),
        half_shunt: Complex::new(0.0, shunt / 2.0),
        limit: limit * parallel,
        is_in_service,
    })
}

/// The transformer, where there is one.
pub(super) fn transformer(given: &Value, nominal: f64) -> Result<Option<Transformer>, BuildError> {
    if *given == Value::Null {
        return Ok(None);
    }
    let table = Table {
        entries: given,
        parameter: "transformer",
        label: "the transformer",
    };
    table.check_keys(&[
        "sn_kva",
        "vn_hv_kv",
        "vn_lv_kv",
        "vk_percent",
        "vkr_percent",
        "pfe_kw",
        "i0_percent",
        "tap_pos",
        "tap_neutral",
        "tap_step_percent",
        "parallel",
    ])?;
    let rating = table.number("sn_kva", None, Fits::Positive)? / KILO;
    table.number("vn_hv_kv", None, Fits::Positive)?;
    let lower = table.number("vn_lv_kv", None, Fits::Positive)?;
    let short = table.number("vk_percent", None, Fits::NotNegative)?;
    let short_real = table.number("vkr_percent", None, Fits::NotNegative)?;
    let iron = table.number("pfe_kw", Some(0.0), Fits::NotNegative)? / KILO;
    let idle = table.number("i0_percent", Some(0.0), Fits::NotNegative)? * rating / 100.0;
    let position = table.number("tap_pos", Some(0.0), Fits::Any)?;
    let neutral = table.number("tap_neutral", Some(0.0), Fits::Any)?;
    let step = table.number("tap_step_percent", Some(0.0), Fits::Any)?;
    let parallel = table.number("parallel", Some(1.0), Fits::Count)?;
    if short < short_real {
        return Err(table.refuse("'vk_percent' must be 'vkr_percent' at least"));
    }
    let tap = 1.0 + (position - neutral) * step / 100.0;
    if tap <= 0.0 {
        return Err(table.refuse("its tap leaves no voltage"));
    }
    let scale = (lower / nominal) * (lower / nominal);
    let of = |percent: f64| scale * percent / (100.0 * rating * parallel);
    let real = of(short_real);
    let reactive = (of(short) * of(short) - real * real).max(0.0).sqrt();
    let idle = (idle * idle - iron * iron).max(0.0).sqrt();
    Ok(Some(Transformer {
        impedance: Complex::new(real, reactive),
        half_shunt: Complex::new(iron, -idle) * (parallel / scale / 2.0),
        ratio: tap * nominal / lower,
        tap,
        loading: 100.0 * (lower / nominal) / (rating * parallel),
    }))
}

/// The branches, each behind the one that its parent is at the end of.
pub(super) fn branches(
    lines: &[Line],
    buses: &[Arc<str>],
    root: usize,
) -> Result<Vec<Branch>, BuildError> {
    let mut branches: Vec<Branch> = Vec::new();
    let mut is_fed = vec![false; buses.len()];
    let mut is_used = vec![false; lines.len()];
    is_fed[root] = true;
    let mut order = vec![root];
    let mut next = 0;
    while let Some(&parent) = order.get(next) {
        next += 1;
        for (place, line) in lines.iter().enumerate() {
            let bus = match line.ends {
                [from, to] if from == parent => to,
                [from, to] if to == parent => from,
                _ => continue,
            };
            if !line.is_in_service || is_used[place] {
                continue;
            }
            is_used[place] = true;
            if is_fed[bus] {
                let name = &line.name;
                let what = format!(
                    "line '{name}' closes a loop, and the feeder must be a tree (for lines side by \
                     side there is 'parallel')"
                );
                return Err(refuse("lines", &what));
            }
            is_fed[bus] = true;
            order.push(bus);
            branches.push(Branch {
                bus,
                parent,
                line: place,
                impedance: line.impedance,
            });
        }
    }
    match is_fed.iter().position(|fed| !fed) {
        Some(bus) => {
            let what = format!("no line leads to the bus '{}'", buses[bus]);
            Err(refuse("lines", &what))
        }
        None => Ok(branches),
    }
}
