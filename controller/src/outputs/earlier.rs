//! Lines that an earlier run has left in a file: those of this one are compared with them, and follow them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Lines of an earlier run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Whole lines, the first one included.
    pub(crate) lines: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
}

/// How far lines have been compared.
#[derive(Debug)]
pub(super) struct Earlier {
    kept: Kept,
    /// So many lines must be the same.
    binding: u64,
    compared: Kept,
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

/// Counts the whole lines of a file. What follows the last end of a line is half a line, or what a power cut has made of it.
pub(crate) fn whole_lines(mut file: &File) -> io::Result<Kept> {
    file.seek(SeekFrom::Start(0))?;
    let mut piece = vec![0; 64 * 1024];
    let (mut kept, mut read) = (Kept::default(), 0);
    loop {
        let length = file.read(&mut piece)?;
        if length == 0 {
            return Ok(kept);
        }
        let piece = &piece[..length];
        kept.lines += ends_of_lines(piece);
        if let Some(end) = piece.iter().rposition(|&byte| byte == b'\n') {
            kept.bytes = read + end as u64 + 1;
        }
        read += length as u64;
    }
}

fn ends_of_lines(bytes: &[u8]) -> u64 {
    bytes.split(|&byte| byte == b'\n').count() as u64 - 1
}

impl Earlier {
    /// With lines that are there, of which so many must be the same.
    pub(super) fn new(kept: Kept, binding: u64) -> Self {
        Self {
            kept,
            binding,
            compared: Kept::default(),
        }
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
        self.compared.lines += ends_of_lines(&there[..same]);
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
