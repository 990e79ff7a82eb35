//! Which groups may be able to step: a set that is visited in order, round and round.
//!
//! Groups are neighbours here where their first models are neighbours in the scenario. The set goes round
//! a block of neighbours several times before it goes on to the next, so that a large site does
//! many steps with what the processor has in its cache. A site of one block is visited as if there
//! were none.

use super::wiring::GroupId;
use shared::index::Index;

/// The most rounds in a block before the next one has its turn. With more of them, what
/// waits between blocks grows larger than the cache.
const ROUNDS: u32 = 16;

/// A set of groups, and of the monitor, which comes behind them.
#[derive(Debug)]
pub(super) struct ReadySet {
    /// Blocks of 64 groups.
    words: Vec<u64>,
    /// The block that is visited.
    block: usize,
    /// Its groups that have not been visited in this round.
    round: u64,
    /// Rounds in this block that are left after this one.
    rounds: u32,
}

impl ReadySet {
    /// The set of all groups below `count`.
    pub(super) fn all(count: usize) -> Self {
        let mut set = Self {
            words: vec![0; count.div_ceil(64)],
            block: 0,
            round: u64::MAX,
            rounds: ROUNDS - 1,
        };
        for place in 0..count {
            set.insert(GroupId::at(place));
        }
        set
    }

    #[inline]
    pub(super) fn insert(&mut self, place: GroupId) {
        let place = place.place();
        self.words[place / 64] |= 1 << (place % 64);
    }

    #[inline]
    pub(super) fn insert_all(&mut self, places: &[GroupId]) {
        for &place in places {
            self.insert(place);
        }
    }

    /// Removes and returns the next group of this round in the block; after the last round, or
    /// where the block has none, the first one of the next block that has any.
    #[inline]
    pub(super) fn take_next(&mut self) -> Option<GroupId> {
        let word = *self.words.get(self.block)?;
        let bits = word & self.round;
        if bits != 0 {
            return Some(self.take(bits));
        }
        self.round = u64::MAX;
        if word != 0 && self.rounds > 0 {
            self.rounds -= 1;
            return Some(self.take(word));
        }
        self.rounds = ROUNDS - 1;
        let count = self.words.len();
        let blocks = (self.block + 1..count).chain(0..=self.block);
        let mut waiting = blocks.filter(|&block| self.words[block] != 0);
        self.block = waiting.next()?;
        Some(self.take(self.words[self.block]))
    }

    /// Takes the first of these groups of the block.
    #[inline]
    fn take(&mut self, bits: u64) -> GroupId {
        let group = bits.trailing_zeros();
        self.words[self.block] &= !(1 << group);
        self.round = (u64::MAX << group) << 1;
        GroupId::at(self.block * 64 + group as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_a_block_are_visited_in_order_and_round_and_round() {
        let mut set = ReadySet::all(64);
        for group in 0..64 {
            assert_eq!(set.take_next(), Some(GroupId(group)));
        }
        assert_eq!(set.take_next(), None);
        set.insert(GroupId(60));
        set.insert(GroupId(3));
        assert_eq!(
            set.take_next(),
            Some(GroupId(3)),
            "after the last comes the first"
        );
        set.insert(GroupId(2));
        assert_eq!(set.take_next(), Some(GroupId(60)));
        set.insert(GroupId(63));
        assert_eq!(set.take_next(), Some(GroupId(63)));
        assert_eq!(set.take_next(), Some(GroupId(2)));
        assert_eq!(set.take_next(), None);
    }

    #[test]
    fn all_groups_of_all_blocks_are_visited() {
        let mut set = ReadySet::all(130);
        for group in 0..130 {
            assert_eq!(set.take_next(), Some(GroupId(group)));
        }
        assert_eq!(set.take_next(), None);
        set.insert(GroupId(128));
        set.insert(GroupId(3));
        assert_eq!(
            set.take_next(),
            Some(GroupId(128)),
            "the block at hand first"
        );
        assert_eq!(set.take_next(), Some(GroupId(3)));
        assert_eq!(set.take_next(), None);
    }

    #[test]
    fn a_block_gives_way_to_the_others_in_the_end() {
        let mut set = ReadySet::all(65);
        let mut visits = 0;
        while let Some(group) = set.take_next() {
            if group == GroupId(64) {
                break;
            }
            visits += 1;
            set.insert(group);
        }
        assert_eq!(visits, 64 * ROUNDS);
    }

    #[test]
    fn an_empty_set_has_no_group() {
        assert_eq!(ReadySet::all(0).take_next(), None);
    }
}
