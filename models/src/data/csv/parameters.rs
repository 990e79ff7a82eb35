//! What the parameters, and the initial value of `file_index`, say.

use shared::model::{Build, BuildError, Place, Section};
use shared::time::WallTime;
use shared::value::{Number, Value};

use super::rows::Rows;
use super::{DATE_FORMAT, DECIMAL, DELIMITER, FILE_INDEX, FILE_PATH, START};
use crate::data::text::cell_format::{CellFormat, Delimiter};
use crate::data::text::date_format::DateFormat;
use crate::data::text::lines::Lines;

/// How the cells are written.
pub(super) fn cell_format(build: &Build<'_>) -> Result<CellFormat, BuildError> {
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

/// How the time stamps are written.
pub(super) fn date_format(build: &Build<'_>) -> Result<DateFormat, BuildError> {
    let pattern = build.text(DATE_FORMAT);
    DateFormat::new(pattern).map_err(|error| {
        BuildError::invalid_parameter(
            "date_format",
            format!("parameter 'date_format' is '{pattern}': {error}"),
        )
    })
}

/// The time stamp of the first row to use: in the format of the file, or in that of scenarios.
pub(super) fn start(build: &Build<'_>, format: &mut DateFormat) -> Result<WallTime, BuildError> {
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

/// All files, opened.
pub(super) fn open_all(build: &Build<'_>) -> Result<Vec<Rows>, BuildError> {
    let paths: Vec<&str> = match build.parameter(FILE_PATH) {
        Value::List(list) => list.iter().filter_map(Value::as_text).collect(),
        path => path.as_text().into_iter().collect(),
    };
    let open = |path: &str| Ok(Rows::new(Lines::open(build, path)?));
    paths.into_iter().map(open).collect()
}

/// An index as the scenario gives it: negative ones count from the end.
pub(super) fn initial_index(build: &Build<'_>, count: usize) -> Result<usize, BuildError> {
    let value = build.initial_input(FILE_INDEX);
    let index = whole(&value).and_then(|index| {
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
pub(super) fn whole(value: &Value) -> Option<i64> {
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
