//! What changes, with a count of its changes: whoever has seen it knows by that whether there is something new.

use serde_json::Value as Json;

/// Something that changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Versioned {
    pub(super) what: Json,
    pub(super) changes: u64,
}

impl Versioned {
    pub(super) fn set(&mut self, what: Json) {
        self.what = what;
        self.changes += 1;
    }
}
