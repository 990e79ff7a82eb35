//! Where the readers of sources stand.

use super::wiring::{Reader, SourceId};
use shared::time::Tick;

/// Where a reader looks that reads no more.
const PAST_THE_END: i64 = i64::MAX;

/// Where a reader stands.
///
/// What it reads, and how, is that of its [`Reader`]: here it saves a look there at each step.
#[derive(Debug)]
pub(super) struct Cursor {
    pub(super) source: SourceId,
    shifted: bool,
    /// The tick at which it looks next: that of its owner, or the one before for a time-shifted
    /// reader; negative where that is before the start.
    pub(super) look: i64,
    /// The number of the publication that it looked at last.
    pub(super) publication: u64,
    /// Where the values of that publication begin.
    pub(super) values: usize,
}

impl Cursor {
    /// Where a reader stands at the start.
    pub(super) fn new(reader: &Reader) -> Self {
        let Reader { source, shifted } = *reader;
        Self {
            source,
            shifted,
            look: -i64::from(shifted),
            publication: 0,
            values: 0,
        }
    }

    /// Goes on to a step of the owner at `tick`, before the end of the run.
    #[inline]
    pub(super) fn go_on(&mut self, tick: Tick, end: Tick) {
        self.look = match i64::try_from(tick) {
            Ok(look) if tick < end => look - i64::from(self.shifted),
            _ => PAST_THE_END,
        };
    }
}
