//! What stands at the inputs of a model in a step.

use super::combine;
use super::cursor::Cursor;
use super::publications::Publications;
use super::state::ModelState;
use super::wiring::{Connection, Model, ReaderId, SourceId, Wiring};
use crate::index::{Index, Table};
use crate::model::StepError;
use crate::value::{Origin, Value};

/// Fills the inputs of a model with what the sources have for its tick, to which its readers have been
/// moved.
#[inline]
pub(super) fn gather(
    wiring: &Wiring,
    model: &Model,
    own: &mut ModelState,
    cursors: &Table<ReaderId, Cursor>,
    publications: &Table<SourceId, Publications>,
) -> Result<(), StepError> {
    for input in &wiring.inputs[&model.inputs] {
        let connections = &wiring.connections[&input.connections];
        let value = |connection| delivered(connection, cursors, publications);
        let slot = input.slot.place();
        let value = match (input.origin, connections) {
            (Origin::State, [only]) => value(only).clone(),
            (Origin::State, _) => combine::list(connections.iter().map(value)),
            (Origin::Output, _) => combine::sum(connections.iter().map(value))
                .map_err(|error| error.at_input(&own.instance.model_type.inputs[slot].name))?,
        };
        own.inputs[slot] = Some(value);
    }
    Ok(())
}

/// What a connection delivers; its reader has been moved to its tick.
#[inline]
fn delivered<'a>(
    connection: &'a Connection,
    cursors: &Table<ReaderId, Cursor>,
    publications: &'a Table<SourceId, Publications>,
) -> &'a Value {
    let cursor = &cursors[connection.reader];
    match &connection.initial {
        Some(initial) if cursor.look < 0 => initial,
        _ => publications[connection.source].value(cursor, connection.position),
    }
}
