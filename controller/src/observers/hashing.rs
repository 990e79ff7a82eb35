//! What a result is made from is found out beside its run.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use serde_json::Value as Json;

use crate::made_from::MadeFrom;
use crate::places::write_whole;

/// What the thread needs: its buffer is not on its stack.
const STACK: usize = 128 * 1024;

/// From one look whether there are rows to the next.
const INTERVAL: Duration = Duration::from_millis(50);

/// Hashes of files, made beside the run by a thread of their own.
#[derive(Debug)]
pub(super) struct Hashing {
    /// Closed when the run is over.
    going_on: SyncSender<()>,
    thread: Option<JoinHandle<MadeFrom>>,
}

/// The record of a run that goes on. What is left of one that is killed has it beside it, so that another run can see
/// whether it may go on with that.
#[derive(Debug)]
pub(super) struct Beginning {
    /// The rows, which come first: with them goes the record of those before.
    pub(super) partial: PathBuf,
    pub(super) record: PathBuf,
    /// What is in the record beside the hashes.
    pub(super) content: Json,
}

impl Hashing {
    /// Begins to hash files, and writes the record once there are rows. Where there is no thread to be had, there are
    /// no hashes.
    pub(super) fn files(paths: Vec<PathBuf>, beginning: Option<Beginning>) -> Self {
        let thread = thread::Builder::new()
            .name("hashes".to_owned())
            .stack_size(STACK);
        let (going_on, over) = sync_channel(0);
        let earlier = beginning.as_ref().and_then(Beginning::rows);
        let work = move || {
            let made_from = MadeFrom::now(paths);
            if let Some(beginning) = beginning {
                beginning.write(earlier, &made_from, &over);
            }
            made_from
        };
        let thread = thread.spawn(work).ok();
        Self { going_on, thread }
    }

    /// The files, in their order.
    pub(super) fn finish(self) -> MadeFrom {
        drop(self.going_on);
        let hashed = self.thread.and_then(|thread| thread.join().ok());
        hashed.unwrap_or_default()
    }
}

impl Beginning {
    /// What the rows look like: how long they are, and since when.
    fn rows(&self) -> Option<(u64, SystemTime)> {
        let rows = std::fs::metadata(&self.partial).ok()?;
        Some((rows.len(), rows.modified().ok()?))
    }

    /// Writes it once there are rows that are none of those of an earlier run.
    fn write(
        mut self,
        earlier: Option<(u64, SystemTime)>,
        made_from: &MadeFrom,
        over: &Receiver<()>,
    ) {
        while over.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
            let rows = self.rows();
            if rows != earlier && rows.is_some_and(|(length, _)| length > 0) {
                self.content["made_from"] = made_from.to_json();
                let text = format!("{:#}\n", self.content);
                // The one at the end says what is wrong, if that is still so.
                let _ = write_whole(&self.record, text.as_bytes());
                return;
            }
        }
    }
}
