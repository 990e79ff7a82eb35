//! The monitor's CSV file.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use shared::host::Rows;
use shared::time::{Civil, Tick, TimeGrid};
use shared::value::{Value, write_quoted};

use super::cell;

/// Rows are written in pieces of about this size.
const PIECE: usize = 64 * 1024;

/// The result file: a header, and a row per tick. Only whole rows ever reach the file.
///
/// The file is created, or an existing one emptied, when the first row comes; a run that fails
/// before leaves an old file alone.
#[derive(Debug)]
pub(crate) struct ResultFile {
    path: PathBuf,
    grid: TimeGrid,
    header: Vec<u8>,
    file: Option<File>,
    /// Whole rows that wait to be written.
    buffer: Vec<u8>,
    /// Rows that have been handed to the file or wait to be.
    rows: Tick,
}

/// A file cannot be written.
#[derive(Debug)]
pub(crate) struct WriteError {
    path: PathBuf,
    cause: io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        write!(f, "cannot write '{path}': {}", self.cause)?;
        match self.cause.kind() {
            ErrorKind::StorageFull => {
                f.write_str("; free some space, or choose another place with --output")
            }
            ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::IsADirectory => f.write_str("; choose another file with --output"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for WriteError {}

impl WriteError {
    /// A file cannot be written.
    pub(super) fn new(path: &Path, cause: io::Error) -> Self {
        Self {
            path: path.to_owned(),
            cause,
        }
    }
}

impl ResultFile {
    /// A result file with these columns.
    pub(crate) fn new<'a>(
        path: &Path,
        grid: TimeGrid,
        items: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut header = b"date".to_vec();
        for item in items {
            header.push(b',');
            write_quoted(&mut header, item);
        }
        header.push(b'\n');
        Self {
            path: path.to_owned(),
            grid,
            header,
            file: None,
            buffer: Vec::new(),
            rows: 0,
        }
    }

    /// The path of the file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Rows so far.
    pub(super) fn rows(&self) -> Tick {
        self.rows
    }

    fn create(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder)?;
            }
            self.file = Some(File::create(&self.path)?);
            self.buffer.splice(0..0, self.header.iter().copied());
        }
        self.file.as_mut().ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// Hands all rows so far to the system. After an error no more rows may come: they would follow
    /// a gap.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let result = write_whole_lines(file, &buffer).map_err(|(kept, error)| {
            let lost = buffer[kept..].split(|&byte| byte == b'\n').count() - 1;
            self.rows = self.rows.saturating_sub(lost as Tick);
            error
        });
        buffer.clear();
        self.buffer = buffer;
        result
    }

    /// Ends the file; one without rows gets its header.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.create()?;
        self.flush()
    }
}

/// Writes lines; on an error, what was written of a line that does not fit is taken back. The error
/// comes with the number of bytes that stay in the file.
fn write_whole_lines(file: &mut File, lines: &[u8]) -> Result<(), (usize, io::Error)> {
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
fn cut_back(file: &mut File, written: &[u8], error: io::Error) -> (usize, io::Error) {
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
        self.create()?;
        write_date(&mut self.buffer, self.grid, tick);
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

/// Appends the date of a tick; the time of day is left away at midnight, as the Python Illuminator
/// does.
fn write_date(line: &mut Vec<u8>, grid: TimeGrid, tick: Tick) {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = grid.at(tick).civil();
    let two = |line: &mut Vec<u8>, mark: u8, number: u8| {
        line.extend([mark, b'0' + number / 10, b'0' + number % 10]);
    };
    for power in [1000, 100, 10, 1] {
        line.push(b'0' + u8::try_from(year / power % 10).unwrap_or(0));
    }
    two(line, b'-', month);
    two(line, b'-', day);
    if (hour, minute, second) != (0, 0, 0) {
        two(line, b' ', hour);
        two(line, b':', minute);
        two(line, b':', second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::time::WallTime;

    fn grid() -> TimeGrid {
        let start = WallTime::parse("2012-02-01 23:45:00").expect("valid");
        TimeGrid {
            start,
            resolution: 900,
            ticks: 3,
        }
    }

    fn file(path: &Path) -> ResultFile {
        ResultFile::new(path, grid(), ["A.x", "A.x"].into_iter())
    }

    #[test]
    fn a_row_at_midnight_has_no_time_of_day() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/deep/out.csv");
        let mut file = file(&path);
        for tick in 0..3 {
            file.row(tick, &[Value::Int(1), Value::Null])
                .expect("written");
        }
        file.finish().expect("written");
        let expected =
            "date,A.x,A.x\n2012-02-01 23:45:00,1,\n2012-02-02,1,\n2012-02-02 00:15:00,1,\n";
        assert_eq!(fs::read_to_string(&path).expect("readable"), expected);
        assert_eq!(file.rows(), 3);
    }

    #[test]
    fn a_run_that_fails_before_its_first_row_leaves_an_old_file_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.csv");
        fs::write(&path, "old").expect("written");
        let mut file = file(&path);
        file.flush().expect("nothing to do");
        assert_eq!(fs::read_to_string(&path).expect("readable"), "old");
        file.finish().expect("written");
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
        let (kept, error) = cut_back(&mut file, b"two\nthr", ErrorKind::StorageFull.into());
        assert_eq!((kept, error.kind()), (4, ErrorKind::StorageFull));
        assert_eq!(fs::read_to_string(&path).expect("readable"), "one\ntwo\n");
    }

    #[test]
    fn a_full_disk_is_named_with_the_file_and_the_remedy() {
        let mut file = file(Path::new("/dev/full"));
        file.row(0, &[Value::Int(1), Value::Int(2)])
            .expect("buffered");
        let cause = file.finish().expect_err("no space");
        let error = WriteError::new(file.path(), cause).to_string();
        assert!(
            error.contains("'/dev/full'") && error.contains("--output"),
            "{error}"
        );
        assert_eq!(file.rows(), 0, "none is in the file");
    }
}
