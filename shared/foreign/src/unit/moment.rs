//! When something happens in a unit.

use shared::time::Tick;

/// A tick, and how often the loops of weak connections have been gone through in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    pub(super) tick: Tick,
    pub(super) round: u32,
}

impl Moment {
    /// The beginning of a tick.
    pub(super) fn of(tick: Tick) -> Self {
        Self { tick, round: 0 }
    }
}

/// How much later something arrives than it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delay {
    /// At the same moment.
    Direct,
    /// A tick later.
    Shifted,
    /// In the next round of the tick.
    Weak,
}

impl Delay {
    /// When something arrives that was sent then.
    pub(super) fn after(self, sent: Moment) -> Moment {
        match self {
            Self::Direct => sent,
            Self::Shifted => Moment::of(sent.tick + 1),
            Self::Weak => Moment {
                round: sent.round + 1,
                ..sent
            },
        }
    }
}
