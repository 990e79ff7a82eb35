//! Reading what others ask. Whoever is in the network can send anything, so every length is checked,
//! a name has at most [`MAX_NAME`] bytes, and a pointer in it leads back.

use super::names::{Names, SERVICE, SERVICES};
use super::record::{ANY, Kind, PTR_TTL};

/// The most bytes of a name.
const MAX_NAME: usize = 255;

/// Bytes before the first question.
const HEADER: usize = 12;

/// The bits of the second word that are set in no question: it is an answer, it wants something else than
/// an answer, or it reports an error.
const NO_QUERY: u16 = 0xf80f;

type Name = heapless::Vec<u8, MAX_NAME>;

/// Somebody asks for this node.
pub(super) struct Query<'a> {
    /// What an answer to one asker only begins with.
    pub(super) id: u16,
    /// The question, where it is the only one.
    pub(super) question: &'a [u8],
}

/// Reads a packet; `None` where it asks for nothing that a node of these names answers, or is
/// malformed.
pub(super) fn read<'a>(packet: &'a [u8], names: &Names) -> Option<Query<'a>> {
    let mut reader = Reader { packet, at: 0 };
    let (id, flags) = (reader.number()?, reader.number()?);
    let (questions, answers) = (reader.number()?, reader.number()?);
    // What else there is is of no interest.
    reader.at = HEADER;
    if flags & NO_QUERY != 0 {
        return None;
    }
    let (mut browses, mut asks) = (false, false);
    for _ in 0..questions {
        let (name, kind, _class) = (reader.name()?, reader.number()?, reader.number()?);
        let is = |ours: &[u8], kinds: &[Kind]| {
            let fits = kind == ANY || kinds.iter().any(|&known| known as u16 == kind);
            fits && name.eq_ignore_ascii_case(ours)
        };
        browses |= is(SERVICE, &[Kind::Ptr]);
        asks |= is(SERVICES, &[Kind::Ptr])
            || is(&names.instance, &[Kind::Srv, Kind::Txt])
            || is(&names.host, &[Kind::A]);
    }
    let single = (questions == 1).then_some(HEADER..reader.at);
    if browses && !asks && reader.knows(answers, names) {
        return None;
    }
    (browses || asks).then(|| Query {
        id,
        question: single.map_or(&[], |range| &packet[range]),
    })
}

/// A place in a packet.
struct Reader<'a> {
    packet: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn number(&mut self) -> Option<u16> {
        let bytes = self.packet.get(self.at..)?.first_chunk()?;
        self.at += 2;
        Some(u16::from_be_bytes(*bytes))
    }

    /// A name, with the lengths of its labels.
    fn name(&mut self) -> Option<Name> {
        let mut name = Name::new();
        let (mut at, mut before, mut end) = (self.at, self.at, None);
        loop {
            let length = usize::from(*self.packet.get(at)?);
            match length {
                // The lengths of labels are no letters, so case is that of letters only.
                0..=63 => {
                    let label = self.packet.get(at..=at + length)?;
                    name.extend_from_slice(label).ok()?;
                    at += 1 + length;
                    if length == 0 {
                        self.at = end.unwrap_or(at);
                        return Some(name);
                    }
                }
                // The rest is where this points to. It has to lead back each time, so there is an end.
                0xc0.. => {
                    let low = usize::from(*self.packet.get(at + 1)?);
                    end = end.or(Some(at + 2));
                    at = (length & 0x3f) << 8 | low;
                    if !(HEADER..before).contains(&at) {
                        return None;
                    }
                    before = at;
                }
                _ => return None,
            }
        }
    }

    /// Whether one of the answers that the asker has, so many of them, is the one that it would get, and
    /// good for a while. What cannot be read is not known.
    fn knows(&mut self, answers: u16, names: &Names) -> bool {
        (0..answers).map_while(|_| self.answer(names)).any(|is| is)
    }

    fn answer(&mut self, names: &Names) -> Option<bool> {
        let (name, kind, _class) = (self.name()?, self.number()?, self.number()?);
        let ttl = u32::from(self.number()?) << 16 | u32::from(self.number()?);
        let length = usize::from(self.number()?);
        let end = self.at + length;
        let is_ours = kind == Kind::Ptr as u16
            && name.eq_ignore_ascii_case(SERVICE)
            && ttl >= PTR_TTL / 2
            && self.name()?.eq_ignore_ascii_case(&names.instance);
        self.at = end;
        Some(is_ours)
    }
}
