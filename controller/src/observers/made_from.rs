//! What a result was made from: the files, and their SHA-256.

use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::places::write_whole;

/// A larger file is not hashed: nobody would wait for it.
const MAX_HASHED: u64 = 1024 * 1024 * 1024;

/// What the thread needs: its buffer is not on its stack.
const STACK: usize = 128 * 1024;

/// From one look whether there are rows to the next.
const INTERVAL: Duration = Duration::from_millis(50);

/// Hashes of files, made beside the run by a thread of their own.
#[derive(Debug)]
pub(super) struct MadeFrom {
    /// Closed when the run is over.
    going_on: SyncSender<()>,
    thread: Option<JoinHandle<Vec<Json>>>,
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

impl MadeFrom {
    /// Begins to hash files, and writes the record once there are rows. Where there is no thread to be had, there are
    /// no hashes.
    pub(super) fn files(paths: Vec<PathBuf>, beginning: Option<Beginning>) -> Self {
        let thread = thread::Builder::new()
            .name("hashes".to_owned())
            .stack_size(STACK);
        let (going_on, over) = sync_channel(0);
        let earlier = beginning.as_ref().and_then(Beginning::rows);
        let work = move || {
            let hashes: Vec<Json> = paths.iter().map(|path| to_json(path)).collect();
            if let Some(beginning) = beginning {
                beginning.write(earlier, &hashes, &over);
            }
            hashes
        };
        let thread = thread.spawn(work).ok();
        Self { going_on, thread }
    }

    /// `path`, `bytes` and `sha256` of each file, in their order.
    pub(super) fn finish(self) -> Vec<Json> {
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
    fn write(mut self, earlier: Option<(u64, SystemTime)>, hashes: &[Json], over: &Receiver<()>) {
        while over.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
            let rows = self.rows();
            if rows != earlier && rows.is_some_and(|(length, _)| length > 0) {
                self.content["made_from"] = json!(hashes);
                let text = format!("{:#}\n", self.content);
                // The one at the end says what is wrong, if that is still so.
                let _ = write_whole(&self.record, text.as_bytes());
                return;
            }
        }
    }
}

fn to_json(path: &Path) -> Json {
    let (bytes, sha256) = match hash(path) {
        Ok((bytes, sha256)) => (Some(bytes), sha256),
        Err(_) => (None, None),
    };
    json!({"path": path.display().to_string(), "bytes": bytes, "sha256": sha256})
}

/// Length and hash of a file. What is no ordinary file has no hash: it cannot be read twice.
pub(crate) fn hash(path: &Path) -> io::Result<(u64, Option<String>)> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() > MAX_HASHED {
        return Ok((metadata.len(), None));
    }
    let (mut file, mut hasher) = (File::open(path)?, Sha256::new());
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            length => hasher.update(&piece[..length]),
        }
    }
    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok((metadata.len(), Some(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_hash_that_others_find() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").expect("written");
        let found = MadeFrom::files(vec![path, folder.path().join("b")], None).finish();
        // FIPS 180-2, appendix B.1.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(
            (&found[0]["sha256"], &found[0]["bytes"]),
            (&known.into(), &3.into())
        );
        assert_eq!(found[1]["sha256"], Json::Null);
    }
}
