//! How the models of a variant come about.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{Attribute, InputSlot, Instance, PublishedSlot};

/// What the rest of a plan has to know of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// What it publishes.
    pub published: Vec<Attribute>,
    /// Inputs that it needs beyond those that its type always does.
    pub required: Vec<InputSlot>,
    /// Inputs of its type that it does not have.
    pub left_out: Vec<InputSlot>,
    /// Ticks from one step to the next.
    pub step_size: u32,
}

/// How a model of a variant comes about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maker {
    /// What the plan relies on.
    pub shape: Shape,
    /// How it is made.
    pub making: Making,
}

/// How a model of a variant is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Making {
    /// It is built from its entry, with the values of these factors for parameters.
    Built(Vec<(u32, Arc<str>)>),
    /// It is the same in all variants: these columns of the trace are published in these slots.
    Played(Vec<(u32, PublishedSlot)>),
}

impl Maker {
    /// Whether the model is the same in all variants.
    pub fn is_played(&self) -> bool {
        matches!(self.making, Making::Played(_))
    }
}

impl Shape {
    /// That of a model that has been built.
    pub fn of(instance: &Instance) -> Self {
        let left_out = instance.left_out.iter();
        Self {
            published: instance.published.clone(),
            required: instance.required.clone(),
            left_out: left_out.map(|(slot, _)| *slot).collect(),
            step_size: instance.step_size,
        }
    }

    /// Whether it is that of this model as well.
    pub fn is_that_of(&self, instance: &Instance) -> bool {
        let left_out = instance.left_out.iter().map(|(slot, _)| slot);
        self.published == instance.published
            && self.required == instance.required
            && self.left_out.iter().eq(left_out)
            && self.step_size == instance.step_size
    }
}
