//! Connections between controllers and nodes: the [protocol](shared::wire) over non-blocking streams.
//!
//! What is said, and when, is decided in `shared`, which opens no socket and reads no clock. Here are
//! the sockets and the clock.

// Nothing is printed here.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod connection;
mod meet;
mod persistence;

use std::time::Duration;

use smol::Timer;

pub use connection::{Connection, Socket, fill, write};
pub use meet::{answer, call};
use persistence::Persistence;

/// Does the work, unless it takes longer than the limit; `None` where it does.
pub async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let over = async {
        Timer::after(limit).await;
        None
    };
    smol::future::or(async { Some(work.await) }, over).await
}
