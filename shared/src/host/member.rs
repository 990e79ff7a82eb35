//! A model on its host: the instance, and where its inputs come from.

use super::combine;
use super::history::History;
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
    /// Its readers, one for each pair of source and shift.
    pub(super) readers: Vec<ReaderOf>,
    pub(super) wiring: Vec<Wiring>,
    /// What the model sees in a step, by input slot.
    pub(super) inputs: Vec<Option<Value>>,
    /// What stands published, by slot.
    pub(super) published: Vec<Option<Value>>,
    /// The history that takes what local readers want, and the slots it takes.
    pub(super) history: Option<(usize, Vec<usize>)>,
    /// Streams to other sites: link and stream.
    pub(super) exports: Vec<(usize, usize)>,
}

/// A member's reader of a history.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReaderOf {
    pub(super) history: usize,
    pub(super) reader: usize,
    pub(super) shifted: bool,
}

impl ReaderOf {
    /// The tick to look at for a step at `tick`.
    #[inline]
    pub(super) fn look(self, tick: Tick) -> i64 {
        i64::try_from(tick).unwrap_or(i64::MAX) - i64::from(self.shifted)
    }
}

/// A connected input.
#[derive(Debug)]
pub(super) struct Wiring {
    pub(super) slot: usize,
    pub(super) origin: Origin,
    pub(super) parts: Vec<Part>,
}

/// One connection into an input.
#[derive(Debug)]
pub(super) struct Part {
    /// Index into the member's readers.
    pub(super) reader: usize,
    /// Position in the history's values.
    pub(super) attribute: usize,
    /// What a time-shifted connection delivers before there is anything.
    pub(super) initial: Option<Value>,
}

impl Member {
    pub(super) fn new(planned: &PlannedModel, instance: Instance) -> Self {
        Self {
            id: planned.id,
            next: 0,
            readers: Vec::new(),
            wiring: Vec::new(),
            inputs: vec![None; instance.model_type.inputs.len()],
            published: vec![None; instance.published.len()],
            history: None,
            exports: Vec::new(),
            instance,
        }
    }

    /// Fills the inputs with what the sources have for this member's tick.
    pub(super) fn gather(&mut self, histories: &mut [History]) -> Result<(), StepError> {
        for reader in &self.readers {
            histories[reader.history].seek(reader.reader);
        }
        let Member {
            wiring,
            readers,
            inputs,
            instance,
            next,
            ..
        } = self;
        for wire in wiring {
            let values = wire.parts.iter().map(|part| {
                let reader = readers[part.reader];
                let before_the_start = reader.look(*next) < 0;
                match &part.initial {
                    Some(initial) if before_the_start => initial,
                    _ => histories[reader.history].value(reader.reader, part.attribute),
                }
            });
            let value = match (wire.origin, wire.parts.len()) {
                (Origin::State, 1) => { values }.next().cloned().unwrap_or_default(),
                (Origin::State, _) => combine::list(values),
                (Origin::Output, _) => {
                    combine::sum(instance.model_type.inputs[wire.slot].name, values)?
                }
            };
            inputs[wire.slot] = Some(value);
        }
        Ok(())
    }
}
