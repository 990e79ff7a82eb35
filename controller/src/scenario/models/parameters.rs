//! Parameters that types do not know.

use shared::model::{ModelType, Section, SectionPolicy};

use crate::scenario::entries::{Given, ModelEntry};
use crate::scenario::problems::{Position, listing, meant_key, shortened};

/// A parameter that the type of a model does not know.
pub(super) struct Misspelt {
    pub(super) name: String,
    pub(super) position: Position,
    /// The one that is probably meant.
    pub(super) meant: Option<String>,
    pub(super) message: String,
}

/// The parameters that the type does not know.
pub(super) fn unknown_parameters(entry: &ModelEntry, model_type: &ModelType) -> Vec<Misspelt> {
    if model_type.sections == SectionPolicy::Own {
        return Vec::new();
    }
    let known: Vec<&str> = model_type.parameters.iter().map(|p| &*p.name).collect();
    let given = entry.given(Section::Parameters).iter();
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
                entry.label,
                model_type.name,
                shortened(name),
                listing(meant, "parameters", &known)
            ),
        }
    };
    unknown.map(misspelt).collect()
}
