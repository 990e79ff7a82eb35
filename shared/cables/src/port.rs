//! A serial port: open, raw, ours alone, and never waited for.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::termios::{
    ControlModes, OptionalActions, QueueSelector, ioctl_tiocexcl, ioctl_tiocnxcl, tcflush,
    tcgetattr, tcsetattr,
};

/// A port.
#[derive(Debug)]
pub(crate) struct Port(File);

impl Port {
    /// Opens a port. The speed stays as it is: boards on USB have none.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::NOCTTY | OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).custom_flags(flags);
        let port = Self(options.open(path)?);
        let mut settings = tcgetattr(&port.0)?;
        settings.make_raw();
        settings.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
        tcsetattr(&port.0, OptionalActions::Now, &settings)?;
        ioctl_tiocexcl(&port.0)?;
        Ok(port)
    }

    /// Reads what has come; none if that is nothing.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match (&self.0).read(buffer) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            other => now_or_never(other),
        }
    }

    /// Writes as much as goes.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        now_or_never((&self.0).write(bytes))
    }
}

/// What cannot be done now is nothing.
fn now_or_never(done: io::Result<usize>) -> io::Result<usize> {
    match done {
        Err(error)
            if matches!(
                Errno::from_io_error(&error),
                Some(Errno::AGAIN | Errno::INTR)
            ) =>
        {
            Ok(0)
        }
        other => other,
    }
}

impl AsFd for Port {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        // A board that takes nothing would have the system wait half a minute for it.
        let _ = tcflush(&self.0, QueueSelector::IOFlush);
        // A pseudo-terminal would stay ours.
        let _ = ioctl_tiocnxcl(&self.0);
    }
}
