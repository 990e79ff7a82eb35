//! The reader of time series.

mod cells;
#[cfg(any(test, feature = "examination"))]
mod columns;
#[cfg(any(test, feature = "examination"))]
mod examine;
#[cfg(any(test, feature = "examination"))]
mod hints;
#[cfg(any(test, feature = "examination"))]
mod kept;
mod mismatch;
#[cfg(any(test, feature = "examination"))]
mod oddities;
mod parameters;
#[cfg(any(test, feature = "examination"))]
mod plain;
mod reader;
#[cfg(any(test, feature = "examination"))]
mod report;
mod rows;
mod steps;

use shared::model::{Input, Literal, ModelType, Need, Parameter};
use shared::model_type;

use reader::Reader;

model_type! {
    /// Reader of a time series: publishes the columns of a text file, one row a step.
    ///
    /// # File
    ///
    /// Text in UTF-8, with or without a byte-order mark, lines ending in LF or CRLF and of 64 KiB at
    /// most. Line 1 is a title of any content. Line 2 names the columns; the first is the time. Where
    /// line 2 is a time stamp with numbers, there is no title, and line 1 has the names. What follows
    /// a `#` in a name is a comment. Each further line is a time stamp and one cell per column, with
    /// the `delimiter` between them; cells beyond the columns are ignored. There is no quoting. Blank
    /// lines are skipped. A column without a name is not read.
    ///
    /// ```text
    /// demand of one household
    /// time,load # kW
    /// 2012-02-01 00:00:00,0.31
    /// 2012-02-01 00:15:00,0.29
    /// ```
    ///
    /// This publishes the state `load`. Cells are floats: sign, point, exponent, `inf`, `nan`,
    /// underscores between digits. With `decimal: ','` a comma takes the place of the point; the
    /// `delimiter` must then be another mark. With `send_row` true there is one state `row` instead, a
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
    /// Time stamps are wall-clock readings without a zone, in whole seconds; they may stand in
    /// quotes, and 24:00:00 is midnight of the next day. `date_format` is made of these tokens;
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
    /// `file_path` may be a list. The initial value of the input `file_index`, under `inputs`, says
    /// which file is read first, from 0, or from the end if negative. Columns are those of that
    /// file. Where a state of another model is connected to `file_index`, it says in each step which
    /// file the row is read from; that file must have the row.
    ///
    /// # Errors
    ///
    /// Refused before the run, with the code in brackets: a file that cannot be opened
    /// (`file_unreadable:<path>`), has no line of names (`file_without_header`), no column beside
    /// the time (`file_without_columns`), no row (`file_without_rows`) or none for the start
    /// (`start_not_in_file`); two columns of one name (`duplicate_column:<name>`); a `file_index`
    /// that is no file (`invalid_input:file_index`); parameters that cannot be used
    /// (`invalid_parameter:<name>`).
    ///
    /// Files that can be read twice are examined before the run, row by row as far as it needs them.
    /// What it would stop at is then refused beforehand, and what runs and cannot be meant gives a
    /// warning: a file that ends early (`file_ends_early`), that has no title (`no_title`) or quotes
    /// in its names (`quoted_name`); cells beyond the columns (`extra_cells`), as where commas stand
    /// before decimals; `inf` and `nan` (`not_finite:<column>`), codes for missing values such as
    /// -9999 (`missing_value_code:<column>`), and numbers that are impossible at the input that takes
    /// them, such as an irradiance below zero (`impossible_value:<column>`). Where `file_index` is
    /// connected, all faults are warnings, since the run may not come to their rows. A pipe cannot
    /// be examined (`not_examined`).
    ///
    /// Stops at the step that needs the row: a time stamp that is not the expected one
    /// (`unexpected_time_stamp`) or is none (`bad_time_stamp`), too few cells (`short_row`), a cell
    /// that is no number (`bad_cell:<column>`), a line that is too long or not UTF-8
    /// (`line_too_long`, `not_utf8`), a `file_index` that is no file (`file_index_out_of_range`).
    /// Rows that are skipped need a time stamp and nothing else.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Fixed: with `time_step_size` n the rows are n ticks apart, not n². Wall-clock readings are
    /// compared as they stand, whatever `tzinfo` says, also on the day the clock is put forward.
    /// After the end of the file the last row holds in runs of any length. Blank lines are
    /// skipped, rows with too few cells are refused, a file without a title keeps its first row.
    /// `delimiter` and `date_format` have defaults,
    /// and `start` may be in the form of the scenario. Columns are states whether or not the
    /// scenario lists them. A file can be changed at the first step, only the row that is due has to
    /// be in it, and integral floats are indices.
    ///
    /// Added: `decimal`.
    ///
    /// Kept: files that a wall clock wrote stop the run at the hour that is missing or repeated, and
    /// files that are coarser or finer than the steps at the first such row. Tokens for Unix time,
    /// weekdays, days of the year, weeks and zones are refused.
    pub static CSV = ModelType::new("CSV", |build| Ok(Box::new(Reader::new(build)?)))
        .formerly(&["csvreader", "csvreaderpandas", "reader"]);
    parameters {
        FILE_PATH = Parameter::read_paths("file_path", "the file, or a list of files")
            .formerly(&["datafile", "filename"]),
        DELIMITER = Parameter::any("delimiter", "what separates cells")
            .with_default(Literal::text(","))
            .if_missing(Literal::text(",")),
        DECIMAL = Parameter::choice(
            "decimal",
            &[".", ","],
            "what stands before the decimals of a number",
        )
        .with_default(Literal::text("."))
        .if_missing(Literal::text(".")),
        DATE_FORMAT = Parameter::text("date_format", "form of the time stamps")
            .with_default(Literal::text("YYYY-MM-DD HH:mm:ss"))
            .if_missing(Literal::text("YYYY-MM-DD HH:mm:ss")),
        START = Parameter::any(
            "start",
            "time stamp of the row for tick 0; null for the start of the scenario",
        )
        .formerly(&["sim_start"])
        .with_default(Literal::Null)
        .if_missing(Literal::Null),
        SEND_ROW = Parameter::flag("send_row", "publish the whole row as a mapping of text")
            .with_default(Literal::Bool(false))
            .if_missing(Literal::Bool(false)),
        _ = Parameter::text(
            "tzinfo",
            "a time zone; has no effect, since wall-clock readings are compared",
        )
        .with_default(Literal::Null)
        .if_missing(Literal::Null),
    }
    inputs {
        FILE_INDEX = Input::number("file_index", "-", "which file to read, from 0")
            .with_need(Need::Optional),
    }
}

#[cfg(test)]
mod tests;
