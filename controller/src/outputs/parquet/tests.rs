use super::super::sink::header;
use super::rows::MOST_ROWS;
use super::*;
use crate::chain::chain;
use crate::places::Target;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use shared::time::WallTime;
use std::fs::{self, File};
use std::path::Path;

fn grid() -> TimeGrid {
    TimeGrid {
        start: WallTime::parse("2012-02-01 23:45:00").expect("valid"),
        resolution: 900,
        ticks: 1 << 20,
    }
}

fn claimed(path: &Path) -> ParquetFile {
    let target = Target::of_parquet(path).expect("a target");
    ParquetFile::claim(target.place().expect("a file")).expect("free")
}

/// The types of the columns, and the rows.
fn read(path: &Path) -> (Vec<String>, Vec<Vec<Field>>) {
    let file = File::open(path).expect("there");
    let reader = SerializedFileReader::new(file).expect("a Parquet file");
    let schema = reader.metadata().file_metadata().schema();
    let kinds = schema.get_fields().iter();
    let kinds = kinds.map(|field| field.get_physical_type().to_string());
    let rows = reader.get_row_iter(None).expect("rows");
    let rows = rows.map(|row| {
        let row = row.expect("a row");
        row.get_column_iter()
            .map(|(_, field)| field.clone())
            .collect()
    });
    (kinds.collect(), rows.collect())
}

/// Writes rows of one column, and reads them.
fn column_of(rows: impl Iterator<Item = Value>) -> (String, Vec<Field>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.parquet");
    let mut file = claimed(&path);
    file.begin(&header(grid(), &["A.x"]));
    for (tick, value) in (0..).zip(rows) {
        file.row(tick, &[value]).expect("written");
    }
    file.end(Ending::Complete).expect("written");
    file.settle().expect("settled");
    let left = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 1, "nothing stays beside it");
    let (kinds, rows) = read(&path);
    let rows = rows.into_iter().map(|mut row| row.swap_remove(1));
    (kinds[1].clone(), rows.collect())
}

#[test]
fn each_kind_of_value_has_its_type() {
    let text = |text: &str| Field::Str(text.to_owned());
    let list = Value::List([Value::Int(1), Value::text("a")].into());
    for (values, kind, fields) in [
        (
            vec![Value::Int(3), Value::Null],
            "INT64",
            vec![Field::Long(3), Field::Null],
        ),
        (
            vec![Value::Int(3), Value::Numpy(0.5), Value::Float(f64::NAN)],
            "DOUBLE",
            vec![Field::Double(3.0), Field::Double(0.5), Field::Null],
        ),
        (vec![Value::Bool(true)], "BOOLEAN", vec![Field::Bool(true)]),
        (
            vec![Value::text("say \"x\", y"), list],
            "BYTE_ARRAY",
            vec![text("say \"x\", y"), text("[1, 'a']")],
        ),
        (
            vec![Value::Bool(true), Value::Int(2), Value::text("off")],
            "BYTE_ARRAY",
            vec![text("True"), text("2"), text("off")],
        ),
        (vec![Value::Null], "DOUBLE", vec![Field::Null]),
        (Vec::new(), "DOUBLE", Vec::new()),
    ] {
        let (found, rows) = column_of(values.iter().cloned());
        assert_eq!((found.as_str(), rows), (kind, fields), "{values:?}");
    }
}

#[test]
fn what_a_column_holds_may_show_only_when_much_of_it_is_written() {
    let rows = MOST_ROWS + 5;
    for (late, kind) in [
        (Value::Float(0.5), "DOUBLE"),
        (Value::text("x"), "BYTE_ARRAY"),
    ] {
        let values = (0..rows).map(|row| match row {
            7 => Value::Null,
            row if row + 1 == rows => late.clone(),
            row => Value::Int(row.try_into().expect("small")),
        });
        let (found, fields) = column_of(values);
        assert_eq!(found, kind);
        assert_eq!(fields.len(), rows);
        assert_eq!(fields[7], Field::Null);
        let expected = match late {
            Value::Text(_) => Field::Str("65536".into()),
            _ => Field::Double(65_536.0),
        };
        assert_eq!(fields[MOST_ROWS], expected, "after what was written again");
        assert_ne!(fields[MOST_ROWS - 1], Field::Null);
    }
}

#[test]
fn a_column_that_is_empty_at_first_is_what_its_values_are_once_they_come() {
    for (late, kind, field) in [
        (Value::Int(7), "INT64", Field::Long(7)),
        (Value::Float(0.5), "DOUBLE", Field::Double(0.5)),
        (Value::Bool(true), "BOOLEAN", Field::Bool(true)),
        (Value::text("x"), "BYTE_ARRAY", Field::Str("x".into())),
    ] {
        let nothing = [Value::Null, Value::Float(f64::NAN)];
        let values = nothing.into_iter().cycle().take(MOST_ROWS);
        let (found, fields) = column_of(values.chain([late.clone(), Value::Null, late]));
        assert_eq!(found, kind);
        assert!(fields[..MOST_ROWS].iter().all(|cell| *cell == Field::Null));
        assert_eq!(fields[MOST_ROWS..], [field.clone(), Field::Null, field]);
    }
}

#[test]
#[cfg(unix)]
fn a_stretch_without_values_costs_nothing_where_the_column_is_what_it_was_declared() {
    use shared::value::Kind;

    let declared = [
        (Kind::Number, Value::Float(0.5), true),
        (Kind::Bool, Value::Bool(true), true),
        (Kind::Text, Value::text("x"), true),
        (Kind::Any, Value::Float(0.5), true),
        (Kind::Number, Value::Int(7), false),
    ];
    for (kind, late, is_free) in declared {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = claimed(&folder.path().join("out.parquet"));
        let mut header = header(grid(), &["A.x"]);
        header.columns[0].kind = kind;
        file.begin(&header);
        let (group, rows) = (MOST_ROWS as Tick, 3 * MOST_ROWS as Tick);
        let written = (0..rows).try_for_each(|tick| {
            if tick == group {
                // Nothing can be written again where there is no folder for the copy.
                fs::remove_dir_all(folder.path()).expect("removed");
            }
            let has_value = (group..2 * group).contains(&tick);
            let value = has_value.then(|| late.clone());
            file.row(tick, &[value.unwrap_or(Value::Null)])
        });
        assert_eq!(written.is_ok(), is_free, "{kind:?}: {late:?}");
    }
}

#[test]
fn a_run_that_ends_early_leaves_a_file_that_can_be_read_and_the_old_one_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.parquet");
    fs::write(&path, "old").expect("written");
    let mut file = claimed(&path);
    file.begin(&header(grid(), &["A.x", "A.y"]));
    file.row(0, &[Value::Int(1), Value::text("y")])
        .expect("written");
    file.end(Ending::Partial).expect("written");
    assert_eq!(file.rows(), 1);
    let partial = file.path();
    drop(file);
    assert_eq!(fs::read_to_string(&path).expect("there"), "old");
    let (_, rows) = read(&partial);
    assert_eq!(rows[0][1..], [Field::Long(1), Field::Str("y".into())]);
    let mut empty = claimed(&path);
    empty.end(Ending::Partial).expect("nothing to do");
    drop(empty);
    assert!(partial.exists(), "rows that another run has left");
}

#[test]
fn what_cannot_be_written_names_the_option() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("file"), "").expect("written");
    let inside = folder.path().join("file/out.parquet");
    let refused = Target::of_parquet(&inside).and_then(|target| {
        let place = target.place().expect("a file").clone();
        ParquetFile::claim(&place)
    });
    let error = chain(
        &refused
            .map(|_| ())
            .expect_err("no folder")
            .chosen_with(PARQUET),
    );
    assert!(
        error.contains("--parquet") && !error.contains("--output"),
        "{error}"
    );
}
