//! A connection to a peer: frames in and out of a non-blocking stream.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use serde::Serialize;
use smol::Async;

use super::outbox::Outbox;
use super::seal::{OpenError, Seal};
use super::{FrameBuffer, FrameError, Met, append_frame, patience};

/// A sign of life that takes longer than this is overdue.
const QUIET: Duration = Duration::from_millis(1500);

/// While one is, the system shall try again at least this often.
const URGENCY: Duration = Duration::from_secs(1);

/// A connection is of no use any more.
#[derive(Debug)]
pub enum ConnectionError {
    /// The peer closed it.
    Closed,
    /// The peer closed it in the middle of a frame.
    Cut,
    /// The peer took too long.
    TimedOut(Duration),
    /// Something came that the peer did not send: its seal is broken.
    Forged,
    /// The system reports an error.
    Io(io::Error),
    /// The peer sent a frame that cannot be taken.
    Frame(FrameError),
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the peer closed the connection"),
            Self::Cut => f.write_str("the peer closed the connection in the middle of a frame"),
            Self::TimedOut(limit) => write!(f, "no answer for {} s", limit.as_secs_f64()),
            Self::Io(error) => error.fmt(f),
            Self::Forged => f.write_str(
                "something in between changed what the peer sent: it cannot be decrypted",
            ),
            Self::Frame(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ConnectionError {}

impl From<FrameError> for ConnectionError {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

impl From<OpenError> for ConnectionError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Record(error) => Self::Frame(error),
            OpenError::Unsealable => Self::Forged,
        }
    }
}

/// Frames over a non-blocking stream such as a [`TcpStream`](std::net::TcpStream).
///
/// Reading and writing never wait by themselves: the driver polls, and may drop a poll at any
/// point without losing a byte.
#[derive(Debug)]
pub struct Connection<S> {
    stream: Async<S>,
    seal: Option<Seal>,
    input: FrameBuffer,
    output: Outbox,
    limit: usize,
    /// The last read found nothing: the next one waits for the stream to become readable.
    read_waits: bool,
    write_waits: bool,
    received: u64,
    sent: u64,
    last_received: Instant,
    last_sent: Instant,
    /// The system has been told to try often.
    is_urgent: bool,
}

impl<S> Connection<S>
where
    for<'a> &'a S: Read + Write,
{
    /// A connection over a stream to a peer that has been met, with up to `limit` bytes of content
    /// in a frame.
    pub fn new(stream: Async<S>, met: Met, limit: usize) -> Self {
        Self {
            stream,
            seal: met.0.map(Seal::new),
            input: FrameBuffer::new(limit),
            output: Outbox::default(),
            limit,
            read_waits: false,
            write_waits: false,
            received: 0,
            sent: 0,
            last_received: Instant::now(),
            last_sent: Instant::now(),
            is_urgent: false,
        }
    }

    /// Changes the limit for the frames to come, in both directions.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        self.input.set_limit(limit);
    }

    /// Whether the peer has shown the cluster's key, and everything is encrypted.
    pub fn is_secure(&self) -> bool {
        self.seal.is_some()
    }

    /// Appends a message to what is to be written.
    pub fn queue(&mut self, message: &impl Serialize) -> Result<(), FrameError> {
        append_frame(&mut self.output.bytes, message, self.limit)
    }

    /// Bytes that wait to be written.
    pub fn unsent(&self) -> usize {
        let sealed = self.seal.as_ref().map_or(0, |s| s.leaving.rest().len());
        self.output.rest().len() + sealed
    }

    /// Writes as much as the stream takes without waiting.
    pub fn write(&mut self) -> Result<(), ConnectionError> {
        loop {
            let output = match &mut self.seal {
                None => &mut self.output,
                Some(seal) => {
                    if seal.leaving.is_empty() && !self.output.is_empty() {
                        seal.close(&mut self.output);
                    }
                    &mut seal.leaving
                }
            };
            if output.is_empty() {
                return Ok(());
            }
            match self.stream.get_ref().write(output.rest()) {
                Ok(0) => return Err(ConnectionError::Closed),
                Ok(count) => {
                    output.advance(count);
                    self.sent += count as u64;
                    self.last_sent = Instant::now();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ConnectionError::Io(error)),
            }
        }
    }

    /// Writes until nothing waits.
    pub fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ConnectionError>> {
        while self.unsent() > 0 {
            if self.write_waits {
                ready!(self.stream.poll_writable(cx)).map_err(ConnectionError::Io)?;
                self.write_waits = false;
            }
            self.write()?;
            self.write_waits = true;
        }
        self.write_waits = false;
        Poll::Ready(Ok(()))
    }

    /// Makes the next read ask the system itself, instead of waiting for word that the stream is
    /// readable.
    pub fn look_again(&mut self) {
        self.read_waits = false;
    }

    /// Reads once, when there is something.
    pub fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ConnectionError>> {
        loop {
            if self.read_waits {
                ready!(self.stream.poll_readable(cx)).map_err(ConnectionError::Io)?;
            }
            self.read_waits = !self.fill()?;
            if !self.read_waits {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Reads once without waiting; `false` where there is nothing to read yet.
    pub fn fill(&mut self) -> Result<bool, ConnectionError> {
        loop {
            let arriving = match &mut self.seal {
                None => &mut self.input,
                Some(seal) => &mut seal.arriving,
            };
            match arriving.fill(self.stream.get_ref()) {
                Ok(0) if arriving.is_in_frame() || self.input.is_in_frame() => {
                    return Err(ConnectionError::Cut);
                }
                Ok(0) => return Err(ConnectionError::Closed),
                Ok(count) => {
                    self.received += count as u64;
                    self.last_received = Instant::now();
                    if let Some(seal) = &mut self.seal {
                        seal.open(&mut self.input)?;
                    }
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ConnectionError::Io(error)),
            }
        }
    }

    /// The next frame's content, once it is complete.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, FrameError> {
        self.input.next_frame()
    }

    /// Writes everything that waits and reads until something arrives.
    pub async fn turn(&mut self) -> Result<(), ConnectionError> {
        std::future::poll_fn(|cx| {
            if let Poll::Ready(Err(error)) = self.poll_write(cx) {
                return Poll::Ready(Err(error));
            }
            self.poll_fill(cx)
        })
        .await
    }

    /// Writes everything that waits.
    pub async fn flush(&mut self) -> Result<(), ConnectionError> {
        std::future::poll_fn(|cx| self.poll_write(cx)).await
    }

    /// Reads to the end of the stream, and drops what comes.
    pub async fn drain(&mut self) {
        while std::future::poll_fn(|cx| self.poll_fill(cx)).await.is_ok() {
            self.input.clear();
            // There may be no end to it.
            smol::future::yield_now().await;
        }
    }

    /// The stream itself.
    pub fn stream(&self) -> &S {
        self.stream.get_ref()
    }

    /// How long nothing has come from the peer.
    pub fn silent_for(&self) -> Duration {
        self.last_received.elapsed()
    }

    /// How long nothing has gone to the peer.
    pub fn idle_for(&self) -> Duration {
        self.last_sent.elapsed()
    }

    /// Bytes received so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Bytes sent so far.
    pub fn sent(&self) -> u64 {
        self.sent
    }
}

impl Connection<TcpStream> {
    /// To be called several times a second while a connection is [quiet](Self::is_quiet), and once
    /// afterwards: has the system send again often what has not arrived.
    ///
    /// By itself it waits twice as long after each attempt. So after an outage of 9 s it would take
    /// up to 4 s more until it tries again, and as long as the outage was after a longer one. Linux
    /// makes an attempt when the user timeout of a socket (RFC 5482) is over, at the latest, and only
    /// then looks whether that has been moved meanwhile, in which case it goes on. So it is kept a
    /// moment ahead. Where the system has no such thing, it tries as seldom as it does by itself.
    pub fn keep_trying(&mut self) {
        let is_quiet = self.is_quiet();
        if is_quiet || self.is_urgent {
            self.is_urgent = is_quiet;
            let ahead = is_quiet.then(|| self.silent_for() + URGENCY);
            patience::set(self.stream.get_ref(), ahead);
        }
    }

    /// Whether a sign of life of the peer is overdue.
    pub fn is_quiet(&self) -> bool {
        self.silent_for() > QUIET
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Key, Trust, answer, call};
    use std::os::unix::net::UnixStream;

    type Pair = (Connection<UnixStream>, Connection<UnixStream>);

    fn pair(limit: usize) -> Pair {
        let (a, b) = Async::<UnixStream>::pair().expect("a pair of sockets");
        let connection = |stream| Connection::new(stream, Met::unsecured(), limit);
        (connection(a), connection(b))
    }

    async fn secure_pair(limit: usize) -> Pair {
        let (a, b) = Async::<UnixStream>::pair().expect("a pair of sockets");
        let (key, soon) = (Key::random().expect("random"), Duration::from_secs(5));
        let trust = Trust {
            key: Some(&key),
            open_peers: false,
        };
        let (caller, called) =
            smol::future::zip(call(&a, trust, soon), answer(&b, trust, soon)).await;
        (
            Connection::new(a, caller.expect("meets"), limit),
            Connection::new(b, called.expect("meets"), limit),
        )
    }

    async fn next(connection: &mut Connection<UnixStream>) -> Result<Vec<u8>, ConnectionError> {
        loop {
            if let Some(frame) = connection.next_frame()? {
                return Ok(frame.to_vec());
            }
            connection.turn().await?;
        }
    }

    #[test]
    fn frames_cross_and_their_bytes_are_counted() {
        smol::block_on(async {
            let (mut a, mut b) = pair(100);
            a.queue(&[1u8, 2, 3]).expect("fits");
            a.flush().await.expect("writes");
            assert_eq!(next(&mut b).await.expect("arrives"), [1, 2, 3]);
            assert_eq!((a.sent(), b.received()), (7, 7));
        });
    }

    #[test]
    fn what_is_said_at_one_time_is_one_record() {
        smol::block_on(async {
            let (mut a, mut b) = secure_pair(100).await;
            a.queue(&[1u8, 2, 3]).expect("fits");
            a.queue(&[4u8]).expect("fits");
            assert_eq!(a.unsent(), 7 + 5);
            a.flush().await.expect("writes");
            assert_eq!(next(&mut b).await.expect("arrives"), [1, 2, 3]);
            assert_eq!(next(&mut b).await.expect("arrives"), [4]);
            assert_eq!((a.sent(), b.received()), (4 + 12 + 16, 4 + 12 + 16));
            b.queue(&[5u8]).expect("fits");
            b.flush().await.expect("writes");
            assert_eq!(next(&mut a).await.expect("arrives"), [5]);
        });
    }

    #[test]
    fn a_secure_connection_carries_frames_longer_than_a_record_and_hides_them() {
        smol::block_on(async {
            let (mut a, mut b) = secure_pair(10_000_000).await;
            let message = vec![7u8; 500_000];
            a.queue(&message).expect("fits");
            let seal = a.seal.as_mut().expect("secure");
            seal.close(&mut a.output);
            assert!(!seal.leaving.rest().windows(8).any(|bytes| bytes == [7; 8]));
            let (sent, got) = smol::future::zip(a.flush(), next(&mut b)).await;
            sent.expect("writes");
            let got = got.expect("arrives");
            assert_eq!(postcard::from_bytes::<Vec<u8>>(&got), Ok(message));
        });
    }

    #[test]
    fn a_large_frame_passes_a_small_socket_buffer() {
        smol::block_on(async {
            let (mut a, mut b) = pair(10_000_000);
            let message = vec![7u8; 500_000];
            a.queue(&message).expect("fits");
            let (sent, got) = smol::future::zip(a.flush(), next(&mut b)).await;
            sent.expect("writes");
            assert_eq!(
                postcard::from_bytes::<Vec<u8>>(&got.expect("arrives")),
                Ok(message)
            );
        });
    }

    #[test]
    fn a_connection_closed_in_a_frame_is_told_apart_from_one_closed_between_frames() {
        smol::block_on(async {
            let (a, mut b) = pair(100);
            drop(a);
            assert!(matches!(next(&mut b).await, Err(ConnectionError::Closed)));
            let (mut a, mut b) = pair(100);
            a.output.bytes.extend_from_slice(&[9, 0, 0, 0, 1]);
            a.flush().await.expect("writes");
            drop(a);
            assert!(matches!(next(&mut b).await, Err(ConnectionError::Cut)));
        });
    }

    #[test]
    fn a_record_that_was_changed_cut_or_repeated_is_not_opened() {
        type Change = fn(&mut Vec<u8>);
        let changes: [(&str, Change); 4] = [
            ("a changed byte", |record| record[10] ^= 1),
            ("a changed tag", |record| {
                *record.last_mut().expect("bytes") ^= 1;
            }),
            ("shorter than a tag", |record| {
                *record = vec![3, 0, 0, 0, 1, 2, 3];
            }),
            ("repeated", |record| record.extend_from_within(..)),
        ];
        for (what, change) in changes {
            smol::block_on(async {
                let (mut a, mut b) = secure_pair(100).await;
                a.queue(&[1u8, 2, 3]).expect("fits");
                let seal = a.seal.as_mut().expect("secure");
                seal.close(&mut a.output);
                change(&mut seal.leaving.bytes);
                a.flush().await.expect("writes");
                let end = loop {
                    if let Err(error) = next(&mut b).await {
                        break error;
                    }
                };
                assert!(matches!(end, ConnectionError::Forged), "{what}: {end}");
            });
        }
    }
}
