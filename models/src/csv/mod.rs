//! The reader of time series.

mod date_format;
mod number;
mod rows;

use std::sync::Arc;

use shared::model::{
    Build, BuildError, Input, InputSlot, Literal, Missing, Model, Need, Parameter, ParameterKind,
    ParameterSlot, Place, PublishedSlot, Range, Section, SectionPolicy, Step, StepError,
    documentation, input_slot, parameter_slot,
};
use shared::model_type;
use shared::time::{Tick, TimeGrid, WallTime};
use shared::value::{Kind, Origin, Value};

use date_format::DateFormat;
use rows::{Ahead, Delimiter, Rows};

model_type! {
    /// Reader of a time series: publishes the columns of a text file, one row a step.
    ///
    /// # File
    ///
    /// Text in UTF-8, lines ending in LF or CRLF. Line 1 is a title of any content. Line 2 names
    /// the columns; the first is the time. What follows a `#` in a name is a comment. Each further
    /// line is a time stamp and one cell per column, with the `delimiter` between them. There is no
    /// quoting. Blank lines are skipped.
    ///
    /// ```text
    /// demand of one household
    /// time,load # kW
    /// 2012-02-01 00:00:00,0.31
    /// 2012-02-01 00:15:00,0.29
    /// ```
    ///
    /// This publishes the state `load`. Cells are floats: sign, point, exponent, `inf`, `nan`,
    /// underscores between digits. With `send_row` true there is one state `row` instead, a
    /// mapping from the column names as they stand (comments and blanks included) to the text of
    /// the cells, the time stamp first.
    ///
    /// # Time
    ///
    /// At tick t the row with the time stamp `start` + t × `time_resolution` is published; rows
    /// must be exactly one step apart. Hourly data in a scenario of quarters of an hour needs
    /// `time_step_size: 4` on the reader. A `start` other than that of the scenario plays back
    /// other days. After the last row its values stay valid to the end, with a warning.
    ///
    /// Time stamps are wall-clock readings without a zone. `date_format` is made of these tokens;
    /// everything else stands for itself, text in square brackets too:
    ///
    /// | token | matches |
    /// |---|---|
    /// | `YYYY`, `YY` | year with four digits; with two (69 to 99: 1969 to 1999) |
    /// | `MM`, `M`, `MMMM`, `MMM` | month with two digits; with one or two; English name; its first three letters |
    /// | `DD`, `D` | day with two digits; with one or two |
    /// | `HH`, `H`, `hh`, `h`, `A` or `a` | hour; `hh` and `h` of twelve, with am or pm |
    /// | `mm`, `m`, `ss`, `s`, `S` | minutes; seconds; fraction of a second, which must be zero |
    ///
    /// # Several files
    ///
    /// `file_path` may be a list. The input `file_index`, a state of another model or the initial
    /// value under `inputs`, says which file is read, from 0. Columns are those of the first file.
    ///
    /// # Errors
    ///
    /// Refused before the run: files that cannot be opened, have no header or no rows, or do not
    /// hold the start. Stops at the step that needs the row: a time stamp that is not the expected
    /// one, a cell that is no number, a row with too few cells. Rows that are skipped need a time
    /// stamp and nothing else.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Fixed: with `time_step_size` n the rows are n ticks apart, not n². Wall-clock readings are
    /// compared as they stand, whatever `tzinfo` says, also on the day the clock is put forward.
    /// After the end of the file the last row holds in runs of any length. Blank lines are
    /// skipped, rows with too few cells are refused. `delimiter` and `date_format` have defaults,
    /// and `start` may be in the form of the scenario. Columns are states whether or not the
    /// scenario lists them. A file can be switched at the first step, and integral floats are
    /// indices.
    pub static CSV = {
        name: "CSV",
        sections: SectionPolicy::Replace,
        parameters: PARAMETERS,
        inputs: INPUTS,
        published: &[],
        never_published: &[],
        time_step_size: 1,
        build: |build| Ok(Box::new(Reader::new(build)?)),
    }
}

const fn parameter(
    name: &'static str,
    kind: ParameterKind,
    default: Option<Literal>,
    meaning: &'static str,
) -> Parameter {
    let missing = match default {
        Some(default) => Missing::Is(default),
        None => Missing::Refused,
    };
    let meaning = documentation(meaning);
    Parameter {
        name,
        unit: "-",
        kind,
        default,
        missing,
        range: Range::ANY,
        meaning,
    }
}

const PARAMETERS: &[Parameter] = &[
    parameter(
        "file_path",
        ParameterKind::ReadPaths,
        None,
        "the file, or a list of files",
    ),
    parameter(
        "delimiter",
        ParameterKind::Any,
        Some(Literal::Text(",")),
        "what separates cells",
    ),
    parameter(
        "date_format",
        ParameterKind::Text,
        Some(Literal::Text("YYYY-MM-DD HH:mm:ss")),
        "form of the time stamps",
    ),
    parameter(
        "start",
        ParameterKind::Any,
        Some(Literal::Null),
        "time stamp of the row for tick 0; null for the start of the scenario",
    ),
    parameter(
        "send_row",
        ParameterKind::Flag,
        Some(Literal::Bool(false)),
        "publish the whole row as a mapping of text",
    ),
    Parameter::unused(
        "tzinfo",
        "a time zone; has no effect, since wall-clock readings are compared",
    ),
];
const FILE_PATH: ParameterSlot = parameter_slot(PARAMETERS, "file_path");
const DELIMITER: ParameterSlot = parameter_slot(PARAMETERS, "delimiter");
const DATE_FORMAT: ParameterSlot = parameter_slot(PARAMETERS, "date_format");
const START: ParameterSlot = parameter_slot(PARAMETERS, "start");
const SEND_ROW: ParameterSlot = parameter_slot(PARAMETERS, "send_row");

const INPUTS: &[Input] =
    &[Input::number("file_index", "-", "which file to read, from 0").with_need(Need::Optional)];
const FILE_INDEX: InputSlot = input_slot(INPUTS, "file_index");

struct Reader {
    /// The files; one of them is read at a time.
    files: Vec<Rows>,
    index: usize,
    delimiter: Delimiter,
    format: DateFormat,
    grid: TimeGrid,
    /// The time stamp of the row for tick 0.
    start: WallTime,
    step_size: u32,
    sink: Sink,
}

impl Reader {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let delimiter = delimiter(build)?;
        let mut format = date_format(build)?;
        let start = start(build, &mut format)?;
        let mut files = open_all(build)?;
        let index = initial_index(&build.initial_input(FILE_INDEX), files.len())?;
        let rows = &mut files[index];
        let header = rows.restart(&delimiter).map_err(at_file)?;
        rows.advance(&mut format, &delimiter);
        if *rows.ahead() == Ahead::End {
            return Err(at_file(
                rows.error("file_without_rows", "the file has no rows"),
            ));
        }
        rows.skip_to(start, &mut format, &delimiter)
            .map_err(at_file)?;
        check_start(rows, start).map_err(at_file)?;
        let sink = Sink::new(build, &header, rows)?;
        let (grid, step_size) = (build.grid(), build.step_size());
        Ok(Self {
            files,
            index,
            delimiter,
            format,
            grid,
            start,
            step_size,
            sink,
        })
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
        if index == self.index {
            return Ok(());
        }
        self.index = index;
        let rows = &mut self.files[index];
        rows.restart(&self.delimiter)?;
        rows.advance(&mut self.format, &self.delimiter);
        rows.skip_to(expected, &mut self.format, &self.delimiter)
    }

    /// The tick of the step after the one at `tick`.
    fn after(&self, tick: Tick) -> Tick {
        tick.saturating_add(self.step_size.into())
    }
}

impl Model for Reader {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let tick = step.tick();
        let expected = TimeGrid {
            start: self.start,
            ..self.grid
        }
        .at(tick);
        let wanted = step.value(FILE_INDEX);
        self.switch(wanted, expected)?;
        let rows = &mut self.files[self.index];
        match rows.ahead() {
            Ahead::Row(stamp) if *stamp == expected => {}
            Ahead::Row(stamp) => {
                let seconds = i64::from(self.grid.resolution).saturating_mul(self.step_size.into());
                return Err(unexpected_stamp(
                    rows,
                    expected,
                    *stamp,
                    seconds,
                    self.grid.resolution,
                ));
            }
            Ahead::Broken(error) => return Err(error.clone()),
            // The last row holds; a connected index may still lead to another file.
            Ahead::End => return Ok(()),
        }
        self.sink
            .publish(step, rows, &self.delimiter, &self.format, expected)?;
        rows.advance(&mut self.format, &self.delimiter);
        if *rows.ahead() == Ahead::End && self.after(tick) < self.grid.ticks {
            let path = self.files[self.index].path();
            step.notice(format!(
                "'{path}' ends here; its last row holds from now on"
            ));
            if wanted.is_none() {
                step.never_again();
            }
        }
        Ok(())
    }
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
        .and_then(|text| format.parse(text).or_else(|| WallTime::parse(text)));
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

/// An error in the file, reported where the scenario names it.
fn at_file(error: StepError) -> BuildError {
    BuildError {
        code: error.code,
        ..BuildError::invalid_parameter("file_path", error.message)
    }
}

/// Refuses a file that does not hold the row for tick 0.
fn check_start(rows: &Rows, start: WallTime) -> Result<(), StepError> {
    let path = rows.path();
    let found = match rows.ahead() {
        Ahead::Row(stamp) if *stamp == start => return Ok(()),
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

/// An integer, or a float that is one.
fn whole(value: &Value) -> Option<i64> {
    match *value {
        Value::Int(index) => Some(index),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked to be small and whole"
        )]
        Value::Float(float) if float.fract() == 0.0 && float.abs() < 1e9 => Some(float as i64),
        _ => None,
    }
}

/// Says which stamp was expected, which was found, and what that looks like.
fn unexpected_stamp(
    rows: &Rows,
    expected: WallTime,
    found: WallTime,
    step: i64,
    resolution: u32,
) -> StepError {
    const HOUR: i64 = 3600;
    let resolution = i64::from(resolution);
    let gap = found.seconds() - expected.seconds();
    let hint = match rows.spacing() {
        _ if gap == HOUR => {
            "an hour is missing, as where a clock is put forward; use data in a time without \
             daylight saving, such as UTC"
                .to_owned()
        }
        _ if gap == -HOUR => {
            "an hour stands there twice, as where a clock is put back; use data in a time without \
             daylight saving, such as UTC"
                .to_owned()
        }
        Some(spacing) if gap > 0 && spacing % resolution == 0 => format!(
            "its rows are {spacing} s apart and the steps {step} s; write 'time_step_size: {}' for \
             this reader if all of the file is like that, else fill the gap",
            spacing / resolution
        ),
        Some(spacing) => format!(
            "its rows are {spacing} s apart and the steps {step} s; adapt 'time_resolution', or \
             the file"
        ),
        None => "rows must be one step apart".to_owned(),
    };
    let message = format!("the row for {expected} is due and this one is for {found}; {hint}");
    rows.error("unexpected_time_stamp", &message)
}

/// Where the cells of a row go.
enum Sink {
    /// One state a column; `None` for one without a name.
    Columns(Vec<(String, Option<PublishedSlot>)>),
    /// One state for the whole row, with these keys.
    Row(Vec<Arc<str>>, PublishedSlot),
}

impl Sink {
    fn new(build: &mut Build<'_>, header: &[String], rows: &Rows) -> Result<Self, BuildError> {
        if build.flag(SEND_ROW) {
            let slot = build.publish_also("row", Origin::State, Kind::Map)?;
            return Ok(Sink::Row(
                header.iter().map(|name| name.as_str().into()).collect(),
                slot,
            ));
        }
        let mut columns = Vec::new();
        for name in header.iter().skip(1) {
            let name = name.split('#').next().unwrap_or_default().trim();
            let slot =
                match name {
                    "" => None,
                    name => Some(
                        build
                            .publish_also(name, Origin::State, Kind::Number)
                            .map_err(|_| {
                                at_file(rows.error(
                        format!("duplicate_column:{name}"),
                        &format!("two columns are called '{name}'; give each a name of its own"),
                    ))
                            })?,
                    ),
                };
            columns.push((name.to_owned(), slot));
        }
        if columns.iter().any(|(_, slot)| slot.is_none()) {
            let path = rows.path();
            build.warn(format!(
                "'{path}' has a column without a name, which is not read"
            ));
        }
        Ok(Sink::Columns(columns))
    }

    /// Publishes the row at hand.
    fn publish(
        &self,
        step: &mut Step<'_>,
        rows: &Rows,
        delimiter: &Delimiter,
        format: &DateFormat,
        stamp: WallTime,
    ) -> Result<(), StepError> {
        let mut cells = Cells {
            rows,
            delimiter,
            rest: Some(rows.text()),
        };
        cells.next("time")?;
        match self {
            Sink::Columns(columns) => {
                for (name, slot) in columns {
                    let cell = cells.next(name)?;
                    if let Some(slot) = slot {
                        step.publish(*slot, cells.number(name, cell)?);
                    }
                }
            }
            Sink::Row(names, slot) => {
                let mut entries = Vec::with_capacity(names.len());
                for (column, name) in names.iter().enumerate() {
                    let text = match column {
                        0 => Value::text(&format.format(stamp)),
                        _ => Value::text(cells.next(name)?),
                    };
                    entries.push((Arc::clone(name), text));
                }
                step.publish(*slot, Value::Map(entries.into()));
            }
        }
        Ok(())
    }
}

/// The cells of the row at hand, one after the other.
struct Cells<'a> {
    rows: &'a Rows,
    delimiter: &'a Delimiter,
    rest: Option<&'a str>,
}

impl<'a> Cells<'a> {
    #[inline]
    fn next(&mut self, column: &str) -> Result<&'a str, StepError> {
        let Some(text) = self.rest else {
            let message = format!("the row is too short; it has no cell for column '{column}'");
            return Err(self.rows.error("short_row", &message));
        };
        let (cell, rest) = self.delimiter.split_once(text);
        self.rest = rest;
        Ok(cell)
    }

    #[inline]
    fn number(&self, column: &str, cell: &str) -> Result<f64, StepError> {
        number::parse(cell).ok_or_else(|| {
            let message = format!("'{cell}' in column '{column}' is not a number");
            self.rows.error(format!("bad_cell:{column}"), &message)
        })
    }
}

#[cfg(test)]
mod tests;
