//! How the cells of a file are written.

use super::number;

/// What separates cells.
#[derive(Clone, Debug)]
pub(in crate::data) struct Delimiter(pub(in crate::data) String);

impl Delimiter {
    /// The delimiter, where it is a single byte.
    #[inline]
    pub(in crate::data) fn byte(&self) -> Option<u8> {
        match *self.0.as_bytes() {
            [byte] => Some(byte),
            _ => None,
        }
    }

    /// The text before the next delimiter, and what comes after it, if there is one.
    #[inline]
    pub(in crate::data) fn split_once<'t>(&self, text: &'t str) -> (&'t str, Option<&'t str>) {
        let at = match self.byte() {
            Some(byte) => text.as_bytes().iter().position(|&b| b == byte),
            None => text.find(&self.0),
        };
        match at {
            Some(at) => (&text[..at], Some(&text[at + self.0.len()..])),
            None => (text, None),
        }
    }
}

/// How the cells of a file are written.
#[derive(Clone, Debug)]
pub(in crate::data) struct CellFormat {
    pub(in crate::data) delimiter: Delimiter,
    /// What stands before the decimals: a point or a comma.
    pub(in crate::data) point: u8,
}

impl CellFormat {
    /// The number in a cell.
    pub(in crate::data) fn number(&self, cell: &str) -> Option<f64> {
        match self.point {
            b'.' => number::parse(cell),
            _ => number::parse_with_comma(cell),
        }
    }
}

/// The names in a line.
pub(in crate::data) fn names(line: &str, delimiter: &Delimiter) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = Some(line);
    while let Some(text) = rest {
        let (name, after) = delimiter.split_once(text);
        names.push(name.to_owned());
        rest = after;
    }
    names
}
