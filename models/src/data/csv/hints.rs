//! What is likely meant by what cannot be read.

use shared::model::{BuildError, StepError};
use shared::time::WallTime;

use super::rows::Rows;
use crate::data::text::cell_format::CellFormat;
use crate::data::text::date_format::DateFormat;
use crate::data::text::number;

/// Forms of time stamps that files have.
const FORMS: &[&str] = &[
    "YYYY-MM-DD HH:mm:ss",
    "YYYY-MM-DD HH:mm",
    "YYYY-MM-DDTHH:mm:ss",
    "YYYY-MM-DDTHH:mm",
    "YYYY-MM-DDTHH:mm:ss[Z]",
    "YYYY-MM-DDTHH:mm[Z]",
    "YYYY-MM-DD HH:mm:ss.S",
    "YYYY-MM-DDTHH:mm:ss.S",
    "YYYY-MM-DDTHH:mm:ss.S[Z]",
    "YYYY-MM-DD HH:mm:ss[+00:00]",
    "YYYY-MM-DDTHH:mm:ss[+00:00]",
    "YYYY/MM/DD HH:mm:ss",
    "YYYY/MM/DD HH:mm",
    "YYYY.MM.DD HH:mm:ss",
    "YYYY.MM.DD HH:mm",
    "DD/MM/YYYY HH:mm:ss",
    "DD/MM/YYYY HH:mm",
    "MM/DD/YYYY HH:mm:ss",
    "MM/DD/YYYY HH:mm",
    "DD-MM-YYYY HH:mm:ss",
    "DD-MM-YYYY HH:mm",
    "MM-DD-YYYY HH:mm:ss",
    "MM-DD-YYYY HH:mm",
    "DD.MM.YYYY HH:mm:ss",
    "DD.MM.YYYY HH:mm",
    "D/M/YYYY H:mm:ss",
    "D/M/YYYY H:mm",
    "M/D/YYYY H:mm:ss",
    "M/D/YYYY H:mm",
    "D-M-YYYY H:mm:ss",
    "D-M-YYYY H:mm",
    "D.M.YYYY H:mm:ss",
    "D.M.YYYY H:mm",
    "M/D/YYYY h:mm:ss A",
    "M/D/YYYY h:mm A",
    "D/M/YY H:mm",
    "M/D/YY H:mm",
    "DD-MMM-YYYY HH:mm:ss",
    "DD-MMM-YYYY HH:mm",
    "DD MMM YYYY HH:mm:ss",
    "DD MMM YYYY HH:mm",
    "YYYYMMDD HH:mm:ss",
    "YYYYMMDD HH:mm",
    "YYYYMMDD:HHmm",
    "YYYYMMDDTHHmmss",
    "YYYYMMDDTHHmm",
    "YYYYMMDDHHmmss",
    "YYYYMMDDHHmm",
    "YYYYMMDDHH",
    "YYYY-MM-DD",
    "YYYYMMDD",
    "DD/MM/YYYY",
    "MM/DD/YYYY",
    "DD-MM-YYYY",
    "DD.MM.YYYY",
];

/// The forms that a time stamp fits as a whole, with what each takes it for; two at most, since
/// day and month can often change places.
fn forms_of(stamp: &str) -> Vec<(&'static str, WallTime)> {
    let stamp = stamp.trim().trim_matches('"');
    let fits = FORMS.iter().filter_map(|&form| {
        let time = DateFormat::new(form).ok()?.parse_whole(stamp)?;
        Some((form, time))
    });
    let mut forms: Vec<(&str, WallTime)> = Vec::new();
    for (form, time) in fits {
        if forms.iter().all(|(_, known)| *known != time) {
            forms.push((form, time));
        }
    }
    forms.truncate(2);
    forms
}

/// The time stamp of the line at hand.
fn stamp_of(rows: &Rows) -> &str {
    let text = rows.text();
    let cells = rows.cells().map_or(0, |cells| cells.len() + 1);
    text.get(..text.len().saturating_sub(cells)).unwrap_or(text)
}

/// Which form the time stamp at hand has, where it does not fit the one that is given.
fn other_form(rows: &Rows, format: &DateFormat) -> String {
    let forms = forms_of(stamp_of(rows)).into_iter();
    let forms = forms.filter(|(form, _)| *form != format.pattern());
    let forms: Vec<String> = forms.map(|(form, _)| format!("'{form}'")).collect();
    if forms.is_empty() {
        return String::new();
    }
    let forms = forms.join(" or ");
    format!("; it has the form {forms}, to be written as 'date_format'")
}

/// What else the time stamp of the first row can mean.
fn other_reading(stamp: &str, format: &DateFormat) -> String {
    let read = format.clone().parse(stamp).ok();
    let mut forms = forms_of(stamp).into_iter();
    match (read, forms.find(|(_, time)| read != Some(*time))) {
        (Some(read), Some((form, time))) => format!(
            "; its first row, '{stamp}', is read as {read}, and would be {time} with 'date_format: \
             {form}'"
        ),
        _ => String::new(),
    }
}

/// Adds the form that fits to an error about a time stamp that does not fit its form.
pub(super) fn about_stamp(rows: &Rows, format: &DateFormat, error: &StepError) -> StepError {
    let mut error = error.clone();
    if error.code == "bad_time_stamp" {
        error.message += &other_form(rows, format);
    }
    error
}

/// Adds to an error about the first rows of a file what is likely wrong with it. `first` is the time
/// stamp of the first row.
pub(super) fn about_first_rows(
    mut error: BuildError,
    rows: &Rows,
    format: &DateFormat,
    header: &[String],
    first: &str,
) -> BuildError {
    let is_row = |name: &String| !forms_of(name).is_empty();
    let names_are_row = header.first().is_some_and(is_row);
    match &*error.code {
        "bad_time_stamp" => error.message += &other_form(rows, format),
        "start_not_in_file" => error.message += &other_reading(first, format),
        _ if !names_are_row => return error,
        _ => {}
    }
    if names_are_row {
        error.message += "; line 1 is taken for a title and line 2 for the names, but that is a \
                          row: the file has no title, and is read once 'date_format' fits";
    }
    error
}

/// Adds what is likely meant to an error about a cell. `rest` is the line from the cell on.
pub(super) fn about_cell(rest: Option<&str>, cells: &CellFormat, error: &StepError) -> StepError {
    let mut error = error.clone();
    let Some(rest) = rest else { return error };
    let cell = cells.delimiter.split_once(rest).0.trim();
    if let Some(hint) = hint(cell, cells) {
        error.message += "; ";
        error.message += &hint;
    }
    error
}

fn hint(cell: &str, cells: &CellFormat) -> Option<String> {
    let lower = cell.to_ascii_lowercase();
    let is_missing = cell.bytes().all(|b| b"-.?*#_".contains(&b))
        || [
            "na", "n/a", "#n/a", "null", "none", "nil", "missing", "#value!", "void",
        ]
        .contains(&&*lower);
    if is_missing {
        let hint = "a value is missing there; fill the gap with a measurement or an estimate";
        return Some(hint.to_owned());
    }
    if cell.starts_with(['"', '\'']) {
        return Some("save the file without quotes around its cells".to_owned());
    }
    let is_grouped = |c: char| c == '.' || c == ',' || c == '\'' || c.is_whitespace();
    let bare: String = cell.chars().filter(|c| !is_grouped(*c)).collect();
    if !bare.is_empty() && number::parse(&bare).is_some() {
        return Some(hint_about_marks(cell, cells));
    }
    let number = cell
        .trim_end_matches(|c: char| c.is_ascii_alphabetic() || !c.is_ascii() || "%/ ".contains(c));
    if number.len() < cell.len() && cells.number(number.trim()).is_some() {
        let hint = "write the number alone; a unit can stand after '#' in the name of the column";
        return Some(hint.to_owned());
    }
    None
}

/// What is likely meant by points, commas and blanks in a number.
fn hint_about_marks(cell: &str, cells: &CellFormat) -> String {
    let commas = cell.matches(',').count();
    let points = cell.matches('.').count();
    match (cells.point, commas, points) {
        (b'.', 1, 0) => {
            "if that is a comma before decimals, write \"decimal: ','\" for this reader".to_owned()
        }
        (b'.', 1, _) if cell.rfind(',') > cell.rfind('.') => {
            "if that is a comma before decimals, write \"decimal: ','\" for this reader, and save \
             the file without points between thousands"
                .to_owned()
        }
        (b',', 0, 1) => {
            "this reader has \"decimal: ','\"; leave that out if points stand before decimals"
                .to_owned()
        }
        _ => "save the file without marks between thousands".to_owned(),
    }
}

/// What is likely meant by cells beyond the columns.
pub(super) fn about_extra_cells(rows: &Rows, cells: &CellFormat, columns: usize) -> String {
    let mut texts = Vec::new();
    let mut rest = rows.cells();
    while let Some(text) = rest {
        let (cell, after) = cells.delimiter.split_once(text);
        texts.push(cell.trim());
        rest = after;
    }
    let count = texts.len() + 1;
    let said = format!(
        "the row has {count} cells and the header {columns}, so that what is beyond is not read; "
    );
    let is_whole = |cell: &&str| -> bool {
        let digits = cell.trim_start_matches(['-', '+']);
        digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let hint = if cells.delimiter.0 == "," && texts.iter().all(is_whole) {
        "are these commas before decimals? then save the file with ';' between cells, and write \
         \"delimiter: ';'\" and \"decimal: ','\" for this reader"
    } else {
        "name the columns in the header, or take the cells out"
    };
    said + hint
}
