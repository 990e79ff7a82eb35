//! A reader: its files, the one of them that is read, and when which row is due.

use shared::model::{Build, BuildError, StepError};
use shared::time::{Tick, TimeGrid, WallTime};

use super::cells::Sink;
use super::mismatch::Pace;
use super::parameters;
#[cfg(any(test, feature = "examination"))]
use super::plain::{Early, PlainRows};
use super::rows::{Ahead, Rows};
use crate::data::text::cell_format::CellFormat;
use crate::data::text::date_format::DateFormat;
use crate::data::text::lines::at_file;

/// A reader at one of its rows.
pub(super) struct Reader {
    /// The files; one of them is read at a time.
    pub(super) files: Vec<Rows>,
    pub(super) index: usize,
    pub(super) cells: CellFormat,
    pub(super) format: DateFormat,
    pub(super) grid: TimeGrid,
    /// The time stamp of the row for tick 0.
    pub(super) start: WallTime,
    step_size: u32,
    pub(super) sink: Sink,
    pub(super) early: Early,
}

impl Reader {
    pub(super) fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let cells = parameters::cell_format(build)?;
        let mut format = parameters::date_format(build)?;
        let start = parameters::start(build, &mut format)?;
        let mut files = parameters::open_all(build)?;
        let index = parameters::initial_index(build, files.len())?;
        let rows = &mut files[index];
        let header = rows.header(&mut format, &cells).map_err(at_file)?;
        let sink = Sink::new(build, &header, &cells, rows)
            .map_err(|error| likely(error, rows, &format, &header, ""))?;
        rows.advance(&mut format, &cells.delimiter);
        if *rows.ahead() == Ahead::End {
            return Err(at_file(
                rows.error("file_without_rows", "the file has no rows"),
            ));
        }
        let first = cells.delimiter.split_once(rows.text()).0.to_owned();
        let may_switch = files.len() > 1;
        let rows = &mut files[index];
        rows.skip_to(start, &mut format, &cells.delimiter)
            .and_then(|()| check_start(rows, start, may_switch))
            .map_err(|error| likely(at_file(error), &files[index], &format, &header, &first))?;
        let reader = Self {
            files,
            index,
            cells,
            format,
            grid: build.grid(),
            start,
            step_size: build.step_size(),
            sink,
            early: Early::default(),
        };
        Ok(reader.with_early_rows())
    }

    /// The reader, ready to read rows before their steps; a node reads one at a time.
    fn with_early_rows(self) -> Self {
        #[cfg(any(test, feature = "examination"))]
        let early = Early::new(self.plain_rows());
        #[cfg(not(any(test, feature = "examination")))]
        let early = Early {};
        Self { early, ..self }
    }

    /// How rows look that need no closer look.
    #[cfg(any(test, feature = "examination"))]
    pub(super) fn plain_rows(&self) -> Option<PlainRows> {
        let span = (self.start, self.expected(self.grid.ticks));
        PlainRows::new(
            &self.format,
            &self.cells,
            &self.sink,
            span,
            self.pace().step,
        )
    }

    /// What a stamp is compared with.
    pub(super) fn pace(&self) -> Pace {
        let tick = i64::from(self.grid.resolution);
        let step = tick.saturating_mul(self.step_size.into());
        Pace { step, tick }
    }

    /// The time stamp of the row for a tick.
    pub(super) fn expected(&self, tick: Tick) -> WallTime {
        let grid = TimeGrid {
            start: self.start,
            ..self.grid
        };
        grid.at(tick)
    }

    /// The tick of the step after the one at `tick`.
    pub(super) fn after(&self, tick: Tick) -> Tick {
        tick.saturating_add(self.step_size.into())
    }
}

/// A node reads one row at a time.
#[cfg(not(any(test, feature = "examination")))]
#[derive(Default)]
pub(super) struct Early {}

#[cfg(not(any(test, feature = "examination")))]
#[expect(clippy::unused_self, reason = "called like those of the controller")]
impl Early {
    pub(super) fn publish(&mut self, _: &mut shared::model::Step<'_>, _: &Sink) -> bool {
        false
    }

    pub(super) fn is_used_up(&self) -> bool {
        true
    }

    pub(super) fn take_kept(&mut self, _: &mut Rows, _: WallTime) -> bool {
        false
    }

    pub(super) fn fill(&mut self, _: &mut Rows, _: &Sink, _: WallTime) {}

    pub(super) fn left(&self, _: &Sink) -> u64 {
        0
    }
}

/// What a run says where a file ends before it.
pub(super) fn about_end(path: &str) -> String {
    format!("'{path}' ends here; its last row holds from now on")
}

/// Adds to an error about the first rows of a file what is likely wrong with it.
#[cfg(any(test, feature = "examination"))]
fn likely(
    error: BuildError,
    rows: &Rows,
    format: &DateFormat,
    header: &[String],
    first: &str,
) -> BuildError {
    super::hints::about_first_rows(error, rows, format, header, first)
}

/// A node gets files that a controller has built a reader with.
#[cfg(not(any(test, feature = "examination")))]
fn likely(error: BuildError, _: &Rows, _: &DateFormat, _: &[String], _: &str) -> BuildError {
    error
}

/// Refuses a file that does not hold the row for tick 0. Where the first step may switch to another
/// file, one with rows around the start will do: that step sees whether the row is needed.
fn check_start(rows: &Rows, start: WallTime, may_switch: bool) -> Result<(), StepError> {
    let path = rows.path();
    let found = match rows.ahead() {
        Ahead::Row(stamp) if *stamp == start => return Ok(()),
        Ahead::Row(_) if may_switch && rows.spacing().is_some() => return Ok(()),
        Ahead::Row(stamp) => format!("the first one from there on is for {stamp}"),
        _ => "it ends before".to_owned(),
    };
    Err(StepError::new(
        "start_not_in_file",
        format!(
            "'{path}' has no row for the start, {start}; {found}; choose days that the file has, \
             or say with 'start' from where to play it back"
        ),
    ))
}
