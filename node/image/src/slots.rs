//! The two slots of a card for nodes that came after it was written.
//!
//! They lie behind the partition, where no file system is, so writing one touches neither files nor what tells where
//! those are. Each has a header of one sector and room for a program. The one that is written is never the one that
//! is newest: its header is made void first, and written last, so a plug that is pulled at any moment leaves the old
//! program or the new one, whole.

use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom, Write};

use sha2::{Digest as _, Sha256};
use shared::wire::update::{Digest, MAX_PROGRAM, MAX_RELEASE};

use crate::card::{SECTOR, partition};

/// The length of a slot: memory cards erase up to so much at a time, and a slot is not to be erased with the other one.
const SLOT: usize = 8 << 20;

/// The length of both.
pub(crate) const SLOTS: usize = 2 * SLOT;

/// Where the program begins in its slot.
const PROGRAM: usize = 4096;

/// What a header begins with.
const MAGIC: [u8; 8] = *b"ILLUSLOT";

/// Something that can be written, and made to last.
pub trait Storage: Read + Write + Seek {
    /// Returns when all that was written would be there after the plug was pulled.
    ///
    /// # Errors
    /// Where it cannot be made to last.
    fn sync(&mut self) -> io::Result<()>;
}

impl Storage for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

impl Storage for Cursor<&mut [u8]> {
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is in a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its release.
    pub release: String,
    /// Its digest.
    pub digest: Digest,
    /// The program.
    pub program: Vec<u8>,
}

/// A header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Header {
    /// Which program is newer; 0 where there is none.
    number: u64,
    length: u32,
    digest: Digest,
    release: String,
}

impl Header {
    fn to_sector(&self) -> [u8; SECTOR] {
        let mut sector = [0; SECTOR];
        let bytes = [
            &MAGIC[..],
            &self.number.to_le_bytes(),
            &self.length.to_le_bytes(),
            &self.digest,
            &[u8::try_from(self.release.len()).unwrap_or(0)],
            self.release.as_bytes(),
        ]
        .concat();
        sector[..bytes.len()].copy_from_slice(&bytes);
        let (content, sum) = sector.split_at_mut(SECTOR - 32);
        sum.copy_from_slice(&digest(content));
        sector
    }

    /// Reads one; `None` where it is none, or half of one.
    fn read(sector: &[u8; SECTOR]) -> Option<Self> {
        let (content, sum) = sector.split_at(SECTOR - 32);
        if digest(content) != sum {
            return None;
        }
        let (magic, rest) = content.split_first_chunk()?;
        let (number, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (&digest, rest) = rest.split_first_chunk()?;
        let (&count, rest) = rest.split_first()?;
        let release = rest.get(..usize::from(count))?;
        (*magic == MAGIC).then_some(())?;
        Some(Self {
            number: u64::from_le_bytes(*number),
            length: u32::from_le_bytes(*length),
            digest,
            release: String::from_utf8(release.to_vec()).ok()?,
        })
    }
}

/// The SHA-256 of a program.
pub fn digest(program: &[u8]) -> Digest {
    Sha256::digest(program).into()
}

/// Makes empty slots behind the partition of a card that has none.
pub(crate) fn make(card: &mut [u8], at: usize) {
    for slot in 0..2 {
        let start = at + slot * SLOT;
        card[start..start + SECTOR].copy_from_slice(&Header::default().to_sector());
    }
}

/// The programs that a card has in its slots, the newest first. One that is not what its header says is none.
///
/// # Errors
/// Where the card cannot be read.
pub fn kept(card: &mut (impl Read + Seek)) -> io::Result<Vec<Kept>> {
    let mut found = Vec::new();
    for (at, header) in headers(card)? {
        let Some(header) = header else { continue };
        if header.number == 0 || header.length as usize > MAX_PROGRAM {
            continue;
        }
        let mut program = vec![0; header.length as usize];
        card.seek(SeekFrom::Start(at + PROGRAM as u64))?;
        card.read_exact(&mut program)?;
        if digest(&program) == header.digest {
            let kept = Kept {
                release: header.release,
                digest: header.digest,
                program,
            };
            found.push((header.number, kept));
        }
    }
    found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    Ok(found.into_iter().map(|(_, kept)| kept).collect())
}

/// Writes a program into the slot that is not the newest.
///
/// # Errors
/// Where the card has no slots, or cannot be written; what was newest is so still.
pub fn keep(card: &mut impl Storage, release: &str, program: &[u8]) -> io::Result<()> {
    let length = u32::try_from(program.len()).ok();
    let length = length.filter(|_| program.len() <= MAX_PROGRAM && release.len() <= MAX_RELEASE);
    let length = length.ok_or(ErrorKind::InvalidInput)?;
    let headers = headers(card)?;
    let number = |(_, header): &(u64, Option<Header>)| header.as_ref().map(|header| header.number);
    let newest = headers.iter().filter_map(number).max();
    // No slot of a card that was never written to bears the mark, and something else is there.
    let newest = newest.ok_or_else(|| {
        io::Error::other("the card has no room for updates; write it anew from an image of today")
    })?;
    // What is void, or older; and the first one where both are empty.
    let oldest = headers.iter().min_by_key(|slot| number(slot));
    let (at, _) = oldest.ok_or(ErrorKind::InvalidData)?;
    write(card, *at, &Header::default().to_sector())?;
    write(card, at + PROGRAM as u64, program)?;
    let header = Header {
        number: newest + 1,
        length,
        digest: digest(program),
        release: release.to_owned(),
    };
    write(card, *at, &header.to_sector())
}

/// Writes, and returns when that will last.
fn write(card: &mut impl Storage, at: u64, bytes: &[u8]) -> io::Result<()> {
    card.seek(SeekFrom::Start(at))?;
    card.write_all(bytes)?;
    card.sync()
}

/// Where the slots are, and what their headers say. A card whose partition reaches to its end has none.
fn headers(card: &mut (impl Read + Seek)) -> io::Result<Vec<(u64, Option<Header>)>> {
    let mut sector = [0; SECTOR];
    card.seek(SeekFrom::Start(0))?;
    card.read_exact(&mut sector)?;
    let Some((_, end)) = partition(&sector) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for at in [end as u64, (end + SLOT) as u64] {
        card.seek(SeekFrom::Start(at))?;
        match card.read_exact(&mut sector) {
            Ok(()) => found.push((at, Header::read(&sector))),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Card;

    /// A card in memory whose plug is pulled after so many bytes; a sector that is being written then has nonsense in it.
    struct Plugged<'a> {
        card: Cursor<&'a mut [u8]>,
        left: usize,
    }

    impl Read for Plugged<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.card.read(buffer)
        }
    }

    impl Seek for Plugged<'_> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.card.seek(to)
        }
    }

    impl Write for Plugged<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.left == 0 {
                return Err(io::Error::other("the plug is pulled"));
            }
            let count = bytes.len().min(self.left);
            self.left -= count;
            self.card.write_all(&bytes[..count])?;
            if self.left == 0 {
                let torn = SECTOR - count % SECTOR;
                self.card.write_all(&[0xa5; SECTOR][..torn])?;
            }
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Storage for Plugged<'_> {
        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn card() -> Vec<u8> {
        Card::empty().expect("a card").bytes().to_vec()
    }

    fn keep_in(card: &mut [u8], release: &str, program: &[u8]) {
        keep(&mut Cursor::new(card), release, program).expect("kept");
    }

    fn releases(card: &[u8]) -> Vec<String> {
        let kept = kept(&mut Cursor::new(card)).expect("readable");
        kept.into_iter().map(|kept| kept.release).collect()
    }

    #[test]
    fn the_two_newest_programs_are_there_and_the_partition_is_as_it_was() {
        let mut bytes = card();
        let before = bytes.clone();
        assert_eq!(releases(&bytes), [""; 0]);
        keep_in(&mut bytes, "1", b"one");
        assert_eq!(releases(&bytes), ["1"]);
        keep_in(&mut bytes, "2", &vec![2; MAX_PROGRAM]);
        keep_in(&mut bytes, "3", b"three");
        assert_eq!(releases(&bytes), ["3", "2"]);
        let newest = kept(&mut Cursor::new(&bytes)).expect("readable").remove(0);
        assert_eq!(newest.program, b"three");
        assert_eq!(newest.digest, digest(b"three"));
        let end = bytes.len() - SLOTS;
        assert!(bytes[..end] == before[..end]);
    }

    #[test]
    fn a_plug_that_is_pulled_at_any_moment_leaves_the_old_program_or_the_new_one() {
        let program = vec![7; 3 * SECTOR + 100];
        // Bytes that are written: a void header, the program, the header.
        let all = 2 * SECTOR + program.len();
        for before in [0, 1, 2] {
            let mut first = card();
            // The partition is of one sector here, for the sake of time.
            let end = first.len() - SLOTS;
            first.drain(2 * SECTOR..end);
            first[454..462].copy_from_slice(&[1, 0, 0, 0, 1, 0, 0, 0]);
            for number in 0..before {
                keep_in(&mut first, &number.to_string(), b"old");
            }
            let old = releases(&first).first().cloned();
            let each =
                (0..=all).filter(|left| left % 171 == 0 || left % SECTOR == 0 || all - left < 2);
            for left in each {
                let mut bytes = first.clone();
                let mut plugged = Plugged {
                    card: Cursor::new(&mut bytes),
                    left,
                };
                let written = keep(&mut plugged, "new", &program);
                assert_eq!(written.is_ok(), left == all, "{left}");
                let now = releases(&bytes).first().cloned();
                if left == all {
                    assert_eq!(now.as_deref(), Some("new"));
                } else {
                    assert_eq!(now, old, "after {left} bytes");
                }
                // And it can be done once more.
                keep_in(&mut bytes, "again", b"again");
                assert_eq!(releases(&bytes)[0], "again", "after {left} bytes");
            }
        }
    }

    #[test]
    fn a_program_that_has_rotted_is_passed_over() {
        let mut bytes = card();
        keep_in(&mut bytes, "1", b"one");
        keep_in(&mut bytes, "2", b"two");
        let second = bytes.len() - SLOT;
        bytes[second + PROGRAM] ^= 1;
        assert_eq!(releases(&bytes), ["1"]);
        bytes[second] ^= 1;
        assert_eq!(releases(&bytes), ["1"]);
    }

    #[test]
    fn a_card_without_slots_is_not_written_to() {
        let mut bytes = card();
        let end = bytes.len() - SLOTS;
        bytes[end..].fill(0xff);
        for length in [bytes.len(), end] {
            bytes.truncate(length);
            let before = bytes.clone();
            assert_eq!(releases(&bytes), [""; 0]);
            let error = keep(&mut Cursor::new(&mut bytes[..]), "1", b"one").expect_err("no room");
            assert!(error.to_string().contains("write it anew"), "{error}");
            assert!(bytes == before);
        }
    }

    #[test]
    fn what_is_too_long_is_not_kept() {
        let mut bytes = card();
        let before = bytes.clone();
        let long = vec![0; MAX_PROGRAM + 1];
        assert!(keep(&mut Cursor::new(&mut bytes[..]), "1", &long).is_err());
        assert!(bytes == before);
    }
}
