//! The sections `inputs`, `outputs` and `states`: names in the wrong one, and misspelt ones.

use shared::model::{ModelType, Registry, Section};
use shared::value::Origin;

use super::candidate::Candidate;
use crate::scenario::entries::Given;
use crate::scenario::problems::{Problems, nearest, shortened, suggestion, with_article};

/// What people write where a section must not be empty, and mean nothing by.
const PLACEHOLDERS: &[&str] = &["dummy", "none", "placeholder", "unused"];

/// Warns of initial values that nobody looks at, because a name is misspelt. Scenario files of the
/// Python Illuminator name things there that no type looks at, on purpose: a section must not be
/// empty. So a name has to be close to one that the type has and the section lacks, and to be none
/// that other types have.
pub(super) fn warn_of_misspelt(
    candidate: &Candidate,
    model_type: &ModelType,
    catalogue: &Registry,
    problems: &mut Problems,
) {
    let (inputs, published) = (inputs(model_type), published(candidate, model_type));
    let of = |wanted| {
        let fitting = published
            .iter()
            .filter(move |(_, origin)| *origin == wanted);
        fitting.map(|(name, _)| *name).collect::<Vec<_>>()
    };
    let all: Vec<&str> = inputs
        .iter()
        .chain(published.iter().map(|(name, _)| name))
        .copied()
        .collect();
    let elsewhere = |name: &str| {
        catalogue.iter().any(|known| {
            inputs_of(known).any(|input| input == name)
                || known.published.iter().any(|p| p.name == name)
                || known.never_published.contains(name)
        })
    };
    for (section, known) in [
        (Section::Inputs, inputs.clone()),
        (Section::Outputs, of(Origin::Output)),
        (Section::States, of(Origin::State)),
    ] {
        for Given { name, position, .. } in candidate.entry.given(section) {
            let is_meant = !PLACEHOLDERS.contains(&&**name);
            if !is_meant || all.contains(&&**name) || elsewhere(name) {
                continue;
            }
            let is_free = |other: &&str| candidate.entry.find(section, other).is_none();
            if nearest(name, all.iter().copied().filter(is_free)).is_none() {
                continue;
            }
            let key = section.key();
            let what = key.trim_end_matches('s');
            let choice = if nearest(name, known.iter().copied()).is_some() {
                suggestion(name, key, &known)
            } else {
                suggestion(name, "its attributes", &all)
            };
            let message = format!(
                "{}: the type '{}' has no {what} '{}', so this value is not used{choice}",
                candidate.entry.label,
                model_type.name,
                shortened(name),
            );
            problems.warning(format!("unknown_{what}:{name}"), *position, message);
        }
    }
}

fn inputs_of(model_type: &ModelType) -> impl Iterator<Item = &str> {
    model_type.inputs.iter().map(|input| &*input.name)
}

fn inputs(model_type: &ModelType) -> Vec<&str> {
    inputs_of(model_type).collect()
}

/// What the model publishes, as far as that is known.
fn published<'a>(candidate: &'a Candidate, model_type: &'a ModelType) -> Vec<(&'a str, Origin)> {
    if let Some(instance) = &candidate.instance {
        let published = instance.published.iter();
        return published.map(|p| (&*p.name, p.origin)).collect();
    }
    let declared = model_type.published.iter();
    declared.map(|p| (&*p.name, p.origin)).collect()
}

/// Each published attribute must stand in its section, and in one only.
pub(super) fn check_sections(candidate: &Candidate, problems: &mut Problems) {
    let label = &candidate.entry.label;
    for Given { name, position, .. } in candidate.entry.given(Section::States) {
        if let Some(other) = candidate.entry.find(Section::Outputs, name) {
            let message = format!(
                "{label}: '{}' is under 'outputs' (line {}) and under 'states'; remove one of \
                 them",
                shortened(name),
                other.position.line
            );
            problems.error(format!("duplicate_attribute:{name}"), *position, message);
        }
    }
    for (section, right, other) in [
        (Section::Outputs, Origin::Output, Section::States),
        (Section::States, Origin::State, Section::Outputs),
    ] {
        for Given { name, position, .. } in candidate.entry.given(section) {
            let wrong = origin_of(candidate, name).filter(|origin| *origin != right);
            if let Some(origin) = wrong
                && candidate.entry.find(other, name).is_none()
            {
                let message = format!(
                    "{label}: '{name}' is {} of the type '{}'; move it from '{}' to '{}'",
                    with_article(origin),
                    candidate
                        .model_type
                        .as_ref()
                        .map_or("?", |known| &*known.name),
                    section.key(),
                    other.key()
                );
                problems.error(format!("wrong_section:{name}"), *position, message);
            }
        }
    }
}

fn origin_of(candidate: &Candidate, name: &str) -> Option<Origin> {
    match (&candidate.instance, &candidate.model_type) {
        (Some(instance), _) => {
            let mut published = instance.published.iter();
            published.find(|a| a.name == name).map(|a| a.origin)
        }
        (None, Some(model_type)) => {
            let mut published = model_type.published.iter();
            published.find(|a| a.name == name).map(|a| a.origin)
        }
        (None, None) => None,
    }
}
