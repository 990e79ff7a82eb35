//! The model: which row of which file is published in a step.

use shared::model::{Build, BuildError, Model, Place, Section, Step, StepError};
use shared::time::{Tick, TimeGrid, WallTime};
use shared::value::{Number, Value};

use super::cells::Sink;
use super::date_format::DateFormat;
use super::mismatch::{Pace, unexpected_stamp};
#[cfg(any(test, feature = "examination"))]
use super::plain::{Early, PlainRows};
use super::rows::{Ahead, CellFormat, Delimiter, Rows};
use super::{DATE_FORMAT, DECIMAL, DELIMITER, FILE_INDEX, FILE_PATH, START};

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
    early: Early,
}

impl Reader {
    pub(super) fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let cells = cell_format(build)?;
        let mut format = date_format(build)?;
        let start = start(build, &mut format)?;
        let mut files = open_all(build)?;
        let index = initial_index(&build.initial_input(FILE_INDEX), files.len())?;
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

    /// Goes to another file if the input says so.
    fn switch(&mut self, wanted: Option<&Value>, expected: WallTime) -> Result<(), StepError> {
        let Some(wanted) = wanted else { return Ok(()) };
        let count = self.files.len();
        let index = whole(wanted).and_then(|index| usize::try_from(index).ok());
        let index = index.filter(|index| *index < count).ok_or_else(|| {
            StepError::new(
                "file_index_out_of_range",
                format!(
                    "input 'file_index' must be from 0 to {}, not {wanted}",
                    count - 1
                ),
            )
        })?;
        if self.files[index].path() == self.files[self.index].path() {
            return Ok(());
        }
        self.index = index;
        // Time only goes forward: a file that was left goes on where it was.
        let rows = &mut self.files[index];
        if !rows.is_begun() {
            rows.header(&mut self.format, &self.cells)?;
            rows.advance(&mut self.format, &self.cells.delimiter);
        }
        rows.skip_to(expected, &mut self.format, &self.cells.delimiter)?;
        if *rows.ahead() == Ahead::End {
            let message = format!(
                "the file ends before the row for {expected}, which is due where 'file_index' \
                 changes to it"
            );
            return Err(rows.error("unexpected_time_stamp", &message));
        }
        Ok(())
    }

    /// Publishes the row at hand; `false` where there is none, since the file has ended.
    fn publish_at_hand(
        &mut self,
        step: &mut Step<'_>,
        wanted: Option<&Value>,
    ) -> Result<bool, StepError> {
        let expected = self.expected(step.tick());
        self.switch(wanted, expected)?;
        let rows = &self.files[self.index];
        match rows.ahead() {
            Ahead::Row(stamp) if *stamp == expected => {}
            Ahead::Row(stamp) => {
                return Err(unexpected_stamp(rows, expected, *stamp, self.pace()));
            }
            Ahead::Broken(error) => return Err(error.clone()),
            // The last row holds; a connected index may still lead to another file.
            Ahead::End => return Ok(false),
        }
        self.sink
            .publish(step, rows, &self.cells, &self.format, expected)?;
        if wanted.is_none() {
            let next = self.expected(self.after(step.tick()));
            let rows = &mut self.files[self.index];
            self.early.fill(rows, &self.sink, next);
        }
        Ok(true)
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

impl Model for Reader {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let tick = step.tick();
        let wanted = step.value(FILE_INDEX);
        if !self.early.publish(step, &self.sink) && !self.publish_at_hand(step, wanted)? {
            return Ok(());
        }
        if !self.early.is_used_up() {
            return Ok(());
        }
        let rows = &mut self.files[self.index];
        rows.advance(&mut self.format, &self.cells.delimiter);
        if *rows.ahead() == Ahead::End && self.after(tick) < self.grid.ticks {
            step.notice(about_end(self.files[self.index].path()));
            if wanted.is_none() {
                step.never_again();
            }
        }
        Ok(())
    }

    #[cfg(any(test, feature = "examination"))]
    fn examine(&mut self, examination: &mut shared::model::Examination<'_>) {
        super::examine::examine(self, examination);
    }
}

/// A node reads one row at a time.
#[cfg(not(any(test, feature = "examination")))]
#[derive(Default)]
struct Early {}

#[cfg(not(any(test, feature = "examination")))]
#[expect(clippy::unused_self, reason = "called like those of the controller")]
impl Early {
    fn publish(&mut self, _: &mut Step<'_>, _: &Sink) -> bool {
        false
    }

    fn is_used_up(&self) -> bool {
        true
    }

    fn fill(&mut self, _: &mut Rows, _: &Sink, _: WallTime) {}
}

fn cell_format(build: &Build<'_>) -> Result<CellFormat, BuildError> {
    let delimiter = delimiter(build)?;
    let point = match build.text(DECIMAL) {
        "," => b',',
        _ => b'.',
    };
    if delimiter.0 == "," && point == b',' {
        return Err(BuildError::invalid_parameter(
            "decimal",
            "a comma cannot stand before decimals and between cells; save the file with ';' \
             between cells and write \"delimiter: ';'\"",
        ));
    }
    Ok(CellFormat { delimiter, point })
}

fn delimiter(build: &Build<'_>) -> Result<Delimiter, BuildError> {
    match build.parameter(DELIMITER) {
        Value::Null => Ok(Delimiter(",".to_owned())),
        Value::Text(text) if !text.is_empty() => Ok(Delimiter(text.to_string())),
        _ => Err(BuildError::invalid_parameter(
            "delimiter",
            "parameter 'delimiter' must be the text between cells, such as ',' or ';'",
        )),
    }
}

fn date_format(build: &Build<'_>) -> Result<DateFormat, BuildError> {
    let pattern = build.text(DATE_FORMAT);
    DateFormat::new(pattern).map_err(|error| {
        BuildError::invalid_parameter(
            "date_format",
            format!("parameter 'date_format' is '{pattern}': {error}"),
        )
    })
}

/// The time stamp of the first row to use: in the format of the file, or in that of scenarios.
fn start(build: &Build<'_>, format: &mut DateFormat) -> Result<WallTime, BuildError> {
    let given = build.parameter(START);
    if *given == Value::Null {
        return Ok(build.grid().start);
    }
    let time = given
        .as_text()
        .and_then(|text| format.parse(text).ok().or_else(|| WallTime::parse(text)));
    time.ok_or_else(|| {
        let pattern = format.pattern();
        BuildError::invalid_parameter(
            "start",
            format!("parameter 'start' must be a time stamp in the form '{pattern}', not {given}"),
        )
    })
}

fn open_all(build: &Build<'_>) -> Result<Vec<Rows>, BuildError> {
    let paths: Vec<&str> = match build.parameter(FILE_PATH) {
        Value::List(list) => list.iter().filter_map(Value::as_text).collect(),
        path => path.as_text().into_iter().collect(),
    };
    let open = |path: &str| {
        let content = build.open(path).map_err(|error| BuildError {
            code: format!("file_unreadable:{path}").into(),
            ..BuildError::invalid_parameter("file_path", error.to_string())
        })?;
        Ok(Rows::new(path, content))
    };
    paths.into_iter().map(open).collect()
}

/// What a run says where a file ends before it.
pub(super) fn about_end(path: &str) -> String {
    format!("'{path}' ends here; its last row holds from now on")
}

/// An error in the file, reported where the scenario names it.
pub(super) fn at_file(error: StepError) -> BuildError {
    BuildError {
        code: error.code,
        ..BuildError::invalid_parameter("file_path", error.message)
    }
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

/// An index as the scenario gives it: negative ones count from the end.
fn initial_index(value: &Value, count: usize) -> Result<usize, BuildError> {
    let index = whole(value).and_then(|index| {
        let from_start = if index < 0 {
            index + i64::try_from(count).ok()?
        } else {
            index
        };
        usize::try_from(from_start)
            .ok()
            .filter(|index| *index < count)
    });
    index.ok_or_else(|| BuildError {
        code: "invalid_input:file_index".into(),
        place: Place::Key(Section::Inputs, "file_index".to_owned()),
        message: format!(
            "the initial value of 'file_index' must be from 0 to {}, not {value}",
            count - 1
        ),
    })
}

/// An integer, a boolean, or a float that is an integer.
fn whole(value: &Value) -> Option<i64> {
    match value.as_number()? {
        Number::Int(index) => Some(index),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked to be small and whole"
        )]
        Number::Float(float) | Number::Numpy(float)
            if float.fract() == 0.0 && float.abs() < 1e9 =>
        {
            Some(float as i64)
        }
        _ => None,
    }
}
