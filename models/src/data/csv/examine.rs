//! What a run would find in the files: each is read as the steps read it, row by row, and goes on
//! behind a fault.

use shared::model::{Examination, Finding, StepError};
use shared::time::{Tick, WallTime};

use super::FILE_INDEX;
use super::columns::Columns;
use super::hints;
use super::kept::Keeping;
use super::mismatch::{Cause, cause, unexpected_stamp};
use super::plain::PlainRows;
use super::reader::{Reader, about_end};
use super::report::Report;
use super::rows::{Ahead, Rows};

/// Reads the files of a reader that its steps will read, or may read.
pub(super) fn examine(reader: &mut Reader, examination: &mut Examination<'_>) {
    let switches = reader.files.len() > 1 && examination.is_connected(FILE_INDEX);
    for number in 0..reader.files.len() {
        let path = reader.files[number].path();
        let is_read = if switches {
            reader.files[..number]
                .iter()
                .all(|file| file.path() != path)
        } else {
            number == reader.index
        };
        if is_read {
            let report = Walk::through(reader, number, switches, examination);
            for finding in report {
                examination.add(finding);
            }
        }
    }
}

/// The way through one file.
struct Walk<'a, 'e> {
    reader: &'a mut Reader,
    number: usize,
    columns: Columns,
    plain: Option<PlainRows>,
    /// What is kept of it for the steps.
    keeping: Option<Keeping<'e>>,
    report: Report,
}

impl<'a, 'e> Walk<'a, 'e> {
    fn through(
        reader: &'a mut Reader,
        number: usize,
        switches: bool,
        examination: &'e Examination<'e>,
    ) -> Vec<Finding> {
        let columns = Columns::new(&reader.sink, examination);
        let report = Report::new(reader.files[number].path(), !switches);
        let plain = reader.plain_rows();
        // Which rows are read of several files shows in the run.
        let is_kept = plain.is_some() && !switches;
        let keeping =
            is_kept.then(|| Keeping::new(&reader.files[number], reader.start, examination));
        let mut walk = Self {
            reader,
            number,
            columns,
            plain,
            keeping: keeping.flatten(),
            report,
        };
        let Ok(mark) = walk.rows().mark() else {
            let message = "this is no file that can be read twice, so that what is in it shows in \
                           the run only";
            let rows = &walk.reader.files[number];
            let finding =
                (walk.report).finding(rows, (0, 0), "not_examined".into(), message.to_owned());
            walk.report.add(finding);
            return walk.report.into_findings();
        };
        walk.look_at_names();
        walk.go();
        let Walk {
            reader,
            columns,
            keeping,
            mut report,
            ..
        } = walk;
        let rows = &mut reader.files[number];
        columns.tell(&mut report);
        if let Err(cause) = rows.back_to(mark) {
            let error = rows.unreadable(&cause);
            report.error(rows, (0, 0), &error);
        }
        if let Some(keeping) = keeping {
            reader.early.keep(keeping.kept());
        }
        report.into_findings()
    }

    fn rows(&mut self) -> &mut Rows {
        &mut self.reader.files[self.number]
    }

    fn look_at_names(&mut self) {
        let rows = &self.reader.files[self.number];
        let (line, has_title) = rows.names_line();
        let note = |code: &'static str, message: String| Finding {
            is_error: false,
            code: code.into(),
            path: rows.path().to_owned(),
            line,
            column: 1,
            length: 1,
            text: String::new(),
            message,
            notice: None,
        };
        if line > 0 && !has_title {
            let message = "the file has no title: this line is taken for the names, because the \
                           next one is a row; with a line of any text before it, it is as the \
                           reader expects";
            self.report.add(note("no_title", message.to_owned()));
        }
        if let Some(name) = self.reader.sink.quoted_name() {
            let message = format!(
                "the quotes belong to the name {name}; save the file without quotes, or name it \
                 with them"
            );
            self.report.add(note("quoted_name", message));
        }
    }

    /// Reads the names, and goes to the row for the start.
    fn begin(&mut self) -> Result<(), StepError> {
        let start = self.reader.start;
        let Reader {
            files,
            format,
            cells,
            ..
        } = &mut *self.reader;
        let rows = &mut files[self.number];
        rows.header(format, cells)?;
        rows.advance(format, &cells.delimiter);
        rows.skip_to(start, format, &cells.delimiter)
    }

    /// Goes from tick to tick, as the steps do.
    fn go(&mut self) {
        if !self.rows().is_begun()
            && let Err(error) = self.begin()
        {
            self.fault(&error);
            return;
        }
        let ticks = self.reader.grid.ticks;
        let (mut tick, mut is_after_fault, mut last) = (0, false, None);
        let mut matched = 0_u64;
        while tick < ticks {
            let expected = self.reader.expected(tick);
            let reader = &mut *self.reader;
            let rows = &mut reader.files[self.number];
            match *rows.ahead() {
                Ahead::Row(stamp) if stamp == expected => {
                    self.columns.look(reader, self.number, &mut self.report);
                    if let Some(keeping) = &mut self.keeping
                        && matched > 0
                    {
                        let rows = &self.reader.files[self.number];
                        keeping.row(rows, expected, self.columns.numbers());
                    }
                    tick = self.reader.after(tick);
                    let passed = self.pass_plain_rows(tick);
                    tick = tick.saturating_add(passed.saturating_mul(self.reader.after(0)));
                    if let Some(keeping) = &mut self.keeping {
                        keeping.settle(&mut self.reader.files[self.number], tick >= ticks);
                    }
                    last = Some(self.rows().line().0);
                    matched += 1 + passed;
                    self.advance();
                    is_after_fault = false;
                }
                Ahead::Row(stamp) => {
                    self.keeping = None;
                    let is_next = stamp == self.reader.expected(self.reader.after(tick));
                    // The row that is due is the one that could not be read.
                    if !(is_after_fault && is_next) {
                        let cause = self.refuse_stamp(expected, stamp);
                        if cause == Cause::OtherSteps && matched < 2 {
                            // All of the file is like that.
                            return;
                        }
                    }
                    tick = self.first_tick_from(stamp).max(tick);
                    self.pass_rows_before(tick);
                    is_after_fault = false;
                }
                Ahead::Broken(ref error) => {
                    let error = error.clone();
                    self.keeping = None;
                    self.fault(&error);
                    if !matches!(&*error.code, "bad_time_stamp" | "not_utf8") {
                        return;
                    }
                    self.advance();
                    is_after_fault = true;
                }
                Ahead::End => break,
            }
        }
        if let Some(line) = last
            && tick < ticks
        {
            self.ends_early(tick, line);
        }
    }

    /// Passes rows in which there is nothing to be found, from the one for a tick on; returns how many.
    fn pass_plain_rows(&mut self, tick: Tick) -> u64 {
        let from = self.reader.expected(tick);
        let left = self.reader.grid.ticks.saturating_sub(tick);
        let most = left.div_ceil(self.reader.after(0));
        let Self {
            reader,
            number,
            columns,
            plain: Some(plain),
            keeping,
            ..
        } = self
        else {
            return 0;
        };
        let rows = &mut reader.files[*number];
        let Some(keeping) = keeping else {
            return plain.pass(rows, (from, most), |numbers| columns.are_plain(numbers));
        };
        keeping.begin(from);
        plain.pass(rows, (from, most), |numbers| {
            let are_plain = columns.are_plain(numbers);
            if are_plain {
                keeping.add(numbers);
            }
            are_plain
        })
    }

    fn advance(&mut self) {
        let Reader {
            files,
            format,
            cells,
            ..
        } = &mut *self.reader;
        files[self.number].advance(format, &cells.delimiter);
    }

    /// Adds an error about all of the line at hand.
    fn fault(&mut self, error: &StepError) {
        let rows = &self.reader.files[self.number];
        let error = hints::about_stamp(rows, &self.reader.format, error);
        let end = rows.line().1.len();
        self.report.error(rows, (0, end), &error);
    }

    /// Adds the error about a stamp.
    fn refuse_stamp(&mut self, expected: WallTime, found: WallTime) -> Cause {
        let pace = self.reader.pace();
        let rows = &self.reader.files[self.number];
        let error = unexpected_stamp(rows, expected, found, pace);
        let cells = rows.cells().map_or(0, |cells| cells.len() + 1);
        let end = rows.line().1.len() - cells;
        self.report.error(rows, (0, end), &error);
        cause(rows, expected, found, pace)
    }

    /// The first tick of a step at a time or after it.
    fn first_tick_from(&self, time: WallTime) -> Tick {
        let late = time.seconds().saturating_sub(self.reader.start.seconds());
        let late = u64::try_from(late).unwrap_or(0);
        let step = u64::try_from(self.reader.pace().step).unwrap_or(1).max(1);
        late.div_ceil(step).saturating_mul(self.reader.after(0))
    }

    /// Rows that are too early are the fault that has been reported.
    fn pass_rows_before(&mut self, tick: Tick) {
        let time = self.reader.expected(tick);
        let Reader {
            files,
            format,
            cells,
            ..
        } = &mut *self.reader;
        // A row that cannot be read is reported when its turn comes.
        let _ = files[self.number].skip_to(time, format, &cells.delimiter);
    }

    /// Warns that the last row holds.
    fn ends_early(&mut self, tick: Tick, line: u64) {
        let (due, ticks) = (self.reader.expected(tick), self.reader.grid.ticks);
        let steps = (ticks - tick).div_ceil(self.reader.after(0));
        let steps = if steps == 1 {
            "1 step".to_owned()
        } else {
            format!("{steps} steps")
        };
        self.report.add(Finding {
            is_error: false,
            code: "file_ends_early".into(),
            path: self.report.path().to_owned(),
            line,
            column: 1,
            length: 1,
            text: String::new(),
            message: format!(
                "the file ends here, {steps} before the scenario: there is no row for {due}, and \
                 this one holds from then on"
            ),
            notice: Some(about_end(self.report.path())),
        });
    }
}
