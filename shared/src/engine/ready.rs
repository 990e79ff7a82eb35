//! Which members may be able to step: a set that is visited in order, round and round.
//!
//! Members are neighbours in the plan where they are neighbours in the scenario. The set goes round
//! a block of neighbours several times before it goes on to the next, so that a large site does
//! many steps with what the processor has in its cache. A site of one block is visited as if there
//! were none.

/// The most rounds in a block before the next one has its turn. With more of them, histories
/// between blocks grow longer than the cache.
const ROUNDS: u32 = 16;

/// A set of member numbers.
#[derive(Debug)]
pub(super) struct ReadySet {
    /// Blocks of 64 members.
    words: Vec<u64>,
    /// The block that is visited.
    block: usize,
    /// Its members that have not been visited in this round.
    round: u64,
    /// Rounds in this block that are left after this one.
    rounds: u32,
}

impl ReadySet {
    /// The set of all members below `count`.
    pub(super) fn all(count: usize) -> Self {
        let mut set = Self {
            words: vec![0; count.div_ceil(64)],
            block: 0,
            round: u64::MAX,
            rounds: ROUNDS - 1,
        };
        for member in 0..count {
            set.insert(member);
        }
        set
    }

    #[inline]
    pub(super) fn insert(&mut self, member: usize) {
        self.words[member / 64] |= 1 << (member % 64);
    }

    #[inline]
    pub(super) fn insert_all(&mut self, members: &[usize]) {
        for &member in members {
            self.insert(member);
        }
    }

    /// Removes and returns the next member of this round in the block; after the last round, or
    /// where the block has none, the first one of the next block that has any.
    #[inline]
    pub(super) fn take_next(&mut self) -> Option<usize> {
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

    /// Takes the first of these members of the block.
    #[inline]
    fn take(&mut self, bits: u64) -> usize {
        let member = bits.trailing_zeros();
        self.words[self.block] &= !(1 << member);
        self.round = (u64::MAX << member) << 1;
        self.block * 64 + member as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_a_block_are_visited_in_order_and_round_and_round() {
        let mut set = ReadySet::all(64);
        for member in 0..64 {
            assert_eq!(set.take_next(), Some(member));
        }
        assert_eq!(set.take_next(), None);
        set.insert(60);
        set.insert(3);
        assert_eq!(set.take_next(), Some(3), "after the last comes the first");
        set.insert(2);
        assert_eq!(set.take_next(), Some(60));
        set.insert(63);
        assert_eq!(set.take_next(), Some(63));
        assert_eq!(set.take_next(), Some(2));
        assert_eq!(set.take_next(), None);
    }

    #[test]
    fn all_members_of_all_blocks_are_visited() {
        let mut set = ReadySet::all(130);
        for member in 0..130 {
            assert_eq!(set.take_next(), Some(member));
        }
        assert_eq!(set.take_next(), None);
        set.insert(128);
        set.insert(3);
        assert_eq!(set.take_next(), Some(128), "the block at hand first");
        assert_eq!(set.take_next(), Some(3));
        assert_eq!(set.take_next(), None);
    }

    #[test]
    fn a_block_gives_way_to_the_others_in_the_end() {
        let mut set = ReadySet::all(65);
        let mut visits = 0;
        while let Some(member) = set.take_next() {
            if member == 64 {
                break;
            }
            visits += 1;
            set.insert(member);
        }
        assert_eq!(visits, 64 * ROUNDS);
    }

    #[test]
    fn an_empty_set_has_no_member() {
        assert_eq!(ReadySet::all(0).take_next(), None);
    }
}
