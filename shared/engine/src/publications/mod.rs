//! What a source has published and somebody still has to read.

use super::cursor::Cursor;
use super::wiring::{ReaderId, Source};
use shared::index::Table;
use shared::memory::{Account, OutOfMemory, items};
use shared::plan::Position;
use shared::time::Tick;
use shared::value::Value;

/// The publications of one source, for its readers on this site.
///
/// Holds at most as many as the window of the source. A reader looks at the newest publication at or
/// before the tick it looks at; what every reader has passed is dropped.
#[derive(Debug)]
pub(super) struct Publications {
    /// Values of a publication. The source has it as well; here it saves a look there in each step.
    stride: usize,
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
    /// None yet, of a source of so many values each, whose first one is for this tick.
    pub(super) fn new(stride: usize, next: Tick) -> Self {
        Self {
            stride,
            next,
            ticks: Vec::new(),
            values: Vec::new(),
            weights: Vec::new(),
            dropped: 0,
            taken: 0,
            source_waits: false,
        }
    }

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
    pub(super) fn seek(&self, cursor: &mut Cursor) {
        let Ok(look) = u64::try_from(cursor.look) else {
            return;
        };
        let mask = self.ticks.len().wrapping_sub(1);
        let mut number = cursor.publication;
        while number + 1 < self.taken && self.ticks[place(number + 1, mask)] <= look {
            number += 1;
        }
        cursor.publication = number;
        cursor.values = place(number, mask) * self.stride;
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
            self.seek(cursor);
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

    /// Books what the values of the last one take beside their places, in place of what those took
    /// that were there before.
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

    /// Makes the ring twice as large.
    #[cold]
    fn grow(&mut self, account: &mut Account) -> Result<(), OutOfMemory> {
        let (stride, old) = (self.stride, self.ticks.len());
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
mod tests;
