//! A weather file: what its header says, and its rows.

use shared::model::StepError;

use super::formats::{AIR, COUNT, FORMATS, Format, GLOBAL, LIMITS, WIND};
use crate::data::text::cell_format::Delimiter;
use crate::data::text::date_format::DateFormat;
use crate::data::text::lines::{Lines, Mark, shown};
use crate::data::text::number;

/// How many lines a header has at most.
const LONGEST_HEADER: u64 = 200;

/// A row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Its time stamp in seconds, by the clock of the file.
    pub(super) stamp: i64,
    /// By [quantity](super::formats); NaN where the file has no such column.
    pub(super) values: [f64; COUNT],
}

/// What the header says; NaN where it does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    /// The zone of the file's clock, in hours east of UTC.
    pub(super) zone: f64,
    /// How much later than their stamps rows are, in hours.
    offset: f64,
    /// Whether radiation is that of a plane that is not level.
    is_tilted: bool,
}

/// An open weather file.
pub(super) struct WeatherFile {
    lines: Lines,
    /// Where its rows begin.
    rows: Mark,
    pub(super) format: &'static Format,
    pub(super) header: Header,
    delimiter: Delimiter,
    stamps: DateFormat,
    /// The cell of each quantity.
    columns: [Option<usize>; COUNT],
    /// How much later than their stamps rows are, in seconds.
    offset: i64,
    /// The text of a time stamp.
    stamp: String,
    /// Rows with earlier stamps are passed: nothing but their stamps is looked at.
    pub(super) from: i64,
    /// How many rows are bridged at most where values are missing.
    max_gap: usize,
    /// Rows that have been read ahead, since values are missing before them.
    ahead: Vec<Row>,
    before: Option<Row>,
    /// How many rows have been bridged.
    pub(super) bridged: u64,
}

/// The number at the front of a text.
fn leading_number(text: &str) -> f64 {
    let word = text.split_whitespace().next().unwrap_or_default();
    number::parse(word).unwrap_or(f64::NAN)
}

impl Header {
    /// Takes note of what a line says. `is_station`: the line before was that of KNMI's names for a station.
    fn note(&mut self, line: &str, is_station: bool) {
        let (what, said) = line.split_once([':', ',']).unwrap_or_default();
        let cell = |at: usize| leading_number(said.split(',').nth(at).unwrap_or_default());
        match what {
            "LOCATION" => (self.latitude, self.longitude, self.zone) = (cell(5), cell(6), cell(7)),
            "Latitude (decimal degrees)" => self.latitude = cell(0),
            "Longitude (decimal degrees)" => self.longitude = cell(0),
            "Irradiance Time Offset (h)" => self.offset = cell(0),
            "Slope" => {
                // Of a plane that follows the sun there is no number.
                self.is_tilted = cell(0) != 0.0;
            }
            _ if is_station => {
                let mut words = line.trim_start_matches('#').split_whitespace().skip(1);
                let mut next = || leading_number(words.next().unwrap_or_default());
                (self.longitude, self.latitude) = (next(), next());
            }
            _ => {}
        }
    }
}

/// Whether somebody reads what errors say. A node, which has little room, gets files that its controller has read.
pub(super) const HAS_READERS: bool = cfg!(any(test, feature = "examination"));

/// What an error says, where somebody reads it.
pub(super) fn words(make: impl FnOnce() -> String) -> String {
    if HAS_READERS { make() } else { String::new() }
}

/// An error at the line at hand, about a column if one is named.
fn fault(lines: &Lines, code: &str, column: &str, make: impl FnOnce() -> String) -> StepError {
    fault_in_words(lines, code, column, &words(make))
}

#[cold]
fn fault_in_words(lines: &Lines, code: &str, column: &str, words: &str) -> StepError {
    let mut code = code.to_owned();
    if !column.is_empty() {
        code.extend([":", column]);
    }
    lines.error(code, words)
}

/// The place of the cell with a name in a line.
fn place_of(wanted: &str, line: &str, delimiter: &Delimiter) -> Option<usize> {
    let (mut rest, mut place) = (Some(line.trim_start_matches('#')), 0);
    while let Some(text) = rest {
        let (cell, after) = delimiter.split_once(text);
        if cell.split('#').next().unwrap_or_default().trim() == wanted {
            return Some(place);
        }
        (rest, place) = (after, place + 1);
    }
    None
}

impl WeatherFile {
    /// Reads the header. `pattern` is that of the time stamps of plain columns.
    #[cold]
    pub(super) fn open(
        mut lines: Lines,
        pattern: &str,
        max_gap: usize,
    ) -> Result<Box<Self>, StepError> {
        let mut header = Header {
            latitude: f64::NAN,
            longitude: f64::NAN,
            zone: f64::NAN,
            offset: 0.0,
            is_tilted: false,
        };
        let mut is_station = false;
        let (format, delimiter) = loop {
            if !lines.next()? || lines.number() > LONGEST_HEADER {
                return Err(fault(&lines, "unknown_weather_format", "", || {
                    "no line of names was found: this is neither EPW, nor CSV of PVGIS, nor hourly data of KNMI, nor \
                     columns 'time', 'Ta', 'FF' and 'G_Gh'"
                        .to_owned()
                }));
            }
            let line = lines.text();
            header.note(line, is_station);
            is_station = line.split_whitespace().any(|word| word == "LON(east)");
            let found = [",", ";", "\t"].into_iter().find_map(|mark| {
                let delimiter = Delimiter(mark.to_owned());
                let format = FORMATS
                    .iter()
                    .find(|format| place_of(format.mark, line, &delimiter).is_some())?;
                Some((format, delimiter))
            });
            if let Some(found) = found {
                break found;
            }
        };
        if header.is_tilted {
            return Err(fault(&lines, "tilted_plane", "", || {
                "the radiation is that of a plane with a slope; have PVGIS compute it with slope 0"
                    .to_owned()
            }));
        }
        if format.is_utc {
            header.zone = 0.0;
        }
        let names = if format.header.is_empty() {
            lines.text()
        } else {
            format.header
        };
        let columns = format
            .names
            .map(|wanted| place_of(wanted, names, &delimiter));
        let missing = if columns[..AIR] == [None; AIR] {
            Some(GLOBAL)
        } else {
            [AIR, WIND].into_iter().find(|at| columns[*at].is_none())
        };
        if let Some(at) = missing {
            let name = format.names[at];
            return Err(fault(&lines, "file_without_column", name, || {
                format!("there is no column '{name}'; zeros will do where nobody reads it")
            }));
        }
        let pattern = if format.pattern.is_empty() {
            pattern
        } else {
            format.pattern
        };
        let stamps = DateFormat::new(pattern);
        let stamps = stamps
            .map_err(|error| fault(&lines, "invalid_date_format", "", || error.to_string()))?;
        #[expect(clippy::cast_possible_truncation, reason = "hours of a header")]
        let offset = (header.offset.clamp(-24.0, 24.0) * 3600.0).round() as i64;
        let rows = lines.mark().map_err(|error| lines.unreadable(&error))?;
        Ok(Box::new(Self {
            lines,
            rows,
            format,
            header,
            delimiter,
            stamps,
            columns,
            offset,
            stamp: String::new(),
            from: i64::MIN,
            max_gap,
            ahead: Vec::new(),
            before: None,
            bridged: 0,
        }))
    }

    /// An error at the line at hand, in words that a node does not make.
    pub(super) fn fault(&self, code: &str, words: impl FnOnce() -> String) -> StepError {
        fault(&self.lines, code, "", words)
    }

    /// Goes back to before the first row.
    pub(super) fn rewind(&mut self) -> Result<(), StepError> {
        self.ahead.clear();
        self.before = None;
        let back = self.lines.back_to(&self.rows);
        back.map_err(|error| self.lines.unreadable(&error))
    }

    /// The next row, with what is missing in it bridged.
    pub(super) fn next(&mut self) -> Result<Option<Row>, StepError> {
        if self.ahead.is_empty() {
            self.read_ahead()?;
        }
        self.before = (!self.ahead.is_empty()).then(|| self.ahead.remove(0));
        Ok(self.before)
    }

    /// Reads rows up to one in which nothing is missing.
    fn read_ahead(&mut self) -> Result<(), StepError> {
        let mut gap = None;
        while let Some(row) = self.read()? {
            self.ahead.push(row);
            let missing =
                (0..COUNT).find(|at| self.columns[*at].is_some() && row.values[*at].is_nan());
            let Some(at) = missing.filter(|_| row.stamp >= self.from) else {
                gap = None;
                break;
            };
            let gap = gap.get_or_insert_with(|| {
                let name = self.format.names[at];
                fault(&self.lines, "missing_value", name, || {
                    format!("a value is missing in column '{name}', or cannot be meant; fill the gap, or have 'max_gap' bridge so many rows")
                })
            });
            if self.ahead.len() > self.max_gap
                || self.before.is_none_or(|row| row.stamp < self.from)
            {
                return Err(gap.clone());
            }
        }
        if let Some(gap) = gap {
            return Err(gap);
        }
        let (Some(before), [between @ .., after]) = (self.before, &mut self.ahead[..]) else {
            return Ok(());
        };
        self.bridged += between.len() as u64;
        let parts = (between.len() + 1) as f64;
        for (number, row) in between.iter_mut().enumerate() {
            let part = (number + 1) as f64 / parts;
            for (at, value) in row.values.iter_mut().enumerate() {
                if value.is_nan() {
                    *value = before.values[at] + (after.values[at] - before.values[at]) * part;
                }
            }
        }
        Ok(())
    }

    /// Reads a row; NaN stands for what is missing.
    fn read(&mut self) -> Result<Option<Row>, StepError> {
        let mut is_after_blank = false;
        loop {
            if !self.lines.next()? {
                return Ok(None);
            }
            if !self.lines.text().is_empty() {
                break;
            }
            is_after_blank = true;
            self.lines.skip_blank();
        }
        let text = self.lines.text();
        // PVGIS says at the end what the columns are.
        if is_after_blank
            && self.before.is_some()
            && !text.starts_with(|c: char| c.is_ascii_digit())
        {
            return Ok(None);
        }
        let (first, count) = self.format.stamp;
        let last = self.columns.iter().flatten().max().copied().unwrap_or(0);
        let mut row = Row {
            stamp: 0,
            values: [f64::NAN; COUNT],
        };
        self.stamp.clear();
        let mut rest = Some(text);
        for cell_number in 0..=last {
            let Some(text) = rest else {
                return Err(fault(&self.lines, "short_row", "", || {
                    format!(
                        "the row has {cell_number} cells and needs {}; is the file whole?",
                        last + 1
                    )
                }));
            };
            let (cell, after) = self.delimiter.split_once(text);
            rest = after;
            if (first..first + count).contains(&cell_number) {
                if cell_number > first {
                    self.stamp.push(',');
                }
                self.stamp.push_str(cell.trim());
                if cell_number + 1 == first + count {
                    let time = self.stamps.parse(&self.stamp);
                    let time = time.map_err(|error| {
                        fault(&self.lines, "bad_time_stamp", "", || {
                            let said = self.stamps.explain(&shown(&self.stamp), error);
                            format!("the time stamp {said}")
                        })
                    })?;
                    row.stamp = time.seconds().saturating_add(self.offset);
                    if row.stamp < self.from {
                        return Ok(Some(row));
                    }
                }
            }
            if let Some(at) = self
                .columns
                .iter()
                .position(|column| *column == Some(cell_number))
            {
                row.values[at] = self.value(at, cell.trim())?;
            }
        }
        Ok(Some(row))
    }

    /// What a cell says of a quantity; NaN where it is missing.
    fn value(&self, at: usize, cell: &str) -> Result<f64, StepError> {
        let format = self.format;
        let (divisor, (least, most)) = match at {
            AIR => (format.divisors.1, LIMITS[1]),
            WIND => (format.divisors.1, LIMITS[2]),
            _ => (format.divisors.0, LIMITS[0]),
        };
        let name = format.names[at];
        if cell.is_empty() {
            return Ok(f64::NAN);
        }
        let Some(number) = number::parse(cell) else {
            return Err(fault(&self.lines, "bad_cell", name, || {
                format!("'{}' in column '{name}' is not a number", shown(cell))
            }));
        };
        let number = number / divisor;
        if !(least..=most).contains(&number) {
            return Ok(f64::NAN);
        }
        Ok(if at < AIR { number.max(0.0) } else { number })
    }
}
