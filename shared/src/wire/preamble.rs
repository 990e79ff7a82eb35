//! The first eight bytes of each side.

use std::fmt;

use super::PROTOCOL_VERSION;

/// Length of a preamble in bytes.
pub const PREAMBLE_LENGTH: usize = 8;

const MAGIC: [u8; 4] = *b"ILLU";

/// What the last byte of a controller is that has come to update the node. It says so to nodes of any version, all of
/// which have read past this byte.
const UPDATE: u8 = 1;

/// What each side sends first: `ILLU`, the version of the protocol (16-bit little-endian), a byte
/// that says whether it has a cluster key, and one that says whether it has come for an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preamble {
    /// The version of the protocol that the sender speaks.
    pub version: u16,
    /// Whether the sender has a key, and talks to those only who have it as well.
    pub has_key: bool,
    /// Whether the sender is a controller that wants to [update](super::update) the node.
    pub is_for_update: bool,
}

/// The peer is not one to talk to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreambleError {
    /// It sent something else: it is no node, or no controller.
    Foreign(Stranger),
    /// It speaks another version.
    Version {
        /// Its version.
        theirs: u16,
    },
}

impl fmt::Display for PreambleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Foreign(stranger) => {
                f.write_str("what answers there is not part of an Illuminator cluster")?;
                match stranger {
                    Stranger::Ssh => f.write_str(": it speaks ssh"),
                    Stranger::Web => f.write_str(": it speaks HTTP"),
                    Stranger::Tls => f.write_str(": it speaks TLS"),
                    Stranger::Unknown => Ok(()),
                }
            }
            Self::Version { theirs } => {
                let ours = PROTOCOL_VERSION;
                let (older, newer) = if theirs < ours {
                    ("the peer", "this side")
                } else {
                    ("this side", "the peer")
                };
                write!(
                    f,
                    "the peer speaks version {theirs} of the protocol and this side version {ours}; \
                     update {older} to the release of {newer}"
                )
            }
        }
    }
}

impl std::error::Error for PreambleError {}

/// What speaks in the place of a node or a controller, as far as its first bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    /// It introduces itself as ssh does.
    Ssh,
    /// It speaks HTTP.
    Web,
    /// It speaks TLS.
    Tls,
    /// Anything else.
    Unknown,
}

impl Stranger {
    /// What its first bytes, at most those of a preamble, make of a peer; `None` as long as they
    /// are those of a preamble.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.iter().zip(&MAGIC).all(|(byte, magic)| byte == magic) {
            return None;
        }
        Some(match bytes {
            [b'S', b'S', b'H', b'-', ..] => Self::Ssh,
            [b'H', b'T', b'T', b'P', ..]
            | [b'G', b'E', b'T', b' ', ..]
            | [b'P', b'O', b'S', b'T', ..] => Self::Web,
            // An alert or a handshake of any version.
            [0x15 | 0x16, 3, ..] => Self::Tls,
            _ => Self::Unknown,
        })
    }
}

impl Preamble {
    /// That of this side.
    pub const fn ours(has_key: bool) -> Self {
        Self {
            version: PROTOCOL_VERSION,
            has_key,
            is_for_update: false,
        }
    }

    /// That of a controller that has the key, and has come to update a node of any version.
    pub const fn for_update() -> Self {
        Self {
            is_for_update: true,
            ..Self::ours(true)
        }
    }

    /// The bytes to send.
    pub fn to_bytes(self) -> [u8; PREAMBLE_LENGTH] {
        let [low, high] = self.version.to_le_bytes();
        let [a, b, c, d] = MAGIC;
        let (key, update) = (u8::from(self.has_key), u8::from(self.is_for_update));
        [a, b, c, d, low, high, key, update]
    }

    /// Reads a peer's preamble, and refuses one that this side cannot talk to.
    pub fn accept(bytes: &[u8]) -> Result<Self, PreambleError> {
        Self::read(bytes)?.checked()
    }

    /// Reads the preamble of a peer of any version.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, PreambleError> {
        if let Some(stranger) = Stranger::of(bytes) {
            return Err(PreambleError::Foreign(stranger));
        }
        let &[_, _, _, _, low, high, key, update] = bytes else {
            return Err(PreambleError::Foreign(Stranger::Unknown));
        };
        Ok(Self {
            version: u16::from_le_bytes([low, high]),
            has_key: key != 0,
            is_for_update: update == UPDATE,
        })
    }

    /// The same, unless it is of another version.
    pub(super) fn checked(self) -> Result<Self, PreambleError> {
        match self.version {
            PROTOCOL_VERSION => Ok(self),
            theirs => Err(PreambleError::Version { theirs }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preamble_has_its_bytes() {
        for (has_key, bytes) in [(false, *b"ILLU\x0c\0\0\0"), (true, *b"ILLU\x0c\0\x01\0")] {
            assert_eq!(Preamble::ours(has_key).to_bytes(), bytes);
            assert_eq!(Preamble::accept(&bytes), Ok(Preamble::ours(has_key)));
        }
        let update = *b"ILLU\x0c\0\x01\x01";
        assert_eq!(Preamble::for_update().to_bytes(), update);
        assert_eq!(Preamble::accept(&update), Ok(Preamble::for_update()));
    }

    #[test]
    fn another_version_is_told_apart_from_another_program() {
        assert_eq!(
            Preamble::accept(b"ILLU\x02\x01\0\0"),
            Err(PreambleError::Version { theirs: 258 })
        );
        for (bytes, stranger) in [
            (&b"GET / HT"[..], Stranger::Web),
            (b"HTTP/1.1", Stranger::Web),
            (b"SSH-2.0-", Stranger::Ssh),
            (&[0x15, 3, 1, 0, 2, 2, 70], Stranger::Tls),
            (b"220 mail", Stranger::Unknown),
            (b"ILLX", Stranger::Unknown),
        ] {
            let refused = Preamble::accept(bytes);
            assert_eq!(refused, Err(PreambleError::Foreign(stranger)));
            assert_eq!(Stranger::of(bytes), Some(stranger));
        }
        assert_eq!(Stranger::of(b""), None);
        assert_eq!(Stranger::of(b"ILL"), None);
    }

    #[test]
    fn the_older_side_is_the_one_to_update() {
        let newer = PreambleError::Version {
            theirs: PROTOCOL_VERSION + 1,
        }
        .to_string();
        assert!(
            newer.contains("update this side to the release of the peer"),
            "{newer}"
        );
        let older = PreambleError::Version { theirs: 0 }.to_string();
        assert!(
            older.contains("update the peer to the release of this side"),
            "{older}"
        );
    }
}
