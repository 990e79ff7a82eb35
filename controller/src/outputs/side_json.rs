//! A table that a model has written, as JSON beside its CSV: a list with an object for each row.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use csv::ReaderBuilder;
use serde_json::{Map, Value as Json};
use shared::value::PythonFloat;

/// Where the JSON of a table in CSV goes.
pub(super) fn beside(table: &Path) -> PathBuf {
    table.with_extension("json")
}

/// The rows of a table in CSV. A column in which every cell that is not empty is a number as models write it
/// has numbers, integers and floats apart, one of truth values has these, any other has text; an empty cell is null.
pub(super) fn of(table: &[u8]) -> Vec<u8> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(table);
    let text = |record: &csv::ByteRecord| -> Vec<String> {
        let cells = record.iter();
        cells
            .map(|cell| String::from_utf8_lossy(cell).into_owned())
            .collect()
    };
    let names = reader.byte_headers().map(text).unwrap_or_default();
    // Whatever a node sends as a table is one to a reader that takes rows of any length.
    let rows: Vec<Vec<String>> = reader
        .byte_records()
        .flatten()
        .map(|row| text(&row))
        .collect();
    let mut columns = Vec::new();
    for place in 0..names.len() {
        let cells = || {
            rows.iter()
                .filter_map(|row| row.get(place))
                .filter(|cell| !cell.is_empty())
        };
        let kinds: [Typed; 2] = [number, flag];
        columns.push(
            kinds
                .into_iter()
                .find(|typed| cells().all(|cell| typed(cell).is_some())),
        );
    }
    let mut json = b"[".to_vec();
    for (place, row) in rows.iter().enumerate() {
        let mut object = Map::new();
        for ((name, typed), cell) in names.iter().zip(&columns).zip(row) {
            let value = match typed {
                _ if cell.is_empty() => Json::Null,
                Some(typed) => typed(cell).unwrap_or(Json::Null),
                None => Json::from(cell.as_str()),
            };
            object.insert(name.clone(), value);
        }
        json.extend_from_slice(if place == 0 { b"\n" } else { b",\n" });
        json.extend_from_slice(Json::Object(object).to_string().as_bytes());
    }
    json.extend_from_slice(b"\n]\n");
    json
}

/// How a cell is read; `None` where it is something else.
type Typed = fn(&str) -> Option<Json>;

/// A number in the very notation of models: a text with zeros before it, say, is none. What JSON has no number
/// for, such as `inf`, is text.
fn number(cell: &str) -> Option<Json> {
    let is_same = |written: &dyn Display| written.to_string() == cell;
    if let Some(int) = cell.parse::<i64>().ok().filter(|int| is_same(int)) {
        return Some(int.into());
    }
    let float = cell.parse::<f64>().ok()?;
    if !is_same(&PythonFloat(float)) {
        return None;
    }
    Some(if float.is_finite() {
        float.into()
    } else {
        cell.into()
    })
}

fn flag(cell: &str) -> Option<Json> {
    match cell {
        "True" => Some(true.into()),
        "False" => Some(false.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(table: &str) -> String {
        String::from_utf8(of(table.as_bytes())).expect("text")
    }

    #[test]
    fn columns_keep_their_kinds() {
        let table = "Company,Capacity (MW),Profit (€),Plant,Runs\n\
                     North,0,,007,True\n\
                     \"South, \"\"Inc\"\"\",100.0,-1e-05,12,\n";
        let expected = "[\n\
            {\"Company\":\"North\",\"Capacity (MW)\":0,\"Profit (€)\":null,\"Plant\":\"007\",\"Runs\":true},\n\
            {\"Company\":\"South, \\\"Inc\\\"\",\"Capacity (MW)\":100.0,\"Profit (€)\":-0.00001,\"Plant\":\"12\",\"Runs\":null}\n]\n";
        assert_eq!(json(table), expected);
    }

    #[test]
    fn what_is_no_table_is_json_all_the_same() {
        for table in ["", "a", "a,b\n1\n1,2,3\n", "\u{feff}\"\n\"", "a\ninf\n"] {
            let read: Json = serde_json::from_str(&json(table)).expect(table);
            assert!(read.is_array(), "{table}");
        }
    }
}
