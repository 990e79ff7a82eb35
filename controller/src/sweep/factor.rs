//! What changes from variant to variant.

use std::sync::Arc;

use shared::model::Registry;
use shared::value::Value;

use super::SweepError;
use crate::scenario::{Assigned, Position, Problem, Problems, Template, values_of};

/// A parameter that changes from variant to variant.
#[derive(Clone, Debug)]
pub(crate) struct Factor {
    /// The place of the model in the scenario.
    pub(crate) model: usize,
    /// What the model is called.
    pub(crate) model_name: String,
    /// The parameter.
    pub(crate) key: Arc<str>,
    /// The values that it takes, with their places; none where a table of samples has them.
    pub(crate) values: Vec<(Value, Position)>,
    /// Where they are written, unless in the scenario: an option.
    pub(crate) option: Option<String>,
}

/// In place of a line: the position is in an option or a table, and its column says of which factor it is.
const ELSEWHERE: usize = 0;

impl Factor {
    /// `Store.parameter.max_energy`, as the table of a sweep has it.
    pub(crate) fn column(&self) -> String {
        format!("{}.parameter.{}", self.model_name, self.key)
    }

    /// Gives it a value. `number` is its place among the factors.
    pub(crate) fn assign(&self, number: usize, value: &Value, position: Position) -> Assigned {
        let position = if self.option.is_some() || self.values.is_empty() {
            Position {
                line: ELSEWHERE,
                column: number,
            }
        } else {
            position
        };
        Assigned {
            model: self.model,
            key: Arc::clone(&self.key),
            value: value.clone(),
            position,
        }
    }
}

/// Which factor a position is of that lies in no scenario.
pub(crate) fn elsewhere(problem: &Problem) -> Option<usize> {
    (problem.position.line == ELSEWHERE).then_some(problem.position.column)
}

/// The factors of a scenario: in the order of its models and keys. What an option names takes the place of what the
/// scenario has of it, or comes last.
///
/// # Errors
/// An option names nothing, or has no values, or names what another one has named.
pub(crate) fn factors_of(
    template: &Template,
    options: &[String],
    types: &Registry,
) -> Result<Vec<Factor>, SweepError> {
    let written = template.varied().map(|(model, varied)| Factor {
        model,
        model_name: template.model_name(model).to_owned(),
        key: Arc::clone(&varied.key),
        values: varied.values.clone(),
        option: None,
    });
    let mut factors: Vec<Factor> = written.collect();
    for option in options {
        let factor = of_option(template, option, types)?;
        let same = |known: &&mut Factor| (known.model, &known.key) == (factor.model, &factor.key);
        match factors.iter_mut().find(same) {
            Some(known) if known.option.is_some() => {
                return Err(SweepError::Usage(format!(
                    "--set gives '{}.{}' values twice; give them in one, such as '{0}.{1}=10,20'",
                    factor.model_name, factor.key
                )));
            }
            Some(known) => *known = factor,
            None => factors.push(factor),
        }
    }
    Ok(factors)
}

/// The factor of `Model.parameter=values`.
fn of_option(template: &Template, option: &str, types: &Registry) -> Result<Factor, SweepError> {
    let Some((name, text)) = option.split_once('=') else {
        return Err(SweepError::Usage(format!(
            "--set is Model.parameter=VALUES, such as 'Store.max_energy=10,20', not '{option}'"
        )));
    };
    let parameter = template.parameter(name.trim(), types);
    let (model, key) = parameter.map_err(|why| SweepError::Usage(format!("--set {why}")))?;
    let shown = format!("--set '{option}'");
    let mut problems = Problems::new(&shown);
    let Some(mut values) = values_of(text, &format!("'{name}'"), &mut problems) else {
        return Err(SweepError::Values(problems.into_vec()));
    };
    for (_, position) in &mut values {
        position.column += name.chars().count() + 1;
    }
    Ok(Factor {
        model,
        model_name: template.model_name(model).to_owned(),
        key,
        values,
        option: Some(shown),
    })
}
