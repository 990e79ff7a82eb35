//! Tables of samples: a row a variant, a column a parameter. They are read row by row, so that they may be of any length.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Position as Place, StringRecord};
use shared::value::Value;

use super::SweepError;
use super::factor::Factor;
use super::table::NUMBER;
use crate::scenario::{Position, cell_value};

/// From one row whose place in the file is known to the next.
const STRIDE: u64 = 4096;

/// What may be between the fields of a row.
const COMMA: u8 = b',';
/// The same, in a header that has no comma.
const OTHERS: [u8; 2] = [b';', b'\t'];

const NOT_UTF8: &str = "not UTF-8; save the table as UTF-8";

/// A table of samples.
#[derive(Debug)]
pub(crate) struct Samples {
    pub(crate) path: PathBuf,
    delimiter: u8,
    /// The columns that are parameters.
    columns: Vec<usize>,
    /// How many fields a row has.
    width: usize,
    /// How many rows there are.
    pub(crate) count: u64,
    /// Where every so many rows begin.
    marks: Vec<Place>,
    lines: Lines,
}

/// What a reader's position says of lines.
#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    /// They end with CR and LF, of which the reader takes the second one for the beginning of the next row.
    lag: bool,
    /// Where the file ends, if the last line has no end.
    open_end: Option<u64>,
}

/// The rows of a table from one of them on.
#[derive(Debug)]
pub(crate) struct Sampled<'a> {
    samples: &'a Samples,
    reader: csv::Reader<File>,
    record: StringRecord,
}

impl Samples {
    /// Opens a table, and looks through it once. Returns the factors that its columns are as well.
    ///
    /// # Errors
    /// It cannot be read, names no parameter of the scenario, or its rows have not as many fields as its header.
    pub(super) fn open(
        path: &Path,
        find: &dyn Fn(&str) -> Result<Factor, String>,
    ) -> Result<(Self, Vec<Factor>), SweepError> {
        let mut samples = Self {
            path: path.to_owned(),
            delimiter: COMMA,
            columns: Vec::new(),
            width: 0,
            count: 0,
            marks: Vec::new(),
            lines: Lines::default(),
        };
        let mut header = samples.header()?;
        for other in OTHERS {
            if header.len() == 1 && header[0].contains(char::from(other)) {
                samples.delimiter = other;
                header = samples.header()?;
            }
        }
        samples.width = header.len();
        let mut factors: Vec<Factor> = Vec::new();
        for (place, name) in header.iter().enumerate() {
            let name = name.trim().trim_start_matches('\u{feff}');
            // Without a name is the index that pandas writes.
            if name == NUMBER || name.is_empty() {
                continue;
            }
            let factor = find(name).map_err(|why| samples.wrong(1, &why))?;
            let column = factor.column();
            if factors.iter().any(|known| known.column() == column) {
                return Err(samples.wrong(1, &format!("'{name}' is there twice")));
            }
            factors.push(factor);
            samples.columns.push(place);
        }
        if factors.is_empty() {
            return Err(samples.wrong(1, "no column is a parameter, such as Store.max_energy"));
        }
        samples.look_through()?;
        Ok((samples, factors))
    }

    fn header(&self) -> Result<StringRecord, SweepError> {
        let mut reader = self.reader()?;
        let header = reader.headers().map_err(|cause| self.unreadable(&cause))?;
        Ok(header.clone())
    }

    fn look_through(&mut self) -> Result<(), SweepError> {
        let mut reader = self.reader()?;
        reader.headers().map_err(|cause| self.unreadable(&cause))?;
        let ends = Lines::of(&self.path, reader.position());
        self.lines = ends.map_err(|cause| SweepError::unreadable(&self.path, &cause))?;
        let mut record = ByteRecord::new();
        loop {
            let place = reader.position().clone();
            let is_there = reader.read_byte_record(&mut record);
            if !is_there.map_err(|cause| self.unreadable(&cause))? {
                break;
            }
            if let Some(why) = self.fault(&record) {
                let line = self.lines.number(reader.position(), record.as_slice());
                return Err(self.wrong(line, &why));
            }
            if self.count.is_multiple_of(STRIDE) {
                self.marks.push(place);
            }
            self.count += 1;
        }
        if self.count == 0 {
            return Err(self.wrong(1, "there is no row below the header"));
        }
        Ok(())
    }

    /// What is wrong with a row, whatever its values.
    fn fault(&self, row: &ByteRecord) -> Option<String> {
        if row.iter().any(|field| str::from_utf8(field).is_err()) {
            return Some(NOT_UTF8.to_owned());
        }
        let (fields, width) = (row.len(), self.width);
        (fields != width).then(|| format!("{fields} fields, where the header has {width}"))
    }

    /// The rows from that of a variant on, which is not beyond the last one.
    pub(super) fn rows(&self, from: u64) -> Result<Sampled<'_>, SweepError> {
        let before = from - 1;
        let mark = usize::try_from(before / STRIDE).unwrap_or(0);
        let mut reader = self.reader()?;
        reader.headers().map_err(|cause| self.unreadable(&cause))?;
        if let Some(place) = self.marks.get(mark) {
            let moved = reader.seek(place.clone());
            moved.map_err(|cause| self.unreadable(&cause))?;
        }
        let mut record = StringRecord::new();
        for _ in 0..before % STRIDE {
            let skipped = reader.read_record(&mut record);
            skipped.map_err(|cause| self.unreadable(&cause))?;
        }
        Ok(Sampled {
            samples: self,
            reader,
            record,
        })
    }

    fn reader(&self) -> Result<csv::Reader<File>, SweepError> {
        let file = File::open(&self.path);
        let file = file.map_err(|cause| SweepError::unreadable(&self.path, &cause))?;
        Ok(csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .from_reader(file))
    }

    fn unreadable(&self, cause: &csv::Error) -> SweepError {
        if matches!(cause.kind(), csv::ErrorKind::Utf8 { .. }) {
            // It is the header: of rows it is found when they are looked through.
            return self.wrong(1, NOT_UTF8);
        }
        SweepError::Table(format!("cannot read '{}': {cause}", self.path.display()))
    }

    fn wrong(&self, line: u64, why: &str) -> SweepError {
        SweepError::Table(format!("{}:{line}: error: {why}", self.path.display()))
    }
}

impl Sampled<'_> {
    /// The values of the next row, each with its place.
    pub(super) fn next(&mut self) -> Result<(Vec<Value>, Vec<Position>), SweepError> {
        let is_there = self.reader.read_record(&mut self.record);
        let gone = |why: &str| {
            SweepError::Table(format!(
                "'{}' is not what it was when the sweep began: {why}",
                self.samples.path.display()
            ))
        };
        match is_there {
            Ok(true) => {}
            Ok(false) => return Err(gone("a row is gone")),
            Err(cause) => return Err(gone(&cause.to_string())),
        }
        let lines = self.samples.lines;
        let line = lines.number(self.reader.position(), self.record.as_slice());
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        let cells = self.samples.columns.iter().map(|place| {
            let column = self.record.iter().take(*place);
            let column = column.map(|cell| cell.chars().count() + 1).sum::<usize>();
            let cell = self.record.get(*place).unwrap_or_default();
            let place = Position {
                line,
                column: column + 1,
            };
            (value_of(cell, self.samples.delimiter), place)
        });
        Ok(cells.unzip())
    }
}

impl Lines {
    /// Those of a file of which the header has been read, up to this place.
    fn of(path: &Path, header: &Place) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        let end = file.stream_position()?;
        Ok(Self {
            lag: header.line() == 1,
            open_end: (last != [b'\n']).then_some(end),
        })
    }

    /// The line in which a row begins that has been read up to this place. Where it was read from does not say so: empty lines
    /// before it are passed over after that.
    fn number(self, place: &Place, row: &(impl AsRef<[u8]> + ?Sized)) -> u64 {
        let within = row.as_ref().split(|byte| *byte == b'\n').skip(1).count() as u64;
        let is_beyond = !self.lag && self.open_end != Some(place.byte());
        place.line().saturating_sub(within + u64::from(is_beyond))
    }
}

/// The value of a cell. A number may have a comma before its decimals where none is between fields.
fn value_of(cell: &str, delimiter: u8) -> Value {
    let value = cell_value(cell);
    if delimiter != COMMA && matches!(value, Value::Text(_)) && cell.contains(',') {
        let number = cell_value(&cell.replace(',', "."));
        if matches!(number, Value::Float(_)) {
            return number;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn factor(name: &str) -> Result<Factor, String> {
        let (model, key) = name.split_once('.').ok_or("no point")?;
        Ok(Factor {
            model: 0,
            model_name: model.to_owned(),
            key: key.into(),
            values: Vec::new(),
            option: None,
        })
    }

    fn open(text: &str) -> Result<(tempfile::TempDir, Samples), String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("s.csv");
        fs::write(&path, text).expect("written");
        let opened = Samples::open(&path, &factor);
        let (samples, _) = opened.map_err(|error| error.to_string())?;
        Ok((folder, samples))
    }

    #[test]
    fn a_row_is_a_variant_and_has_kinds_as_a_scenario_has_them() {
        for text in [
            "simulationID,A.x,B.y\n1,3,power\n2,2.5,\n",
            "\u{feff}A.x;B.y\r\n3;power\r\n2.5;\r\n",
            ";A.x;B.y\n0;3;power\n1;2,5;\n",
            "A.x\tB.y\n3\tpower\n2,5\t\n",
        ] {
            let (_folder, samples) = open(text).expect("a table");
            assert_eq!(samples.count, 2);
            let mut rows = samples.rows(1).expect("open");
            let (values, places) = rows.next().expect("a row");
            assert_eq!(values, [Value::Int(3), Value::text("power")]);
            assert_eq!(places[0].line, 2);
            let (values, _) = rows.next().expect("a row");
            assert_eq!(values, [Value::Float(2.5), Value::Null]);
            assert!(rows.next().is_err(), "no more");
        }
    }

    #[test]
    fn a_comma_is_in_a_number_only_where_none_is_between_fields() {
        for (cell, value) in [
            ("2,5", Value::Float(2.5)),
            ("-0,25", Value::Float(-0.25)),
            ("1,5e+3", Value::Float(1500.0)),
            ("2.5", Value::Float(2.5)),
            ("1,2,3", Value::text("1,2,3")),
            ("a,b", Value::text("a,b")),
        ] {
            assert_eq!(value_of(cell, b';'), value, "{cell}");
        }
        assert_eq!(value_of("2,5", COMMA), Value::text("2,5"));
    }

    #[test]
    fn the_line_of_a_row_is_that_in_which_it_begins() {
        for end in ["\n", "\r\n"] {
            for last in ["", end] {
                let lines = ["A.x", "", "1", "\"2", "\"", "", "", "3", "4"];
                let (_folder, samples) = open(&(lines.join(end) + last)).expect("a table");
                let mut rows = samples.rows(1).expect("open");
                for line in [3, 4, 8, 9] {
                    let (_, places) = rows.next().expect("a row");
                    assert_eq!(places[0].line, line, "{end:?} {last:?}");
                }
            }
        }
    }

    #[test]
    fn rows_are_found_in_the_middle_of_a_long_table() {
        use std::fmt::Write;
        let mut text = "A.x\n".to_owned();
        for row in 1..=10_000 {
            writeln!(text, "{row}").expect("written");
        }
        let (_folder, samples) = open(&text).expect("a table");
        for from in [1, 2, 4096, 4097, 4098, 9999] {
            let (values, places) = samples.rows(from).expect("open").next().expect("a row");
            let from = i64::try_from(from).expect("small");
            assert_eq!(values, [Value::Int(from)]);
            assert_eq!(i64::try_from(places[0].line), Ok(from + 1));
        }
    }

    #[test]
    fn what_is_wrong_with_a_table_is_said_with_its_line() {
        for (text, said) in [
            (
                "A.x,B.y\n1\n",
                ":2: error: 1 fields, where the header has 2",
            ),
            ("A.x,B.y\n\n1,2\n\n\n3\n", ":6: error: 1 fields"),
            ("A.x,B.y\r\n\r\n1,2\r\n\r\n3", ":5: error: 1 fields"),
            ("A.x,B.y\n\"1\n\",2\n\n3", ":5: error: 1 fields"),
            ("A.x,A.x\n1,2\n", ":1: error: 'A.x' is there twice"),
            ("A.x\n", "no row below the header"),
            ("simulationID\n1\n", "no column is a parameter"),
            ("nothing\n1\n", ":1: error: no point"),
        ] {
            let error = open(text).expect_err(text);
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
