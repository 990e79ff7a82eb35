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

use std::cell::Cell;
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use smol::{Async, Timer};
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
pub struct Met(pub(super) Secret);

impl Met {
    /// Whether the peer has shown the cluster's key, and everything will be encrypted.
    pub fn is_secure(&self) -> bool {
        self.0.is_some()
    }

    /// Without a handshake: for streams that need none.
    pub const fn unsecured() -> Self {
        Self(None)
    }
}

/// Greets a peer that this side has called.
pub async fn call<S>(
    stream: &Async<S>,
    trust: Trust<'_>,
    timeout: Duration,
) -> Result<Met, HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    meet(Role::Caller, stream, trust, timeout).await
}

/// Greets a peer that has called this side.
pub async fn answer<S>(
    stream: &Async<S>,
    trust: Trust<'_>,
    timeout: Duration,
) -> Result<Met, HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    meet(Role::Called, stream, trust, timeout).await
}

async fn meet<S>(
    role: Role,
    stream: &Async<S>,
    trust: Trust<'_>,
    timeout: Duration,
) -> Result<Met, HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    let greeted = Cell::new(false);
    let greeting = async {
        let begun = match trust.key {
            Some(key) if role == Role::Caller && !trust.open_peers => {
                Some(begin_early(stream, key).await?)
            }
            _ => None,
        };
        let (prologue, peer) = greet(role, stream, trust, begun.is_some()).await?;
        greeted.set(true);
        let Some(key) = agree(role, trust, peer)? else {
            return Ok(Met(None));
        };
        let noise = match role {
            Role::Caller => show_first(stream, key, &prologue, begun).await?,
            Role::Called => show_second(stream, key, &prologue).await?,
        };
        let transport = noise
            .into_transport_mode()
            .map_err(|error| no_state(&error))?;
        Ok(Met(Some(Box::new(transport))))
    };
    let limit = async {
        Timer::after(timeout).await;
        Err(HandshakeError::TimedOut {
            limit: timeout,
            greeted: greeted.get(),
        })
    };
    smol::future::or(greeting, limit).await
}

/// Sends the preamble and the caller's part at once, where only a peer with the key will do: its
/// preamble has the same bytes, so there is no need to wait for it. Any other one ends in an error,
/// whatever has been sent.
async fn begin_early<S>(stream: &Async<S>, key: &Key) -> Result<HandshakeState, HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    let ours = Preamble::ours(true).to_bytes();
    let mut prologue = [0; 2 * PREAMBLE_LENGTH];
    let (caller, called) = prologue.split_at_mut(PREAMBLE_LENGTH);
    caller.copy_from_slice(&ours);
    called.copy_from_slice(&ours);
    let mut noise = begin(Role::Caller, key, &prologue)?;
    let mut greeting = [0; PREAMBLE_LENGTH + PART];
    let (preamble, part) = greeting.split_at_mut(PREAMBLE_LENGTH);
    preamble.copy_from_slice(&ours);
    write_part(&mut noise, part)?;
    send(stream, &greeting).await?;
    Ok(noise)
}

async fn show_first<S>(
    stream: &Async<S>,
    key: &Key,
    prologue: &Prologue,
    begun: Option<HandshakeState>,
) -> Result<HandshakeState, HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    let mut noise = if let Some(noise) = begun {
        let (caller, called) = prologue.split_at(PREAMBLE_LENGTH);
        if called != caller {
            // Somebody in between has changed a byte that says nothing.
            return Err(HandshakeError::WrongKey);
        }
        noise
    } else {
        let mut noise = begin(Role::Caller, key, prologue)?;
        send_part(stream, &mut noise).await?;
        noise
    };
    let mut part = [0; PART];
    match receive(stream, &mut part).await {
        // A node says nothing to somebody without the key.
        Err(HandshakeError::Closed) => return Err(HandshakeError::KeyRefused),
        result => result?,
    }
    take_part(&mut noise, &part)?;
    Ok(noise)
}

async fn show_second<S>(
    stream: &Async<S>,
    key: &Key,
    prologue: &Prologue,
) -> Result<HandshakeState, HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    let mut part = [0; PART];
    receive(stream, &mut part).await?;
    // Nothing is made for a peer before its part is here, and nothing is kept if it is wrong.
    let mut noise = begin(Role::Called, key, prologue)?;
    take_part(&mut noise, &part)?;
    send_part(stream, &mut noise).await?;
    Ok(noise)
}

/// The caller begins, the one who is called answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Caller,
    Called,
}

/// Both preambles as they were sent, the caller's first.
type Prologue = [u8; 2 * PREAMBLE_LENGTH];

/// Exchanges preambles, of which this side's may have been sent; returns them, and what the peer's
/// says.
async fn greet<S>(
    role: Role,
    stream: &Async<S>,
    trust: Trust<'_>,
    is_sent: bool,
) -> Result<(Prologue, Preamble), HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    let mut prologue = [0; 2 * PREAMBLE_LENGTH];
    let (caller, called) = prologue.split_at_mut(PREAMBLE_LENGTH);
    let (ours, theirs) = match role {
        Role::Caller => (caller, called),
        Role::Called => (called, caller),
    };
    ours.copy_from_slice(&Preamble::ours(trust.key.is_some()).to_bytes());
    if !is_sent {
        send(stream, ours).await?;
    }
    receive_greeting(stream, theirs).await?;
    let peer = Preamble::accept(theirs).map_err(HandshakeError::Preamble)?;
    Ok((prologue, peer))
}

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

async fn send_part<S>(stream: &Async<S>, noise: &mut HandshakeState) -> Result<(), HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    let mut part = [0; PART];
    write_part(noise, &mut part)?;
    send(stream, &part).await
}

fn write_part(noise: &mut HandshakeState, part: &mut [u8]) -> Result<(), HandshakeError> {
    let written = noise.write_message(&[], part);
    written.map(|_| ()).map_err(|error| no_state(&error))
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

async fn send<S>(stream: &Async<S>, mut bytes: &[u8]) -> Result<(), HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    while !bytes.is_empty() {
        match stream.write_with(|mut stream| stream.write(bytes)).await {
            Ok(0) => return Err(HandshakeError::Closed),
            Ok(count) => bytes = &bytes[count..],
            Err(error) => return Err(lost(error)),
        }
    }
    Ok(())
}

/// Reads the peer's preamble, as far as it is one: a stranger may say less and wait, or close.
async fn receive_greeting<S>(stream: &Async<S>, bytes: &mut [u8]) -> Result<(), HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    let mut known = 0;
    while known < bytes.len() {
        let rest = &mut bytes[known..];
        match stream.read_with(|mut stream| stream.read(rest)).await {
            Ok(0) => return Err(HandshakeError::Closed),
            Ok(count) => known += count,
            Err(error) => return Err(lost(error)),
        }
        if let Some(stranger) = Stranger::of(&bytes[..known]) {
            return Err(HandshakeError::Preamble(PreambleError::Foreign(stranger)));
        }
    }
    Ok(())
}

async fn receive<S>(stream: &Async<S>, mut bytes: &mut [u8]) -> Result<(), HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    while !bytes.is_empty() {
        match stream.read_with(|mut stream| stream.read(bytes)).await {
            Ok(0) => return Err(HandshakeError::Closed),
            Ok(count) => bytes = &mut bytes[count..],
            Err(error) => return Err(lost(error)),
        }
    }
    Ok(())
}

fn lost(error: io::Error) -> HandshakeError {
    match error.kind() {
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => HandshakeError::Closed,
        _ => HandshakeError::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    const SOON: Duration = Duration::from_secs(5);

    fn trust(key: Option<&Key>) -> Trust<'_> {
        Trust {
            key,
            open_peers: false,
        }
    }

    fn key() -> Key {
        Key::random().expect("random")
    }

    type Result2 = (Result<Met, HandshakeError>, Result<Met, HandshakeError>);

    fn meet(caller: Trust<'_>, called: Trust<'_>) -> Result2 {
        let (a, b) = Async::<UnixStream>::pair().expect("a pair of sockets");
        smol::block_on(smol::future::zip(
            // Each side closes its end when it has failed, as owners of connections do.
            async move { call(&a, caller, SOON).await },
            async move { answer(&b, called, SOON).await },
        ))
    }

    #[test]
    fn two_sides_with_the_key_are_secure() {
        let key = key();
        let (caller, called) = meet(trust(Some(&key)), trust(Some(&key)));
        assert!(caller.expect("meets").is_secure());
        assert!(called.expect("meets").is_secure());
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
    }

    /// Reads what the other side sends first, puts something else in its place, and so on.
    fn in_between(change: impl Fn(usize, &mut [u8])) -> Result2 {
        let key = key();
        let (a, left) = Async::<UnixStream>::pair().expect("a pair of sockets");
        let (right, b) = Async::<UnixStream>::pair().expect("a pair of sockets");
        let relay = async {
            let mut first = ([0; PREAMBLE_LENGTH], [0; PART]);
            let mut second = first;
            let mut pass = async || {
                receive(&left, &mut first.0).await?;
                change(0, &mut first.0);
                send(&right, &first.0).await?;
                receive(&right, &mut second.0).await?;
                change(1, &mut second.0);
                send(&left, &second.0).await?;
                receive(&left, &mut first.1).await?;
                change(2, &mut first.1);
                send(&right, &first.1).await?;
                receive(&right, &mut second.1).await?;
                change(3, &mut second.1);
                send(&left, &second.1).await
            };
            let passed = pass().await;
            drop((left, right));
            passed
        };
        let (ends, _) = smol::block_on(smol::future::zip(
            smol::future::zip(
                async { (call(&a, trust(Some(&key)), SOON).await, drop(a)).0 },
                async { (answer(&b, trust(Some(&key)), SOON).await, drop(b)).0 },
            ),
            relay,
        ));
        ends
    }

    #[test]
    fn whoever_changes_a_byte_in_between_is_noticed() {
        let untouched = in_between(|_, _| {});
        assert!(untouched.0.is_ok() && untouched.1.is_ok());
        // The reserved byte of a preamble is ignored by who reads it, and not by the handshake.
        for (part, byte) in [(0, 7), (1, 7), (2, 0), (2, 47), (3, 0), (3, 47)] {
            let (caller, _) = in_between(|at, bytes| {
                if at == part {
                    bytes[byte] ^= 1;
                }
            });
            assert!(caller.is_err(), "byte {byte} of part {part}");
        }
    }

    #[test]
    fn a_stranger_is_known_by_what_it_says_however_little() {
        for (said, stranger) in [
            (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], Stranger::Ssh),
            (&[0x15, 3, 1, 0, 2, 2, 70], Stranger::Tls),
            (b"?", Stranger::Unknown),
        ] {
            let (a, b) = Async::<UnixStream>::pair().expect("a pair of sockets");
            smol::block_on(async {
                send(&b, said).await.expect("sent");
                let error = call(&a, trust(None), SOON).await.expect_err("no peer");
                let HandshakeError::Preamble(PreambleError::Foreign(found)) = error else {
                    panic!("{error}")
                };
                assert_eq!(found, stranger);
            });
        }
    }

    #[test]
    fn a_peer_that_greets_and_hangs_is_told_apart_from_one_that_says_nothing() {
        let key = key();
        let (a, b) = Async::<UnixStream>::pair().expect("a pair of sockets");
        smol::block_on(async {
            let greeting = Preamble::ours(true).to_bytes();
            send(&b, &greeting).await.expect("sent");
            let error = call(&a, trust(Some(&key)), Duration::from_millis(1)).await;
            assert!(
                matches!(error, Err(HandshakeError::TimedOut { greeted: true, .. })),
                "{error:?}"
            );
        });
    }

    #[test]
    fn a_silent_peer_times_out_and_one_that_leaves_is_told() {
        let (a, b) = Async::<UnixStream>::pair().expect("a pair of sockets");
        smol::block_on(async {
            let error = call(&a, trust(None), Duration::from_millis(1)).await;
            assert!(matches!(
                error,
                Err(HandshakeError::TimedOut { greeted: false, .. })
            ));
            drop(b);
            let error = answer(&a, trust(None), SOON).await;
            assert!(matches!(error, Err(HandshakeError::Closed)), "{error:?}");
        });
    }
}
