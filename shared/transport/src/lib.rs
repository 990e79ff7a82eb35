//! Connections between controllers and nodes: the [protocol](shared::wire) over non-blocking streams.
//!
//! What is said, and when, is decided in `session` and `shared`, which open no socket and read no clock.
//! Here are the sockets and the clock.

// Nothing is printed here.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod connection;
mod meet;
mod persistence;

use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use smol::Timer;

pub use connection::{Connection, Socket, fill, write};
pub use meet::{answer, call};
use persistence::Persistence;

/// Does the work, unless it takes longer than the limit; `None` where it does. The work is kept apart, so
/// that whoever waits for it is no larger by it.
pub fn within<T>(
    limit: Duration,
    work: impl Future<Output = T>,
) -> impl Future<Output = Option<T>> {
    let mut work = Box::pin(work);
    let mut over = Timer::after(limit);
    std::future::poll_fn(move |cx| match work.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Pin::new(&mut over).poll(cx).map(|_| None),
    })
}
