//! Rows on their way to the sinks, which have a thread of their own: making text of numbers takes about
//! as long as making the numbers.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use shared::engine::Rows;
use shared::time::Tick;
use shared::value::Value;

use super::sink::{Ending, Header, Sink};
use crate::places::WriteError;

/// Rows go to the thread in blocks of about so many values.
const BLOCK: usize = 4096;

/// Blocks that may wait for the thread; with more, the run waits for the sinks.
const WAITING: usize = 2;

/// What the thread needs: formatting recurses as deep as a value does, which has a limit.
const STACK: usize = 256 * 1024;

/// The sinks of a run.
type Sinks = Vec<Box<dyn Sink>>;

/// Takes rows, and has a thread hand them to sinks.
pub(crate) struct Recorder {
    /// The rows that the thread has not been given yet.
    block: Block,
    /// Rows so far; once the sinks have ended, those that all of them have.
    rows: Tick,
    thread: Option<Writer>,
    /// Once the thread has ended.
    sinks: Sinks,
    /// What ended the thread early.
    failure: Option<WriteError>,
}

/// Rows that follow each other.
#[derive(Debug, Default)]
struct Block {
    first: Tick,
    rows: usize,
    values: Vec<Value>,
    /// The sinks are to hand on at once what they have.
    flush: bool,
}

struct Writer {
    blocks: SyncSender<Block>,
    /// Blocks that have been written, to be filled again.
    empty: Receiver<Block>,
    handle: JoinHandle<(Sinks, Result<(), Refused>)>,
}

/// A sink, by its place, that takes no more rows.
type Refused = (usize, WriteError);

impl Recorder {
    /// Starts the thread of these sinks.
    pub(crate) fn new(mut sinks: Sinks, header: &Header) -> io::Result<Self> {
        for sink in &mut sinks {
            sink.begin(header);
        }
        let (blocks, filled) = sync_channel(WAITING);
        let (written, empty) = channel();
        let thread = thread::Builder::new()
            .name("result".to_owned())
            .stack_size(STACK);
        let handle = thread.spawn(move || write(sinks, &filled, &written))?;
        Ok(Self {
            block: Block::default(),
            rows: 0,
            thread: Some(Writer {
                blocks,
                empty,
                handle,
            }),
            sinks: Vec::new(),
            failure: None,
        })
    }

    /// Rows so far. After an error, or once all is written: those that all sinks have.
    pub(crate) fn rows(&self) -> Tick {
        self.rows
    }

    /// Why rows could not be taken, after an error that came through [`Rows`].
    pub(crate) fn error(&mut self, cause: io::Error) -> WriteError {
        let failure = self.failure.take();
        failure.unwrap_or_else(|| WriteError::new(&PathBuf::from("the rows"), cause))
    }

    /// Whether no row can be taken any more: all is written, or cannot be.
    pub(crate) fn is_over(&self) -> bool {
        self.thread.is_none()
    }

    /// Has the sinks hand on all rows so far, without waiting for it.
    pub(crate) fn flush(&mut self) -> Result<(), WriteError> {
        if self.rows == 0 || self.is_over() {
            return Ok(());
        }
        self.block.flush = true;
        self.hand_over().map_err(|cause| self.error(cause))
    }

    /// No more rows come. Every sink is told, even if one fails; the first error is the one that is
    /// returned.
    pub(crate) fn end(&mut self, ending: Ending) -> Result<(), WriteError> {
        let joined = self.hand_over().and_then(|()| self.join());
        joined.map_err(|cause| self.error(cause))?;
        let mut ended = Ok(());
        for sink in &mut self.sinks {
            ended = ended.and(sink.end(ending));
        }
        self.count_rows();
        ended
    }

    /// Lets what is complete take its place.
    pub(crate) fn settle(&mut self) -> Result<(), WriteError> {
        self.sinks.iter_mut().try_for_each(|sink| sink.settle())
    }

    /// Waits, within bounds, for what is on its way elsewhere. Returns what is to be said of it.
    pub(crate) fn finish(&mut self) -> Vec<String> {
        let sinks = self.sinks.iter_mut();
        sinks.flat_map(|sink| sink.finish()).collect()
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

    /// Waits until the thread has written what it was given. If it ended early, there is a failure.
    fn join(&mut self) -> io::Result<()> {
        let thread = self.thread.take();
        let handle = thread.map(|Writer { handle, .. }| handle);
        // The channels are closed here, which ends it.
        let ended = handle.and_then(|handle| handle.join().ok());
        let (sinks, written) = ended.ok_or_else(|| io::Error::from(ErrorKind::BrokenPipe))?;
        self.sinks = sinks;
        if let Err((refusing, _)) = &written {
            // Some have rows only once they have ended.
            self.end_others(*refusing);
        }
        self.count_rows();
        written.map_err(|(_, error)| {
            self.failure = Some(error);
            ErrorKind::BrokenPipe.into()
        })
    }

    /// What the others have can be read, although one takes no more. Its error is the one that counts.
    fn end_others(&mut self, refusing: usize) {
        for (place, sink) in self.sinks.iter_mut().enumerate() {
            if place != refusing {
                let _ = sink.end(Ending::Partial);
            }
        }
    }

    fn count_rows(&mut self) {
        let rows = self.sinks.iter().map(|sink| sink.rows()).min();
        self.rows = rows.unwrap_or(self.rows);
    }
}

impl Drop for Recorder {
    /// What the sinks leave behind they have left when this returns.
    fn drop(&mut self) {
        // Whoever wanted to know of an error has ended the rows before.
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

/// Hands on blocks until there are no more, or one cannot be written.
fn write(
    mut sinks: Sinks,
    blocks: &Receiver<Block>,
    written: &Sender<Block>,
) -> (Sinks, Result<(), Refused>) {
    for mut block in blocks {
        for (place, sink) in sinks.iter_mut().enumerate() {
            if let Err(error) = write_block(sink.as_mut(), &block) {
                return (sinks, Err((place, error)));
            }
        }
        block.rows = 0;
        block.values.clear();
        block.flush = false;
        // Nobody takes it any more where it was the last one.
        let _ = written.send(block);
    }
    (sinks, Ok(()))
}

fn write_block(sink: &mut dyn Sink, block: &Block) -> Result<(), WriteError> {
    let columns = block.values.len().checked_div(block.rows).unwrap_or(0);
    let rows = block.values.chunks_exact(columns.max(1));
    for (tick, values) in (block.first..).zip(rows) {
        sink.row(tick, values)?;
    }
    if block.flush { sink.flush() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::csv::CsvFile;
    use super::super::sink::header;
    use super::*;
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
        let target = Target::of(path).expect("a target");
        let file = CsvFile::claim(&target, grid, Dates::Short).expect("free");
        Recorder::new(vec![Box::new(file)], &header(grid, &["A.x", "A.y"])).expect("a thread")
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
        recorder.end(Ending::Complete).expect("written");
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
        let refused = recorder.error(refused.expect("an error"));
        assert!(refused.to_string().contains("'/dev/full'"), "{refused}");
        assert!(recorder.is_over() && recorder.rows() == 0);
        recorder.flush().expect("nothing to do");
    }

    #[test]
    fn where_one_sink_takes_no_more_the_others_come_to_an_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.csv");
        let grid = TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
            resolution: 1,
            ticks: 1_000_000,
        };
        let file = |path: &Path| -> Box<dyn Sink> {
            let target = Target::of(path).expect("a target");
            Box::new(CsvFile::claim(&target, grid, Dates::Short).expect("free"))
        };
        let sinks = vec![file(&path), file(Path::new("/dev/full"))];
        let mut recorder = Recorder::new(sinks, &header(grid, &["A.x", "A.y"])).expect("a thread");
        let refused = (0..1_000_000).find_map(|tick| recorder.row(tick, &values(tick)).err());
        let refused = recorder.error(refused.expect("an error"));
        assert!(refused.to_string().contains("'/dev/full'"), "{refused}");
        let rows = std::fs::read_to_string(folder.path().join("out.partial.csv"));
        let rows = rows.expect("what the other had");
        assert!(rows.lines().count() > BLOCK / 2 && rows.ends_with("y\n"));
    }

    #[test]
    fn without_rows_there_is_a_file_only_if_all_went_well() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.csv");
        let mut failed = recorder(&path);
        failed.flush().expect("nothing to do");
        failed.end(Ending::Partial).expect("nothing to do");
        assert!(!path.exists());
        drop(failed);
        let mut fine = recorder(&path);
        fine.end(Ending::Complete).expect("written");
        fine.settle().expect("settled");
        assert_eq!(
            std::fs::read_to_string(&path).expect("readable"),
            "date,A.x,A.y\n"
        );
    }
}
