//! The file of a scratch: blocks one behind the other, each with its length and a number that stands for its content.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use shared::model::fingerprint;

/// What stands before a block: its length and its number.
const HEAD: usize = 16;

/// Blocks in a file that has no name, and is gone with the process.
#[derive(Debug)]
pub(crate) struct Blocks {
    file: File,
    folder: PathBuf,
}

impl Blocks {
    /// A file in the first of these folders in which there can be one.
    ///
    /// # Errors
    /// There can be none; the error is about the first folder.
    pub(crate) fn create(folders: &[PathBuf]) -> Result<Self, String> {
        let mut refused = None;
        for folder in folders {
            match tempfile::tempfile_in(folder) {
                Ok(file) => {
                    let folder = folder.clone();
                    return Ok(Self { file, folder });
                }
                Err(error) => refused = refused.or(Some(words(folder, "written", &error))),
            }
        }
        Err(refused.unwrap_or_else(|| "there is no folder for it".to_owned()))
    }

    /// Writes a block at an offset, which is the end.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&mut self, offset: u64, block: &[u8]) -> Result<(), String> {
        let mut head = [0; HEAD];
        head[..8].copy_from_slice(&(block.len() as u64).to_le_bytes());
        head[8..].copy_from_slice(&fingerprint(block).to_le_bytes());
        let file = &mut self.file;
        let written = file.seek(SeekFrom::Start(offset)).and_then(|_| {
            file.write_all(&head)?;
            file.write_all(block)
        });
        written.map_err(|error| words(&self.folder, "written", &error))
    }

    /// Reads the block of a length at an offset.
    ///
    /// # Errors
    /// It cannot be read, or is not what was written there.
    pub(crate) fn read(&mut self, offset: u64, length: usize) -> Result<Vec<u8>, String> {
        let file = &mut self.file;
        let mut head = [0; HEAD];
        let mut block = vec![0; length];
        let read = file.seek(SeekFrom::Start(offset)).and_then(|_| {
            file.read_exact(&mut head)?;
            file.read_exact(&mut block)
        });
        let (known, sum) = head.split_at(8);
        let is_whole =
            known == (length as u64).to_le_bytes() && sum == fingerprint(&block).to_le_bytes();
        let read = match read {
            Ok(()) if !is_whole => Err(io::Error::new(
                ErrorKind::InvalidData,
                "it is not what was written there",
            )),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Err(io::Error::new(error.kind(), "its end is missing"))
            }
            read => read,
        };
        read.map_err(|error| words(&self.folder, "read", &error))?;
        Ok(block)
    }
}

/// How much a block takes in the file.
pub(crate) fn size(block: usize) -> u64 {
    (HEAD + block) as u64
}

fn words(folder: &Path, done: &str, error: &io::Error) -> String {
    format!(
        "its file in the folder '{}' cannot be {done}: {error}",
        folder.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two blocks in a file.
    fn blocks() -> Blocks {
        let mut blocks = Blocks::create(&[std::env::temp_dir()]).expect("a folder");
        blocks.write(0, b"one").expect("written");
        blocks.write(size(3), b"another").expect("written");
        blocks
    }

    #[test]
    fn a_block_is_read_as_it_was_written() {
        let mut blocks = blocks();
        assert_eq!(blocks.read(size(3), 7), Ok(b"another".to_vec()));
        assert_eq!(blocks.read(0, 3), Ok(b"one".to_vec()));
    }

    #[test]
    fn a_file_that_was_cut_or_changed_is_noticed() {
        let mut cut = blocks();
        cut.file.set_len(size(3) + 20).expect("cut");
        let error = cut.read(size(3), 7).expect_err("the end is missing");
        assert!(error.contains("its end is missing"), "{error}");
        assert_eq!(cut.read(0, 3), Ok(b"one".to_vec()));
        for place in [0, 8, 16, 18] {
            let mut changed = blocks();
            changed.file.seek(SeekFrom::Start(place)).expect("sought");
            changed.file.write_all(b"?").expect("written");
            let error = changed.read(0, 3).expect_err("a byte is another one");
            assert!(error.contains("not what was written"), "{place}: {error}");
        }
    }

    #[test]
    fn a_folder_in_which_nothing_can_be_made_is_passed_over() {
        let nowhere = PathBuf::from("/nowhere/at/all");
        assert!(Blocks::create(&[nowhere.clone(), std::env::temp_dir()]).is_ok());
        let error = Blocks::create(&[nowhere]).expect_err("no folder");
        assert!(
            error.contains("'/nowhere/at/all' cannot be written"),
            "{error}"
        );
    }
}
