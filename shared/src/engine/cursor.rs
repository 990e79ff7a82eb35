//! Where the readers of histories stand.

use crate::time::Tick;

/// Where a reader looks that reads no more.
pub(super) const PAST_THE_END: i64 = i64::MAX;

/// A reader of a history: a member of the engine, or the monitor.
#[derive(Debug)]
pub(super) struct Reader {
    /// The history that it reads.
    pub(super) history: usize,
    /// It sees what stood before the tick of its owner.
    pub(super) shifted: bool,
    /// The tick at which it looks next: that of its owner, or the one before for a time-shifted
    /// reader; negative where that is before the start.
    pub(super) look: i64,
    /// The number of the publication that it looked at last.
    pub(super) position: u64,
    /// Where the values of that publication begin in the history.
    pub(super) values: usize,
}

impl Reader {
    /// A reader at the start.
    pub(super) fn new(history: usize, shifted: bool) -> Self {
        Self {
            history,
            shifted,
            look: -i64::from(shifted),
            position: 0,
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
