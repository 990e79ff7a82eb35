//! The models of a scenario: their types are looked up and their instances built.

use std::collections::BTreeMap;

use shared::model::{self, BuildError, Section, SectionPolicy, TypeRef};
use shared::time::{Tick, TimeGrid};
use shared::wire::BRIDGE_PORT;

use super::candidate::Candidate;
use super::files::{Base, refuse_backslashes};
use super::parameters::{Misspelt, unknown_parameters};
use super::sections::{check_sections, warn_of_misspelt};
use super::surroundings::Surroundings;
use super::types::{find_entity, find_type};
use crate::scenario::entries::ModelEntry;
use crate::scenario::problems::{Position, Problems};

/// Builds the models, in the order of the file. Reports everything that is wrong with them as
/// such; what their connections need is not looked at.
pub(crate) fn build(
    entries: Vec<ModelEntry>,
    surroundings: Surroundings<'_>,
    problems: &mut Problems,
) -> Vec<Candidate> {
    refuse_equal_names(&entries, problems);
    let candidate = |entry: ModelEntry| {
        let mut candidate = Candidate {
            model_type: None,
            instance: None,
            entity: find_entity(&entry, surroundings.simulators, problems),
            entry,
        };
        if let (Some(_), Some(connect)) = (&candidate.entity, &mut candidate.entry.connect)
            && !connect.has_port
        {
            // No node runs it.
            connect.port = BRIDGE_PORT;
        }
        if candidate.entity.is_some() {
            // Its type is what its simulator says, once it has started.
        } else if let Some(model_type) = &find_type(&candidate.entry, surroundings, problems) {
            candidate.model_type = Some(model_type.clone());
            candidate.build(model_type, surroundings, problems);
            candidate.warn_of_a_single_step(surroundings.grid, problems);
            if model_type.sections != SectionPolicy::Merge {
                // Of these no name is accepted that they do not have.
                warn_of_misspelt(&candidate, model_type, surroundings.catalogue, problems);
            }
            refuse_backslashes(&candidate.entry, model_type, problems);
        }
        check_sections(&candidate, problems);
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

impl Candidate {
    fn build(
        &mut self,
        model_type: &TypeRef,
        surroundings: Surroundings<'_>,
        problems: &mut Problems,
    ) {
        let misspelt = unknown_parameters(&self.entry, model_type);
        let errors = self.instantiate(model_type, surroundings, problems);
        self.report(errors, misspelt, surroundings.base, problems);
    }

    /// Builds the instance, or as much as can be judged without. Returns what is wrong.
    fn instantiate(
        &mut self,
        model_type: &TypeRef,
        surroundings: Surroundings<'_>,
        problems: &mut Problems,
    ) -> Vec<BuildError> {
        let config = self.entry.config();
        match surroundings.grid {
            Some(grid) if self.entry.is_sound => {
                match model::build(model_type.clone(), &config, grid, surroundings.files) {
                    Ok(instance) => {
                        for text in &instance.warnings {
                            let message = format!("{}: {text}", self.entry.label);
                            problems.warning("model", self.entry.position, message);
                        }
                        self.model_type = Some(instance.model_type.clone());
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
        }
    }

    /// Reports errors, and names that are not used.
    fn report(
        &self,
        errors: Vec<BuildError>,
        mut misspelt: Vec<Misspelt>,
        base: Base<'_>,
        problems: &mut Problems,
    ) {
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
            if code.starts_with("unknown_parameter:") {
                // The warning knows what was probably meant.
                let known = |m: &Misspelt| code.ends_with(&format!(":{}", m.name));
                if let Some(at) = misspelt.iter().position(known) {
                    let Misspelt {
                        position, message, ..
                    } = misspelt.remove(at);
                    problems.error(code, position, message);
                    continue;
                }
            }
            let place = self.entry.locate(&place);
            let hint = match code.strip_prefix("file_unreadable:") {
                Some(path) => base.hint(path),
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
}
