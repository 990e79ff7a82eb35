//! The bytes of a card: a partition table with one entry, a FAT file system, and the slots behind it.

use std::fmt;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use fatfs::{FatType, FileSystem, FormatVolumeOptions, FsOptions, format_volume};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::slots::{self, SLOTS};

/// The length of a card in bytes. A power of two: QEMU takes no other card.
const LENGTH: usize = 64 << 20;

/// The longest card that is read.
const LONGEST: u64 = 1 << 30;

pub(crate) const SECTOR: usize = 512;

/// Where the partition begins: programs that make partitions leave as much.
const START: usize = 1 << 20;

/// Where it ends: behind it are the slots.
const END: usize = LENGTH - SLOTS;

/// The entry of the first partition in the first sector, and the mark at the end of that.
const ENTRY: usize = 446;
const MARK: (usize, [u8; 2]) = (510, [0x55, 0xaa]);

/// The type of a partition with FAT, as the Pi's firmware and all systems know it.
const FAT: u8 = 0x0c;

/// Bytes of a cluster: as FAT16 has them on a partition of this length.
const CLUSTER: u32 = 2048;

/// Why a card cannot be used.
#[derive(Debug)]
pub enum CardError {
    /// It cannot be read or written.
    System(io::Error),
    /// It is no card.
    Malformed,
    /// There is not enough room for a file.
    Full(String),
}

impl fmt::Display for CardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(cause) => cause.fmt(f),
            Self::Malformed => {
                f.write_str("this is no image of a card, as node/image/build.sh makes them")
            }
            Self::Full(name) => write!(f, "there is not enough room on the card for '{name}'"),
        }
    }
}

impl std::error::Error for CardError {}

impl From<io::Error> for CardError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// Where the first partition of a card begins and ends, as its first sector says.
pub(crate) fn partition(card: &[u8]) -> Option<(usize, usize)> {
    let number = |place: usize| -> Option<usize> {
        let number = card.get(place..place + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(number)).ok()
    };
    let is_marked = *card.get(MARK.0..MARK.0 + 2)? == MARK.1 && card[ENTRY + 4] == FAT;
    let start = number(ENTRY + 8)?.checked_mul(SECTOR)?;
    let length = number(ENTRY + 12)?.checked_mul(SECTOR)?;
    is_marked.then_some((start, start.checked_add(length)?))
}

/// A card in memory.
#[derive(Clone)]
pub struct Card {
    bytes: Vec<u8>,
    /// Where its partition is.
    start: usize,
    end: usize,
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({} bytes)", self.bytes.len())
    }
}

impl Card {
    /// A card without files.
    pub fn empty() -> Result<Self, CardError> {
        let mut bytes = vec![0; LENGTH];
        let [first, count] =
            [START, END - START].map(|bytes| u32::try_from(bytes / SECTOR).unwrap_or(u32::MAX));
        let entry = &mut bytes[ENTRY..ENTRY + 16];
        // Where sectors have numbers, those of cylinders, heads and sectors are out of range.
        entry[1..4].copy_from_slice(&[0xfe, 0xff, 0xff]);
        entry[4] = FAT;
        entry[5..8].copy_from_slice(&[0xfe, 0xff, 0xff]);
        entry[8..12].copy_from_slice(&first.to_le_bytes());
        entry[12..16].copy_from_slice(&count.to_le_bytes());
        bytes[MARK.0..][..2].copy_from_slice(&MARK.1);
        let options = FormatVolumeOptions::new()
            .fat_type(FatType::Fat16)
            .bytes_per_cluster(CLUSTER)
            .volume_label(*b"ILLUMINATOR");
        format_volume(Cursor::new(&mut bytes[START..END]), options)?;
        slots::make(&mut bytes, END);
        Ok(Self {
            bytes,
            start: START,
            end: END,
        })
    }

    /// Reads an image.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, CardError> {
        let place = partition(&bytes).filter(|(_, end)| *end <= bytes.len());
        let (start, end) = place.ok_or(CardError::Malformed)?;
        Ok(Self { bytes, start, end })
    }

    /// Reads a compressed image (`.gz`).
    pub fn from_compressed(image: impl Read) -> Result<Self, CardError> {
        let mut bytes = Vec::with_capacity(LENGTH);
        let image = GzDecoder::new(image).take(LONGEST);
        { image }
            .read_to_end(&mut bytes)
            .map_err(|error| match error.kind() {
                io::ErrorKind::InvalidInput
                | io::ErrorKind::InvalidData
                | io::ErrorKind::UnexpectedEof => CardError::Malformed,
                _ => error.into(),
            })?;
        Self::from_bytes(bytes)
    }

    /// Writes the image, compressed (`.gz`): the same bytes for the same files.
    pub fn write_compressed(&self, to: impl Write) -> io::Result<()> {
        // Most of it is compressed already, and the rest is zeros.
        let mut encoder = GzEncoder::new(to, Compression::fast());
        encoder.write_all(&self.bytes)?;
        encoder.finish()?.flush()
    }

    /// The image.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Puts a file there, in place of one of this name.
    pub fn write(&mut self, name: &str, content: &[u8]) -> Result<(), CardError> {
        let partition = &mut self.bytes[self.start..self.end];
        let system = FileSystem::new(Cursor::new(partition), FsOptions::new())?;
        let written = || -> io::Result<()> {
            let mut file = system.root_dir().create_file(name)?;
            file.truncate()?;
            file.write_all(content)?;
            file.flush()
        };
        match written() {
            // This library of file systems has no kind of its own for it.
            Err(error)
                if error.to_string().contains("space")
                    || error.kind() == io::ErrorKind::WriteZero =>
            {
                Err(CardError::Full(name.to_owned()))
            }
            Err(error) => Err(error.into()),
            Ok(()) => Ok(system.unmount()?),
        }
    }

    /// A file of this name, if there is one.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, CardError> {
        let partition = Cursor::new(&self.bytes[self.start..self.end]);
        Ok(read_file(partition, name, LENGTH as u64)?)
    }

    /// The names of all files.
    pub fn names(&self) -> Result<Vec<String>, CardError> {
        let partition = Cursor::new(&self.bytes[self.start..self.end]);
        let system = FileSystem::new(ReadOnly(partition), FsOptions::new())?;
        let entries: Result<Vec<_>, _> = system.root_dir().iter().collect();
        let files = entries?.into_iter().filter(fatfs::DirEntry::is_file);
        Ok(files.map(|file| file.file_name()).collect())
    }
}

/// Reads a file of a partition with FAT, if it is there, and at most so many bytes of it. Nothing is written to the
/// partition, also where somebody has pulled it out of another machine in the middle of something.
///
/// # Errors
/// Where it cannot be read, or there is no such file system on it.
pub fn read_file(
    partition: impl Read + Seek,
    name: &str,
    limit: u64,
) -> io::Result<Option<Vec<u8>>> {
    let system = FileSystem::new(ReadOnly(partition), FsOptions::new())?;
    let file = match system.root_dir().open_file(name) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut content = Vec::new();
    file.take(limit).read_to_end(&mut content)?;
    Ok(Some(content))
}

/// What is read only. The library of file systems asks for something that can be written, too.
struct ReadOnly<T>(T);

impl<T: Read> Read for ReadOnly<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<T: Seek> Seek for ReadOnly<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl<T> Write for ReadOnly<T> {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_to_a_card_is_read_from_it() {
        let mut card = Card::empty().expect("a card");
        let kernel: Vec<u8> = (0..5_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        card.write("kernel8.img", &kernel).expect("written");
        card.write("illuminator.toml", &[b'x'; 5000])
            .expect("written");
        card.write("illuminator.toml", b"name = \"pi1\"\n")
            .expect("written again");
        let mut image = Vec::new();
        card.write_compressed(&mut image).expect("written");
        let card = Card::from_compressed(&image[..]).expect("a card");
        assert_eq!(
            card.names().expect("names"),
            ["kernel8.img", "illuminator.toml"]
        );
        assert!(card.read("kernel8.img").expect("read").as_ref() == Some(&kernel));
        // FAT tells no capitals from small letters.
        let settings = card.read("ILLUMINATOR.TOML").expect("read");
        assert_eq!(settings.as_deref(), Some(&b"name = \"pi1\"\n"[..]));
        assert_eq!(card.read("other").expect("read"), None);
        assert_eq!(card.bytes().len(), 64 << 20);
    }

    #[test]
    fn the_same_files_make_the_same_card() {
        let card = || {
            let mut card = Card::empty().expect("a card");
            card.write("a", b"1").expect("written");
            card
        };
        assert!(card().bytes() == card().bytes());
    }

    #[test]
    fn a_card_that_was_pulled_out_while_it_was_written_is_read_and_stays_as_it_is() {
        let mut card = Card::empty().expect("a card");
        card.write("a", b"1").expect("written");
        // The mark in the boot sector that the file system is in use.
        card.bytes[START + 0x25] = 1;
        assert_eq!(card.read("a").expect("read"), Some(b"1".to_vec()));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let mut card = Card::empty().expect("a card");
        let error = card.write("big", &vec![1; LENGTH]).expect_err("too large");
        assert!(
            matches!(&error, CardError::Full(name) if name == "big"),
            "{error:?}"
        );
    }

    #[test]
    fn what_is_no_card_is_refused() {
        assert!(matches!(
            Card::from_bytes(vec![0; 100]),
            Err(CardError::Malformed)
        ));
        assert!(matches!(
            Card::from_bytes(vec![0; 1 << 20]),
            Err(CardError::Malformed)
        ));
        assert!(matches!(
            Card::from_compressed(&b"no gzip"[..]),
            Err(CardError::Malformed)
        ));
        let mut card = Card::empty().expect("a card");
        card.bytes.truncate(LENGTH / 2);
        assert!(matches!(
            Card::from_bytes(card.bytes),
            Err(CardError::Malformed)
        ));
    }
}
