//! A model on its host: the instance, and where its inputs come from.

use std::mem;
use std::ops::Range;

use super::combine;
use super::history::History;
use super::reader::Reader;
use crate::memory::{Account, OutOfMemory};
use crate::model::{Instance, StepError};
use crate::plan::PlannedModel;
use crate::time::Tick;
use crate::value::{Origin, Value};

/// A model that steps on this host.
#[derive(Debug)]
pub(super) struct Member {
    /// The model's place in the scenario file.
    pub(super) id: u32,
    pub(super) instance: Instance,
    /// The tick of its next step.
    pub(super) next: Tick,
    /// Its readers, one for each pair of source and shift, among those of the host.
    pub(super) readers: Range<usize>,
    /// Its connected inputs, among those of the host.
    pub(super) wires: Range<usize>,
    /// What the model sees in a step, by input slot.
    pub(super) inputs: Vec<Option<Value>>,
    /// All that it publishes has a fixed small size.
    pub(super) is_scalar: bool,
    /// So has all that it takes.
    takes_scalars: bool,
    /// What the values that it has take beside their places, where that is booked.
    weight: usize,
    /// What stands published, by slot.
    pub(super) published: Vec<Option<Value>>,
    /// The history that takes what local readers want, and the slots it takes.
    pub(super) history: Option<(usize, Vec<usize>)>,
    /// Streams to other sites: link and stream.
    pub(super) exports: Vec<(usize, usize)>,
}

impl Member {
    pub(super) fn new(planned: &PlannedModel, instance: Instance) -> Self {
        Self {
            id: planned.id,
            next: 0,
            readers: 0..0,
            wires: 0..0,
            inputs: vec![None; instance.model_type.inputs.len()],
            published: vec![None; instance.published.len()],
            history: None,
            exports: Vec::new(),
            is_scalar: instance.published.iter().all(|a| a.kind.is_scalar()),
            takes_scalars: instance
                .model_type
                .inputs
                .iter()
                .all(|i| i.kind.is_scalar()),
            weight: 0,
            instance,
        }
    }

    /// Books what its values take after a step, in place of what they took before.
    #[inline]
    pub(super) fn weigh(&mut self, account: &mut Account) -> Result<(), OutOfMemory> {
        if self.is_scalar && self.takes_scalars {
            return Ok(());
        }
        let values = self.inputs.iter().chain(&self.published).flatten();
        let weight = values.map(Value::heap_bytes).sum();
        account.give(mem::replace(&mut self.weight, 0));
        account.take(weight)?;
        self.weight = weight;
        Ok(())
    }
}

/// The connected inputs of all members of a host, in flat tables.
#[derive(Debug, Default)]
pub(super) struct Wiring {
    /// Those of one member follow each other.
    pub(super) wires: Vec<Wire>,
    /// Those of one wire follow each other.
    pub(super) parts: Vec<Part>,
}

/// A connected input.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) slot: usize,
    pub(super) origin: Origin,
    pub(super) parts: Range<usize>,
}

/// One connection into an input.
#[derive(Debug)]
pub(super) struct Part {
    /// Index into the readers of the host.
    pub(super) reader: usize,
    /// Position in the history's values.
    pub(super) attribute: usize,
    /// What a time-shifted connection delivers before there is anything.
    pub(super) initial: Option<Value>,
}

impl Part {
    /// What the connection delivers; its reader has been moved to its tick.
    #[inline]
    fn value<'a>(&'a self, readers: &[Reader], histories: &'a [History]) -> &'a Value {
        let reader = &readers[self.reader];
        match &self.initial {
            Some(initial) if reader.look < 0 => initial,
            _ => histories[reader.history].value(reader, self.attribute),
        }
    }
}

impl Wiring {
    /// Fills the inputs of a member with what the sources have for its tick.
    #[inline]
    pub(super) fn gather(
        &self,
        member: &mut Member,
        readers: &mut [Reader],
        histories: &[History],
    ) -> Result<(), StepError> {
        for reader in &mut readers[member.readers.clone()] {
            histories[reader.history].seek(reader);
        }
        for wire in &self.wires[member.wires.clone()] {
            let parts = &self.parts[wire.parts.clone()];
            let values = parts.iter().map(|part| part.value(readers, histories));
            let value = match (wire.origin, parts) {
                (Origin::State, [part]) => part.value(readers, histories).clone(),
                (Origin::State, _) => combine::list(values),
                (Origin::Output, _) => combine::sum(values).map_err(|error| {
                    error.at_input(&member.instance.model_type.inputs[wire.slot].name)
                })?,
            };
            member.inputs[wire.slot] = Some(value);
        }
        Ok(())
    }
}
