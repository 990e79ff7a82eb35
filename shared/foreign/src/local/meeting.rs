//! How a connection to a simulator comes about: it calls back, or is called.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, TcpListener, TcpStream, ToSocketAddrs};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::Process;

/// How often is looked for a call.
const LOOK: Duration = Duration::from_millis(5);
/// How long is tried to reach a simulator that is there already: it may just be starting.
const DIAL: Duration = Duration::from_secs(5);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// Where a program calls back.
#[derive(Debug)]
pub(super) struct Meeting(TcpListener);

impl Meeting {
    /// A place for a call, at a free port that this machine alone can reach.
    pub(super) fn new() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    /// Its address.
    pub(super) fn address(&self) -> io::Result<String> {
        Ok(self.0.local_addr()?.to_string())
    }

    /// Waits for the call of a program; `None` where it has ended without one, or it is that late.
    pub(super) fn wait(
        self,
        process: &mut Process,
        until: Instant,
    ) -> io::Result<Option<TcpStream>> {
        loop {
            // What it did before its end counts.
            let has_ended = process.has_ended();
            match self.0.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false)?;
                    return Ok(Some(stream));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if has_ended || Instant::now() >= until {
                        return Ok(None);
                    }
                    thread::sleep(LOOK);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Calls a simulator that is there already. An error is what is wrong with its address.
pub(super) fn dial(address: &str, until: Instant) -> Result<TcpStream, String> {
    let until = until.min(Instant::now() + DIAL);
    loop {
        let found = address.to_socket_addrs().map_err(|error| {
            format!("'{address}' is no address ({error}); give it as host:port, such as 192.168.0.7:5601")
        })?;
        let mut why = "the name has no address".to_owned();
        for one in found {
            let left = until.saturating_duration_since(Instant::now()).max(PAUSE);
            match TcpStream::connect_timeout(&one, left) {
                Ok(stream) => return Ok(stream),
                Err(error) => why = error.to_string(),
            }
        }
        if Instant::now() >= until {
            return Err(format!(
                "nobody answers at '{address}' ({why}); start the simulator first, or correct 'connect'"
            ));
        }
        thread::sleep(PAUSE);
    }
}
