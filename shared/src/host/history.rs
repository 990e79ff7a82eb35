//! What a source has published and somebody still has to read.

use std::collections::VecDeque;

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
    ticks: VecDeque<Tick>,
    values: VecDeque<Value>,
    /// Number of publications dropped so far: the number of the one in front.
    dropped: u64,
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
            ticks: VecDeque::new(),
            values: VecDeque::new(),
            dropped: 0,
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
        while let Some(&tick) = self.ticks.get(index(*position - self.dropped) + 1) {
            if tick > look {
                break;
            }
            *position += 1;
        }
        self.ticks
            .get(index(*position - self.dropped))
            .is_some_and(|&tick| tick <= look)
    }

    /// A value of the publication at which a reader stands.
    #[inline]
    pub(super) fn value(&self, reader: usize, attribute: usize) -> &Value {
        let number = index(self.readers[reader].position - self.dropped);
        &self.values[number * self.stride + attribute]
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
        if self.ticks.len() >= 2 {
            self.trim();
        }
        self.source_waits = self.ticks.len() >= self.window;
        !self.source_waits
    }

    /// Drops what no reader will look at again. Returns how many publications that were.
    pub(super) fn trim(&mut self) -> usize {
        let mut oldest = self.dropped + self.ticks.len().saturating_sub(1) as u64;
        for reader in 0..self.readers.len() {
            self.seek(reader);
            oldest = oldest.min(self.readers[reader].position);
        }
        let count = index(oldest - self.dropped);
        self.ticks.drain(..count);
        self.values.drain(..count * self.stride);
        self.dropped = oldest;
        count
    }

    /// Takes a publication; its values follow with [`History::push_value`].
    #[inline]
    pub(super) fn push(&mut self, tick: Tick, next: Tick) {
        self.ticks.push_back(tick);
        self.next = next;
    }

    #[inline]
    pub(super) fn push_value(&mut self, value: Value) {
        self.values.push_back(value);
    }

    /// Number of publications held.
    pub(super) fn len(&self) -> usize {
        self.ticks.len()
    }

    pub(super) fn window(&self) -> usize {
        self.window
    }

    /// The members that read, one entry per reader.
    pub(super) fn owners(&self) -> impl Iterator<Item = usize> + '_ {
        self.readers.iter().map(|reader| reader.owner)
    }
}

/// Positions relative to the front fit a `usize`: they are below the window.
#[inline]
fn index(relative: u64) -> usize {
    usize::try_from(relative).unwrap_or(usize::MAX)
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
