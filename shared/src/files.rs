//! Where models get the files that their parameters name.

use std::cell::Cell;
use std::fmt;
use std::fs::File;
#[cfg(feature = "examination")]
use std::io::SeekFrom;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;
use std::sync::Arc;
#[cfg(feature = "examination")]
use std::time::{Duration, UNIX_EPOCH};

use crate::memory;
use crate::names::Names;

/// Content of a file, read line by line.
///
/// Of [`BufRead`] it is what readers want: all of it would be in each node.
pub trait Content: Seek + Send {
    /// Appends the next line with its end, or as much of it as the limit lets through, and returns how many
    /// bytes that is: none where the content ends.
    fn take_line(&mut self, limit: usize, line: &mut Vec<u8>) -> io::Result<usize>;

    /// As [`BufRead::fill_buf`].
    fn fill_buf(&mut self) -> io::Result<&[u8]>;

    /// As [`BufRead::consume`].
    fn consume(&mut self, count: usize);

    /// What the file looks like now, if that can be told.
    #[cfg(feature = "examination")]
    fn state(&self) -> Option<State> {
        None
    }
}

/// What a file looks like as long as nobody changes it.
#[cfg(feature = "examination")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Its length in bytes.
    pub length: u64,
    /// When it was changed last, from the beginning of 1970 on.
    pub modified: Duration,
}

impl<T: BufRead + Seek + Send> Content for T {
    fn take_line(&mut self, limit: usize, line: &mut Vec<u8>) -> io::Result<usize> {
        self.take(limit as u64).read_until(b'\n', line)
    }

    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        BufRead::fill_buf(self)
    }

    fn consume(&mut self, count: usize) {
        BufRead::consume(self, count);
    }
}

/// A place that holds files by the paths that scenarios use.
///
/// In the controller these are the files of its working directory; on a node they are the contents
/// that the controller sent. A node never opens a path that a scenario names.
pub trait Files {
    /// Opens the file with this path.
    fn open(&self, path: &str) -> Result<Box<dyn Content>, FileError>;

    /// Says how much memory those may take, from now on, who open files, where that is counted; counting begins anew.
    fn set_room(&self, _bytes: usize) {}

    /// What those take who have opened files since, and would where one was refused for that; 0 where it is not counted.
    fn taken(&self) -> usize {
        0
    }
}

/// A file that a parameter names cannot be read.
#[derive(Debug)]
pub struct FileError {
    /// The path as the scenario has it.
    pub path: String,
    /// Why.
    pub cause: io::Error,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, cause } = self;
        match cause.kind() {
            io::ErrorKind::NotFound if cause.raw_os_error().is_some() => {
                write!(f, "there is no file '{path}'")
            }
            io::ErrorKind::IsADirectory => write!(f, "'{path}' is a folder; name a file in it"),
            _ => write!(f, "cannot read '{path}': {cause}"),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// The files of the machine, relative to the working directory of the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct WorkingDirectory;

impl Files for WorkingDirectory {
    fn open(&self, path: &str) -> Result<Box<dyn Content>, FileError> {
        let fail = |cause| FileError {
            path: path.to_owned(),
            cause,
        };
        let file = open(Path::new(path)).map_err(fail)?;
        let content = BufReader::with_capacity(64 * 1024, file);
        #[cfg(feature = "examination")]
        let content = WithState {
            content,
            state: state_of,
        };
        Ok(Box::new(content))
    }
}

#[cfg(feature = "examination")]
fn state_of(content: &BufReader<File>) -> Option<State> {
    let metadata = content.get_ref().metadata().ok()?;
    Some(State {
        length: metadata.len(),
        modified: metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?,
    })
}

/// Content of which can be told what it looks like now.
#[cfg(feature = "examination")]
#[derive(Debug)]
pub struct WithState<R> {
    /// The content.
    pub content: R,
    /// Tells that.
    pub state: fn(&R) -> Option<State>,
}

#[cfg(feature = "examination")]
impl<R: BufRead + Seek + Send> Content for WithState<R> {
    fn take_line(&mut self, limit: usize, line: &mut Vec<u8>) -> io::Result<usize> {
        self.content.take_line(limit, line)
    }

    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        BufRead::fill_buf(&mut self.content)
    }

    fn consume(&mut self, count: usize) {
        BufRead::consume(&mut self.content, count);
    }

    fn state(&self) -> Option<State> {
        (self.state)(&self.content)
    }
}

#[cfg(feature = "examination")]
impl<R: Seek> Seek for WithState<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.content.seek(to)
    }

    fn stream_position(&mut self) -> io::Result<u64> {
        self.content.stream_position()
    }
}

/// Opens a file to be read. A folder is none, and that is the error ([`io::ErrorKind::IsADirectory`]) on every system:
/// some let it be opened, and others refuse that without the reason.
pub fn open(path: &Path) -> io::Result<File> {
    match File::open(path) {
        Ok(file) if file.metadata()?.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Err(_) if path.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        opened => opened,
    }
}

/// Files held in memory, by path.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    paths: Names,
    files: Vec<MemoryFile>,
    /// What those may take who read files, and what they take.
    room: Cell<Option<usize>>,
    taken: Cell<usize>,
}

#[derive(Clone, Debug)]
struct MemoryFile {
    content: Shared,
    /// Its longest line in bytes, as far as a reader takes it.
    longest: usize,
}

/// The content of a file, for all who read it.
#[derive(Clone, Debug)]
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// What a reader of a file takes, its buffers aside.
const READER: usize = 1024;

/// What a reader keeps for each byte of a line: two bytes can be a column, with a name and a value.
const LINE_FACTOR: usize = 64;

/// No reader takes lines that are longer.
const LONGEST_LINE: usize = 64 * 1024;

impl MemoryFiles {
    /// Adds a file, or replaces the one with this path.
    pub fn insert(&mut self, path: String, content: Vec<u8>) {
        let lines = content.split(|byte| *byte == b'\n').map(<[u8]>::len);
        let longest = lines.max().unwrap_or(0).min(LONGEST_LINE);
        let content = Shared(Arc::new(content));
        let file = MemoryFile { content, longest };
        if let Some(place) = self.paths.place_of(&path) {
            self.files[place] = file;
        } else {
            self.paths.insert(path, self.files.len());
            self.files.push(file);
        }
    }
}

impl Files for MemoryFiles {
    fn set_room(&self, bytes: usize) {
        self.room.set(Some(bytes));
        self.taken.set(0);
    }

    fn taken(&self) -> usize {
        self.taken.get()
    }

    fn open(&self, path: &str) -> Result<Box<dyn Content>, FileError> {
        let fail = |kind, what: &str| FileError {
            path: path.to_owned(),
            cause: io::Error::new(kind, what),
        };
        let Some(place) = self.paths.place_of(path) else {
            let unsent = "the controller did not send it";
            return Err(fail(io::ErrorKind::NotFound, unsent));
        };
        let file = &self.files[place];
        let takes = READER + memory::block(path.len()) + LINE_FACTOR * file.longest;
        self.taken.set(self.taken.get().saturating_add(takes));
        if self.room.get().is_some_and(|room| self.taken.get() > room) {
            let much = "it would take more memory than there may be";
            return Err(fail(io::ErrorKind::OutOfMemory, much));
        }
        Ok(Box::new(Cursor::new(file.content.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_holds_the_last_content_of_a_path() {
        let mut files = MemoryFiles::default();
        files.insert("a".into(), (*b"one").into());
        files.insert("a".into(), (*b"three").into());
        let (mut content, mut line) = (files.open("a").expect("there"), Vec::new());
        content.take_line(100, &mut line).expect("readable");
        assert_eq!(line, b"three");
        assert!(files.open("b").is_err());
    }

    #[test]
    fn who_opens_files_without_end_runs_out_of_room() {
        let mut files = MemoryFiles::default();
        files.insert("a".into(), vec![b'x'; 1000]);
        files.set_room(200_000);
        let opened = (0..1000).take_while(|_| files.open("a").is_ok()).count();
        assert_eq!(opened, 3);
        assert!(files.taken() > 200_000);
        files.set_room(100_000);
        assert!(files.open("a").is_ok());
    }

    #[test]
    fn a_folder_is_no_file() {
        let error = WorkingDirectory
            .open(".")
            .err()
            .expect("refused")
            .to_string();
        assert_eq!(error, "'.' is a folder; name a file in it");
    }
}
