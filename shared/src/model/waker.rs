//! Models whose steps take their time, because a program somewhere else makes them.

use std::fmt;
use std::sync::Arc;

/// Says to whoever drives an engine that a step which was [put off](super::Step::put_off) may be made now:
/// it is to call `Engine::retry` and go on. May be called from any thread,
/// and as often as one likes.
#[derive(Clone)]
pub struct Waker(Arc<dyn Fn() + Send + Sync>);

impl Waker {
    /// A waker that does this. It is called where an answer is taken, so it should neither wait nor work.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(wake))
    }

    /// Wakes.
    pub fn wake(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waker")
    }
}
