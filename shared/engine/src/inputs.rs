//! What stands at the inputs of a model in a step.

use super::combine;
use super::state::State;
use super::wiring::{Connection, Direct, Model, Provenance, ValueId, Wiring};
use shared::index::{Index, Table};
use shared::model::StepError;
use shared::plan::LocalId;
use shared::value::{Origin, Value};

impl State {
    /// Fills the inputs of a model with what the connections deliver in its next step.
    #[inline]
    pub(super) fn gather(
        &mut self,
        wiring: &Wiring,
        place: LocalId,
        model: &Model,
        is_first: bool,
    ) -> Result<(), StepError> {
        let directs = &wiring.directs[&model.directs];
        if model.inputs.is_empty() {
            return Ok(());
        }
        if is_first || directs.is_empty() {
            return self.combine(wiring, place, model, is_first);
        }
        for direct in directs {
            if !direct.carry(&mut self.values) {
                // What is wrong with the first of them that has no value is to be said.
                return self.combine(wiring, place, model, is_first);
            }
        }
        Ok(())
    }

    /// Fills the inputs of a model, whatever there is to combine.
    #[inline(never)]
    fn combine(
        &mut self,
        wiring: &Wiring,
        place: LocalId,
        model: &Model,
        is_first: bool,
    ) -> Result<(), StepError> {
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
            let value = sum.map_err(|error| {
                let inputs = &self.models[place].instance.model_type.inputs;
                error.at_input(&inputs[slot].name)
            })?;
            value.put(&mut self.values[&model.values][slot]);
        }
        Ok(())
    }

    /// What a connection delivers.
    #[inline]
    fn delivered<'a>(&'a self, connection: &'a Connection, is_first: bool) -> &'a Value {
        if is_first && let Some(initial) = &connection.initial {
            return initial;
        }
        match connection.from {
            Provenance::Group(value) => self.values[value].as_ref().unwrap_or(&Value::Null),
            Provenance::Read(reader, source, position) => {
                self.publications[source].value(&self.cursors[reader], position)
            }
        }
    }
}

impl Direct {
    /// Carries the value to the input; `false` where there is none that the input can take.
    #[inline]
    fn carry(&self, values: &mut Table<ValueId, Option<Value>>) -> bool {
        let Some((from, to)) = values.two(self.from, self.to) else {
            return false;
        };
        let value = from.as_ref().unwrap_or(&Value::Null);
        match self.origin {
            Origin::State => match to {
                Some(place) => place.clone_from(value),
                None => *to = Some(value.clone()),
            },
            Origin::Output => match combine::lone(value) {
                Ok(sum) => sum.put(to),
                Err(_) => return false,
            },
        }
        true
    }
}
