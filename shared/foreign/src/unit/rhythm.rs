//! When what comes from outside of a unit is new.

use shared::time::Tick;

/// When values of a source are new: at each of its steps, or a tick later over a time-shifted connection, as in
/// mosaik.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rhythm {
    /// The ticks between steps of the source, at least 1.
    every: u64,
    /// How many ticks later the values arrive.
    later: u64,
}

impl Rhythm {
    /// Of a source that steps at each multiple of `every`.
    pub(super) fn new(every: u32, shifted: bool) -> Self {
        Self {
            every: every.max(1).into(),
            later: shifted.into(),
        }
    }

    /// Whether something new arrives at a tick. What a time-shifted connection delivers first is not new.
    pub(super) fn is_new_at(self, tick: Tick) -> bool {
        let sent = tick.checked_sub(self.later);
        sent.is_some_and(|sent| sent.is_multiple_of(self.every))
    }

    /// When something new arrives next after a tick, from the steps of a run of so many ticks.
    pub(super) fn next_after(self, tick: Tick, ticks: Tick) -> Option<Tick> {
        let first = (tick + 1).saturating_sub(self.later);
        let sent = first.next_multiple_of(self.every);
        (sent < ticks).then_some(sent + self.later)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_new_at_the_steps_of_their_source_or_a_tick_later() {
        for (every, shifted, new, next) in [
            (
                4,
                false,
                [0, 4, 8],
                [Some(4), Some(4), Some(8), Some(8), None],
            ),
            (
                4,
                true,
                [1, 5, 9],
                [Some(1), Some(5), Some(5), Some(9), None],
            ),
            (
                0,
                false,
                [0, 1, 2],
                [Some(1), Some(2), Some(5), Some(6), Some(10)],
            ),
            (
                1,
                true,
                [1, 2, 3],
                [Some(1), Some(2), Some(5), Some(6), Some(10)],
            ),
        ] {
            let rhythm = Rhythm::new(every, shifted);
            let is_new = (0..12).filter(|&tick| rhythm.is_new_at(tick));
            assert_eq!(is_new.take(3).collect::<Vec<_>>(), new, "{rhythm:?}");
            let after = [0, 1, 4, 5, 9].map(|tick| rhythm.next_after(tick, 12));
            assert_eq!(after, next, "{rhythm:?}");
        }
        let last = Rhythm::new(1, true).next_after(11, 12);
        assert_eq!(last, Some(12), "of the last step, after the run");
    }
}
