//! What was found in a socket, as one number, which is replaced by another in one go: models and people see
//! the same, and nobody waits.

use std::io;

#[cfg(unix)]
use rustix::io::Errno;

use shared::cable::{BoardKind, CableId, Sight, SocketState};

/// What was found: its kind, the character of the cable that models see (0 for none), and up to six bytes
/// more, which are those of an answer or an error of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found(pub(crate) u64);

const EMPTY: u8 = 0;
const NEW: u8 = 1;
const FAILING: u8 = 2;
const SILENT: u8 = 3;
const STRANGE: u8 = 4;
const TEXT: u8 = 5;
const BYTES: u8 = 6;

/// What may be wrong with a socket, as far as it is worth telling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trouble {
    #[default]
    None,
    NoPermission,
    InUse,
    Unusable,
    Silent,
    Strange,
    LargeId,
}

impl Found {
    /// No device.
    pub(crate) const EMPTY: Self = Self::of(EMPTY, 0, [0; 6]);

    const fn of(kind: u8, character: u8, more: [u8; 6]) -> Self {
        let mut bytes = [kind, character, 0, 0, 0, 0, 0, 0];
        let (_, rest) = bytes.split_at_mut(2);
        rest.copy_from_slice(&more);
        Self(u64::from_be_bytes(bytes))
    }

    /// The cable that models see.
    pub(crate) fn sight(self) -> Sight {
        let [_, character, ..] = self.0.to_be_bytes();
        CableId::new(character).into()
    }

    /// What the system says of it; `None` if it is no serial port.
    fn error(self) -> Option<io::Error> {
        let [.., a, b, c, d] = self.0.to_be_bytes();
        let code = i32::from_be_bytes([a, b, c, d]);
        (code != 0).then(|| io::Error::from_raw_os_error(code))
    }

    pub(crate) fn trouble(self) -> Trouble {
        let [kind, character, ..] = self.0.to_be_bytes();
        match kind {
            FAILING => match self.error().map(|error| error.kind()) {
                Some(io::ErrorKind::PermissionDenied) => Trouble::NoPermission,
                Some(io::ErrorKind::ResourceBusy) => Trouble::InUse,
                _ => Trouble::Unusable,
            },
            SILENT => Trouble::Silent,
            STRANGE => Trouble::Strange,
            BYTES if character == 0 => Trouble::LargeId,
            _ => Trouble::None,
        }
    }

    /// The same for people.
    pub(crate) fn state(self) -> SocketState {
        let bytes = self.0.to_be_bytes();
        let [kind, _, length, id, ..] = bytes;
        match kind {
            EMPTY => SocketState::Empty,
            NEW => SocketState::Found,
            FAILING => match self.trouble() {
                Trouble::NoPermission => SocketState::NoPermission,
                Trouble::InUse => SocketState::InUse,
                _ => SocketState::Unusable(match self.error() {
                    Some(error) => error.to_string(),
                    None => "it is no serial port".to_owned(),
                }),
            },
            SILENT => SocketState::Silent,
            STRANGE => SocketState::NotUnderstood(bytes[3..][..length.into()].to_vec()),
            TEXT => SocketState::Cable {
                id: char::from(id).to_string(),
                board: BoardKind::Text,
            },
            _ => SocketState::Cable {
                id: id.to_string(),
                board: BoardKind::Bytes {
                    drives: length == 2,
                },
            },
        }
    }
}

/// The side of the thread.
#[cfg(unix)]
impl Found {
    /// A device that was not asked yet.
    pub(crate) const NEW: Self = Self::of(NEW, 0, [0; 6]);
    /// No answer.
    pub(crate) const SILENT: Self = Self::of(SILENT, 0, [0; 6]);

    /// A device that cannot be used.
    pub(crate) fn failing(error: &io::Error) -> Self {
        let code = match Errno::from_io_error(error) {
            Some(Errno::NOTTY) => 0,
            Some(error) => error.raw_os_error(),
            // A port that has been hung up ends like a file.
            None => Errno::IO.raw_os_error(),
        };
        let [a, b, c, d] = code.to_be_bytes();
        Self::of(FAILING, 0, [0, 0, a, b, c, d])
    }

    /// Something that no board says.
    pub(crate) fn strange(answer: &[u8]) -> Self {
        let mut bytes = [0; 6];
        for &byte in answer.iter().take(5) {
            bytes[0] += 1;
            bytes[usize::from(bytes[0])] = byte;
        }
        Self::of(STRANGE, 0, bytes)
    }

    /// A board that reads text.
    pub(crate) fn text(id: u8) -> Self {
        Self::of(TEXT, id, [0, id, 0, 0, 0, 0])
    }

    /// A board that acknowledges bytes: its role is 2 if it drives the strip.
    pub(crate) fn bytes(id: u8, role: u8) -> Self {
        let character = if id <= 9 { b'0' + id } else { 0 };
        Self::of(BYTES, character, [role, id, 0, 0, 0, 0])
    }

    pub(crate) fn is_cable(self) -> bool {
        let [kind, ..] = self.0.to_be_bytes();
        kind >= TEXT
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_what_was_found() {
        let cable = |id: &str, board| SocketState::Cable {
            id: id.to_owned(),
            board,
        };
        for (found, state) in [
            (Found::EMPTY, SocketState::Empty),
            (Found::NEW, SocketState::Found),
            (Found::SILENT, SocketState::Silent),
            (
                Found::strange(b"\n"),
                SocketState::NotUnderstood(b"\n".to_vec()),
            ),
            (
                Found::strange(b"OK, what"),
                SocketState::NotUnderstood(b"OK, w".to_vec()),
            ),
            (Found::text(b'3'), cable("3", BoardKind::Text)),
            (
                Found::bytes(3, 2),
                cable("3", BoardKind::Bytes { drives: true }),
            ),
            (
                Found::bytes(200, 1),
                cable("200", BoardKind::Bytes { drives: false }),
            ),
        ] {
            assert_eq!(found.state(), state);
            assert_eq!(found.is_cable(), matches!(state, SocketState::Cable { .. }));
        }
    }

    #[test]
    fn models_see_ids_of_one_character() {
        let cable = |id| Sight::from(CableId::parse(id));
        assert_eq!(Found::text(b'x').sight(), cable("x"));
        assert_eq!(Found::bytes(0, 1).sight(), cable("0"));
        assert_eq!(Found::bytes(10, 1).sight(), Sight::Gone);
        assert_eq!(Found::SILENT.sight(), Sight::Gone);
    }
}
