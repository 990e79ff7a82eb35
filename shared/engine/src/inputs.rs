//! What stands at the inputs of a model in a step.

use super::combine;
use super::cursor::Cursor;
use super::publications::Publications;
use super::state::ModelState;
use super::wiring::{Connection, HeldId, Model, Provenance, ReaderId, SourceId, ValueId, Wiring};
use shared::index::{Index, Table};
use shared::model::StepError;
use shared::value::{Origin, Value};

/// All that connections find values in.
pub(super) struct Sources<'a> {
    pub(super) published: &'a Table<ValueId, Option<Value>>,
    pub(super) held: &'a Table<HeldId, Option<Value>>,
    /// Moved to the tick of the step.
    pub(super) cursors: &'a Table<ReaderId, Cursor>,
    pub(super) publications: &'a Table<SourceId, Publications>,
}

impl Sources<'_> {
    /// Fills the inputs of a model with what the connections deliver in its next step.
    #[inline]
    pub(super) fn gather(
        &self,
        wiring: &Wiring,
        model: &Model,
        own: &mut ModelState,
    ) -> Result<(), StepError> {
        let is_first = own.next == 0;
        for input in &wiring.inputs[&model.inputs] {
            let connections = &wiring.connections[&input.connections];
            let value = |connection| self.delivered(connection, is_first);
            let slot = input.slot.place();
            let sum = match (input.origin, connections) {
                (Origin::State, [only]) => Ok(value(only).clone()),
                (Origin::State, _) => Ok(combine::list(connections.iter().map(value))),
                (Origin::Output, [only]) => combine::lone(value(only)),
                (Origin::Output, _) => combine::sum(connections.iter().map(value)),
            };
            let value =
                sum.map_err(|error| error.at_input(&own.instance.model_type.inputs[slot].name))?;
            value.put(&mut own.inputs[slot]);
        }
        Ok(())
    }

    /// What a connection delivers.
    #[inline]
    fn delivered<'a>(&'a self, connection: &'a Connection, is_first: bool) -> &'a Value {
        if is_first && let Some(initial) = &connection.initial {
            return initial;
        }
        let value = match connection.from {
            Provenance::Published(value) => &self.published[value],
            Provenance::Held(held) => &self.held[held],
            Provenance::Read(reader, source, position) => {
                let publications: &Publications = &self.publications[source];
                return publications.value(&self.cursors[reader], position);
            }
        };
        value.as_ref().unwrap_or(&Value::Null)
    }
}
