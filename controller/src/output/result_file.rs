//! The monitor's CSV file.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use shared::engine::Rows;
use shared::time::{Civil, Tick, TimeGrid, WallTime};
use shared::value::{Value, write_quoted};

use super::cell;
use crate::places::{Claim, Target, WriteError, stdout};
use crate::scenario::Dates;

/// Rows are written in pieces of about this size.
const PIECE: usize = 64 * 1024;

/// What took longer than this is worth the time to wait for the disk: after a power cut, a shorter
/// run is made again as soon.
const WORTH_SYNCING: Duration = Duration::from_secs(1);

/// The result file: a header, and a row per tick. Only whole rows ever reach the file.
///
/// Nothing is written before the first row comes; a run that fails before leaves everything as it
/// was.
#[derive(Debug)]
pub(crate) struct ResultFile {
    sink: Sink,
    grid: TimeGrid,
    dates: Dates,
    header: Vec<u8>,
    /// Whole rows that wait to be written.
    buffer: Vec<u8>,
    /// Rows that have been handed to the file or wait to be.
    rows: Tick,
    /// When the first row came.
    begun: Option<Instant>,
    /// Bytes that have been handed to the file.
    written: u64,
}

/// Where bytes go.
#[derive(Debug)]
enum Sink {
    /// A file that takes its place at the end.
    File(Box<Claim>),
    /// What is written as it comes. Opened with the first row.
    Stream { path: PathBuf, file: Option<File> },
}

impl Sink {
    fn begin(&mut self) -> io::Result<()> {
        match self {
            Self::File(claim) => claim.begin(),
            Self::Stream { file: Some(_), .. } => Ok(()),
            Self::Stream { path, file } => {
                *file = Some(File::create(path)?);
                Ok(())
            }
        }
    }

    /// What is to be written to, once it has begun.
    fn file(&self) -> Option<&File> {
        match self {
            Self::File(claim) => Some(claim.partial()),
            Self::Stream { file, .. } => file.as_ref(),
        }
    }
}

/// The right to write where a scenario, or the user, wants the rows.
pub(crate) fn claim(target: &Target) -> Result<ResultSink, WriteError> {
    let sink = match target {
        Target::File(place) => Sink::File(Box::new(Claim::new(place)?)),
        Target::Stream(path) => Sink::Stream {
            path: path.clone(),
            file: None,
        },
        Target::Stdout => {
            let path = target.shown().to_owned();
            let file = stdout().map_err(|cause| WriteError::new(&path, cause))?;
            let file = Some(file);
            Sink::Stream { path, file }
        }
    };
    Ok(ResultSink(sink))
}

/// Where a result may be written, see [`claim`].
#[derive(Debug)]
pub(crate) struct ResultSink(Sink);

impl ResultFile {
    /// A result file with these columns.
    pub(crate) fn new<'a>(
        sink: ResultSink,
        grid: TimeGrid,
        dates: Dates,
        items: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut header = b"date".to_vec();
        for item in items {
            header.push(b',');
            write_quoted(&mut header, item);
        }
        header.push(b'\n');
        Self {
            sink: sink.0,
            grid,
            dates,
            header,
            buffer: Vec::new(),
            rows: 0,
            begun: None,
            written: 0,
        }
    }

    /// Where the rows go, as long as the run lasts.
    pub(super) fn path(&self) -> PathBuf {
        match &self.sink {
            Sink::File(claim) => claim.place().partial(),
            Sink::Stream { path, .. } => path.clone(),
        }
    }

    /// Rows so far.
    pub(super) fn rows(&self) -> Tick {
        self.rows
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.begun.is_none() {
            self.sink.begin()?;
            self.begun = Some(Instant::now());
            self.buffer.splice(0..0, self.header.iter().copied());
        }
        Ok(())
    }

    /// Hands all rows so far to the system. After an error no more rows may come: they would follow
    /// a gap.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let (Some(_), Some(file)) = (self.begun, self.sink.file()) else {
            return Ok(());
        };
        let result = match write_whole_lines(file, &self.buffer) {
            Ok(()) => {
                self.written += self.buffer.len() as u64;
                Ok(())
            }
            Err((kept, error)) => {
                self.written += kept as u64;
                let lost = &self.buffer[kept..];
                let lost = lost.split(|&byte| byte == b'\n').count() - 1;
                self.rows = self.rows.saturating_sub(lost as Tick);
                Err(error)
            }
        };
        self.buffer.clear();
        result
    }

    /// Ends the file as far as rows have come.
    pub(super) fn close(&mut self) -> Result<(), WriteError> {
        self.flush()
            .and_then(|()| self.sync())
            .map_err(|cause| self.error(cause))?;
        match &self.sink {
            Sink::File(claim) if self.begun.is_some() => claim.verify(self.written),
            _ => Ok(()),
        }
    }

    /// Ends the file with all its rows; one without rows gets its header.
    pub(super) fn finish(&mut self) -> Result<(), WriteError> {
        self.begin().map_err(|cause| self.error(cause))?;
        self.close()
    }

    /// Lets a finished file take its place.
    pub(super) fn settle(&self) -> Result<(), WriteError> {
        match &self.sink {
            Sink::File(claim) => claim.settle(),
            Sink::Stream { .. } => Ok(()),
        }
    }

    fn sync(&self) -> io::Result<()> {
        match &self.sink {
            Sink::File(claim)
                if self
                    .begun
                    .is_some_and(|begun| begun.elapsed() > WORTH_SYNCING) =>
            {
                claim.sync()
            }
            _ => Ok(()),
        }
    }

    fn error(&self, cause: io::Error) -> WriteError {
        WriteError::new(&self.path(), cause)
    }
}

/// Writes lines; on an error, what was written of a line that does not fit is taken back. The error
/// comes with the number of bytes that stay in the file.
fn write_whole_lines(mut file: &File, lines: &[u8]) -> Result<(), (usize, io::Error)> {
    let mut written = 0;
    while written < lines.len() {
        let error = match file.write(&lines[written..]) {
            Ok(0) => ErrorKind::WriteZero.into(),
            Ok(count) => {
                written += count;
                continue;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => error,
        };
        return Err(cut_back(file, &lines[..written], error));
    }
    Ok(())
}

/// Shortens the file to its last whole line. Returns how much of what was written stays, and the
/// error that made it necessary.
fn cut_back(file: &File, written: &[u8], error: io::Error) -> (usize, io::Error) {
    let last = written
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |end| end + 1);
    let half = (written.len() - last) as u64;
    if half > 0
        && let Ok(metadata) = file.metadata()
        && metadata.is_file()
        && let Err(other) = file.set_len(metadata.len().saturating_sub(half))
    {
        return (last, other);
    }
    (last, error)
}

impl Rows for ResultFile {
    fn row(&mut self, tick: Tick, values: &[Value]) -> io::Result<()> {
        self.begin()?;
        write_date(&mut self.buffer, self.grid.at(tick), self.dates);
        for value in values {
            self.buffer.push(b',');
            cell::write(&mut self.buffer, value);
        }
        self.buffer.push(b'\n');
        self.rows = tick + 1;
        if self.buffer.len() >= PIECE {
            self.flush()
        } else {
            Ok(())
        }
    }
}

/// Appends the date of a row.
fn write_date(line: &mut Vec<u8>, time: WallTime, dates: Dates) {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = time.civil();
    let two = |line: &mut Vec<u8>, mark: u8, number: u8| {
        line.extend([mark, b'0' + number / 10, b'0' + number % 10]);
    };
    for power in [1000, 100, 10, 1] {
        line.push(b'0' + u8::try_from(year / power % 10).unwrap_or(0));
    }
    two(line, b'-', month);
    two(line, b'-', day);
    if dates == Dates::Whole || (hour, minute, second) != (0, 0, 0) {
        two(line, b' ', hour);
        two(line, b':', minute);
        two(line, b':', second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn grid() -> TimeGrid {
        let start = WallTime::parse("2012-02-01 23:45:00").expect("valid");
        TimeGrid {
            start,
            resolution: 900,
            ticks: 3,
        }
    }

    fn file(path: &Path, dates: Dates) -> ResultFile {
        let target = Target::of(path).expect("a target");
        let sink = claim(&target).expect("free");
        ResultFile::new(sink, grid(), dates, ["A.x", "A.x"].into_iter())
    }

    fn result_with(dates: Dates) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/deep/out.csv");
        let mut file = file(&path, dates);
        for tick in 0..3 {
            file.row(tick, &[Value::Int(1), Value::Null])
                .expect("written");
        }
        file.finish().expect("written");
        assert!(!path.exists(), "it grows beside its place");
        file.settle().expect("settled");
        assert_eq!(file.rows(), 3);
        fs::read_to_string(&path).expect("readable")
    }

    #[test]
    fn a_row_at_midnight_has_no_time_of_day() {
        let expected =
            "date,A.x,A.x\n2012-02-01 23:45:00,1,\n2012-02-02,1,\n2012-02-02 00:15:00,1,\n";
        assert_eq!(result_with(Dates::Short), expected);
    }

    #[test]
    fn with_whole_dates_a_row_at_midnight_is_like_all_others() {
        let expected = "date,A.x,A.x\n2012-02-01 23:45:00,1,\n2012-02-02 00:00:00,1,\n\
                        2012-02-02 00:15:00,1,\n";
        assert_eq!(result_with(Dates::Whole), expected);
    }

    #[test]
    fn a_run_that_fails_before_its_first_row_leaves_an_old_file_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.csv");
        fs::write(&path, "old").expect("written");
        let mut failed = file(&path, Dates::Short);
        failed.close().expect("nothing to do");
        assert_eq!(fs::read_to_string(&path).expect("readable"), "old");
        drop(failed);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        let mut empty = file(&path, Dates::Short);
        empty.finish().expect("written");
        empty.settle().expect("settled");
        assert_eq!(
            fs::read_to_string(&path).expect("readable"),
            "date,A.x,A.x\n"
        );
    }

    #[test]
    fn what_was_written_of_half_a_line_is_taken_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.csv");
        let mut file = File::create(&path).expect("created");
        file.write_all(b"one\ntwo\nthr").expect("written");
        let (kept, error) = cut_back(&file, b"two\nthr", ErrorKind::StorageFull.into());
        assert_eq!((kept, error.kind()), (4, ErrorKind::StorageFull));
        assert_eq!(fs::read_to_string(&path).expect("readable"), "one\ntwo\n");
    }

    #[test]
    fn a_full_disk_is_named_with_the_file_and_the_remedy() {
        let mut file = file(Path::new("/dev/full"), Dates::Short);
        file.row(0, &[Value::Int(1), Value::Int(2)])
            .expect("buffered");
        let error = file.finish().expect_err("no space").to_string();
        assert!(
            error.contains("'/dev/full'") && error.contains("--output"),
            "{error}"
        );
        assert_eq!(file.rows(), 0, "none is in the file");
    }
}
