//! A connection to a peer: a channel over a socket.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use serde::Serialize;
use shared::wire::{ALIVE_INTERVAL, Channel, ConnectionError, FrameError, Met};
use smol::Async;

use crate::socket::{Socket, fill, write};
use crate::within::within;

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

    /// What is said over it.
    pub fn channel(&mut self) -> &mut Channel {
        &mut self.channel
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

    /// The content of the next frame, once it has come, as `take` sees it; what waits is written meanwhile. Dropped before
    /// that, it loses nothing.
    pub async fn receive<T>(
        &mut self,
        take: impl FnOnce(&[u8]) -> Result<T, FrameError>,
    ) -> Result<T, ConnectionError> {
        loop {
            if let Some(content) = self.next_frame()? {
                return Ok(take(content)?);
            }
            self.turn().await?;
        }
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

impl Connection<TcpStream> {
    /// To be called several times a second while a heartbeat of the peer is overdue, and once afterwards: has the
    /// system send again often what has not arrived.
    pub fn keep_trying(&mut self) {
        self.socket.keep_trying(&self.channel);
    }

    /// Closes the connection once the peer has got what waits, if it still listens: that takes
    /// [`ALIVE_INTERVAL`] at the most.
    pub async fn take_leave(mut self) {
        let farewell = async {
            // A socket that is closed while there is something to read takes back what was not yet
            // delivered, so what the peer still sends is taken first.
            if self.flush().await.is_ok() && self.stream().shutdown(Shutdown::Write).is_ok() {
                self.drain().await;
            }
        };
        // Whether it arrives or not, that was all.
        let _ = within(ALIVE_INTERVAL, farewell).await;
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
