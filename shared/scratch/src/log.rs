//! Records of one kind, in the order in which they came.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::{Lost, Place, Scratch};

/// A block has as many records as go into so many bytes, and the one with which it is full.
const BLOCK: usize = 64 * 1024;

/// Records of one kind, in the order in which they came. A clone has those that there were when it was made.
pub struct Log<T> {
    scratch: Scratch,
    /// Full blocks, with the number of the first record in each.
    blocks: Vec<(u64, Place)>,
    /// The newest records, since this one.
    tail: Vec<u8>,
    first: u64,
    len: u64,
    kind: PhantomData<fn(T)>,
}

/// A place in a log: that before a record.
#[derive(Clone, Debug, Default)]
pub struct Cursor {
    /// The number of that record.
    record: u64,
    /// Where that is, once it has been looked up.
    found: Option<Found>,
}

/// Where a record is.
#[derive(Clone, Debug)]
struct Found {
    /// Its block, or the tail where there are no more blocks before it.
    block: usize,
    offset: usize,
    /// The content of the block, once it has been read.
    content: Option<Arc<[u8]>>,
}

impl Cursor {
    /// Before the record with this number; the first one is 0.
    pub fn at(record: u64) -> Self {
        let found = None;
        Self { record, found }
    }

    /// The number of the record behind it.
    pub fn record(&self) -> u64 {
        self.record
    }
}

impl<T> Log<T> {
    /// Nothing yet.
    pub fn new(scratch: &Scratch) -> Self {
        Self {
            scratch: scratch.clone(),
            blocks: Vec::new(),
            tail: Vec::new(),
            first: 0,
            len: 0,
            kind: PhantomData,
        }
    }

    /// How many records there have been.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there has been none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What it is kept in.
    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// The memory of its own goes where nothing will be read any more.
    #[cold]
    fn forget(&mut self) {
        (self.blocks, self.tail) = (Vec::new(), Vec::new());
    }
}

impl<T: Serialize + DeserializeOwned> Log<T> {
    /// Keeps another record.
    pub fn push(&mut self, record: &T) {
        self.len += 1;
        if self.scratch.is_lost() {
            self.forget();
            return;
        }
        match postcard::to_extend(record, std::mem::take(&mut self.tail)) {
            Ok(tail) => self.tail = tail,
            Err(error) => {
                self.scratch
                    .lose(format!("a record has no encoding: {error}"));
                return;
            }
        }
        if self.tail.len() >= BLOCK {
            let block = std::mem::replace(&mut self.tail, Vec::with_capacity(BLOCK + BLOCK / 4));
            if let Some(place) = self.scratch.put(block) {
                self.blocks.push((self.first, place));
            }
            self.first = self.len;
        }
    }

    /// Takes the record behind a place, and moves the place behind it. `None` where there is none yet.
    ///
    /// # Errors
    /// It is lost.
    pub fn next(&self, cursor: &mut Cursor) -> Result<Option<T>, Lost> {
        if cursor.record >= self.len {
            return Ok(None);
        }
        self.scratch.check()?;
        if cursor.found.is_none() {
            self.find(cursor)?;
        }
        self.decode(cursor).map(Some)
    }

    /// Looks up where a record is: behind those before it in its block.
    fn find(&self, cursor: &mut Cursor) -> Result<(), Lost> {
        let wanted = cursor.record;
        let later = self.blocks.partition_point(|(first, _)| *first <= wanted);
        let block = if wanted >= self.first {
            self.blocks.len()
        } else {
            later - 1
        };
        cursor.record = self
            .blocks
            .get(block)
            .map_or(self.first, |(first, _)| *first);
        cursor.found = Some(Found {
            block,
            offset: 0,
            content: None,
        });
        while cursor.record < wanted {
            self.decode(cursor)?;
        }
        Ok(())
    }

    fn decode(&self, cursor: &mut Cursor) -> Result<T, Lost> {
        let spoilt = || self.scratch.lose("a record is none".to_owned());
        let found = cursor.found.as_mut().ok_or_else(spoilt)?;
        let content = match (self.blocks.get(found.block), &found.content) {
            (None, _) => &self.tail,
            (Some(_), Some(content)) => &**content,
            (Some((_, place)), None) => &**found.content.insert(self.scratch.take(place)?),
        };
        let rest = content.get(found.offset..).ok_or_else(spoilt)?;
        let (record, rest) = postcard::take_from_bytes(rest).map_err(|_| spoilt())?;
        found.offset = content.len() - rest.len();
        if rest.is_empty() && found.block < self.blocks.len() {
            *found = Found {
                block: found.block + 1,
                offset: 0,
                content: None,
            };
        }
        cursor.record += 1;
        Ok(record)
    }
}

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self {
            scratch: self.scratch.clone(),
            blocks: self.blocks.clone(),
            tail: self.tail.clone(),
            ..*self
        }
    }
}

impl<T> fmt::Debug for Log<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log")
            .field("len", &self.len)
            .field("blocks", &self.blocks.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::*;

    fn scratch(memory: usize) -> Scratch {
        Scratch::with_memory(vec![std::env::temp_dir()], memory)
    }

    /// A record of so many bytes, which says its number.
    fn record(number: u64, bytes: usize) -> (u64, Vec<u8>) {
        (number, vec![number.to_le_bytes()[0]; bytes])
    }

    fn in_memory(log: &Log<(u64, Vec<u8>)>) -> usize {
        let blocks = log.blocks.iter().filter_map(|(_, place)| match place {
            Place::Memory(block) => Some(block.len()),
            Place::File { .. } => None,
        });
        blocks.sum()
    }

    #[test]
    fn records_are_read_as_they_came_from_memory_and_from_the_file() {
        for memory in [0, 2 * BLOCK, usize::MAX] {
            let mut log = Log::new(&scratch(memory));
            let mut reading = Cursor::default();
            for number in 0..1_000 {
                log.push(&record(number, 300));
                if number % 3 == 0 {
                    // Now and then somebody is behind, and at the end of what there is.
                    assert!(log.next(&mut reading).expect("there").is_some());
                }
            }
            assert!(in_memory(&log) <= memory);
            for from in [reading.record(), 0, 999, 66, 65, 640] {
                let mut cursor = Cursor::at(from);
                for number in from..1_000 {
                    let next = log.next(&mut cursor).expect("there");
                    assert_eq!(next, Some(record(number, 300)));
                }
                assert_eq!(log.next(&mut cursor), Ok(None));
            }
        }
    }

    #[test]
    fn a_clone_has_what_there_was() {
        let mut log = Log::new(&scratch(0));
        (0..500).for_each(|number| log.push(&record(number, 500)));
        let before = log.clone();
        (500..1_000).for_each(|number| log.push(&record(number, 500)));
        let mut cursor = Cursor::at(499);
        assert_eq!(before.next(&mut cursor), Ok(Some(record(499, 500))));
        assert_eq!(before.next(&mut cursor), Ok(None));
        assert_eq!(log.next(&mut cursor), Ok(Some(record(500, 500))));
    }

    #[test]
    fn where_there_can_be_no_file_all_is_lost_and_that_is_told_once() {
        let scratch = Scratch::with_memory(vec![PathBuf::from("/nowhere/at/all")], 3 * BLOCK);
        let mut log = Log::new(&scratch);
        let mut number = 0;
        while scratch.check().is_ok() {
            log.push(&record(number, 1_000));
            number += 1;
        }
        // What was in memory is of no use without the rest.
        log.push(&record(number, 1_000));
        assert!(log.blocks.is_empty() && log.tail.capacity() == 0);
        assert_eq!(log.len(), number + 1);
        let lost = log.next(&mut Cursor::default()).expect_err("it is lost");
        assert!(lost.to_string().contains("/nowhere/at/all"), "{lost}");
        let news = scratch.news().expect("it is told");
        assert!(news.contains(&lost.to_string()), "{news}");
        assert_eq!(scratch.news(), None);
        assert_eq!(log.next(&mut Cursor::at(number + 1)), Ok(None));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn whatever_their_sizes_records_come_back(
            sizes in prop::collection::vec(0_usize..20_000, 1..40),
            memory in 0_usize..200_000,
            from: prop::sample::Index,
        ) {
            let mut log = Log::new(&scratch(memory));
            for (number, size) in (0..).zip(&sizes) {
                log.push(&record(number, *size));
            }
            let from = from.index(sizes.len());
            let mut cursor = Cursor::at(from as u64);
            for (number, size) in (0..).zip(&sizes).skip(from) {
                prop_assert_eq!(log.next(&mut cursor), Ok(Some(record(number, *size))));
            }
            prop_assert_eq!(log.next(&mut cursor), Ok(None));
        }
    }
}
