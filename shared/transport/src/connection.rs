//! A connection to a peer: a channel over a non-blocking stream.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use serde::Serialize;
use shared::wire::{Channel, ConnectionError, FrameError, Met};
use smol::Async;

use crate::Persistence;

/// Writes as much of what a channel has as a non-blocking stream takes without waiting.
pub fn write(mut stream: impl Write, channel: &mut Channel) -> Result<(), ConnectionError> {
    loop {
        let bytes = channel.transmit();
        if bytes.is_empty() {
            return Ok(());
        }
        match stream.write(bytes) {
            Ok(0) => return Err(ConnectionError::Closed),
            Ok(count) => channel.sent(count, Instant::now()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(ConnectionError::Io(error)),
        }
    }
}

/// Reads once from a non-blocking stream into a channel; `false` where there is nothing to read yet.
pub fn fill(mut stream: impl Read, channel: &mut Channel) -> Result<bool, ConnectionError> {
    loop {
        match stream.read(channel.room()) {
            Ok(0) => return Err(channel.end()),
            Ok(count) => {
                channel.received(count, Instant::now())?;
                return Ok(true);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(ConnectionError::Io(error)),
        }
    }
}

/// A non-blocking stream such as a [`TcpStream`], and what it waits for.
///
/// Reading and writing never wait by themselves: the driver polls, and may drop a poll at any
/// point without losing a byte.
#[derive(Debug)]
pub struct Socket<S> {
    stream: Async<S>,
    /// The last read found nothing: the next one waits for the stream to become readable.
    read_waits: bool,
    write_waits: bool,
    persistence: Persistence,
}

impl<S> Socket<S>
where
    for<'a> &'a S: Read + Write,
{
    /// The socket of a stream.
    pub fn new(stream: Async<S>) -> Self {
        Self {
            stream,
            read_waits: false,
            write_waits: false,
            persistence: Persistence::default(),
        }
    }

    /// Writes what a channel has, until nothing waits.
    pub fn poll_write(
        &mut self,
        channel: &mut Channel,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), ConnectionError>> {
        while channel.unsent() > 0 {
            if self.write_waits {
                ready!(self.stream.poll_writable(cx)).map_err(ConnectionError::Io)?;
                self.write_waits = false;
            }
            write(self.stream.get_ref(), channel)?;
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

    /// Reads once into a channel, when there is something.
    pub fn poll_fill(
        &mut self,
        channel: &mut Channel,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), ConnectionError>> {
        loop {
            if self.read_waits {
                ready!(self.stream.poll_readable(cx)).map_err(ConnectionError::Io)?;
            }
            self.read_waits = !fill(self.stream.get_ref(), channel)?;
            if !self.read_waits {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// The stream itself.
    pub fn stream(&self) -> &S {
        self.stream.get_ref()
    }
}

impl Socket<TcpStream> {
    /// To be called several times a second while a heartbeat of the peer is overdue, and once
    /// afterwards: has the system send again often what has not arrived.
    pub fn keep_trying(&mut self, channel: &Channel) {
        let now = Instant::now();
        let (is_quiet, silent_for) = (channel.is_quiet(now), channel.silent_for(now));
        let stream = self.stream.get_ref();
        self.persistence.keep_trying(stream, is_quiet, silent_for);
    }
}

/// Frames over a [socket](Socket).
#[derive(Debug)]
pub struct Connection<S> {
    socket: Socket<S>,
    channel: Channel,
}

impl<S> Connection<S>
where
    for<'a> &'a S: Read + Write,
{
    /// A connection over a stream to a peer that has been met, with up to `limit` bytes of content
    /// in a frame.
    pub fn new(stream: Async<S>, met: Met, limit: usize) -> Self {
        let channel = Channel::new(met, limit, Instant::now());
        Self::from_parts(Socket::new(stream), channel)
    }

    /// Changes the limit for the frames to come, in both directions.
    pub fn set_limit(&mut self, limit: usize) {
        self.channel.set_limit(limit);
    }

    /// Whether the peer has shown the cluster's key, and everything is encrypted.
    pub fn is_secure(&self) -> bool {
        self.channel.is_secure()
    }

    /// Appends a message to what is to be written.
    pub fn queue(&mut self, message: &impl Serialize) -> Result<(), FrameError> {
        self.channel.queue(message)
    }

    /// Bytes that wait to be written.
    pub fn unsent(&self) -> usize {
        self.channel.unsent()
    }

    /// Writes as much as the stream takes without waiting.
    pub fn write(&mut self) -> Result<(), ConnectionError> {
        write(self.socket.stream(), &mut self.channel)
    }

    /// Writes until nothing waits.
    pub fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ConnectionError>> {
        self.socket.poll_write(&mut self.channel, cx)
    }

    /// Reads once, when there is something.
    pub fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ConnectionError>> {
        self.socket.poll_fill(&mut self.channel, cx)
    }

    /// Reads once without waiting; `false` where there is nothing to read yet.
    pub fn fill(&mut self) -> Result<bool, ConnectionError> {
        fill(self.socket.stream(), &mut self.channel)
    }

    /// The next frame's content, once it is complete.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, FrameError> {
        self.channel.next_frame()
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
            self.channel.clear();
            // There may be no end to it.
            smol::future::yield_now().await;
        }
    }

    /// The stream itself.
    pub fn stream(&self) -> &S {
        self.socket.stream()
    }

    /// The connection that a socket and what is said over it make.
    pub fn from_parts(socket: Socket<S>, channel: Channel) -> Self {
        Self { socket, channel }
    }

    /// The socket, and what is said over it, for somebody who drives them in another way.
    pub fn into_parts(self) -> (Socket<S>, Channel) {
        (self.socket, self.channel)
    }

    /// How long nothing has come from the peer.
    pub fn silent_for(&self) -> Duration {
        self.channel.silent_for(Instant::now())
    }

    /// How long nothing has gone to the peer.
    pub fn idle_for(&self) -> Duration {
        self.channel.idle_for(Instant::now())
    }

    /// Bytes received so far.
    pub fn received(&self) -> u64 {
        self.channel.bytes_received()
    }

    /// Bytes sent so far.
    pub fn sent(&self) -> u64 {
        self.channel.bytes_sent()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    type Pair = (Connection<UnixStream>, Connection<UnixStream>);

    fn pair(limit: usize) -> Pair {
        let (a, b) = Async::<UnixStream>::pair().expect("a pair of sockets");
        let connection = |stream| Connection::new(stream, Met::unsecured(), limit);
        (connection(a), connection(b))
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
            assert_eq!(a.sent(), b.received());
        });
    }

    #[test]
    fn a_connection_that_the_peer_has_closed_is_over() {
        smol::block_on(async {
            let (a, mut b) = pair(100);
            drop(a);
            assert!(matches!(next(&mut b).await, Err(ConnectionError::Closed)));
        });
    }
}
