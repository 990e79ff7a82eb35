//! Rows on their way to the result file, which has a thread of its own: making text of numbers takes
//! about as long as making the numbers.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use shared::engine::Rows;
use shared::time::Tick;
use shared::value::Value;

use super::result_file::ResultFile;
use crate::places::WriteError;

/// Rows go to the thread in blocks of about so many values.
const BLOCK: usize = 4096;

/// Blocks that may wait for the thread; with more, the run waits for the disk.
const WAITING: usize = 2;

/// What the thread needs: formatting recurses as deep as a value does, which has a limit.
const STACK: usize = 256 * 1024;

/// Takes rows, and has a thread write them.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// Where the rows go, as long as the run lasts.
    path: PathBuf,
    /// The rows that the thread has not been given yet.
    block: Block,
    /// Rows so far; once the file is complete, those that are in it.
    rows: Tick,
    thread: Option<Writer>,
    /// Once the thread has ended.
    file: Option<ResultFile>,
}

/// Rows that follow each other.
#[derive(Debug, Default)]
struct Block {
    first: Tick,
    rows: usize,
    values: Vec<Value>,
    /// The system is to have them at once.
    flush: bool,
}

#[derive(Debug)]
struct Writer {
    blocks: SyncSender<Block>,
    /// Blocks that have been written, to be filled again.
    empty: Receiver<Block>,
    handle: JoinHandle<(ResultFile, io::Result<()>)>,
}

impl Recorder {
    /// Starts the thread of a file.
    pub(crate) fn new(file: ResultFile) -> io::Result<Self> {
        let path = file.path();
        let (blocks, filled) = sync_channel(WAITING);
        let (written, empty) = channel();
        let thread = thread::Builder::new()
            .name("result".to_owned())
            .stack_size(STACK);
        let handle = thread.spawn(move || write(file, &filled, &written))?;
        Ok(Self {
            path,
            block: Block::default(),
            rows: 0,
            thread: Some(Writer {
                blocks,
                empty,
                handle,
            }),
            file: None,
        })
    }

    /// Rows so far. After an error, or once the file is complete: those that are in it.
    pub(crate) fn rows(&self) -> Tick {
        self.rows
    }

    /// Wraps an error that came through [`Rows`].
    pub(crate) fn error(&self, cause: io::Error) -> WriteError {
        WriteError::new(&self.path, cause)
    }

    /// Whether no row can be taken any more: the file is complete, or cannot be written.
    pub(crate) fn is_over(&self) -> bool {
        self.thread.is_none()
    }

    /// Has all rows so far handed to the system, without waiting for it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.rows == 0 || self.is_over() {
            return Ok(());
        }
        self.block.flush = true;
        self.hand_over()
    }

    /// Completes the file as far as rows have come; without any, nothing is written.
    pub(crate) fn close(&mut self) -> Result<(), WriteError> {
        self.end(ResultFile::close)
    }

    /// Completes the file; one without rows gets its header.
    pub(crate) fn finish(&mut self) -> Result<(), WriteError> {
        self.end(ResultFile::finish)
    }

    fn end(
        &mut self,
        complete: impl FnOnce(&mut ResultFile) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let joined = self.hand_over().and_then(|()| self.join());
        joined.map_err(|cause| self.error(cause))?;
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let result = complete(file);
        self.rows = file.rows();
        result
    }

    /// Lets a complete file take its place.
    pub(crate) fn settle(&self) -> Result<(), WriteError> {
        self.file.as_ref().map_or(Ok(()), ResultFile::settle)
    }

    /// Gives the thread the rows that it does not have yet. An error is the one that ended it.
    fn hand_over(&mut self) -> io::Result<()> {
        let Some(thread) = &self.thread else {
            return Err(ErrorKind::BrokenPipe.into());
        };
        let empty = thread.empty.try_recv().unwrap_or_default();
        let block = std::mem::replace(&mut self.block, empty);
        if thread.blocks.send(block).is_ok() {
            return Ok(());
        }
        self.join()?;
        Err(ErrorKind::BrokenPipe.into())
    }

    /// Waits until the thread has written what it was given. An error is the one that ended it.
    fn join(&mut self) -> io::Result<()> {
        let thread = self.thread.take();
        let handle = thread.map(|Writer { handle, .. }| handle);
        // The channels are closed here, which ends it.
        let ended = handle.and_then(|handle| handle.join().ok());
        let (file, written) = ended.ok_or_else(|| io::Error::from(ErrorKind::BrokenPipe))?;
        self.rows = file.rows();
        self.file = Some(file);
        written
    }
}

impl Drop for Recorder {
    /// What the file leaves behind it has left when this returns.
    fn drop(&mut self) {
        // Whoever wanted to know of an error has ended the file before.
        let _ = self.join();
    }
}

impl Rows for Recorder {
    fn row(&mut self, tick: Tick, values: &[Value]) -> io::Result<()> {
        if self.block.rows == 0 {
            self.block.first = tick;
        }
        self.block.values.extend_from_slice(values);
        self.block.rows += 1;
        self.rows = tick + 1;
        // The first row goes at once: a file that cannot be written is known early.
        if tick == 0 || self.block.values.len() >= BLOCK {
            self.hand_over()
        } else {
            Ok(())
        }
    }
}

/// Writes blocks until there are no more, or one cannot be written.
fn write(
    mut file: ResultFile,
    blocks: &Receiver<Block>,
    written: &Sender<Block>,
) -> (ResultFile, io::Result<()>) {
    for mut block in blocks {
        if let Err(error) = write_block(&mut file, &block) {
            return (file, Err(error));
        }
        block.rows = 0;
        block.values.clear();
        block.flush = false;
        // Nobody takes it any more where it was the last one.
        let _ = written.send(block);
    }
    (file, Ok(()))
}

fn write_block(file: &mut ResultFile, block: &Block) -> io::Result<()> {
    let columns = block.values.len().checked_div(block.rows).unwrap_or(0);
    let rows = block.values.chunks_exact(columns.max(1));
    for (tick, values) in (block.first..).zip(rows) {
        file.row(tick, values)?;
    }
    if block.flush { file.flush() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::claim;
    use crate::places::Target;
    use crate::scenario::Dates;
    use shared::time::{TimeGrid, WallTime};
    use std::path::Path;

    fn recorder(path: &Path) -> Recorder {
        let grid = TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
            resolution: 1,
            ticks: 1_000_000,
        };
        let sink = claim(&Target::of(path).expect("a target")).expect("free");
        let file = ResultFile::new(sink, grid, Dates::Short, ["A.x", "A.y"].into_iter());
        Recorder::new(file).expect("a thread")
    }

    fn values(tick: Tick) -> [Value; 2] {
        let tick = i64::try_from(tick).expect("small");
        [Value::Int(tick), Value::text("y")]
    }

    #[test]
    fn rows_of_many_blocks_are_in_the_file_in_their_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.csv");
        let mut recorder = recorder(&path);
        let count = 5 * BLOCK as Tick + 7;
        for tick in 0..count {
            recorder.row(tick, &values(tick)).expect("taken");
            if tick % 1000 == 999 {
                recorder.flush().expect("taken");
            }
        }
        recorder.finish().expect("written");
        assert!(recorder.is_over() && recorder.rows() == count);
        recorder.settle().expect("settled");
        let text = std::fs::read_to_string(&path).expect("readable");
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(lines.len() as Tick, count);
        for (tick, line) in lines.iter().enumerate() {
            assert!(line.ends_with(&format!(",{tick},y")), "{line}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_ends_the_rows_soon_and_says_how_many_there_are() {
        let mut recorder = recorder(Path::new("/dev/full"));
        let refused = (0..1_000_000).find_map(|tick| recorder.row(tick, &values(tick)).err());
        let refused = refused.expect("an error").kind();
        assert_eq!(refused, ErrorKind::StorageFull);
        assert!(recorder.is_over() && recorder.rows() == 0);
        recorder.flush().expect("nothing to do");
    }

    #[test]
    fn without_rows_there_is_a_file_only_if_all_went_well() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.csv");
        let mut failed = recorder(&path);
        failed.flush().expect("nothing to do");
        failed.close().expect("nothing to do");
        assert!(!path.exists());
        drop(failed);
        let mut fine = recorder(&path);
        fine.finish().expect("written");
        fine.settle().expect("settled");
        assert_eq!(
            std::fs::read_to_string(&path).expect("readable"),
            "date,A.x,A.y\n"
        );
    }
}
