//! What a session shows of itself in the status of the node.

use std::time::Instant;

use shared::plan::SiteId;
use shared::wire::{SessionStatus, Standing};

/// What a session shows of itself.
#[derive(Clone, Copy, Default)]
pub(crate) struct Shown {
    /// How many models it runs; 0 as long as it has no plan.
    pub(crate) models: usize,
    /// Which run it belongs to, where that has other nodes: [`Token::mark`](shared::wire::Token::mark).
    pub(crate) run: u32,
    /// Which site of the run it is.
    pub(crate) site: SiteId,
    /// Where its models stand, and when it said so.
    pub(crate) standing: Option<(Standing, Instant)>,
}

impl Shown {
    pub(crate) fn status(self, scenario: String, peer: String) -> SessionStatus {
        let silent = self.standing.map(|(_, said)| said.elapsed());
        let silent = silent.unwrap_or_default();
        let standing = self.standing.map(|(mut standing, _)| {
            standing.still += silent;
            standing
        });
        SessionStatus {
            scenario,
            models: u32::try_from(self.models).unwrap_or(u32::MAX),
            peer,
            run: self.run,
            site: self.site,
            standing,
            silent,
        }
    }
}
