//! What a source has published and somebody still has to read.

use super::cursor::Reader;
use crate::memory::{Account, OutOfMemory, items};
use crate::time::Tick;
use crate::value::Value;

/// The publications of one source, for its readers on this site.
///
/// Holds at most `window` publications. A reader looks at the newest publication at or before the
/// tick it looks at; what every reader has passed is dropped.
#[derive(Debug)]
pub(super) struct History {
    /// Values per publication.
    stride: usize,
    window: usize,
    /// The tick of the source's next publication: everything before it is final.
    next: Tick,
    /// The ticks of the publications, in a ring whose size is a power of two: the place of a
    /// publication is its number modulo that. Places are used again, never given back, so that in
    /// the long run no step takes memory.
    ticks: Vec<Tick>,
    /// Their values, `stride` for each place of the ring.
    values: Vec<Value>,
    /// What the values of each place take beside it; empty as long as none takes anything.
    weights: Vec<usize>,
    /// Number of publications dropped so far: the number of the oldest one.
    dropped: u64,
    /// Number of publications taken so far: the number of the next one.
    taken: u64,
    /// Its readers, among those of the engine.
    readers: Vec<usize>,
    /// The members that read, in the order of the readers.
    owners: Vec<usize>,
    /// The source found no room and wants to be woken when there is some.
    source_waits: bool,
}

/// The places of a ring before it grows: enough for a source that is a few steps ahead.
const PLACES: usize = 4;

impl History {
    pub(super) fn new(stride: usize, window: usize) -> Self {
        Self {
            stride,
            window: window.max(2),
            next: 0,
            ticks: Vec::new(),
            values: Vec::new(),
            weights: Vec::new(),
            dropped: 0,
            taken: 0,
            readers: Vec::new(),
            owners: Vec::new(),
            source_waits: false,
        }
    }

    /// Adds a reader with its number among those of the engine.
    pub(super) fn add_reader(&mut self, number: usize, owner: usize) {
        self.readers.push(number);
        self.owners.push(owner);
    }

    /// Sets the number of values per publication; only before the first one.
    pub(super) fn widen(&mut self, stride: usize) {
        self.stride = stride;
    }

    /// Sets the window; only before the first publication, and never below what it was.
    pub(super) fn open(&mut self, window: usize) {
        self.window = self.window.max(window);
    }

    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    pub(super) fn next(&self) -> Tick {
        self.next
    }

    /// Whether everything is there that this reader can want at the tick it looks at.
    #[inline]
    pub(super) fn is_final_for(&self, reader: &Reader) -> bool {
        u64::try_from(reader.look).map_or(true, |look| self.next > look)
    }

    /// Moves a reader to the newest publication at or before the tick it looks at; a reader that
    /// looks at a tick before the start stays.
    #[inline]
    pub(super) fn seek(&self, reader: &mut Reader) {
        let Ok(look) = u64::try_from(reader.look) else {
            return;
        };
        let mask = self.ticks.len().wrapping_sub(1);
        let mut position = reader.position;
        while position + 1 < self.taken && self.ticks[place(position + 1, mask)] <= look {
            position += 1;
        }
        reader.position = position;
        reader.values = place(position, mask) * self.stride;
    }

    /// A value of the publication to which a reader has been moved.
    #[inline]
    pub(super) fn value(&self, reader: &Reader, attribute: usize) -> &Value {
        &self.values[reader.values + attribute]
    }

    /// Whether the source waits for room; it is asked once.
    #[inline]
    pub(super) fn take_wait(&mut self) -> bool {
        std::mem::take(&mut self.source_waits)
    }

    /// Whether one more publication can be taken; if not, the source is noted as waiting.
    #[inline]
    pub(super) fn has_room(&mut self, readers: &mut [Reader]) -> bool {
        if self.len() >= self.ticks.len().min(self.window) {
            self.trim(readers);
        }
        self.source_waits = self.len() >= self.window;
        !self.source_waits
    }

    /// Drops what no reader will look at again. Returns how many publications that were.
    pub(super) fn trim(&mut self, readers: &mut [Reader]) -> usize {
        let mut oldest = self.taken.saturating_sub(1).max(self.dropped);
        for &number in &self.readers {
            let reader = &mut readers[number];
            self.seek(reader);
            oldest = oldest.min(reader.position);
        }
        let count = oldest - self.dropped;
        self.dropped = oldest;
        // Fewer than the window.
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// Takes a publication; returns the places for its values. Nothing is taken where that would
    /// be too much memory.
    #[inline]
    pub(super) fn push(
        &mut self,
        tick: Tick,
        next: Tick,
        account: &mut Account,
    ) -> Result<&mut [Value], OutOfMemory> {
        if self.len() == self.ticks.len() {
            self.grow(account)?;
        }
        let place = place(self.taken, self.ticks.len() - 1);
        self.ticks[place] = tick;
        self.taken += 1;
        self.next = next;
        Ok(&mut self.values[place * self.stride..][..self.stride])
    }

    /// Books what the values of the last publication take beside their places, in place of what
    /// those took that were there before.
    #[inline]
    pub(super) fn weigh(&mut self, account: &mut Account) -> Result<(), OutOfMemory> {
        let place = place(self.taken.wrapping_sub(1), self.ticks.len().wrapping_sub(1));
        let values = &self.values[place * self.stride..][..self.stride];
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

    /// What a ring of so many places takes.
    fn ring_bytes(&self, places: usize) -> usize {
        let values = places.saturating_mul(self.stride);
        // The last one is for the weights.
        [
            items::<Tick>(places),
            items::<Value>(values),
            items::<usize>(places),
        ]
        .into_iter()
        .fold(0, usize::saturating_add)
    }

    /// Makes the ring twice as large.
    #[cold]
    fn grow(&mut self, account: &mut Account) -> Result<(), OutOfMemory> {
        let old = self.ticks.len();
        let new = (old * 2).max(PLACES);
        account.take(self.ring_bytes(new))?;
        let mut ticks = vec![0; new];
        let mut values = vec![Value::Null; new * self.stride];
        let mut weights = vec![0; if self.weights.is_empty() { 0 } else { new }];
        for number in self.dropped..self.taken {
            let (from, to) = (place(number, old - 1), place(number, new - 1));
            ticks[to] = self.ticks[from];
            if let Some(weight) = self.weights.get_mut(from) {
                weights[to] = std::mem::take(weight);
            }
            let from = &mut self.values[from * self.stride..][..self.stride];
            values[to * self.stride..][..self.stride].swap_with_slice(from);
        }
        // What nobody was going to look at again goes with its places.
        account.give(self.ring_bytes(old) + self.weights.iter().sum::<usize>());
        (self.ticks, self.values, self.weights) = (ticks, values, weights);
        Ok(())
    }

    /// Number of publications held.
    #[inline]
    pub(super) fn len(&self) -> usize {
        // At most the window.
        usize::try_from(self.taken - self.dropped).unwrap_or(usize::MAX)
    }

    pub(super) fn window(&self) -> usize {
        self.window
    }

    /// The members that read, one entry per reader.
    #[inline]
    pub(super) fn owners(&self) -> &[usize] {
        &self.owners
    }
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
    use crate::memory::Pool;

    fn publish(history: &mut History, tick: Tick, next: Tick) {
        let value = i64::try_from(tick).expect("small");
        let places = history.push(tick, next, &mut Account::unlimited());
        places.expect("memory")[0] = Value::Int(value);
    }

    fn reader_of(history: &mut History, look: i64) -> [Reader; 1] {
        history.add_reader(0, 0);
        let mut reader = Reader::new(0, false);
        reader.look = look;
        [reader]
    }

    fn seen<'a>(history: &'a History, reader: &mut Reader) -> &'a Value {
        assert!(history.is_final_for(reader));
        history.seek(reader);
        history.value(reader, 0)
    }

    #[test]
    fn a_reader_gets_the_newest_publication_at_or_before_its_tick() {
        let mut history = History::new(1, 8);
        let [mut reader] = reader_of(&mut history, 0);
        assert!(!history.is_final_for(&reader));
        publish(&mut history, 0, 4);
        for tick in 0..4 {
            reader.look = tick;
            assert_eq!(*seen(&history, &mut reader), Value::Int(0));
        }
        reader.look = 4;
        assert!(!history.is_final_for(&reader));
        publish(&mut history, 4, 8);
        assert_eq!(*seen(&history, &mut reader), Value::Int(4));
    }

    #[test]
    fn a_look_before_the_start_is_final_and_moves_nobody() {
        let mut history = History::new(1, 8);
        let [mut reader] = reader_of(&mut history, -1);
        assert!(history.is_final_for(&reader));
        publish(&mut history, 0, 1);
        publish(&mut history, 1, 2);
        history.seek(&mut reader);
        assert_eq!(reader.position, 0);
    }

    #[test]
    fn a_slow_reader_does_not_hold_what_it_will_never_look_at() {
        let mut history = History::new(1, 2);
        let mut readers = reader_of(&mut history, 100);
        for tick in 0..100 {
            assert!(history.has_room(&mut readers));
            publish(&mut history, tick, tick + 1);
        }
        assert!(history.len() <= 2);
        publish(&mut history, 100, 101);
        assert_eq!(*seen(&history, &mut readers[0]), Value::Int(100));
    }

    #[test]
    fn publications_keep_their_values_while_the_ring_grows() {
        let mut history = History::new(1, 64);
        let mut readers = reader_of(&mut history, 0);
        let mut tick = 0;
        for read in 0..40 {
            // Two steps forward, one back.
            for _ in 0..2 {
                if history.has_room(&mut readers) {
                    publish(&mut history, tick, tick + 1);
                    tick += 1;
                }
            }
            readers[0].look = read;
            assert_eq!(*seen(&history, &mut readers[0]), Value::Int(read));
        }
    }

    #[test]
    fn a_source_stops_a_window_ahead_and_is_woken_once() {
        let mut history = History::new(1, 6);
        let mut readers = reader_of(&mut history, 0);
        let mut tick = 0;
        while history.has_room(&mut readers) {
            publish(&mut history, tick, tick + 1);
            tick += 1;
        }
        assert_eq!(tick, 6);
        readers[0].look = 1;
        assert!(history.take_wait(), "the source waits");
        assert!(history.has_room(&mut readers));
        assert!(!history.take_wait(), "and is woken once");
    }

    #[test]
    fn what_a_history_holds_is_booked_and_given_back_when_it_is_replaced() {
        let mut account = Account::of(&Pool::new(10_000_000), 10_000_000);
        let mut history = History::new(1, 8);
        let mut readers = reader_of(&mut history, 0);
        let large = Value::text(&"x".repeat(100_000));
        let mut most = 0;
        for tick in 0..100 {
            readers[0].look = i64::try_from(tick).expect("small");
            assert!(history.has_room(&mut readers));
            let places = history.push(tick, tick + 1, &mut account);
            places.expect("memory")[0] = large.clone();
            history.weigh(&mut account).expect("memory");
            most = most.max(account.taken());
        }
        assert!((400_000..1_000_000).contains(&most), "{most}");
        for tick in 100..104 {
            readers[0].look = i64::try_from(tick).expect("small");
            assert!(history.has_room(&mut readers));
            let places = history.push(tick, tick + 1, &mut account);
            places.expect("memory")[0] = Value::Null;
            history.weigh(&mut account).expect("memory");
        }
        assert!(account.taken() < 1000, "{}", account.taken());
    }

    #[test]
    fn a_history_of_more_values_than_there_is_memory_for_takes_none() {
        let mut account = Account::of(&Pool::new(1_000_000), 1_000_000);
        for stride in [1_000_000, usize::MAX / 4, usize::MAX] {
            let mut history = History::new(stride, 8);
            assert!(history.push(0, 1, &mut account).is_err());
            assert_eq!(account.taken(), 0);
        }
    }
}
