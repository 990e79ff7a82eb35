//! The thread that watches sockets: there is none before somebody wants it.

use std::io;
use std::sync::Arc;

#[cfg(unix)]
use crate::driver::drive;
use crate::roster::Roster;
use crate::waker::Woken;

/// Has the thread look at the list, and starts it where there is none.
pub(crate) fn start(roster: &Arc<Roster>) -> io::Result<()> {
    roster.start(|woken| spawn(roster, woken))
}

#[cfg(unix)]
fn spawn(roster: &Arc<Roster>, woken: Woken) -> io::Result<()> {
    let roster = Arc::clone(roster);
    let thread = std::thread::Builder::new().name("cables".to_owned());
    thread.spawn(move || drive(&roster, &woken))?;
    Ok(())
}

#[cfg(not(unix))]
fn spawn(roster: &Arc<Roster>, _: Woken) -> io::Result<()> {
    let folder = roster.folder.display();
    let reason = format!("boards in {folder} are found on Linux and macOS only");
    Err(io::Error::new(io::ErrorKind::Unsupported, reason))
}
