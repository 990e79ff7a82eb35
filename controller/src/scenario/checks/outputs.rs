//! Whether each output goes to one place.

use std::collections::BTreeMap;

use shared::value::Origin;

use crate::scenario::models::Candidate;
use crate::scenario::problems::Problems;
use crate::scenario::wiring::Connection;

/// Reports outputs that more than one connection starts from: a physical flow goes to one place.
pub(crate) fn refuse_split_outputs(
    candidates: &[Candidate],
    connections: &[Connection],
    problems: &mut Problems,
) {
    let mut first: BTreeMap<&str, &Connection> = BTreeMap::new();
    for connection in connections {
        if connection
            .published
            .is_none_or(|p| p.origin != Origin::Output)
        {
            continue;
        }
        if let Some(earlier) = first.get(connection.from_text.as_str()) {
            let Connection {
                label, from_text, ..
            } = connection;
            let message = format!(
                "{label}: '{from_text}' is an output, a physical flow that goes to one input \
                 only, and it goes to '{}' already (line {}); remove one of the two connections{}",
                earlier.to_text,
                earlier.position.line,
                alternative(candidates, connection).unwrap_or_default()
            );
            problems.error("split_output", connection.position, message);
        } else {
            first.insert(&connection.from_text, connection);
        }
    }
}

/// What to write in place of an output that a state repeats.
fn alternative(candidates: &[Candidate], connection: &Connection) -> Option<String> {
    let candidate = candidates.get(connection.source_model?)?;
    let (_, output) = connection.from_text.split_once('.')?;
    let mut published = candidate.model_type.as_ref()?.published.iter();
    let state = published.find(|p| p.repeats.as_deref() == Some(output))?;
    Some(format!(
        ", or use '{}', which may go to several",
        state.name
    ))
}
