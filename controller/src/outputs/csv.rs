//! The result file, in CSV.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use scratch::Scratch;
use shared::time::{Civil, Tick, TimeGrid, WallTime};
use shared::value::{Value, write_quoted};

use super::cell;
use super::earlier::Kept;
use super::growing::GrowingFile;
use super::sink::{Ending, Header, Sink};
use crate::places::{Target, WriteError};
use crate::scenario::Dates;

/// The result file: a header, and a row per tick.
#[derive(Debug)]
pub(crate) struct CsvFile {
    file: GrowingFile,
    grid: TimeGrid,
    dates: Dates,
    /// Rows that have been handed to the file or wait to be.
    rows: Tick,
    /// Those that an earlier run has left there, as far as they are not other ones now.
    kept: Arc<AtomicU64>,
}

impl CsvFile {
    /// The right to write to this place, which nobody else has until it is dropped. `dates` says how the
    /// date of a row is written, `grid` which date that is.
    pub(crate) fn claim(target: &Target, grid: TimeGrid, dates: Dates) -> Result<Self, WriteError> {
        Ok(Self {
            file: GrowingFile::claim(target)?,
            grid,
            dates,
            rows: 0,
            kept: Arc::default(),
        })
    }

    /// Where the disk is full, what is kept there is given up for rows.
    pub(crate) fn goes_before(&mut self, kept: &Scratch) {
        self.file.goes_before(kept);
    }

    /// What an earlier run has left there.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn kept(&self) -> Result<Kept, WriteError> {
        Ok(self.file.kept()?.unwrap_or_default())
    }

    /// Goes on with that. So many of its rows must be the same when they come again, the others may differ.
    pub(crate) fn go_on(&mut self, kept: Kept, binding: Tick) {
        self.kept.store(kept.rows(), Ordering::Relaxed);
        self.file.go_on(kept, 1 + binding);
    }

    /// How many rows an earlier run has left there that this one goes on with: fewer than there were once another one comes.
    pub(crate) fn shared(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.kept)
    }

    fn hand_on(&mut self) -> Result<(), WriteError> {
        let handed = self.file.hand_on();
        if let Some(kept) = self.file.shared() {
            self.kept.store(kept.rows(), Ordering::Relaxed);
        }
        handed.map_err(|(lost, error)| {
            self.rows = self.rows.saturating_sub(lost);
            error
        })
    }
}

impl Sink for CsvFile {
    fn begin(&mut self, header: &Header) {
        let mut line = b"date".to_vec();
        for column in &header.columns {
            line.push(b',');
            write_quoted(&mut line, &column.name);
        }
        line.push(b'\n');
        self.file.set_header(line);
    }

    fn row(&mut self, tick: Tick, values: &[Value]) -> Result<(), WriteError> {
        let lines = self.file.lines()?;
        write_date(lines, self.grid.at(tick), self.dates);
        for value in values {
            lines.push(b',');
            cell::write(lines, value);
        }
        lines.push(b'\n');
        self.rows = tick + 1;
        if self.file.is_due() {
            self.hand_on()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        self.hand_on()
    }

    /// A file with all its rows that has none gets its header; one without rows whose run failed is not
    /// written.
    fn end(&mut self, ending: Ending) -> Result<(), WriteError> {
        if ending == Ending::Complete {
            self.file.lines()?;
        }
        self.hand_on()?;
        self.file.end()
    }

    fn settle(&mut self) -> Result<(), WriteError> {
        self.file.settle()
    }

    fn rows(&self) -> Tick {
        self.rows.max(self.kept.load(Ordering::Relaxed))
    }

    /// Where the rows are as long as the run lasts.
    fn path(&self) -> PathBuf {
        self.file.path()
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
    use super::super::sink::header;
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

    fn file(path: &Path, dates: Dates) -> CsvFile {
        let target = Target::of(path).expect("a target");
        let mut file = CsvFile::claim(&target, grid(), dates).expect("free");
        file.begin(&header(grid(), &["A.x", "A.x"]));
        file
    }

    fn result_with(dates: Dates) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/deep/out.csv");
        let mut file = file(&path, dates);
        for tick in 0..3 {
            file.row(tick, &[Value::Int(1), Value::Null])
                .expect("written");
        }
        file.end(Ending::Complete).expect("written");
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
        failed.end(Ending::Partial).expect("nothing to do");
        assert_eq!(fs::read_to_string(&path).expect("readable"), "old");
        drop(failed);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        let mut empty = file(&path, Dates::Short);
        empty.end(Ending::Complete).expect("written");
        empty.settle().expect("settled");
        assert_eq!(
            fs::read_to_string(&path).expect("readable"),
            "date,A.x,A.x\n"
        );
    }

    // Only Linux has a device that is always full.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_named_with_the_file_and_the_remedy() {
        let mut file = file(Path::new("/dev/full"), Dates::Short);
        file.row(0, &[Value::Int(1), Value::Int(2)])
            .expect("buffered");
        let error = crate::chain::chain(&file.end(Ending::Complete).expect_err("no space"));
        assert!(
            error.contains("'/dev/full'") && error.contains("--output"),
            "{error}"
        );
        assert_eq!(file.rows(), 0, "none is in the file");
    }
}
