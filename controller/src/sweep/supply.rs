//! The variants that a node has: enough that it need not wait for more, and not many more.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use shared::variant::MAX_WAITING;

use super::Study;
use super::design::Variant;
use super::indicators::Described;
use super::nodes::LOOK;
use super::workers::Together;
use crate::cluster::VariantNode;

/// A node has variants for about so long at a time, so that it need not wait for more.
const SUPPLY: Duration = Duration::from_millis(300);

/// It is left alone for so long at most, so that progress is seen and an interruption heeded.
const PAUSE: Duration = Duration::from_millis(20);

/// So many variants a node has at least, one a core of most machines, and at most.
const FEWEST: usize = 8;
const MOST: usize = MAX_WAITING / 2;

/// Variants that a node has in one engine.
pub(super) struct Open {
    pub(super) variants: Vec<Variant>,
    /// What the columns of each are, where its values change that.
    pub(super) own_words: Option<Described>,
    /// Those that have come so far.
    pub(super) rows: Vec<u8>,
}

/// What a node has.
pub(super) struct Supply {
    /// By the first of those that are together.
    pub(super) open: BTreeMap<u64, Open>,
    /// How many variants these are.
    pub(super) count: usize,
    /// How many it is to have.
    pub(super) wanted: usize,
    pub(super) together: Together,
    /// Variants that it has done, and those of them since it was looked how fast it is.
    pub(super) done: u64,
    since: u64,
    looked: Instant,
    /// What it does in a second, as far as it was seen.
    pace: f64,
}

impl Supply {
    /// That of a node which has nothing yet, and of whose variants so many go into one engine.
    pub(super) fn nothing(most: usize) -> Self {
        Self {
            open: BTreeMap::new(),
            count: 0,
            wanted: FEWEST,
            together: Together::at_most(most),
            done: 0,
            since: 0,
            looked: Instant::now(),
            pace: 0.0,
        }
    }

    /// How many variants go to the node together. It has an engine for as many as can, and one for a single one.
    pub(super) fn portion(&self) -> usize {
        let most = self.together.most();
        if self.together.now() == most && most <= self.wanted {
            most
        } else {
            1
        }
    }

    /// Has the node run variants, so many in one engine as long as there are as many.
    ///
    /// # Errors
    /// They do not fit a message.
    pub(super) fn ask(
        &mut self,
        node: &mut VariantNode,
        variants: Vec<Variant>,
        together: usize,
        study: &Study,
    ) -> Result<(), String> {
        let mut asked = Ok(());
        let mut left = variants.into_iter();
        while left.len() > 0 {
            let count = if left.len() < together { 1 } else { together };
            let variants: Vec<Variant> = left.by_ref().take(count).collect();
            let own_words = variants
                .first()
                .and_then(|one| study.describe_if_other(one));
            let tallies = own_words.as_ref().map(|own| own.tallies().clone());
            let values = variants.iter().flat_map(|variant| &variant.values);
            let values = values.cloned().collect();
            let id = variants.first().map_or(0, |first| first.id);
            if asked.is_ok() {
                asked = node.ask(id, u32::from(count > 1), values, tallies);
            }
            // Also where it was not asked: they are given back with the others.
            let rows = Vec::new();
            let open = Open {
                variants,
                own_words,
                rows,
            };
            self.hold(id, open);
        }
        asked
    }

    /// The node has these variants, or has them again.
    pub(super) fn hold(&mut self, id: u64, open: Open) {
        self.count += open.variants.len();
        self.open.insert(id, open);
    }

    /// Something has come of what has this number.
    pub(super) fn close(&mut self, id: u64) -> Option<Open> {
        let open = self.open.remove(&id)?;
        self.count -= open.variants.len();
        Some(open)
    }

    /// Looks how fast the node is, so that it has enough for a while and not much more.
    pub(super) fn adapt(&mut self) {
        let passed = self.looked.elapsed();
        let done = self.done - self.since;
        // At first that is soon: it has been twice through what it had.
        let is_fast = self.pace == 0.0 && done >= 2 * FEWEST as u64;
        if passed < LOOK && !is_fast {
            return;
        }
        #[allow(
            clippy::cast_precision_loss,
            reason = "so many are never done in a moment"
        )]
        let done = done as f64;
        self.pace = done / passed.as_secs_f64();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is bounded next"
        )]
        let wanted = (self.pace * SUPPLY.as_secs_f64()) as usize;
        self.wanted = wanted.clamp(FEWEST, MOST);
        (self.since, self.looked) = (self.done, Instant::now());
    }

    /// How long the node may be left alone: it has enough to do for several times as long. What it says meanwhile is heard in
    /// one go, since to wake for each word takes more of a processor than the word itself.
    pub(super) fn pause(&self) -> Duration {
        // With few it says little.
        if self.open.len() <= 2 * FEWEST {
            return Duration::ZERO;
        }
        #[allow(
            clippy::cast_precision_loss,
            reason = "it has no more than some hundreds"
        )]
        let lasts = Duration::try_from_secs_f64(self.count as f64 / self.pace);
        lasts.map_or(Duration::ZERO, |lasts| PAUSE.min(lasts / 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_left_alone_for_a_part_of_the_time_that_it_has_work_for() {
        let mut supply = Supply::nothing(1);
        assert_eq!(supply.pause(), Duration::ZERO, "it has nothing");
        for id in 0..100 {
            let (variants, own_words, rows) = (Vec::new(), None, Vec::new());
            let open = Open {
                variants,
                own_words,
                rows,
            };
            supply.hold(id, open);
        }
        supply.count = 200;
        assert_eq!(supply.pause(), Duration::ZERO, "nobody knows for how long");
        supply.pace = 10_000.0;
        assert_eq!(supply.pause(), Duration::from_millis(5), "a quarter");
        supply.pace = 100.0;
        assert_eq!(supply.pause(), PAUSE, "and no longer");
        for id in 10..100 {
            supply.close(id);
        }
        assert_eq!(supply.pause(), Duration::ZERO, "ten words are few");
    }
}
