//! Waiting for an event, within bounds.

use std::thread;
use std::time::{Duration, Instant};

/// No test waits longer than this for an event. A disk to which others write as well can keep a program
/// waiting for more than twenty seconds.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Looks for an event again and again until it is there; panics with its name if it does not come.
pub fn wait_for<T>(event: &str, look: impl FnMut() -> Option<T>) -> T {
    wait_within(PATIENCE, event, look)
}

/// Likewise, for so long.
pub fn wait_within<T>(patience: Duration, event: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + patience;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            Instant::now() < end,
            "{event} did not happen within {patience:?}"
        );
        thread::sleep(Duration::from_millis(2));
    }
}
