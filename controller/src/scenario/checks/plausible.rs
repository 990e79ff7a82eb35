//! What numbers can be meant: by their units, which the catalogue has.

use shared::model::{ModelType, Range, Section};
use shared::value::{Number, Value};

use crate::scenario::entries::{Given, SECTIONS};
use crate::scenario::models::Candidate;
use crate::scenario::problems::Problems;

/// What is physically possible in a unit. Wide enough for every instrument that works; codes for
/// missing values and values in another unit are outside.
pub(crate) fn possible(unit: &str) -> &'static Range {
    match unit {
        // The sun gives 1361 outside of the atmosphere; clouds can add to that for a moment.
        "W/m²" => const { &Range::between(0.0, 2000.0) },
        // The strongest gust that was measured had 113.
        "m/s" => const { &Range::between(0.0, 120.0) },
        "°C" => const { &Range::between(-90.0, 120.0) },
        "°" => const { &Range::between(-360.0, 360.0) },
        "%" => Range::PERCENT,
        _ => Range::ANY,
    }
}

/// Warns of fractions, such as 0.95, where a type wants percent. The opposite is outside of the
/// range of its parameter.
pub(crate) fn check_percent(candidates: &[Candidate], problems: &mut Problems) {
    for candidate in candidates {
        check_percent_of(candidate, problems);
    }
}

fn check_percent_of(candidate: &Candidate, problems: &mut Problems) {
    let Some(model_type) = &candidate.model_type else {
        return;
    };
    for section in SECTIONS {
        for Given {
            name,
            position,
            value,
        } in candidate.entry.given(section)
        {
            let number = value.as_number().map(Number::to_f64);
            let most = percent_from(model_type, section, name);
            if let (Some(x), Some(most)) = (number, most)
                && x > 0.0
                && x < most
            {
                let message = format!(
                    "{}: '{name}' is in percent, and {value} is hardly any; write {} if a share \
                     is meant",
                    candidate.entry.label,
                    percent(x)
                );
                problems.warning(format!("fraction_for_percent:{name}"), *position, message);
            }
        }
    }
}

/// The number from which on a value in percent is taken as it is; `None` where it is in another
/// unit.
fn percent_from(model_type: &ModelType, section: Section, name: &str) -> Option<f64> {
    let is_percent = |unit: &str| unit == "%";
    match section {
        Section::Parameters => {
            let mut declared = model_type.parameters.iter();
            let found = declared.find(|p| p.name == name && is_percent(&p.unit))?;
            let default = found
                .default
                .as_ref()
                .map(Value::from)?
                .as_number()?
                .to_f64();
            // One percent is a lower limit that can be meant, and no efficiency and no upper one.
            Some(if default < 50.0 {
                1.0
            } else {
                1.0 + f64::EPSILON
            })
        }
        Section::Inputs => {
            let mut declared = model_type.inputs.iter();
            declared
                .any(|i| i.name == name && is_percent(&i.unit))
                .then_some(1.0)
        }
        Section::Outputs | Section::States => {
            let mut declared = model_type.published.iter();
            declared
                .any(|p| p.name == name && is_percent(&p.unit))
                .then_some(1.0)
        }
    }
}

/// A fraction as percent, without what the multiplication adds to the last digits.
fn percent(fraction: f64) -> f64 {
    (fraction * 1e8).round() / 1e6
}
