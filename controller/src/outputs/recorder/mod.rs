//! Rows on their way to the sinks, which have a thread of their own: making text of numbers takes about
//! as long as making the numbers.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use engine::Rows;
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
    /// The last one that it has been given.
    given: Vec<Value>,
    /// Rows so far; once the sinks have ended, those that all of them have.
    rows: Tick,
    /// The rows that came.
    made: Tick,
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
    /// The values of these rows, and behind them what is left of earlier ones.
    values: Vec<Value>,
    /// How many values the rows have.
    used: usize,
    /// The sinks are to hand on at once what they have.
    flush: bool,
}

impl Block {
    /// The values of its last row.
    fn last(&self) -> Option<&[Value]> {
        let columns = self.used.checked_div(self.rows)?;
        Some(&self.values[self.used - columns..self.used])
    }
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
            given: Vec::new(),
            rows: 0,
            made: 0,
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

    /// The rows that came, whatever became of them.
    pub(crate) fn made(&self) -> Tick {
        self.made
    }

    /// The values of the newest row; none before the first one.
    pub(crate) fn newest(&self) -> &[Value] {
        self.block.last().unwrap_or(&self.given)
    }

    /// Why rows could not be taken, after an error that came through [`Rows`].
    pub(crate) fn error(&mut self, cause: io::Error) -> WriteError {
        let failure = self.failure.take();
        failure.unwrap_or_else(|| WriteError::new(&PathBuf::from("the rows"), cause))
    }

    /// Takes it that no row can be taken, and why.
    pub(crate) fn refuse(&mut self, why: WriteError) -> io::Error {
        self.failure = Some(why);
        ErrorKind::BrokenPipe.into()
    }

    /// The rows that the result has, whatever the other sinks have: it is the first of them.
    pub(crate) fn rows_of_result(&self) -> Tick {
        self.sinks.first().map_or(self.rows, |sink| sink.rows())
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
        self.sinks.iter_mut().for_each(|sink| sink.over());
        let sinks = self.sinks.iter_mut();
        sinks.flat_map(|sink| sink.finish()).collect()
    }

    /// Gives the thread the rows that it does not have yet. An error is the one that ended it.
    fn hand_over(&mut self) -> io::Result<()> {
        let Some(thread) = &self.thread else {
            return Err(ErrorKind::BrokenPipe.into());
        };
        if let Some(last) = self.block.last() {
            self.given.clear();
            self.given.extend_from_slice(last);
        }
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
    fn row(&mut self, tick: Tick, values: &mut [Value]) -> io::Result<()> {
        if self.block.rows == 0 {
            self.block.first = tick;
        }
        let end = self.block.used + values.len();
        if self.block.values.len() < end {
            self.block.values.resize(end, Value::Null);
        }
        // What was there goes where the next row is made: numbers of the same columns.
        self.block.values[self.block.used..end].swap_with_slice(values);
        self.block.used = end;
        self.block.rows += 1;
        self.rows = tick + 1;
        self.made = tick + 1;
        // The first row goes at once: a file that cannot be written is known early.
        if tick == 0 || self.block.used >= BLOCK {
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
        block.used = 0;
        block.flush = false;
        // Nobody takes it any more where it was the last one.
        let _ = written.send(block);
    }
    (sinks, Ok(()))
}

fn write_block(sink: &mut dyn Sink, block: &Block) -> Result<(), WriteError> {
    let columns = block.used.checked_div(block.rows).unwrap_or(0);
    let rows = block.values.chunks_exact(columns.max(1));
    for (tick, values) in (block.first..).zip(rows).take(block.rows) {
        sink.row(tick, values)?;
    }
    if block.flush { sink.flush() } else { Ok(()) }
}

#[cfg(test)]
mod tests;
