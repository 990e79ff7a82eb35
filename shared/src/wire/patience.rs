//! How long the system goes on with a connection on which nothing arrives.

use std::net::TcpStream;
use std::time::Duration;

/// Sets the user timeout of a socket; `None`: as the system has it.
#[cfg(target_os = "linux")]
pub(super) fn set(stream: &TcpStream, limit: Option<Duration>) {
    let limit = limit.map_or(0, |limit| limit.as_millis().max(1));
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    // Without it the connection works all the same, and recovers later from an outage.
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, limit);
}

/// Other systems are left as they are.
#[cfg(not(target_os = "linux"))]
pub(super) fn set(_: &TcpStream, _: Option<Duration>) {}
