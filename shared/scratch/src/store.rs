//! Where the blocks of all logs of a process are.

use std::collections::VecDeque;
use std::env;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use thiserror::Error;

use crate::file::{Blocks, size};

/// The bytes of blocks that stay in memory, unless [`VARIABLE`] says how many.
const MEMORY: usize = 4 * 1024 * 1024;

/// For tests, which do not want to keep as much before something goes to the file.
const VARIABLE: &str = "ILLUMINATOR_KEPT_IN_MEMORY";

/// The bytes of blocks that may wait for the disk; with more, whoever has another one waits for it as well.
const WAITING: usize = 4 * 1024 * 1024;

/// What was kept is not there any more, and why.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Lost(String);

/// Where logs keep their blocks.
#[derive(Clone, Debug)]
pub struct Scratch(Arc<Handle>);

/// The last one of these ends the thread.
#[derive(Debug)]
struct Handle(Arc<Store>);

#[derive(Debug)]
struct Store {
    /// Where there may be a file: in the first of these that has one.
    folders: Vec<PathBuf>,
    /// The bytes that may be in memory, and those that are.
    memory: usize,
    held: AtomicUsize,
    is_lost: AtomicBool,
    state: Mutex<State>,
    /// A block has been written, or is to be, or none will be any more.
    changed: Condvar,
    /// Once there is one.
    file: Mutex<Option<Blocks>>,
}

#[derive(Debug, Default)]
struct State {
    /// What is to be written, one behind the other, and its bytes.
    queue: VecDeque<Vec<u8>>,
    waiting: usize,
    /// Where the next block will be, and up to where there are blocks.
    end: u64,
    written: u64,
    has_thread: bool,
    is_over: bool,
    failure: Option<Lost>,
    is_told: bool,
}

/// Where a block is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Memory(Arc<[u8]>),
    File { offset: u64, length: usize },
}

impl Scratch {
    /// Keeps 4 MiB in memory, and the rest in a file in this folder; where there can be none, in that for temporary files,
    /// which often is memory.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self::new(vec![folder, env::temp_dir()])
    }

    /// Keeps 4 MiB in memory, and the rest in a file, in the first of these folders in which there can be one.
    pub fn new(folders: Vec<PathBuf>) -> Self {
        let memory = env::var(VARIABLE).ok();
        let memory = memory.and_then(|bytes| bytes.parse().ok());
        Self::with_memory(folders, memory.unwrap_or(MEMORY))
    }

    /// Likewise with so many bytes in memory.
    pub fn with_memory(folders: Vec<PathBuf>, memory: usize) -> Self {
        Self(Arc::new(Handle(Arc::new(Store {
            folders,
            memory,
            held: AtomicUsize::new(0),
            is_lost: AtomicBool::new(false),
            state: Mutex::default(),
            changed: Condvar::new(),
            file: Mutex::new(None),
        }))))
    }

    /// Why nothing is kept any more, where that is so.
    ///
    /// # Errors
    /// It is.
    pub fn check(&self) -> Result<(), Lost> {
        if !self.is_lost() {
            return Ok(());
        }
        let failure = self.store().state().failure.clone();
        failure.map_or(Ok(()), Err)
    }

    /// What is to be said of it to whoever sees the run: once.
    pub fn news(&self) -> Option<String> {
        if !self.is_lost() {
            return None;
        }
        let mut state = self.store().state();
        let is_told = std::mem::replace(&mut state.is_told, true);
        let lost = state.failure.as_ref().filter(|_| !is_told)?;
        Some(format!(
            "what a loss needs to be computed again can no longer be kept: {lost}; the run goes on, and ends where it \
             loses a node or a bridge from now on; make room there before the next one"
        ))
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.store().is_lost.load(Ordering::Relaxed)
    }

    /// Takes a block. `None` where it is lost.
    pub(crate) fn put(&self, block: Vec<u8>) -> Option<Place> {
        let (store, length) = (self.store(), block.len());
        let room = |held: usize| {
            held.checked_add(length)
                .filter(|held| *held <= store.memory)
        };
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        if store.held.fetch_update(set, fetch, room).is_ok() {
            return Some(Place::Memory(block.into()));
        }
        let mut state = store.state();
        while state.waiting > WAITING && state.failure.is_none() {
            state = store.wait(state);
        }
        if state.failure.is_some() {
            return None;
        }
        if !state.has_thread {
            state.has_thread = true;
            let writer = Arc::clone(store);
            let thread = thread::Builder::new().name("scratch".to_owned());
            if let Err(error) = thread.spawn(move || writer.write()) {
                store.lose(
                    &mut state,
                    format!("there is no thread for its file: {error}"),
                );
                return None;
            }
        }
        let offset = state.end;
        state.end += size(length);
        state.waiting += length;
        state.queue.push_back(block);
        store.changed.notify_all();
        Some(Place::File { offset, length })
    }

    /// Reads a block.
    pub(crate) fn take(&self, place: &Place) -> Result<Arc<[u8]>, Lost> {
        let (offset, length) = match place {
            Place::Memory(block) => return Ok(Arc::clone(block)),
            Place::File { offset, length } => (*offset, *length),
        };
        let store = self.store();
        let mut state = store.state();
        while state.written <= offset && state.failure.is_none() {
            state = store.wait(state);
        }
        if let Some(lost) = &state.failure {
            return Err(lost.clone());
        }
        drop(state);
        let read = match &mut *store.file() {
            Some(file) => file.read(offset, length),
            None => Err("it has no file".to_owned()),
        };
        read.map(Arc::from).map_err(|why| self.lose(why))
    }

    /// Gives the room of the file, if there is one, to something that matters more: from then on nothing is kept.
    pub fn give_way(&self) {
        let has_file = self.store().file().is_some();
        if has_file {
            self.lose("its file has made room on a disk that is full".to_owned());
        }
    }

    /// From now on nothing is kept.
    pub(crate) fn lose(&self, why: String) -> Lost {
        self.store().lose(&mut self.store().state(), why)
    }

    fn store(&self) -> &Arc<Store> {
        &self.0.0
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.state().is_over = true;
        self.0.changed.notify_all();
    }
}

impl Store {
    /// Writes what comes, until nobody is left who could read it, or it cannot be written.
    fn write(&self) {
        while let Some((offset, block)) = self.next() {
            let written = self.write_block(offset, &block);
            let mut state = self.state();
            state.waiting -= block.len();
            state.written = offset + size(block.len());
            if let Err(why) = written {
                self.lose(&mut state, why);
            }
            self.changed.notify_all();
        }
    }

    /// The next block to be written, and where.
    fn next(&self) -> Option<(u64, Vec<u8>)> {
        let mut state = self.state();
        loop {
            if state.is_over || state.failure.is_some() {
                return None;
            }
            if let Some(block) = state.queue.pop_front() {
                return Some((state.written, block));
            }
            state = self.wait(state);
        }
    }

    fn write_block(&self, offset: u64, block: &[u8]) -> Result<(), String> {
        let mut file = self.file();
        if self.is_lost.load(Ordering::Relaxed) {
            return Ok(());
        }
        let file = match &mut *file {
            Some(file) => file,
            none => none.insert(Blocks::create(&self.folders)?),
        };
        file.write(offset, block)
    }

    fn lose(&self, state: &mut State, why: String) -> Lost {
        state.queue = VecDeque::new();
        self.is_lost.store(true, Ordering::Relaxed);
        // Nobody reads it any more, and its room may be what others want.
        *self.file() = None;
        self.changed.notify_all();
        state.failure.get_or_insert(Lost(why)).clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whoever panicked has left it whole: nothing in between can.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self) -> MutexGuard<'_, Option<Blocks>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let waited = self.changed.wait(state);
        waited.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gives_way_leaves_no_file_and_says_so_once() {
        let scratch = Scratch::with_memory(vec![env::temp_dir()], 4);
        let in_memory = scratch.put(vec![1; 4]).expect("room");
        scratch.give_way();
        assert!(scratch.check().is_ok(), "nothing takes room on a disk");
        let in_file = scratch.put(vec![2; 4]).expect("a file");
        assert_eq!(scratch.take(&in_file).as_deref(), Ok(&[2; 4][..]));

        scratch.give_way();
        assert!(scratch.store().file().is_none());
        assert!(scratch.put(vec![3; 4]).is_none());
        let lost = scratch.take(&in_file).expect_err("given up");
        assert!(lost.to_string().contains("made room"), "{lost}");
        assert!(scratch.take(&in_memory).is_ok());
        let news = scratch.news().expect("news");
        assert!(news.contains("the run goes on"), "{news}");
        assert_eq!(scratch.news(), None);
    }
}
