//! What two sides do before the first frame: they greet each other, and show each other that they
//! have the cluster's key.
//!
//! The key never crosses the network. It is the pre-shared key of a Noise handshake with fresh
//! keys on both sides (`Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s`, <https://noiseprotocol.org>), with
//! which all that follows is encrypted. Both preambles go into it, so nobody in between can change
//! them unnoticed.
//!
//! A side that has not shown the key yet costs no more than the bytes of its handshake, which are
//! read into fixed arrays, and is told nothing but the preamble.

use std::fmt;
use std::io;
use std::ops::Range;
use std::time::Duration;

use snow::{Builder, HandshakeState, TransportState};

use super::suite::{self, Suite};
use super::{Key, PREAMBLE_LENGTH, Preamble, PreambleError, Stranger};

/// Each side's part: a fresh public key, and a tag.
const PART: usize = 32 + 16;

/// Whom a side talks to.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'a> {
    /// The cluster's key, where this side has one.
    pub key: Option<&'a Key>,
    /// With a key: talk to a peer that has none all the same, unencrypted.
    pub open_peers: bool,
}

/// There is no connection to this peer.
#[derive(Debug)]
pub enum HandshakeError {
    /// The peer closed the connection before its preamble was complete.
    Closed,
    /// The peer took too long.
    TimedOut {
        /// How long it was waited for.
        limit: Duration,
        /// Its preamble had come; if not, nothing had.
        greeted: bool,
    },
    /// The system reports an error.
    Io(io::Error),
    /// The peer is not one to talk to.
    Preamble(PreambleError),
    /// The peer has a key and this side has none.
    KeyMissing,
    /// This side has a key and the peer has none.
    PeerWithoutKey,
    /// The peer has another key: it closed the connection on this side's part of the exchange.
    KeyRefused,
    /// The peer has another key, or it is somebody else who has none.
    WrongKey,
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the peer closed the connection"),
            Self::TimedOut { limit, greeted } => {
                let what = if *greeted {
                    "nothing after its greeting"
                } else {
                    "no greeting"
                };
                write!(f, "{what} for {} s", limit.as_secs_f64())
            }
            Self::Io(error) => error.fmt(f),
            Self::Preamble(error) => error.fmt(f),
            Self::KeyMissing => f.write_str("the peer has a cluster key, and this side has none"),
            Self::PeerWithoutKey => {
                f.write_str("the peer has no cluster key, and this side has one")
            }
            Self::KeyRefused | Self::WrongKey => f.write_str("the peer has another cluster key"),
        }
    }
}

impl std::error::Error for HandshakeError {}

/// What a handshake came to: the state that encrypts, or nothing where neither side has a key.
pub(super) type Secret = Option<Box<TransportState>>;

/// A peer to talk to.
#[derive(Debug)]
pub struct Met {
    pub(super) secret: Secret,
    is_for_update: bool,
}

impl Met {
    /// Whether the peer has shown the cluster's key, and everything will be encrypted.
    pub fn is_secure(&self) -> bool {
        self.secret.is_some()
    }

    /// Whether what follows is an [update](super::update), whatever the versions of both sides.
    pub fn is_for_update(&self) -> bool {
        self.is_for_update
    }

    /// Without a handshake: for streams that need none.
    pub const fn unsecured() -> Self {
        Self {
            secret: None,
            is_for_update: false,
        }
    }
}

/// A handshake under way. Like a [`Channel`](super::Channel), it moves no bytes itself.
#[derive(Debug)]
pub struct Handshake<'a> {
    role: Role,
    trust: Trust<'a>,
    /// The caller has come for an update, so versions may differ.
    is_for_update: bool,
    /// Both preambles, as far as they are known.
    prologue: Prologue,
    stage: Stage,
    /// This side's part, where it has been sent with the preamble.
    begun: Option<Box<HandshakeState>>,
    /// What the peer says at this stage, and how much of it has come.
    arriving: [u8; PART],
    arrived: usize,
    /// What this side says, and which of it has not gone yet.
    leaving: [u8; PREAMBLE_LENGTH + PART],
    unsent: Range<usize>,
}

/// What is waited for.
#[derive(Debug)]
enum Stage {
    /// The peer's preamble.
    Preamble,
    /// The peer's part of the exchange; its caller has begun.
    Part(Option<Box<HandshakeState>>),
    /// Nothing.
    Over(Secret),
}

impl<'a> Handshake<'a> {
    /// Greets a peer that this side has called.
    pub fn call(trust: Trust<'a>) -> Result<Self, HandshakeError> {
        Self::new(Role::Caller, trust, Preamble::ours(trust.key.is_some()))
    }

    /// Greets a node of any version that this side has called to update it, with the cluster's key.
    pub fn call_for_update(key: &'a Key) -> Result<Self, HandshakeError> {
        let trust = Trust {
            key: Some(key),
            open_peers: false,
        };
        Self::new(Role::Caller, trust, Preamble::for_update())
    }

    /// Greets a peer that has called this side.
    pub fn answer(trust: Trust<'a>) -> Result<Self, HandshakeError> {
        Self::new(Role::Called, trust, Preamble::ours(trust.key.is_some()))
    }

    fn new(role: Role, trust: Trust<'a>, preamble: Preamble) -> Result<Self, HandshakeError> {
        let is_for_update = preamble.is_for_update;
        let ours = preamble.to_bytes();
        let mut handshake = Self {
            role,
            trust,
            is_for_update,
            prologue: [0; 2 * PREAMBLE_LENGTH],
            stage: Stage::Preamble,
            begun: None,
            arriving: [0; PART],
            arrived: 0,
            leaving: [0; PREAMBLE_LENGTH + PART],
            unsent: 0..0,
        };
        handshake.preambles().0.copy_from_slice(&ours);
        handshake.say(&ours);
        // Where only a peer with the key will do, its preamble has the same bytes, so that there is
        // no need to wait for it. Any other one ends in an error, whatever has been sent. Where any
        // version will do, it may have other bytes.
        if let (Some(key), Role::Caller, false) =
            (trust.key, role, trust.open_peers || is_for_update)
        {
            handshake.preambles().1.copy_from_slice(&ours);
            let mut noise = begin(role, key, &handshake.prologue)?;
            handshake.say_part(&mut noise)?;
            handshake.begun = Some(Box::new(noise));
        }
        Ok(handshake)
    }

    /// This side's preamble, and the peer's.
    fn preambles(&mut self) -> (&mut [u8], &mut [u8]) {
        let (caller, called) = self.prologue.split_at_mut(PREAMBLE_LENGTH);
        match self.role {
            Role::Caller => (caller, called),
            Role::Called => (called, caller),
        }
    }

    /// The bytes that go next; empty where there are none.
    pub fn transmit(&self) -> &[u8] {
        &self.leaving[self.unsent.clone()]
    }

    /// So many of the bytes of [`transmit`](Self::transmit) have gone.
    pub fn sent(&mut self, count: usize) {
        self.unsent.start = (self.unsent.start + count).min(self.unsent.end);
    }

    fn say(&mut self, bytes: &[u8]) {
        let end = self.unsent.end + bytes.len();
        self.leaving[self.unsent.end..end].copy_from_slice(bytes);
        self.unsent.end = end;
    }

    fn say_part(&mut self, noise: &mut HandshakeState) -> Result<(), HandshakeError> {
        let mut part = [0; PART];
        let written = noise.write_message(&[], &mut part);
        written.map_err(|error| no_state(&error))?;
        self.say(&part);
        Ok(())
    }

    /// Room for what arrives: no more than belongs to the handshake. Empty where it is over.
    pub fn room(&mut self) -> &mut [u8] {
        let length = self.length();
        &mut self.arriving[self.arrived..length]
    }

    fn length(&self) -> usize {
        match self.stage {
            Stage::Preamble => PREAMBLE_LENGTH,
            Stage::Part(_) => PART,
            Stage::Over(_) => self.arrived,
        }
    }

    /// So many bytes have been put into [`room`](Self::room).
    ///
    /// # Errors
    /// Where this is no peer to talk to. Nothing of what may wait to be sent is to be sent then.
    pub fn received(&mut self, count: usize) -> Result<(), HandshakeError> {
        self.arrived = (self.arrived + count).min(self.length());
        let is_whole = self.arrived == self.length();
        match self.stage {
            Stage::Preamble => {
                // As far as it is one: a stranger may say less and wait, or close.
                if let Some(stranger) = Stranger::of(&self.arriving[..self.arrived]) {
                    return Err(HandshakeError::Preamble(PreambleError::Foreign(stranger)));
                }
                if is_whole { self.meet() } else { Ok(()) }
            }
            Stage::Part(_) if is_whole => self.take_part(),
            Stage::Part(_) | Stage::Over(_) => Ok(()),
        }
    }

    /// Takes the peer's preamble.
    fn meet(&mut self) -> Result<(), HandshakeError> {
        self.arrived = 0;
        let mut preamble = [0; PREAMBLE_LENGTH];
        preamble.copy_from_slice(&self.arriving[..PREAMBLE_LENGTH]);
        let peer = Preamble::read(&preamble);
        self.is_for_update |=
            self.role == Role::Called && peer.is_ok_and(|peer| peer.is_for_update);
        let peer = if self.is_for_update {
            peer
        } else {
            peer.and_then(Preamble::checked)
        };
        let peer = peer.map_err(HandshakeError::Preamble)?;
        let (_, theirs) = self.preambles();
        let is_expected = *theirs == preamble;
        theirs.copy_from_slice(&preamble);
        let Some(key) = agree(self.role, self.trust, peer)? else {
            self.stage = Stage::Over(None);
            return Ok(());
        };
        self.stage = Stage::Part(match (self.role, self.begun.take()) {
            // Nothing is made for a peer before its part is here.
            (Role::Called, _) => None,
            (Role::Caller, Some(noise)) if is_expected => Some(noise),
            // Somebody in between has changed a byte that says nothing.
            (Role::Caller, Some(_)) => return Err(HandshakeError::WrongKey),
            (Role::Caller, None) => {
                let mut noise = begin(self.role, key, &self.prologue)?;
                self.say_part(&mut noise)?;
                Some(Box::new(noise))
            }
        });
        Ok(())
    }

    /// Takes the peer's part of the exchange.
    fn take_part(&mut self) -> Result<(), HandshakeError> {
        let Stage::Part(begun) = std::mem::replace(&mut self.stage, Stage::Over(None)) else {
            return Ok(());
        };
        let noise = match (begun, self.trust.key) {
            (Some(mut noise), _) => {
                take_part(&mut noise, &self.arriving)?;
                noise
            }
            (None, Some(key)) => {
                // Nothing is kept if it is wrong.
                let mut noise = begin(self.role, key, &self.prologue)?;
                take_part(&mut noise, &self.arriving)?;
                self.say_part(&mut noise)?;
                Box::new(noise)
            }
            (None, None) => return Err(HandshakeError::KeyMissing),
        };
        let transport = noise.into_transport_mode();
        let transport = transport.map_err(|error| no_state(&error))?;
        self.stage = Stage::Over(Some(Box::new(transport)));
        Ok(())
    }

    /// What it means that the peer has closed the connection.
    pub fn end(&self) -> HandshakeError {
        match (self.role, &self.stage) {
            // A node says nothing to somebody without the key.
            (Role::Caller, Stage::Part(_)) => HandshakeError::KeyRefused,
            _ => HandshakeError::Closed,
        }
    }

    /// What it means that the peer has not gone on within the limit.
    pub fn timed_out(&self, limit: Duration) -> HandshakeError {
        let greeted = !matches!(self.stage, Stage::Preamble);
        HandshakeError::TimedOut { limit, greeted }
    }

    /// Whether all has been said on both sides.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over(_)) && self.transmit().is_empty()
    }

    /// The peer, once the handshake is over.
    pub fn finish(self) -> Option<Met> {
        match self.stage {
            Stage::Over(secret) if self.unsent.is_empty() => Some(Met {
                secret,
                is_for_update: self.is_for_update,
            }),
            _ => None,
        }
    }
}

/// The caller begins, the one who is called answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Caller,
    Called,
}

/// Both preambles as they were sent, the caller's first.
type Prologue = [u8; 2 * PREAMBLE_LENGTH];

/// The key to use with this peer, if any. Where only the caller has one, it is the caller who decides.
fn agree(role: Role, trust: Trust<'_>, peer: Preamble) -> Result<Option<&Key>, HandshakeError> {
    match (trust.key, peer.has_key) {
        (Some(key), true) => Ok(Some(key)),
        (None, true) if role == Role::Caller => Err(HandshakeError::KeyMissing),
        (Some(_), false) if !trust.open_peers => Err(HandshakeError::PeerWithoutKey),
        (None, _) | (_, false) => Ok(None),
    }
}

fn begin(role: Role, key: &Key, prologue: &Prologue) -> Result<HandshakeState, HandshakeError> {
    let build = || {
        let builder = Builder::with_resolver(suite::parameters(), Box::new(Suite))
            .psk(0, key.bytes())?
            .prologue(prologue)?;
        match role {
            Role::Caller => builder.build_initiator(),
            Role::Called => builder.build_responder(),
        }
    };
    build().map_err(|error| no_state(&error))
}

fn take_part(noise: &mut HandshakeState, part: &[u8; PART]) -> Result<(), HandshakeError> {
    let taken = noise.read_message(part, &mut []);
    taken.map(|_| ()).map_err(|_| HandshakeError::WrongKey)
}

/// An error that does not depend on the peer: the system has no random numbers to give.
fn no_state(error: &snow::Error) -> HandshakeError {
    HandshakeError::Io(io::Error::other(format!(
        "cannot make the keys of a connection: {error}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tests::{carry, key, trust};

    type Result2 = (Result<Met, HandshakeError>, Result<Met, HandshakeError>);

    fn meet(caller: Trust<'_>, called: Trust<'_>) -> Result2 {
        carry(caller, called, 1000, |_, _| {})
    }

    #[test]
    fn two_sides_with_the_key_are_secure() {
        let key = key();
        for most in [1, 7, 1000] {
            let trust = trust(Some(&key));
            let (caller, called) = carry(trust, trust, most, |_, _| {});
            assert!(caller.expect("meets").is_secure());
            assert!(called.expect("meets").is_secure());
        }
    }

    #[test]
    fn two_sides_without_a_key_are_not() {
        let (caller, called) = meet(trust(None), trust(None));
        assert!(!caller.expect("meets").is_secure());
        assert!(!called.expect("meets").is_secure());
    }

    #[test]
    fn another_key_is_told_apart_from_no_key_on_the_callers_side() {
        let (ours, theirs) = (key(), key());
        let (caller, called) = meet(trust(Some(&ours)), trust(Some(&theirs)));
        assert!(
            matches!(caller, Err(HandshakeError::KeyRefused)),
            "{caller:?}"
        );
        assert!(
            matches!(called, Err(HandshakeError::WrongKey)),
            "{called:?}"
        );
        let (caller, _) = meet(trust(None), trust(Some(&theirs)));
        assert!(
            matches!(caller, Err(HandshakeError::KeyMissing)),
            "{caller:?}"
        );
        let (caller, _) = meet(trust(Some(&ours)), trust(None));
        assert!(
            matches!(caller, Err(HandshakeError::PeerWithoutKey)),
            "{caller:?}"
        );
    }

    #[test]
    fn a_peer_without_a_key_is_talked_to_where_that_is_wanted() {
        let key = key();
        let open = Trust {
            key: Some(&key),
            open_peers: true,
        };
        let (caller, called) = meet(open, trust(None));
        assert!(!caller.expect("meets").is_secure());
        assert!(!called.expect("meets").is_secure());
        let (caller, called) = meet(open, trust(Some(&key)));
        assert!(caller.expect("meets").is_secure());
        assert!(called.expect("meets").is_secure());
    }

    #[test]
    fn whoever_changes_a_byte_in_between_is_noticed() {
        let key = key();
        let trust = trust(Some(&key));
        let length = PREAMBLE_LENGTH + PART;
        // Byte 7 of a preamble says something to a node that has a key, and nothing to a controller; in the handshake it
        // counts for both.
        let part = PREAMBLE_LENGTH;
        for (by_caller, byte) in [
            (true, 7),
            (false, 7),
            (true, part),
            (true, length - 1),
            (false, part),
            (false, length - 1),
        ] {
            let (caller, _) = carry(trust, trust, 1, |from, at_byte| {
                let (sender, at) = from;
                if (sender, at) == (by_caller, byte) {
                    *at_byte ^= 1;
                }
            });
            assert!(caller.is_err(), "byte {byte}, by the caller: {by_caller}");
        }
    }

    /// Carries all over between a caller and a node whose preamble is changed to another version, as both see it.
    fn meet_another_version<'a>(
        mut caller: Handshake<'a>,
        key: &'a Key,
    ) -> Result<Met, HandshakeError> {
        let trust = trust(Some(key));
        let another = Preamble {
            version: super::super::PROTOCOL_VERSION + 1,
            ..Preamble::ours(true)
        };
        let mut called = Handshake::new(Role::Called, trust, another)?;
        while !(caller.is_over() && called.is_over()) {
            for is_caller in [true, false] {
                let (from, to) = if is_caller {
                    (&mut caller, &mut called)
                } else {
                    (&mut called, &mut caller)
                };
                let bytes = from.transmit();
                let room = to.room();
                let count = bytes.len().min(room.len());
                room[..count].copy_from_slice(&bytes[..count]);
                from.sent(count);
                to.received(count)?;
            }
        }
        called.finish().ok_or(HandshakeError::Closed)
    }

    #[test]
    fn versions_may_differ_for_an_update_and_for_nothing_else() {
        let (key, other) = (key(), key());
        let call = || Handshake::call_for_update(&key).expect("begins");
        let met = meet_another_version(call(), &key).expect("meets");
        assert!(met.is_for_update() && met.is_secure());
        let refused = meet_another_version(call(), &other);
        assert!(matches!(refused, Err(HandshakeError::WrongKey)));
        let plain = Handshake::call(trust(Some(&key))).expect("begins");
        assert!(matches!(
            meet_another_version(plain, &key),
            Err(HandshakeError::Preamble(PreambleError::Version { .. }))
        ));
        let (_, called) = meet(trust(Some(&key)), trust(Some(&key)));
        assert!(!called.expect("meets").is_for_update());
    }

    #[test]
    fn a_stranger_is_known_by_what_it_says_however_little() {
        for (said, stranger) in [
            (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], Stranger::Ssh),
            (&[0x15, 3, 1, 0, 2, 2, 70], Stranger::Tls),
            (b"?", Stranger::Unknown),
        ] {
            let mut call = Handshake::call(trust(None)).expect("begins");
            let room = call.room();
            let count = said.len().min(room.len());
            room[..count].copy_from_slice(&said[..count]);
            let error = call.received(count).expect_err("no peer");
            let HandshakeError::Preamble(PreambleError::Foreign(found)) = error else {
                panic!("{error}")
            };
            assert_eq!(found, stranger);
        }
    }

    #[test]
    fn a_peer_that_greets_and_hangs_is_told_apart_from_one_that_says_nothing() {
        let key = key();
        let soon = Duration::from_secs(1);
        let mut call = Handshake::call(trust(Some(&key))).expect("begins");
        let is_greeted = |call: &Handshake<'_>| match call.timed_out(soon) {
            HandshakeError::TimedOut { greeted, .. } => greeted,
            error => panic!("{error}"),
        };
        assert!(!is_greeted(&call));
        assert!(matches!(call.end(), HandshakeError::Closed));
        let greeting = Preamble::ours(true).to_bytes();
        call.room().copy_from_slice(&greeting);
        call.received(greeting.len()).expect("a peer");
        assert!(is_greeted(&call));
        assert!(matches!(call.end(), HandshakeError::KeyRefused));
    }
}
