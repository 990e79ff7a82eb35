//! A non-blocking stream, and what moves the bytes of a channel over it.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use shared::wire::{Channel, ConnectionError};
use smol::Async;

use crate::persistence::Persistence;

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
