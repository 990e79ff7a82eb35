//! What a source has published and somebody still has to read.

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
    /// Where the next value goes.
    fill: usize,
    /// Number of publications dropped so far: the number of the oldest one.
    dropped: u64,
    /// Number of publications taken so far: the number of the next one.
    taken: u64,
    readers: Vec<Reader>,
    /// The source found no room and wants to be woken when there is some.
    source_waits: bool,
}

#[derive(Debug)]
struct Reader {
    /// The member of the host that reads.
    owner: usize,
    /// The tick at which the reader looks next: its own, or the one before for a time-shifted
    /// reader; negative where that is before the start.
    look: i64,
    /// The number of the publication that it looked at last.
    position: u64,
}

/// Where a reader looks that reads no more.
pub(super) const PAST_THE_END: i64 = i64::MAX;

impl History {
    pub(super) fn new(stride: usize, window: usize) -> Self {
        Self {
            stride,
            window: window.max(2),
            next: 0,
            ticks: Vec::new(),
            values: Vec::new(),
            fill: 0,
            dropped: 0,
            taken: 0,
            readers: Vec::new(),
            source_waits: false,
        }
    }

    /// Adds a reader; returns its number.
    pub(super) fn add_reader(&mut self, owner: usize, look: i64) -> usize {
        self.readers.push(Reader {
            owner,
            look,
            position: 0,
        });
        self.readers.len() - 1
    }

    /// Sets the number of values per publication; only before the first one.
    pub(super) fn widen(&mut self, stride: usize) {
        self.stride = stride;
    }

    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    pub(super) fn next(&self) -> Tick {
        self.next
    }

    /// Whether everything is there that this reader can want at the tick it looks at.
    #[inline]
    pub(super) fn is_final_for(&self, reader: usize) -> bool {
        u64::try_from(self.readers[reader].look).is_ok_and(|look| self.next > look)
            || self.readers[reader].look < 0
    }

    /// Moves a reader to the newest publication at or before the tick it looks at. Returns
    /// whether there is one.
    #[inline]
    pub(super) fn seek(&mut self, reader: usize) -> bool {
        let Reader { look, position, .. } = &mut self.readers[reader];
        let Ok(look) = u64::try_from(*look) else {
            return false;
        };
        let mask = self.ticks.len().wrapping_sub(1);
        while *position + 1 < self.taken && self.ticks[place(*position + 1, mask)] <= look {
            *position += 1;
        }
        *position < self.taken && self.ticks[place(*position, mask)] <= look
    }

    /// A value of the publication at which a reader stands.
    #[inline]
    pub(super) fn value(&self, reader: usize, attribute: usize) -> &Value {
        let mask = self.ticks.len().wrapping_sub(1);
        let place = place(self.readers[reader].position, mask);
        &self.values[place * self.stride + attribute]
    }

    /// Sets the tick at which a reader looks next. Returns whether the source waits for room.
    #[inline]
    pub(super) fn look(&mut self, reader: usize, look: i64) -> bool {
        self.readers[reader].look = look;
        std::mem::take(&mut self.source_waits)
    }

    /// Whether one more publication can be taken; if not, the source is noted as waiting.
    #[inline]
    pub(super) fn has_room(&mut self) -> bool {
        // In step with its readers, two are all there ever is.
        if self.len() >= 2 {
            self.trim();
        }
        self.source_waits = self.len() >= self.window;
        !self.source_waits
    }

    /// Drops what no reader will look at again. Returns how many publications that were.
    pub(super) fn trim(&mut self) -> usize {
        let mut oldest = self.taken.saturating_sub(1).max(self.dropped);
        for reader in 0..self.readers.len() {
            self.seek(reader);
            oldest = oldest.min(self.readers[reader].position);
        }
        let count = oldest - self.dropped;
        self.dropped = oldest;
        // Fewer than the window.
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// Takes a publication; its values follow with [`History::push_value`].
    #[inline]
    pub(super) fn push(&mut self, tick: Tick, next: Tick) {
        if self.len() == self.ticks.len() {
            self.grow();
        }
        let place = place(self.taken, self.ticks.len() - 1);
        self.ticks[place] = tick;
        self.fill = place * self.stride;
        self.taken += 1;
        self.next = next;
    }

    #[inline]
    pub(super) fn push_value(&mut self, value: Value) {
        self.values[self.fill] = value;
        self.fill += 1;
    }

    /// Makes the ring twice as large.
    #[cold]
    fn grow(&mut self) {
        let old = self.ticks.len();
        let new = (old * 2).max(2);
        let mut ticks = vec![0; new];
        let mut values = vec![Value::Null; new * self.stride];
        for number in self.dropped..self.taken {
            let (from, to) = (place(number, old - 1), place(number, new - 1));
            ticks[to] = self.ticks[from];
            let from = &mut self.values[from * self.stride..][..self.stride];
            values[to * self.stride..][..self.stride].swap_with_slice(from);
        }
        (self.ticks, self.values) = (ticks, values);
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
    pub(super) fn owners(&self) -> impl Iterator<Item = usize> + '_ {
        self.readers.iter().map(|reader| reader.owner)
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

    fn publish(history: &mut History, tick: Tick, next: Tick) {
        history.push(tick, next);
        history.push_value(Value::Int(i64::try_from(tick).expect("small")));
    }

    #[test]
    fn a_reader_gets_the_newest_publication_at_or_before_its_tick() {
        let mut history = History::new(1, 8);
        let reader = history.add_reader(0, 0);
        assert!(!history.is_final_for(reader));
        publish(&mut history, 0, 4);
        for tick in 0..4 {
            history.look(reader, tick);
            assert!(history.is_final_for(reader) && history.seek(reader));
            assert_eq!(*history.value(reader, 0), Value::Int(0));
        }
        history.look(reader, 4);
        assert!(!history.is_final_for(reader));
        publish(&mut history, 4, 8);
        assert!(history.is_final_for(reader) && history.seek(reader));
        assert_eq!(*history.value(reader, 0), Value::Int(4));
    }

    #[test]
    fn a_look_before_the_start_is_final_and_finds_nothing() {
        let mut history = History::new(1, 8);
        let reader = history.add_reader(0, -1);
        assert!(history.is_final_for(reader) && !history.seek(reader));
    }

    #[test]
    fn a_slow_reader_does_not_hold_what_it_will_never_look_at() {
        let mut history = History::new(1, 2);
        let reader = history.add_reader(0, 100);
        for tick in 0..100 {
            assert!(history.has_room());
            publish(&mut history, tick, tick + 1);
        }
        assert!(history.len() <= 2);
        publish(&mut history, 100, 101);
        assert!(history.seek(reader));
        assert_eq!(*history.value(reader, 0), Value::Int(100));
    }

    #[test]
    fn publications_keep_their_values_while_the_ring_grows() {
        let mut history = History::new(1, 64);
        let reader = history.add_reader(0, 0);
        let mut tick = 0;
        for read in 0..40 {
            // Two steps forward, one back.
            for _ in 0..2 {
                if history.has_room() {
                    publish(&mut history, tick, tick + 1);
                    tick += 1;
                }
            }
            history.look(reader, read);
            assert!(history.seek(reader));
            assert_eq!(*history.value(reader, 0), Value::Int(read));
        }
    }

    #[test]
    fn a_source_stops_a_window_ahead_and_is_woken_by_its_reader() {
        let mut history = History::new(1, 4);
        let reader = history.add_reader(0, 0);
        let mut tick = 0;
        while history.has_room() {
            publish(&mut history, tick, tick + 1);
            tick += 1;
        }
        assert_eq!(tick, 4);
        assert!(history.seek(reader));
        assert!(history.look(reader, 1), "the source waits");
        assert!(history.has_room());
        assert!(!history.look(reader, 1), "and is woken once");
    }
}
