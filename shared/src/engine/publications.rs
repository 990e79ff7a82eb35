//! What a source has published and somebody still has to read.

use super::cursor::Cursor;
use super::wiring::{ReaderId, Source};
use crate::index::Table;
use crate::memory::{Account, OutOfMemory, items};
use crate::plan::Position;
use crate::time::Tick;
use crate::value::Value;

/// The publications of one source, for its readers on this site.
///
/// Holds at most as many as the window of the source. A reader looks at the newest publication at or
/// before the tick it looks at; what every reader has passed is dropped.
#[derive(Debug, Default)]
pub(super) struct Publications {
    /// The tick of the source's next publication: everything before it is final.
    next: Tick,
    /// Their ticks, in a ring whose size is a power of two: the place of a publication is its
    /// number modulo that. Places are used again, never given back, so that in the long run no step
    /// takes memory.
    ticks: Vec<Tick>,
    /// Their values, those of one publication for each place of the ring.
    values: Vec<Value>,
    /// What the values of each place take beside it; empty as long as none takes anything.
    weights: Vec<usize>,
    /// How many have been dropped so far: the number of the oldest one.
    dropped: u64,
    /// How many have been taken so far: the number of the next one.
    taken: u64,
    /// The source found no room and wants to be woken when there is some.
    source_waits: bool,
}

/// The places of a ring before it grows: enough for a source that is a few steps ahead.
const PLACES: usize = 4;

impl Publications {
    pub(super) fn next(&self) -> Tick {
        self.next
    }

    /// Whether everything is there that a reader can want at the tick it looks at.
    #[inline]
    pub(super) fn is_final_for(&self, cursor: &Cursor) -> bool {
        u64::try_from(cursor.look).map_or(true, |look| self.next > look)
    }

    /// Moves a reader to the newest publication at or before the tick it looks at; a reader that
    /// looks at a tick before the start stays.
    #[inline]
    pub(super) fn seek(&self, source: &Source, cursor: &mut Cursor) {
        let Ok(look) = u64::try_from(cursor.look) else {
            return;
        };
        let mask = self.ticks.len().wrapping_sub(1);
        let mut number = cursor.publication;
        while number + 1 < self.taken && self.ticks[place(number + 1, mask)] <= look {
            number += 1;
        }
        cursor.publication = number;
        cursor.values = place(number, mask) * source.stride;
    }

    /// A value of the publication to which a reader has been moved.
    #[inline]
    pub(super) fn value(&self, cursor: &Cursor, position: Position) -> &Value {
        &self.values[cursor.values + position.0 as usize]
    }

    /// Whether the source waits for room; it is asked once.
    #[inline]
    pub(super) fn take_wait(&mut self) -> bool {
        std::mem::take(&mut self.source_waits)
    }

    /// Whether one more can be taken; if not, the source is noted as waiting.
    #[inline]
    pub(super) fn has_room(
        &mut self,
        source: &Source,
        cursors: &mut Table<ReaderId, Cursor>,
    ) -> bool {
        if self.len() >= self.ticks.len().min(source.window) {
            self.trim(source, cursors);
        }
        self.source_waits = self.len() >= source.window;
        !self.source_waits
    }

    /// Drops what no reader will look at again. Returns how many publications that were.
    pub(super) fn trim(&mut self, source: &Source, cursors: &mut Table<ReaderId, Cursor>) -> usize {
        let mut oldest = self.taken.saturating_sub(1).max(self.dropped);
        for &reader in &source.readers {
            let cursor = &mut cursors[reader];
            self.seek(source, cursor);
            oldest = oldest.min(cursor.publication);
        }
        let count = oldest - self.dropped;
        self.dropped = oldest;
        // Fewer than the window.
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// Takes one; returns the places for its values. Nothing is taken where that would be too much
    /// memory.
    #[inline]
    pub(super) fn push(
        &mut self,
        source: &Source,
        tick: Tick,
        next: Tick,
        account: &mut Account,
    ) -> Result<&mut [Value], OutOfMemory> {
        if self.len() == self.ticks.len() {
            self.grow(source.stride, account)?;
        }
        let place = place(self.taken, self.ticks.len() - 1);
        self.ticks[place] = tick;
        self.taken += 1;
        self.next = next;
        Ok(&mut self.values[place * source.stride..][..source.stride])
    }

    /// Books what the values of the last one take beside their places, in place of what those took
    /// that were there before.
    #[inline]
    pub(super) fn weigh(
        &mut self,
        source: &Source,
        account: &mut Account,
    ) -> Result<(), OutOfMemory> {
        let place = place(self.taken.wrapping_sub(1), self.ticks.len().wrapping_sub(1));
        let values = &self.values[place * source.stride..][..source.stride];
        let weight: usize = values.iter().map(Value::heap_bytes).sum();
        if weight == 0 && self.weights.is_empty() {
            return Ok(());
        }
        self.weights.resize(self.ticks.len(), 0);
        account.give(std::mem::take(&mut self.weights[place]));
        account.take(weight)?;
        self.weights[place] = weight;
        Ok(())
    }

    /// Makes the ring twice as large.
    #[cold]
    fn grow(&mut self, stride: usize, account: &mut Account) -> Result<(), OutOfMemory> {
        let old = self.ticks.len();
        let new = (old * 2).max(PLACES);
        account.take(ring_bytes(new, stride))?;
        let mut ticks = vec![0; new];
        let mut values = vec![Value::Null; new * stride];
        let mut weights = vec![0; if self.weights.is_empty() { 0 } else { new }];
        for number in self.dropped..self.taken {
            let (from, to) = (place(number, old - 1), place(number, new - 1));
            ticks[to] = self.ticks[from];
            if let Some(weight) = self.weights.get_mut(from) {
                weights[to] = std::mem::take(weight);
            }
            let from = &mut self.values[from * stride..][..stride];
            values[to * stride..][..stride].swap_with_slice(from);
        }
        // What nobody was going to look at again goes with its places.
        account.give(ring_bytes(old, stride) + self.weights.iter().sum::<usize>());
        (self.ticks, self.values, self.weights) = (ticks, values, weights);
        Ok(())
    }

    /// How many are held.
    #[inline]
    pub(super) fn len(&self) -> usize {
        // At most the window.
        usize::try_from(self.taken - self.dropped).unwrap_or(usize::MAX)
    }
}

/// What a ring of so many places takes.
fn ring_bytes(places: usize, stride: usize) -> usize {
    let values = places.saturating_mul(stride);
    // The last one is for the weights.
    [
        items::<Tick>(places),
        items::<Value>(values),
        items::<usize>(places),
    ]
    .into_iter()
    .fold(0, usize::saturating_add)
}

/// The place of a publication in a ring, whose size less one is the mask.
#[inline]
#[allow(
    clippy::cast_possible_truncation,
    reason = "the mask leaves the lower bits only"
)]
fn place(number: u64, mask: usize) -> usize {
    number as usize & mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::wiring::Publisher;
    use crate::memory::Pool;
    use crate::plan::LocalId;

    /// A source with one reader, and what is there of it.
    struct Trial {
        source: Source,
        publications: Publications,
        cursors: Table<ReaderId, Cursor>,
    }

    impl Trial {
        /// With a reader that looks at this tick.
        fn new(window: usize, look: i64) -> Self {
            let mut source = Source::new(Publisher::Local(LocalId(0)), 1, window);
            source.readers.push(ReaderId(0));
            let mut cursor = Cursor::new(false);
            cursor.look = look;
            Self {
                source,
                publications: Publications::default(),
                cursors: vec![cursor].into(),
            }
        }

        fn publish(&mut self, tick: Tick, next: Tick) {
            let value = i64::try_from(tick).expect("small");
            self.publish_value(Value::Int(value), (tick, next), &mut Account::unlimited());
        }

        fn publish_value(
            &mut self,
            value: Value,
            (tick, next): (Tick, Tick),
            account: &mut Account,
        ) {
            let places = self.publications.push(&self.source, tick, next, account);
            places.expect("memory")[0] = value;
        }

        fn has_room(&mut self) -> bool {
            self.publications.has_room(&self.source, &mut self.cursors)
        }

        fn look(&mut self, tick: i64) {
            self.cursors[ReaderId(0)].look = tick;
        }

        fn is_final(&self) -> bool {
            self.publications.is_final_for(&self.cursors[ReaderId(0)])
        }

        fn seen(&mut self) -> &Value {
            assert!(self.is_final());
            let cursor = &mut self.cursors[ReaderId(0)];
            self.publications.seek(&self.source, cursor);
            self.publications.value(cursor, Position(0))
        }
    }

    #[test]
    fn a_reader_gets_the_newest_publication_at_or_before_its_tick() {
        let mut trial = Trial::new(8, 0);
        assert!(!trial.is_final());
        trial.publish(0, 4);
        for tick in 0..4 {
            trial.look(tick);
            assert_eq!(*trial.seen(), Value::Int(0));
        }
        trial.look(4);
        assert!(!trial.is_final());
        trial.publish(4, 8);
        assert_eq!(*trial.seen(), Value::Int(4));
    }

    #[test]
    fn a_look_before_the_start_is_final_and_moves_nobody() {
        let mut trial = Trial::new(8, -1);
        assert!(trial.is_final());
        trial.publish(0, 1);
        trial.publish(1, 2);
        let cursor = &mut trial.cursors[ReaderId(0)];
        trial.publications.seek(&trial.source, cursor);
        assert_eq!(cursor.publication, 0);
    }

    #[test]
    fn a_slow_reader_does_not_hold_what_it_will_never_look_at() {
        let mut trial = Trial::new(2, 100);
        for tick in 0..100 {
            assert!(trial.has_room());
            trial.publish(tick, tick + 1);
        }
        assert!(trial.publications.len() <= 2);
        trial.publish(100, 101);
        assert_eq!(*trial.seen(), Value::Int(100));
    }

    #[test]
    fn publications_keep_their_values_while_the_ring_grows() {
        let mut trial = Trial::new(64, 0);
        let mut tick = 0;
        for read in 0..40 {
            // Two steps forward, one back.
            for _ in 0..2 {
                if trial.has_room() {
                    trial.publish(tick, tick + 1);
                    tick += 1;
                }
            }
            trial.look(read);
            assert_eq!(*trial.seen(), Value::Int(read));
        }
    }

    #[test]
    fn a_source_stops_a_window_ahead_and_is_woken_once() {
        let mut trial = Trial::new(6, 0);
        let mut tick = 0;
        while trial.has_room() {
            trial.publish(tick, tick + 1);
            tick += 1;
        }
        assert_eq!(tick, 6);
        trial.look(1);
        assert!(trial.publications.take_wait(), "the source waits");
        assert!(trial.has_room());
        assert!(!trial.publications.take_wait(), "and is woken once");
    }

    #[test]
    fn what_is_held_is_booked_and_given_back_when_it_is_replaced() {
        let mut account = Account::of(&Pool::new(10_000_000), 10_000_000);
        let mut trial = Trial::new(8, 0);
        let large = Value::text(&"x".repeat(100_000));
        let mut most = 0;
        for tick in 0..100 {
            trial.look(i64::try_from(tick).expect("small"));
            assert!(trial.has_room());
            trial.publish_value(large.clone(), (tick, tick + 1), &mut account);
            let weighed = trial.publications.weigh(&trial.source, &mut account);
            weighed.expect("memory");
            most = most.max(account.taken());
        }
        assert!((400_000..1_000_000).contains(&most), "{most}");
        for tick in 100..104 {
            trial.look(i64::try_from(tick).expect("small"));
            assert!(trial.has_room());
            trial.publish_value(Value::Null, (tick, tick + 1), &mut account);
            let weighed = trial.publications.weigh(&trial.source, &mut account);
            weighed.expect("memory");
        }
        assert!(account.taken() < 1000, "{}", account.taken());
    }

    #[test]
    fn more_values_than_there_is_memory_for_take_none() {
        let mut account = Account::of(&Pool::new(1_000_000), 1_000_000);
        for stride in [1_000_000, usize::MAX / 4, usize::MAX] {
            let source = Source::new(Publisher::Local(LocalId(0)), stride, 8);
            let mut publications = Publications::default();
            assert!(publications.push(&source, 0, 1, &mut account).is_err());
            assert_eq!(account.taken(), 0);
        }
    }
}
