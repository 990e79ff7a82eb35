//! A file that grows by whole lines, and takes its place at the end.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use scratch::Scratch;

use super::earlier::{Compared, Earlier, Kept, whole_lines};
use crate::places::{Claim, Target, WriteError, stdout};

/// Lines are written in pieces of about this size.
const PIECE: usize = 64 * 1024;

/// What took longer than this is worth the time to wait for the disk: after a power cut, a shorter
/// run is made again as soon.
pub(super) const WORTH_SYNCING: Duration = Duration::from_secs(1);

/// A file of lines, of which only whole ones ever reach it. Nothing is written before the first one
/// comes: until then everything is as it was.
#[derive(Debug)]
pub(crate) struct GrowingFile {
    place: Destination,
    /// Its first line.
    header: Vec<u8>,
    /// Whole lines that wait to be written.
    buffer: Vec<u8>,
    /// When the first line came.
    begun: Option<Instant>,
    /// Bytes that have been handed to the file, or were there.
    written: u64,
    /// What an earlier run has left there, if this one goes on with it.
    earlier: Option<Earlier>,
    /// What makes room for lines where the disk is full.
    gives_way: Option<Scratch>,
}

/// Where bytes go.
#[derive(Debug)]
enum Destination {
    /// A file that takes its place at the end.
    File(Box<Claim>),
    /// What is written as it comes. Opened with the first row.
    Stream { path: PathBuf, file: Option<File> },
}

impl Destination {
    fn begin(&mut self) -> io::Result<()> {
        match self {
            Self::File(claim) => claim.begin(),
            Self::Stream { file: Some(_), .. } => Ok(()),
            Self::Stream { path, file } => {
                *file = Some(File::create(path)?);
                Ok(())
            }
        }
    }

    /// What is to be written to, once it has begun.
    fn file(&self) -> Option<&File> {
        match self {
            Self::File(claim) => Some(claim.partial()),
            Self::Stream { file, .. } => file.as_ref(),
        }
    }
}

impl GrowingFile {
    /// The right to write to this place, which nobody else has until it is dropped.
    pub(crate) fn claim(target: &Target) -> Result<Self, WriteError> {
        let place = match target {
            Target::File(place) => Destination::File(Box::new(Claim::new(place)?)),
            Target::Stream(path) => Destination::Stream {
                path: path.clone(),
                file: None,
            },
            Target::Stdout => {
                let path = target.shown().to_owned();
                let file = stdout().map_err(|cause| WriteError::new(&path, cause))?;
                let file = Some(file);
                Destination::Stream { path, file }
            }
        };
        Ok(Self {
            place,
            header: Vec::new(),
            buffer: Vec::new(),
            begun: None,
            written: 0,
            earlier: None,
            gives_way: None,
        })
    }

    /// Where the disk is full, what is kept there is given up, and its room is for lines.
    pub(crate) fn goes_before(&mut self, kept: &Scratch) {
        self.gives_way = Some(kept.clone());
    }

    /// What an earlier run has left there; `None` where it goes into no file.
    pub(crate) fn kept(&self) -> Result<Option<Kept>, WriteError> {
        let Destination::File(claim) = &self.place else {
            return Ok(None);
        };
        let kept = whole_lines(claim.partial()).map_err(|cause| self.error(cause))?;
        Ok(Some(kept))
    }

    /// What is there of an earlier run that this one goes on with.
    pub(crate) fn shared(&self) -> Option<Kept> {
        self.earlier.as_ref().map(Earlier::kept)
    }

    /// The whole lines that an earlier run has left there.
    pub(crate) fn earlier(&self, kept: Kept) -> Result<impl Read + use<>, WriteError> {
        let file = self.place.file().map(File::try_clone).transpose();
        let mut file = file.map_err(|cause| self.error(cause))?;
        let sought = file
            .as_mut()
            .map_or(Ok(0), |file| file.seek(SeekFrom::Start(0)));
        sought.map_err(|cause| self.error(cause))?;
        let empty: Box<dyn Read> = Box::new(io::empty());
        let lines = file.map_or(empty, |file| Box::new(file.take(kept.bytes)));
        Ok(lines)
    }

    /// Goes on with what an earlier run has left: lines are compared with those, of which so many must be the same, and
    /// then follow them.
    pub(crate) fn go_on(&mut self, kept: Kept, binding: u64) {
        self.earlier = Some(Earlier::new(kept, binding));
    }

    /// Takes the lines that an earlier run has left for its own: what comes follows them, and none of them comes again.
    pub(crate) fn follow(&mut self, kept: Kept) -> Result<(), WriteError> {
        if let Destination::File(claim) = &mut self.place {
            let gone_on = claim.go_on(kept.bytes);
            gone_on.map_err(|cause| self.error(cause))?;
            self.begun = Some(Instant::now());
            self.written = kept.bytes;
        }
        Ok(())
    }

    /// Sets the first line.
    pub(crate) fn set_header(&mut self, header: Vec<u8>) {
        self.header = header;
    }

    /// The lines that wait to be written, to which whole ones are to be added. After that
    /// [`is_due`](Self::is_due) says whether they should go.
    pub(crate) fn lines(&mut self) -> Result<&mut Vec<u8>, WriteError> {
        self.open().map_err(|cause| self.error(cause))?;
        Ok(&mut self.buffer)
    }

    /// Whether a piece of lines waits.
    pub(crate) fn is_due(&self) -> bool {
        self.buffer.len() >= PIECE
    }

    fn open(&mut self) -> io::Result<()> {
        if self.begun.is_none() {
            match (&mut self.place, &self.earlier) {
                (Destination::File(claim), Some(earlier)) => claim.go_on(earlier.bytes())?,
                (place, _) => place.begin()?,
            }
            self.begun = Some(Instant::now());
            self.buffer.splice(0..0, self.header.iter().copied());
        }
        Ok(())
    }

    /// Hands all lines so far to the system. After an error no more may come: they would follow a gap.
    /// The number of lines that are lost comes with it.
    pub(crate) fn hand_on(&mut self) -> Result<(), (u64, WriteError)> {
        let (Some(_), Some(file)) = (self.begun, self.place.file()) else {
            return Ok(());
        };
        let known = match compare(self.earlier.as_mut(), file, &self.buffer) {
            Ok(known) => known,
            Err(why) => {
                let lost = self.buffer.split(|&byte| byte == b'\n').count() - 1;
                self.buffer.clear();
                return Err((lost as u64, why.error(&self.path())));
            }
        };
        let mut there = known;
        let result = loop {
            let Err((kept, error)) = write_whole_lines(file, &self.buffer[there..]) else {
                there = self.buffer.len();
                break Ok(());
            };
            there += kept;
            let is_full = error.kind() == ErrorKind::StorageFull;
            let Some(kept) = self.gives_way.take_if(|_| is_full) else {
                let lost = self.buffer[there..].split(|&byte| byte == b'\n');
                break Err((lost.count() as u64 - 1, self.error(error)));
            };
            kept.give_way();
        };
        self.written += there as u64;
        self.buffer.clear();
        result
    }

    /// No more lines come, and all have been handed on: waits for the disk where that is worth it, and
    /// makes sure that nobody else has written there.
    pub(crate) fn end(&self) -> Result<(), WriteError> {
        let (Destination::File(claim), Some(begun)) = (&self.place, self.begun) else {
            return Ok(());
        };
        if begun.elapsed() > WORTH_SYNCING {
            claim.sync().map_err(|cause| self.error(cause))?;
        }
        // A run that ends before it is beyond what was there leaves all of that.
        let there = self.earlier.as_ref().map_or(0, Earlier::bytes);
        claim.verify(self.written.max(there))
    }

    /// Lets the file take its place.
    pub(crate) fn settle(&mut self) -> Result<(), WriteError> {
        match &mut self.place {
            Destination::File(claim) => claim.settle(),
            Destination::Stream { .. } => Ok(()),
        }
    }

    /// Where it is as long as the run lasts.
    pub(crate) fn path(&self) -> PathBuf {
        match &self.place {
            Destination::File(claim) => claim.place().partial(),
            Destination::Stream { path, .. } => path.clone(),
        }
    }

    fn error(&self, cause: io::Error) -> WriteError {
        WriteError::new(&self.path(), cause)
    }
}

/// Why lines cannot follow what is there.
enum NotTheSame {
    System(io::Error),
    /// This line, from 1, is another one now.
    Line(u64),
}

impl NotTheSame {
    fn error(self, path: &Path) -> WriteError {
        match self {
            Self::System(cause) => WriteError::new(path, cause),
            Self::Line(line) => WriteError::NotTheSame {
                path: path.to_owned(),
                line,
            },
        }
    }
}

/// Compares lines with those of an earlier run, where there are some; returns how many bytes were there.
fn compare(earlier: Option<&mut Earlier>, file: &File, lines: &[u8]) -> Result<usize, NotTheSame> {
    let Some(earlier) = earlier else {
        return Ok(0);
    };
    match earlier.compare(file, lines) {
        Ok(Compared::Same(known)) => Ok(known),
        Ok(Compared::Parted(known)) => {
            file.set_len(earlier.bytes()).map_err(NotTheSame::System)?;
            Ok(known)
        }
        Ok(Compared::Differs(line)) => Err(NotTheSame::Line(line)),
        Err(cause) => Err(NotTheSame::System(cause)),
    }
}

/// Writes lines; on an error, what was written of a line that does not fit is taken back. The error
/// comes with the number of bytes that stay in the file.
fn write_whole_lines(mut file: &File, lines: &[u8]) -> Result<(), (usize, io::Error)> {
    let mut written = 0;
    while written < lines.len() {
        let error = match file.write(&lines[written..]) {
            Ok(0) => ErrorKind::WriteZero.into(),
            Ok(count) => {
                written += count;
                continue;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => error,
        };
        return Err(cut_back(file, &lines[..written], error));
    }
    Ok(())
}

/// Shortens the file to its last whole line. Returns how much of what was written stays, and the
/// error that made it necessary.
fn cut_back(file: &File, written: &[u8], error: io::Error) -> (usize, io::Error) {
    let last = written
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |end| end + 1);
    let half = (written.len() - last) as u64;
    if half > 0
        && let Ok(metadata) = file.metadata()
        && metadata.is_file()
        && let Err(other) = file.set_len(metadata.len().saturating_sub(half))
    {
        return (last, other);
    }
    (last, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_was_written_of_half_a_line_is_taken_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.csv");
        let mut file = File::create(&path).expect("created");
        file.write_all(b"one\ntwo\nthr").expect("written");
        let (kept, error) = cut_back(&file, b"two\nthr", ErrorKind::StorageFull.into());
        assert_eq!((kept, error.kind()), (4, ErrorKind::StorageFull));
        assert_eq!(fs::read_to_string(&path).expect("readable"), "one\ntwo\n");
    }
}
