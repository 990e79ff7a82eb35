//! What goes between a session and the models of its run that stand for mosaik.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use shared::model::Waker;
use shared::time::Tick;
use shared::value::Value;

/// What goes between a session and the models of its run that stand for mosaik.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Says that there is something to feed.
    waker: Option<Waker>,
    /// What is to be fed at a tick.
    fed: Option<(Tick, Vec<Value>)>,
    /// What was published at a tick.
    taken: Option<(Tick, Vec<Value>)>,
    /// Why there is nothing more to come.
    ended: Option<String>,
}

impl Exchange {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in there is ever half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what says that there is something to feed.
    pub(super) fn attend(&self, waker: &Waker) {
        self.lock().waker = Some(waker.clone());
    }

    /// Has values fed at a tick.
    pub(super) fn feed(&self, tick: Tick, values: Vec<Value>) {
        let waker = {
            let mut state = self.lock();
            state.fed = Some((tick, values));
            state.waker.clone()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What is to be fed at a tick, once it is there.
    pub(super) fn fed(&self, tick: Tick) -> Option<Vec<Value>> {
        let fed = &mut self.lock().fed;
        fed.take_if(|(at, _)| *at == tick).map(|(_, values)| values)
    }

    /// Hands back what was published at a tick.
    pub(super) fn hand_back(&self, tick: Tick, values: Vec<Value>) {
        self.lock().taken = Some((tick, values));
        self.changed.notify_all();
    }

    /// Waits for what is published at a tick, or says why that does not come. A run notices by itself when it
    /// cannot go on, so this has an end.
    pub(super) fn wait_for(&self, tick: Tick) -> Result<Vec<Value>, String> {
        let mut state = self.lock();
        loop {
            if let Some((_, values)) = state.taken.take_if(|(at, _)| *at == tick) {
                return Ok(values);
            }
            if let Some(why) = &state.ended {
                return Err(why.clone());
            }
            let woken = self.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says that nothing more comes, and why.
    pub(super) fn end(&self, why: String) {
        self.lock().ended = Some(why);
        self.changed.notify_all();
    }
}
