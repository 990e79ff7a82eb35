//! Wakes the thread out of its `poll`.

pub(crate) use system::{Waker, Woken, waker};

#[cfg(unix)]
mod system {
    use std::io::{self, Read, Write};
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::net::UnixStream;

    #[derive(Debug)]
    pub(crate) struct Waker(UnixStream);

    /// Readable when it was woken.
    #[derive(Debug)]
    pub(crate) struct Woken(UnixStream);

    pub(crate) fn waker() -> io::Result<(Woken, Waker)> {
        let (woken, waker) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        waker.set_nonblocking(true)?;
        Ok((Woken(woken), Waker(waker)))
    }

    impl Waker {
        pub(crate) fn wake(&self) {
            // A socket that takes no more has woken it.
            let _ = (&self.0).write(&[0]);
        }
    }

    impl Woken {
        /// Can be woken again. Whoever did it has left word elsewhere.
        pub(crate) fn forget(&self) {
            let _ = (&self.0).read(&mut [0; 64]);
        }
    }

    impl AsFd for Woken {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
}

/// There is nothing to wake.
#[cfg(not(unix))]
mod system {
    use std::io;

    #[derive(Debug)]
    pub(crate) struct Waker;

    #[derive(Debug)]
    pub(crate) struct Woken;

    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it may fail")]
    pub(crate) fn waker() -> io::Result<(Woken, Waker)> {
        Ok((Woken, Waker))
    }

    impl Waker {
        #[expect(clippy::unused_self, reason = "elsewhere it is used")]
        pub(crate) fn wake(&self) {}
    }
}
