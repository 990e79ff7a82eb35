//! What is wrong with a sweep is told before anything runs, and what may surprise.

use std::collections::BTreeMap;

use super::asked::Asked;
use super::trial::{first_graph, try_values};
use super::{Event, SweepError};
use crate::output::count;
use crate::scenario::{Assigned, Graph, Problem, Template};

/// So many problems of one kind are told.
const TOLD: usize = 5;

/// Checks a scenario with all values, and tells what there is to say of it. Returns the first variant that is right, and its
/// values.
///
/// # Errors
/// None is right, or something is wrong or worth a warning and nothing may be (`strict`).
pub(super) fn checked(
    template: &Template,
    asked: &Asked,
    strict: bool,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<(Graph, Vec<Assigned>), SweepError> {
    let problems = try_values(template, &asked.design)?;
    if strict && !problems.is_empty() {
        tell_problems(&problems, tell);
        let text = format!(
            "{}, and --strict runs nothing then",
            count(problems.len() as u64, "value is wrong, or surprises")
        );
        return Err(SweepError::Refused(text));
    }
    let found = first_graph(template, &asked.design, &asked.columns());
    // What an error says is not said before it as well.
    let in_error = match &found {
        Err(SweepError::Values(wrong)) => wrong.as_slice(),
        _ => &[],
    };
    tell_problems(without(&problems, in_error), tell);
    let (graph, warnings, first) = found?;
    tell_problems(without(&warnings, &problems), tell);
    if strict && !warnings.is_empty() {
        return Err(SweepError::Values(warnings));
    }
    for note in notes(&graph) {
        tell(Event::Note(note));
    }
    Ok((graph, first))
}

/// What of a scenario is other than in a run.
fn notes(graph: &Graph) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if graph.has_nodes() {
        notes.push("models with 'connect' run here: a variant takes less time than a network");
    }
    if graph.has_sockets() {
        notes.push("sockets of cables are empty in all variants");
    }
    let beside = &graph.monitor.beside;
    if beside.parquet.is_some() || !beside.influx.is_empty() || beside.mqtt.is_some() {
        notes.push(
            "rows of variants go to result files only, and not to what 'monitor' has beside them",
        );
    }
    notes
}

/// Those that are not among others.
fn without<'a>(problems: &'a [Problem], others: &[Problem]) -> impl Iterator<Item = &'a Problem> {
    problems.iter().filter(|problem| !others.contains(problem))
}

/// Tells of problems: a few of each kind, since a range has many values.
fn tell_problems<'a>(
    problems: impl IntoIterator<Item = &'a Problem>,
    tell: &mut dyn FnMut(Event<'_>),
) {
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for problem in problems {
        let count = told.entry(&problem.code).or_default();
        *count += 1;
        if *count <= TOLD {
            tell(Event::Problem(problem));
        }
    }
    let more = told
        .into_values()
        .map(|count| count.saturating_sub(TOLD))
        .sum::<usize>();
    if more > 0 {
        let more = count(more as u64, "more value");
        tell(Event::Note(&format!("the same is to be said of {more}")));
    }
}
