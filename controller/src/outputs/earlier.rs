//! Lines that an earlier run has left in a file: those of this one are compared with them, and follow them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use shared::time::Tick;

/// Lines of an earlier run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Whole lines, the first one included.
    pub(crate) lines: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
}

impl Kept {
    /// Those of the lines that are rows: all but the first one.
    pub(crate) fn rows(self) -> Tick {
        self.lines.saturating_sub(1)
    }
}

/// How far lines have been compared.
#[derive(Debug)]
pub(super) struct Earlier {
    kept: Kept,
    /// So many lines must be the same.
    binding: u64,
    compared: Kept,
    rows: Rows,
}

/// What a comparison came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// So many bytes were there; all others are new.
    Same(usize),
    /// So many bytes were there, and then comes another line, of those that may differ.
    Parted(usize),
    /// This line, from 1, must be the same, and is not.
    Differs(u64),
}

/// Counts the whole lines of a file: rows, and what stands above them. What follows the last of them is half a line, or what a
/// power cut has made of it.
pub(crate) fn whole_lines(mut file: &File) -> io::Result<Kept> {
    file.seek(SeekFrom::Start(0))?;
    let mut piece = vec![0; 64 * 1024];
    let (mut kept, mut read, mut rows) = (Kept::default(), 0, Rows::default());
    loop {
        let length = file.read(&mut piece)?;
        if length == 0 {
            return Ok(kept);
        }
        let (ended, end) = rows.count(&piece[..length]);
        kept.lines += ended;
        if let Some(end) = end {
            kept.bytes = read + end as u64;
        }
        read += length as u64;
    }
}

/// Counts rows: an end of a line within quotes is none of a row.
#[derive(Debug, Default)]
struct Rows {
    is_quoted: bool,
}

impl Rows {
    /// How many rows end in the bytes that come next, and where the last of them does.
    fn count(&mut self, bytes: &[u8]) -> (u64, Option<usize>) {
        let (mut rows, mut end) = (0, None);
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' => self.is_quoted ^= true,
                b'\n' if !self.is_quoted => (rows, end) = (rows + 1, Some(at + 1)),
                _ => {}
            }
        }
        (rows, end)
    }
}

impl Earlier {
    /// With lines that are there, of which so many must be the same.
    pub(super) fn new(kept: Kept, binding: u64) -> Self {
        Self {
            kept,
            binding,
            compared: Kept::default(),
            rows: Rows::default(),
        }
    }

    /// What is there, as far as it is not something else now.
    pub(super) fn kept(&self) -> Kept {
        self.kept
    }

    /// The bytes that were there.
    pub(super) fn bytes(&self) -> u64 {
        self.kept.bytes
    }

    /// Compares whole lines with those that are there and follow the ones compared before.
    pub(super) fn compare(&mut self, mut file: &File, lines: &[u8]) -> io::Result<Compared> {
        let left = self.kept.bytes - self.compared.bytes;
        let length = usize::try_from(left).map_or(lines.len(), |left| left.min(lines.len()));
        if length == 0 {
            return Ok(Compared::Same(0));
        }
        let mut there = vec![0; length];
        file.seek(SeekFrom::Start(self.compared.bytes))?;
        file.read_exact(&mut there)?;
        let other = there
            .iter()
            .zip(lines)
            .position(|(there, new)| there != new);
        let same = other.map_or(length, |at| {
            let end = there[..at].iter().rposition(|&byte| byte == b'\n');
            end.map_or(0, |end| end + 1)
        });
        self.compared.bytes += same as u64;
        self.compared.lines += self.rows.count(&there[..same]).0;
        if other.is_none() {
            return Ok(Compared::Same(same));
        }
        if self.compared.lines < self.binding {
            return Ok(Compared::Differs(self.compared.lines + 1));
        }
        // What is new takes the place of what is there.
        self.kept = self.compared;
        Ok(Compared::Parted(same))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(content).expect("written");
        file
    }

    #[test]
    fn half_a_line_is_none() {
        let kept = |content: &[u8]| {
            let Kept { lines, bytes } = whole_lines(&file(content)).expect("read");
            (lines, bytes)
        };
        assert_eq!(kept(b""), (0, 0));
        assert_eq!(kept(b"date"), (0, 0));
        assert_eq!(kept(b"date\n1\n2"), (2, 7));
        assert_eq!(kept(b"date\n1\n\0\0\0\0"), (2, 7));
        assert_eq!(kept(b"date\n\"1\n2\",\"\"\"\n\"\n3"), (2, 17));
        let long = [vec![b'x'; 70_000], vec![b'\n'], vec![b'y'; 70_000]].concat();
        assert_eq!(kept(&long), (1, 70_001));
    }

    #[test]
    fn lines_are_compared_and_those_behind_them_are_new() {
        let file = file(b"a\nbc\nd\nhalf");
        let kept = whole_lines(&file).expect("read");
        let mut earlier = Earlier::new(kept, kept.lines);
        assert_eq!(
            earlier.compare(&file, b"a\nbc\n").expect("read"),
            Compared::Same(5)
        );
        assert_eq!(
            earlier.compare(&file, b"d\nnew\n").expect("read"),
            Compared::Same(2)
        );
        assert_eq!(
            earlier.compare(&file, b"newer\n").expect("read"),
            Compared::Same(0)
        );
    }

    #[test]
    fn a_line_that_differs_is_named_and_one_that_may_takes_the_place_of_what_is_there() {
        let file = file(b"a\nbc\nd\n");
        let kept = whole_lines(&file).expect("read");
        let mut earlier = Earlier::new(kept, 3);
        assert_eq!(
            earlier.compare(&file, b"a\nbx\nd\n").expect("read"),
            Compared::Differs(2)
        );
        let mut earlier = Earlier::new(kept, 2);
        assert_eq!(
            earlier.compare(&file, b"a\nbc\nx\n").expect("read"),
            Compared::Parted(5)
        );
        assert_eq!(
            earlier.compare(&file, b"y\n").expect("read"),
            Compared::Same(0)
        );
        let mut earlier = Earlier::new(kept, 1);
        assert_eq!(
            earlier.compare(&file, b"a\nb\n").expect("read"),
            Compared::Parted(2)
        );
    }
}
