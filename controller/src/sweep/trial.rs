//! Values are tried before anything runs, so that what is wrong with them is said at once and with its place.

use std::collections::BTreeSet;

use shared::model::build;

use super::SweepError;
use super::design::{Design, Variant};
use super::factor::elsewhere;
use super::study::GROUND;
use crate::scenario::{
    Assigned, Columns, Graph, Hosting, LoadError, Position, Problem, Severity, Template,
};

/// So many values of one model are tried beforehand; of more than that each alone.
const TRIED: u64 = 10_000;

/// So many variants are tried to find one whose scenario is right.
const FIRST: u64 = 100;

/// What is wrong with values, and what surprises, each once and with its place.
pub(super) fn try_values(template: &Template, design: &Design) -> Result<Vec<Problem>, SweepError> {
    let mut found: Vec<Problem> = Vec::new();
    let models: BTreeSet<usize> = design.factors.iter().map(|factor| factor.model).collect();
    let mut keep = |variant: &Variant, problem: Problem| {
        let problem = placed(problem, design, variant);
        if !found.contains(&problem) && found.len() < 1000 {
            found.push(problem);
        }
    };
    if design.count <= TRIED || !design.is_product() {
        let mut last: Vec<Option<Vec<Assigned>>> = Vec::new();
        last.resize_with(models.len(), || None);
        for variant in design.variants(1..design.count + 1)? {
            let variant = variant?;
            let assigned = design.assigned(&variant);
            for (place, model) in models.iter().enumerate() {
                let own = assigned.iter().filter(|own| own.model == *model).cloned();
                let own: Vec<Assigned> = own.collect();
                let is_known = last[place].as_ref().is_some_and(|known| {
                    known
                        .iter()
                        .map(|own| &own.value)
                        .eq(own.iter().map(|own| &own.value))
                });
                if !is_known && is_suspect(template, *model, &own, variant.id) {
                    for problem in template.check(*model, &own, GROUND) {
                        keep(&variant, problem);
                    }
                }
                last[place] = Some(own);
            }
        }
        return Ok(found);
    }
    // Each value alone, with the first ones of all others.
    for (number, factor) in design.factors.iter().enumerate() {
        let Some(base) = design.variants(1..2)?.next().transpose()? else {
            break;
        };
        for (value, place) in &factor.values {
            let variant = base.with(number, value.clone(), *place);
            let assigned = design.assigned(&variant);
            for problem in template.check(factor.model, &assigned, GROUND) {
                keep(&variant, problem);
            }
        }
    }
    Ok(found)
}

/// Whether a model with these values wants a closer look: it cannot be built, or nobody has looked at it yet.
fn is_suspect(template: &Template, model: usize, assigned: &[Assigned], id: u64) -> bool {
    if id <= FIRST {
        return true;
    }
    let config = template.config(model, assigned);
    let Some((model_type, grid)) = GROUND.types.find(&config.model_type).zip(template.grid())
    else {
        return true;
    };
    build(model_type, &config, grid, GROUND.files)
        .map_or(true, |instance| !instance.warnings.is_empty())
}

/// A problem in the place where the value is written that it is about.
fn placed(problem: Problem, design: &Design, variant: &Variant) -> Problem {
    let Some(number) = elsewhere(&problem) else {
        return problem;
    };
    let factor = design.factors.get(number);
    let option = factor.and_then(|factor| factor.option.clone());
    let table = design.table().map(|table| table.display().to_string());
    let Some(file) = factor.and(option.or(table)) else {
        return Problem {
            file: "--indicators".into(),
            position: Position::START,
            ..problem
        };
    };
    Problem {
        file: file.into(),
        position: variant.place(number),
        excerpt: None,
        ..problem
    }
}

/// The scenario of the first variant that is right, its warnings, and its values.
pub(super) fn first_graph(
    template: &Template,
    design: &Design,
    wanted: &Columns<'_>,
) -> Result<(Graph, Vec<Problem>, Vec<Assigned>), SweepError> {
    let mut refused = None;
    let last = design.count.min(FIRST);
    for variant in design.variants(1..last + 1)? {
        let variant = variant?;
        let assigned = design.assigned(&variant);
        let loaded = Hosting::here(true, |hosting| {
            template.with(&assigned, wanted, GROUND, Some(hosting))
        });
        match loaded {
            Ok((graph, warnings)) => {
                let warnings = warnings.into_iter();
                let warnings = warnings.map(|warning| placed(warning, design, &variant));
                return Ok((graph, warnings.collect(), assigned));
            }
            Err(LoadError::Refused(problems)) if refused.is_none() => {
                let problems = problems.into_vec().into_iter();
                let problems = problems.map(|problem| placed(problem, design, &variant));
                refused = Some(problems.collect::<Vec<_>>());
            }
            Err(LoadError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut problems = refused.unwrap_or_default();
    problems.retain(|problem| problem.severity == Severity::Error);
    Err(SweepError::Values(problems))
}
