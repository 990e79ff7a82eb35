//! A connection to a peer: frames in and out of a non-blocking stream.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use serde::Serialize;
use smol::{Async, Timer};

use super::{FrameBuffer, FrameError, Preamble, PreambleError, append_frame};

/// A connection is of no use any more.
#[derive(Debug)]
pub enum ConnectionError {
    /// The peer closed it.
    Closed,
    /// The peer closed it in the middle of a frame.
    Cut,
    /// The peer took too long.
    TimedOut(Duration),
    /// The system reports an error.
    Io(io::Error),
    /// The peer is not one to talk to.
    Preamble(PreambleError),
    /// The peer sent a frame that cannot be taken.
    Frame(FrameError),
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the peer closed the connection"),
            Self::Cut => f.write_str("the peer closed the connection in the middle of a frame"),
            Self::TimedOut(limit) => write!(f, "no answer for {} s", limit.as_secs_f32()),
            Self::Io(error) => error.fmt(f),
            Self::Preamble(error) => error.fmt(f),
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

/// Frames over a non-blocking stream such as a [`TcpStream`](std::net::TcpStream).
///
/// Reading and writing never wait by themselves: the driver polls, and may drop a poll at any
/// point without losing a byte.
#[derive(Debug)]
pub struct Connection<S> {
    stream: Async<S>,
    input: FrameBuffer,
    output: Vec<u8>,
    written: usize,
    limit: usize,
    /// The last read found nothing: the next one waits for the stream to become readable.
    read_waits: bool,
    write_waits: bool,
    received: u64,
    sent: u64,
    last_received: Instant,
    last_sent: Instant,
}

impl<S> Connection<S>
where
    for<'a> &'a S: Read + Write,
{
    /// A connection over a stream, with up to `limit` bytes of content in a frame.
    pub fn new(stream: Async<S>, limit: usize) -> Self {
        Self {
            stream,
            input: FrameBuffer::new(limit),
            output: Vec::new(),
            written: 0,
            limit,
            read_waits: false,
            write_waits: false,
            received: 0,
            sent: 0,
            last_received: Instant::now(),
            last_sent: Instant::now(),
        }
    }

    /// Changes the limit for the frames to come, in both directions.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        self.input.set_limit(limit);
    }

    /// Exchanges preambles.
    pub async fn greet(&mut self, timeout: Duration) -> Result<(), ConnectionError> {
        self.output.extend_from_slice(&Preamble::OURS.to_bytes());
        let theirs = async {
            loop {
                self.write()?;
                if let Some(raw) = self.input.take_raw() {
                    return Preamble::accept(raw).map_err(ConnectionError::Preamble);
                }
                std::future::poll_fn(|cx| self.poll_fill(cx)).await?;
            }
        };
        smol::future::or(theirs, async {
            Timer::after(timeout).await;
            Err(ConnectionError::TimedOut(timeout))
        })
        .await
        .map(|_| ())
    }

    /// Appends a message to what is to be written.
    pub fn queue(&mut self, message: &impl Serialize) -> Result<(), FrameError> {
        append_frame(&mut self.output, message, self.limit)
    }

    /// Bytes that wait to be written.
    pub fn unsent(&self) -> usize {
        self.output.len() - self.written
    }

    /// Writes as much as the stream takes without waiting.
    pub fn write(&mut self) -> Result<(), ConnectionError> {
        while self.written < self.output.len() && !self.write_waits {
            match self.stream.get_ref().write(&self.output[self.written..]) {
                Ok(0) => return Err(ConnectionError::Closed),
                Ok(count) => {
                    self.written += count;
                    self.sent += count as u64;
                    self.last_sent = Instant::now();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.write_waits = true,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ConnectionError::Io(error)),
            }
        }
        if self.written == self.output.len() {
            self.output.clear();
            self.written = 0;
        }
        Ok(())
    }

    /// Writes until nothing waits.
    pub fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ConnectionError>> {
        while self.unsent() > 0 {
            if self.write_waits {
                ready!(self.stream.poll_writable(cx)).map_err(ConnectionError::Io)?;
                self.write_waits = false;
            }
            self.write()?;
        }
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
                self.read_waits = false;
            }
            match self.input.fill(self.stream.get_ref()) {
                Ok(0) if self.input.is_in_frame() => return Poll::Ready(Err(ConnectionError::Cut)),
                Ok(0) => return Poll::Ready(Err(ConnectionError::Closed)),
                Ok(count) => {
                    self.received += count as u64;
                    self.last_received = Instant::now();
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.read_waits = true,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(ConnectionError::Io(error))),
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    fn pair(limit: usize) -> (Connection<UnixStream>, Connection<UnixStream>) {
        let (a, b) = Async::<UnixStream>::pair().expect("a pair of sockets");
        (Connection::new(a, limit), Connection::new(b, limit))
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
    fn frames_cross_after_the_preambles() {
        smol::block_on(async {
            let (mut a, mut b) = pair(100);
            let timeout = Duration::from_secs(5);
            let (greeted, met) = smol::future::zip(a.greet(timeout), b.greet(timeout)).await;
            greeted.expect("greets");
            met.expect("greets");
            a.queue(&[1u8, 2, 3]).expect("fits");
            a.flush().await.expect("writes");
            assert_eq!(next(&mut b).await.expect("arrives"), [1, 2, 3]);
            assert_eq!((a.sent(), b.received()), (15, 15));
        });
    }

    #[test]
    fn a_large_frame_passes_a_small_socket_buffer() {
        smol::block_on(async {
            let (mut a, mut b) = pair(10_000_000);
            let message = vec![7u8; 5_000_000];
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
            a.output.extend_from_slice(&[9, 0, 0, 0, 1]);
            a.flush().await.expect("writes");
            drop(a);
            assert!(matches!(next(&mut b).await, Err(ConnectionError::Cut)));
        });
    }

    #[test]
    fn a_silent_peer_times_out() {
        smol::block_on(async {
            let (mut a, _b) = pair(100);
            let error = a.greet(Duration::from_millis(1)).await;
            assert!(matches!(error, Err(ConnectionError::TimedOut(_))));
        });
    }
}
