//! What a session shows of itself in the status of the node.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use shared::plan::SiteId;
use shared::wire::{SessionStatus, Standing};

/// What a session shows of itself. Its thread says every second where its models stand, and takes no memory for it.
#[derive(Default)]
pub(crate) struct Shown(Mutex<State>);

#[derive(Default)]
pub(super) struct State {
    /// How many models it runs; 0 as long as it has no plan.
    pub(super) models: usize,
    /// Which run it belongs to, where that has other nodes: [`Token::mark`](shared::wire::Token::mark).
    pub(super) run: u32,
    /// Which site of the run it is.
    pub(super) site: SiteId,
    /// Where its models stand, and when it said so.
    pub(super) standing: Option<(Standing, Instant)>,
}

impl Shown {
    /// What it shows, to be changed.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Numbers are whole whoever has panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn status(&self, scenario: String, peer: String) -> SessionStatus {
        let state = self.state();
        let silent = state.standing.map(|(_, said)| said.elapsed());
        let silent = silent.unwrap_or_default();
        let standing = state.standing.map(|(mut standing, _)| {
            standing.still += silent;
            standing
        });
        SessionStatus {
            scenario,
            models: u32::try_from(state.models).unwrap_or(u32::MAX),
            peer,
            run: state.run,
            site: state.site,
            standing,
            silent,
        }
    }
}
