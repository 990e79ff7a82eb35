//! What an engine takes of memory before its first step, and while it is made.
//!
//! What is marked cold is done once a plan or a model: it is made small for nodes, and not fast.

use super::cursor::Cursor;
use super::publications::Publications;
use super::state::GroupState;
use super::wiring::{Connection, Direct, Export, Group, Input, Reader, Source};
use shared::memory::{block, items};
use shared::model::{Attribute, Instance, ModelConfig, PublishedSlot};
use shared::plan::{ConnectedInput, LocalId, SitePlan};
use shared::value::Value;

/// What a model takes that is built, beside its values and what it keeps of its entry.
pub(super) const MODEL: usize = 4 * 1024;

/// What a model may keep of its entry, many times as much as that takes: names and numbers in tables
/// of its own.
pub(super) fn kept_bytes(config: &ModelConfig) -> usize {
    4 * config.heap_bytes()
}

/// What connections and streams take.
#[cold]
pub(super) fn wiring_bytes(plan: &SitePlan) -> usize {
    // Vectors that grow have room for twice as many.
    const CONNECTION: usize =
        2 * (size_of::<Connection>() + size_of::<Reader>() + size_of::<Cursor>());
    // With the two counts of a stream's credit.
    const STREAM: usize = 2
        * (size_of::<Publications>()
            + size_of::<Source>()
            + size_of::<Export>()
            + 2 * size_of::<usize>());
    // The place of something in a map, or in the lists of those that read a source.
    const PLACE: usize = 2 * size_of::<(usize, usize, usize)>();
    // The group of a model, which may be its own, and its place in there.
    const MEMBER: usize = 2 * (size_of::<Group>() + size_of::<GroupState>() + size_of::<LocalId>());
    // A source for each import and each model, with its lists; an end for each export.
    let streams = plan.imports.len() + plan.exports.len() + plan.models.len();
    let slots = plan
        .exports
        .iter()
        .map(|export| items::<PublishedSlot>(export.attributes.len()));
    let inputs = plan.models.iter().flat_map(|model| &model.inputs);
    let input = |input: &ConnectedInput| {
        let initial = input.sources.iter().filter_map(|s| s.initial.as_ref());
        let kept = initial.map(Value::heap_bytes).sum::<usize>();
        // Several states are a list in each step, and what stood before may be held for it.
        let source = CONNECTION + 2 * PLACE + 4 * size_of::<Value>();
        2 * (size_of::<Input>() + size_of::<Direct>()) + input.sources.len() * source + kept
    };
    let recorded = plan.models.iter().map(|model| model.outside.heap_bytes());
    recorded.sum::<usize>()
        + streams * (STREAM + 2 * PLACE)
        + plan.models.len() * MEMBER
        + slots.sum::<usize>()
        + inputs.map(input).sum::<usize>()
}

/// What the values of a built model take, and the names of what it publishes.
#[cold]
pub(super) fn instance_bytes(instance: &Instance) -> usize {
    let names = instance
        .published
        .iter()
        .map(|attribute| block(attribute.name.len()));
    let slots = instance.published.len() + instance.model_type.inputs.len();
    // The model itself may keep the names as well.
    2 * (items::<Attribute>(instance.published.len()) + names.sum::<usize>())
        + items::<Option<Value>>(slots)
}
