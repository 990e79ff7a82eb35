//! How often the system sends again what has not arrived.

use std::net::TcpStream;
use std::time::Duration;

/// While a heartbeat is overdue, the system shall try again at least this often.
const URGENCY: Duration = Duration::from_secs(1);

/// Has the system send again often what has not arrived on a connection.
///
/// By itself it waits twice as long after each attempt. So after an outage of 9 s it would take up to
/// 4 s more until it tries again, and as long as the outage was after a longer one. Linux makes an
/// attempt when the user timeout of a socket (RFC 5482) is over, at the latest, and only then looks
/// whether that has been moved meanwhile, in which case it goes on. So it is kept a moment ahead. Where
/// the system has no such thing, it tries as seldom as it does by itself.
#[derive(Debug, Default)]
pub(crate) struct Persistence {
    /// The system is to try often.
    is_urgent: bool,
}

impl Persistence {
    /// To be called several times a second while a heartbeat is overdue, and once afterwards.
    pub(crate) fn keep_trying(&mut self, stream: &TcpStream, is_quiet: bool, silent_for: Duration) {
        if is_quiet || self.is_urgent {
            self.is_urgent = is_quiet;
            set_limit(stream, is_quiet.then(|| silent_for + URGENCY));
        }
    }
}

/// Sets the user timeout of a socket; `None`: as the system has it.
#[cfg(target_os = "linux")]
fn set_limit(stream: &TcpStream, limit: Option<Duration>) {
    let limit = limit.map_or(0, |limit| limit.as_millis().max(1));
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    // Without it the connection works all the same, and recovers later from an outage.
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, limit);
}

/// Other systems are left as they are.
#[cfg(not(target_os = "linux"))]
fn set_limit(_: &TcpStream, _: Option<Duration>) {}
