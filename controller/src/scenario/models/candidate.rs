//! A model as far as it is known.

use shared::model::{Instance, TypeRef};

use crate::scenario::entries::ModelEntry;

/// A model as far as it is known: without type where there is none of that name, without instance
/// where it cannot be built.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) entry: ModelEntry,
    pub(crate) model_type: Option<TypeRef>,
    pub(crate) instance: Option<Instance>,
}
