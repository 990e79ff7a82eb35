//! The models of a scenario: their types are looked up and their instances built.

use std::collections::BTreeMap;

use shared::files::Files;
use shared::model::{
    self, BuildError, Instance, ModelType, Registry, Section, SectionPolicy, TypeRef,
};
use shared::time::{Tick, TimeGrid};
use shared::value::Origin;

use super::attributes::with_article;
use super::entry::{Given, ModelEntry};
use super::foreign;
use super::names;
use super::paths;
use super::problem::{Position, Problems};
use super::spelling::{listing, meant_key, suggestion};
use super::yaml::shortened;

/// A model as far as it is known: without type where there is none of that name, without instance
/// where it cannot be built.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) entry: ModelEntry,
    pub(super) model_type: Option<TypeRef>,
    pub(super) instance: Option<Instance>,
}

/// A parameter that the type of a model does not know.
struct Misspelt {
    name: String,
    position: Position,
    /// The one that is probably meant.
    meant: Option<String>,
    message: String,
}

/// What all models are built with.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) grid: Option<TimeGrid>,
    pub(super) catalogue: &'a Registry,
    pub(super) files: &'a dyn Files,
    pub(super) base: paths::Base<'a>,
}

/// Builds the models, in the order of the file. Reports everything that is wrong with them as
/// such; what their connections need is not looked at.
pub(super) fn build(
    entries: Vec<ModelEntry>,
    surroundings: Surroundings<'_>,
    problems: &mut Problems,
) -> Vec<Candidate> {
    refuse_equal_names(&entries, problems);
    let candidate = |entry: ModelEntry| {
        let model_type = find_type(&entry, surroundings.catalogue, problems);
        let mut candidate = Candidate {
            entry,
            model_type,
            instance: None,
        };
        if let Some(model_type) = &candidate.model_type.clone() {
            candidate.build(model_type, surroundings, problems);
            candidate.warn_of_a_single_step(surroundings.grid, problems);
            names::warn_of_misspelt(&candidate, model_type, surroundings.catalogue, problems);
            paths::refuse_backslashes(&candidate.entry, model_type, problems);
        }
        candidate.check_sections(problems);
        candidate
    };
    entries.into_iter().map(candidate).collect()
}

fn refuse_equal_names(entries: &[ModelEntry], problems: &mut Problems) {
    let mut places: BTreeMap<&str, Position> = BTreeMap::new();
    for entry in entries {
        let Some(name) = &entry.name else {
            continue;
        };
        if let Some(first) = places.get(name.as_str()) {
            let message = format!(
                "{} has the name of another model, in line {}; give it a name of its own",
                entry.label, first.line
            );
            problems.error("duplicate_name", entry.position, message);
        } else {
            places.insert(name, entry.position);
        }
    }
}

fn find_type(entry: &ModelEntry, catalogue: &Registry, problems: &mut Problems) -> Option<TypeRef> {
    let (name, position) = entry.type_name.as_ref()?;
    let found = catalogue.find(name);
    if found.is_none() {
        let why = why_unknown(name, catalogue);
        let message = format!("{}: {why}", entry.label);
        problems.error("unknown_type", *position, message);
    }
    found
}

fn why_unknown(name: &str, catalogue: &Registry) -> String {
    if name == "Collector" {
        return "there is no type 'Collector', because the monitor is built in; remove the model \
                and list what shall be recorded under 'items' of 'monitor'"
            .to_owned();
    }
    if let Some(here) = foreign::today(name, catalogue) {
        return format!("the type '{name}' is called '{here}' here");
    }
    let names: Vec<&str> = catalogue.names().collect();
    format!(
        "there is no type '{}'{}",
        shortened(name),
        suggestion(name, "types", &names)
    )
}

impl Candidate {
    fn build(
        &mut self,
        model_type: &TypeRef,
        surroundings: Surroundings<'_>,
        problems: &mut Problems,
    ) {
        let mut misspelt = self.unknown_parameters(model_type);
        let config = self.entry.config();
        let errors = match surroundings.grid {
            Some(grid) if self.entry.is_sound => {
                match model::build(model_type.clone(), &config, grid, surroundings.files) {
                    Ok(instance) => {
                        for text in &instance.warnings {
                            let message = format!("{}: {text}", self.entry.label);
                            problems.warning("model", self.entry.position, message);
                        }
                        self.instance = Some(instance);
                        Vec::new()
                    }
                    Err(errors) => errors,
                }
            }
            _ if self.entry.is_broken(Section::Parameters) => Vec::new(),
            _ => model::check_parameters(model_type, &config)
                .err()
                .unwrap_or_default(),
        };
        for BuildError {
            code,
            place,
            message,
        } in errors
        {
            // A name that is written for one that is missing is one mistake.
            let missing = code.strip_prefix("missing_parameter:");
            let missing =
                missing.filter(|name| self.entry.find(Section::Parameters, name).is_none());
            if let Some(missing) = missing
                && let Some(at) = misspelt
                    .iter()
                    .position(|m| m.meant.as_deref() == Some(missing))
            {
                let Misspelt {
                    position, message, ..
                } = misspelt.remove(at);
                let message = format!("{message}; it needs '{missing}'");
                problems.error(code.clone(), position, message);
                continue;
            }
            let place = self.entry.locate(&place);
            let hint = match code.strip_prefix("file_unreadable:") {
                Some(path) => surroundings.base.hint(path),
                None => String::new(),
            };
            let message = format!("{}: {message}{hint}", self.entry.label);
            problems.error(code, place, message);
        }
        for Misspelt {
            name,
            position,
            message,
            ..
        } in misspelt
        {
            problems.warning(format!("unknown_parameter:{name}"), position, message);
        }
    }

    /// A step size that the run is not longer than leaves the step at its beginning.
    fn warn_of_a_single_step(&self, grid: Option<TimeGrid>, problems: &mut Problems) {
        let size = self.entry.time_step_size.map(Tick::from);
        let (Some(size @ 2..), Some(ticks @ 2..)) = (size, grid.map(|grid| grid.ticks)) else {
            return;
        };
        if size >= ticks {
            let message = format!(
                "{}: 'time_step_size' is {size} ticks and the run has {ticks}, so the model steps \
                 once, at the beginning",
                self.entry.label
            );
            problems.warning("single_step", self.entry.position, message);
        }
    }

    /// The parameters that the type does not know.
    fn unknown_parameters(&self, model_type: &ModelType) -> Vec<Misspelt> {
        if model_type.sections == SectionPolicy::Own {
            return Vec::new();
        }
        let known: Vec<&str> = model_type.parameters.iter().map(|p| &*p.name).collect();
        let given = self.entry.given(Section::Parameters).iter();
        let unknown = given.filter(|given| !known.contains(&&*given.name));
        let misspelt = |Given { name, position, .. }: &Given| {
            let mut parameters = model_type.parameters.iter();
            let formerly = parameters.find(|p| p.formerly.contains(&name.to_lowercase()));
            let meant = formerly.map(|p| &*p.name);
            let meant = meant.or_else(|| meant_key(name, &known));
            Misspelt {
                name: name.to_string(),
                position: *position,
                meant: meant.map(str::to_owned),
                message: format!(
                    "{}: the type '{}' does not use a parameter '{}'{}",
                    self.entry.label,
                    model_type.name,
                    shortened(name),
                    listing(meant, "parameters", &known)
                ),
            }
        };
        unknown.map(misspelt).collect()
    }

    /// Each published attribute must stand in its section, and in one only.
    fn check_sections(&self, problems: &mut Problems) {
        let label = &self.entry.label;
        for Given { name, position, .. } in self.entry.given(Section::States) {
            if let Some(other) = self.entry.find(Section::Outputs, name) {
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
            for Given { name, position, .. } in self.entry.given(section) {
                let wrong = self.origin_of(name).filter(|origin| *origin != right);
                if let Some(origin) = wrong
                    && self.entry.find(other, name).is_none()
                {
                    let message = format!(
                        "{label}: '{name}' is {} of the type '{}'; move it from '{}' to '{}'",
                        with_article(origin),
                        self.model_type.as_ref().map_or("?", |known| &*known.name),
                        section.key(),
                        other.key()
                    );
                    problems.error(format!("wrong_section:{name}"), *position, message);
                }
            }
        }
    }

    fn origin_of(&self, name: &str) -> Option<Origin> {
        match (&self.instance, &self.model_type) {
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
}
