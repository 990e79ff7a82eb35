//! Which members may be able to step: a set that is visited in order, round and round.

/// A set of member numbers.
#[derive(Debug)]
pub(super) struct ReadySet {
    words: Vec<u64>,
    cursor: usize,
}

impl ReadySet {
    /// The set of all members below `count`.
    pub(super) fn all(count: usize) -> Self {
        let mut set = Self {
            words: vec![0; count.div_ceil(64)],
            cursor: 0,
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

    /// Removes and returns the first member at or after the one that follows the last one taken,
    /// starting over at the end.
    #[inline]
    pub(super) fn take_next(&mut self) -> Option<usize> {
        let count = self.words.len();
        if count == 0 {
            return None;
        }
        let (first, bit) = (self.cursor / 64, self.cursor % 64);
        for step in 0..=count {
            let word = (first + step) % count;
            let mut bits = self.words[word];
            if step == 0 {
                bits &= u64::MAX << bit;
            }
            if bits != 0 {
                let member = word * 64 + bits.trailing_zeros() as usize;
                self.words[word] &= !(1 << (member % 64));
                self.cursor = (member + 1) % (count * 64);
                return Some(member);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_visited_in_order_and_round_and_round() {
        let mut set = ReadySet::all(130);
        for member in 0..130 {
            assert_eq!(set.take_next(), Some(member));
        }
        assert_eq!(set.take_next(), None);
        set.insert(128);
        set.insert(3);
        set.insert(70);
        assert_eq!(
            set.take_next(),
            Some(3),
            "after the last one comes the first"
        );
        set.insert(2);
        assert_eq!(set.take_next(), Some(70));
        assert_eq!(set.take_next(), Some(128));
        assert_eq!(set.take_next(), Some(2));
        assert_eq!(set.take_next(), None);
    }

    #[test]
    fn an_empty_set_has_no_member() {
        assert_eq!(ReadySet::all(0).take_next(), None);
    }
}
