//! The table of a sweep, as it is in a Parquet file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use super::table::{Column, Table};

/// What a Parquet file begins with.
const MAGIC: &[u8] = b"PAR1";

/// Whether a file is one in Parquet.
pub(super) fn is_parquet(path: &Path) -> bool {
    let mut begins = [0; MAGIC.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut begins));
    read.is_ok() && begins == MAGIC
}

/// What its first column is called, if it can be read.
pub(super) fn first_column(path: &Path) -> Option<String> {
    let reader = open(path).ok()?;
    names(&reader).next()
}

/// Reads a table.
pub(super) fn read(path: &Path) -> io::Result<Table> {
    let reader = open(path)?;
    let mut columns: Vec<Column> = names(&reader)
        .skip(1)
        .map(|name| Column::named(&name))
        .collect();
    let mut rows = 0;
    for row in reader.get_row_iter(None).map_err(io::Error::other)? {
        let row = row.map_err(io::Error::other)?;
        let cells = row.get_column_iter().skip(1);
        for (column, (_, cell)) in columns.iter_mut().zip(cells) {
            take(column, cell);
        }
        rows += 1;
    }
    Ok(Table::of(columns, rows))
}

fn open(path: &Path) -> io::Result<SerializedFileReader<File>> {
    SerializedFileReader::new(File::open(path)?).map_err(io::Error::other)
}

fn names(reader: &SerializedFileReader<File>) -> impl Iterator<Item = String> + '_ {
    let fields = reader.metadata().file_metadata().schema().get_fields();
    fields.iter().map(|field| field.name().to_owned())
}

/// Takes a cell as that of a table in CSV is taken.
fn take(column: &mut Column, cell: &Field) {
    match cell {
        Field::Null => column.take(""),
        Field::Bool(flag) => column.take(if *flag { "True" } else { "False" }),
        Field::Long(int) => column.values.push(*int as f64),
        Field::Double(float) => column.values.push(*float),
        Field::Str(text) => column.take(text),
        // Somebody else has written it.
        other => column.take(&other.to_string()),
    }
}
