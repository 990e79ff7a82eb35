//! Whether each output goes to one place.

use std::collections::BTreeMap;

use shared::value::Origin;

use crate::scenario::problems::Problems;
use crate::scenario::wiring::Connection;

/// Reports outputs that more than one connection starts from: a physical flow goes to one place.
pub(crate) fn refuse_split_outputs(connections: &[Connection], problems: &mut Problems) {
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
                 only, and it goes to '{}' already (line {}); remove one of the two connections",
                earlier.to_text, earlier.position.line
            );
            problems.error("split_output", connection.position, message);
        } else {
            first.insert(&connection.from_text, connection);
        }
    }
}
