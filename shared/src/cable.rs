//! Cables of a demonstration table: what a model sees in its sockets, what it has cables show, and who
//! brings the two together.
//!
//! A *board* sits in each plug of a cable. It says which cable it is, and shows what it is told. A model
//! knows neither ports nor time: it takes what was seen last, and leaves what is to be shown.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most sockets of a model, and of a process.
pub const MAX_SOCKETS: usize = 8;

/// Which cable: a printable character of ASCII that is no blank, such as `3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct CableId(u8);

impl CableId {
    /// The cable with this character; `None` where it is none that can be printed.
    pub const fn new(character: u8) -> Option<Self> {
        if character.is_ascii_graphic() {
            Some(Self(character))
        } else {
            None
        }
    }

    /// Reads an id that stands alone.
    pub fn parse(text: &str) -> Option<Self> {
        match *text.as_bytes() {
            [character] => Self::new(character),
            _ => None,
        }
    }

    /// The character.
    pub const fn character(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for CableId {
    type Error = &'static str;

    fn try_from(character: u8) -> Result<Self, Self::Error> {
        Self::new(character).ok_or("no printable character")
    }
}

impl From<CableId> for u8 {
    fn from(CableId(character): CableId) -> Self {
        character
    }
}

impl fmt::Display for CableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        char::from(self.0).fmt(f)
    }
}

/// What is in a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sight {
    /// No cable: nothing is plugged in, or nothing that says which cable it is.
    #[default]
    Gone,
    /// A board that did not answer this time. Whoever watches boards all the time waits until it is clear
    /// whether it is gone, and never says this.
    Silent,
    /// This cable.
    Cable(CableId),
}

impl Sight {
    /// The cable, if there is one.
    pub const fn cable(self) -> Option<CableId> {
        match self {
            Self::Cable(id) => Some(id),
            Self::Gone | Self::Silent => None,
        }
    }
}

impl From<Option<CableId>> for Sight {
    fn from(cable: Option<CableId>) -> Self {
        cable.map_or(Self::Gone, Self::Cable)
    }
}

/// What a cable is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Picture {
    /// In the words of the boards that read text: stage, colour, direction, such as `3g1`.
    Text([u8; 3]),
    /// In those of the boards that acknowledge bytes: milliseconds a pixel (0: all pixels), direction,
    /// red, green, blue.
    Bytes([u8; 5]),
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text
                .iter()
                .try_for_each(|&byte| write!(f, "{}", char::from(byte))),
            Self::Bytes([delay, direction, red, green, blue]) => {
                write!(f, "{delay} {direction} {red} {green} {blue}")
            }
        }
    }
}

/// A socket as somebody sees it who looks at a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SocketView {
    /// What is in it.
    pub sight: Sight,
    /// What that was told last.
    pub picture: Option<Picture>,
}

/// Where the parts of a view lie in its number: five bytes of a picture, what kind of one that is, and the cable.
const KIND: u32 = 40;
const CABLE: u32 = 42;

/// The cable of a board that does not say which it is: no character of an id.
const SILENT: u64 = 1;

impl SocketView {
    /// It as a whole number of 49 bits, which a float holds as it is: what somebody looks at travels as a number.
    #[cold]
    pub fn to_number(self) -> f64 {
        let (kind, bytes) = match self.picture {
            None => (0, [0; 5]),
            Some(Picture::Text([stage, colour, direction])) => {
                (1, [stage, colour, direction, 0, 0])
            }
            Some(Picture::Bytes(bytes)) => (2, bytes),
        };
        let cable = match self.sight {
            Sight::Gone => 0,
            Sight::Silent => SILENT,
            Sight::Cable(id) => u64::from(id.character()),
        };
        let picture = bytes
            .into_iter()
            .rev()
            .fold(0, |all, byte| all << 8 | u64::from(byte));
        #[allow(clippy::cast_precision_loss, reason = "49 bits")]
        {
            (cable << CABLE | kind << KIND | picture) as f64
        }
    }

    /// The view that a number stands for; `None` where it stands for none.
    pub fn from_number(number: f64) -> Option<Self> {
        const END: f64 = (1_u64 << (CABLE + 7)) as f64;
        if !(0.0..END).contains(&number) {
            return None;
        }
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is in range"
        )]
        let bits = number as u64;
        let sight = match (bits >> CABLE).to_le_bytes()[0] {
            0 => Sight::Gone,
            1 => Sight::Silent,
            character => Sight::Cable(CableId::new(character)?),
        };
        let [first, second, third, fourth, fifth, ..] = bits.to_le_bytes();
        let picture = match bits >> KIND & 3 {
            0 => None,
            1 => Some(Picture::Text([first, second, third])),
            _ => Some(Picture::Bytes([first, second, third, fourth, fifth])),
        };
        Some(Self { sight, picture })
    }
}

/// The sockets that a model wants to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketWish {
    /// Their devices, such as `ttyACM0`, in the order of the sockets: at most [`MAX_SOCKETS`].
    pub devices: Vec<String>,
    /// So many exchanges in a row without an answer, and a cable counts as gone.
    pub misses: u8,
}

/// The sockets of a model. Nobody waits here: what is asked was seen before, what is said is done later.
///
/// With the last of it, nobody wants anything of the cables there any more.
pub trait Sockets: fmt::Debug + Send {
    /// What is in a socket now.
    fn sight(&mut self, socket: usize) -> Sight;

    /// Has the cable in a socket show something from now on.
    fn show(&mut self, socket: usize, picture: Picture);

    /// What there is to say of the sockets that was not said before.
    fn news(&mut self) -> Option<String>;

    /// The model has failed, which cables show until somebody else wants something of them.
    fn fail(&mut self);
}

/// A socket of a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketStatus {
    /// Its device, such as `ttyACM0`.
    pub device: String,
    /// What is in it.
    pub state: SocketState,
    /// The model that uses it; empty if none does.
    pub model: String,
}

/// What is in a socket, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SocketState {
    /// No device.
    Empty,
    /// A device that has not been asked yet.
    Found,
    /// Opening it is not allowed.
    NoPermission,
    /// Another program has it.
    InUse,
    /// It cannot be used, for this reason.
    Unusable(String),
    /// It does not answer.
    Silent,
    /// It answers something else than a board does: these bytes.
    NotUnderstood(Vec<u8>),
    /// A cable.
    Cable {
        /// Its id, as the board says it.
        id: String,
        /// The kind of its board.
        board: BoardKind,
    },
}

/// The kinds of boards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BoardKind {
    /// Reads a text, answers its id.
    Text,
    /// Acknowledges five bytes, and says then which cable it is and whether it drives the strip.
    Bytes {
        /// It drives the strip.
        drives: bool,
    },
}

impl fmt::Display for SocketState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("none"),
            Self::Found => f.write_str("not asked yet"),
            Self::NoPermission => f.write_str("no permission"),
            Self::InUse => f.write_str("in use by another program"),
            Self::Unusable(reason) => write!(f, "cannot be used: {reason}"),
            Self::Silent => f.write_str("silent"),
            Self::NotUnderstood(bytes) => {
                f.write_str("answers something else:")?;
                bytes
                    .iter()
                    .take(8)
                    .try_for_each(|byte| write!(f, " {byte:02x}"))
            }
            Self::Cable { id, .. } => write!(f, "cable {id}"),
        }
    }
}

/// What one step sees in the sockets of its model, and what it has the cables there show.
#[derive(Debug)]
pub struct Window {
    /// What is in each socket.
    pub seen: Vec<Sight>,
    /// What the cable in each socket is to show, where that is something new.
    pub shown: Vec<Option<Picture>>,
}

impl Window {
    /// On so many sockets, in which there is nothing.
    pub fn new(sockets: usize) -> Self {
        Self {
            seen: vec![Sight::Gone; sockets],
            shown: vec![None; sockets],
        }
    }

    /// What is in a socket.
    pub fn sight(&self, socket: usize) -> Sight {
        self.seen.get(socket).copied().unwrap_or_default()
    }

    /// Puts something into a socket.
    pub fn set_sight(&mut self, socket: usize, sight: Sight) {
        if let Some(place) = self.seen.get_mut(socket) {
            *place = sight;
        }
    }

    /// What a step has the cable in a socket show.
    pub fn picture(&self, socket: usize) -> Option<Picture> {
        self.shown.get(socket).copied().flatten()
    }

    /// Has the cable in a socket show something.
    pub fn show(&mut self, socket: usize, picture: Picture) {
        if let Some(place) = self.shown.get_mut(socket) {
            *place = Some(picture);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_printable_character() {
        assert_eq!(CableId::parse("3").map(CableId::character), Some(b'3'));
        for text in ["", " ", "12", "\n", "é"] {
            assert_eq!(CableId::parse(text), None, "{text:?}");
        }
        assert!(postcard::from_bytes::<CableId>(b"\n").is_err());
        assert_eq!(postcard::from_bytes(b"3"), Ok(CableId(b'3')));
    }

    #[test]
    fn a_view_of_a_socket_is_a_number() {
        let cable = Sight::Cable(CableId(b'~'));
        for sight in [
            Sight::Gone,
            Sight::Silent,
            cable,
            Sight::Cable(CableId(b'!')),
        ] {
            for picture in [
                None,
                Some(Picture::Text(*b"4r1")),
                Some(Picture::Bytes([0; 5])),
                Some(Picture::Bytes([255, 1, 254, 0, 255])),
            ] {
                let view = SocketView { sight, picture };
                assert_eq!(SocketView::from_number(view.to_number()), Some(view));
            }
        }
        assert_eq!(SocketView::default().to_number(), 0.0);
        for number in [
            f64::NAN,
            -1.0,
            f64::INFINITY,
            2.0 * (1_u64 << 42) as f64,
            1e18,
        ] {
            assert_eq!(SocketView::from_number(number), None, "{number}");
        }
    }

    #[test]
    fn pictures_are_written_as_boards_are_told() {
        assert_eq!(Picture::Text(*b"3g1").to_string(), "3g1");
        assert_eq!(
            Picture::Bytes([128, 1, 127, 128, 0]).to_string(),
            "128 1 127 128 0"
        );
    }
}
