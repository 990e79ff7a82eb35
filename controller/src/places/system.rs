//! How a system tells files apart, and how it keeps a file for one process: what differs between
//! systems is here and nowhere else.

#[cfg(unix)]
pub(crate) use unix::{
    Identity, identity, identity_of, keep_for_this_process, kept_by, lock, open_folder, replace,
    stdout,
};
#[cfg(windows)]
pub(crate) use windows::{
    Identity, identity, identity_of, keep_for_this_process, kept_by, lock, open_folder, replace,
    stdout,
};

#[cfg(unix)]
mod unix {
    use std::fs::{self, File, OpenOptions};
    use std::os::fd::AsFd;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
    use std::path::Path;
    use std::{io, thread};

    use rustix::fs::{FlockOperation, OFlags, flock};
    use rustix::io::Errno;

    /// The file system, and the file on it.
    pub(crate) type Identity = (u64, u64);

    /// What a path means; symbolic links are followed if `follow`.
    pub(crate) fn identity(path: &Path, follow: bool) -> io::Result<Identity> {
        let metadata = if follow {
            fs::metadata(path)
        } else {
            fs::symlink_metadata(path)
        };
        metadata.map(|metadata| (metadata.dev(), metadata.ino()))
    }

    /// What an open file is.
    pub(crate) fn identity_of(file: &File, _: &Path) -> io::Result<Identity> {
        file.metadata()
            .map(|metadata| (metadata.dev(), metadata.ino()))
    }

    /// Has a file opened so that no other run can have it as well. A symbolic link is not followed,
    /// and a pipe not waited for.
    pub(crate) fn keep_for_this_process(options: &mut OpenOptions) {
        let flags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits();
        options.custom_flags(flags.cast_signed());
    }

    /// Opens a folder, to be locked.
    pub(crate) fn open_folder(path: &Path) -> io::Result<File> {
        let flags = OFlags::DIRECTORY.union(OFlags::NONBLOCK).bits();
        OpenOptions::new()
            .read(true)
            .custom_flags(flags.cast_signed())
            .open(path)
    }

    /// Locks an open file until the process ends; `false` if another process has done so.
    pub(crate) fn lock(file: &File) -> bool {
        // Some network file systems have no locks.
        flock(file, FlockOperation::NonBlockingLockExclusive) != Err(Errno::WOULDBLOCK)
    }

    /// Whether an error of opening means that another process keeps the file: here that is found
    /// out when it is locked.
    pub(crate) fn kept_by(_: &io::Error) -> bool {
        false
    }

    /// A file from which on a thread takes less time than the system takes to give its pages and blocks back: 3 ms for
    /// 3.5 MB, on ext4.
    const LARGE: u64 = 1 << 20;

    /// What the thread needs.
    const STACK: usize = 64 * 1024;

    /// Moves a file to the place of another one, which is open and locked.
    pub(crate) fn replace(from: &Path, to: &Path, other: Option<File>) -> io::Result<()> {
        fs::rename(from, to)?;
        if let Some(other) = other {
            // It may have further names.
            let _ = flock(&other, FlockOperation::Unlock);
            if other.metadata().is_ok_and(|of| of.len() >= LARGE) {
                let thread = thread::Builder::new().name("replaced".to_owned());
                // Where there is none, here.
                let _ = thread.stack_size(STACK).spawn(move || drop(other));
            }
        }
        Ok(())
    }

    /// Standard output as a file.
    pub(crate) fn stdout() -> io::Result<File> {
        Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
    }
}

#[cfg(windows)]
mod windows {
    use std::fs::{self, File, OpenOptions};
    use std::io;
    use std::os::windows::fs::OpenOptionsExt;
    use std::os::windows::io::AsHandle;
    use std::path::{Path, PathBuf};

    /// Others may read the file, and take its name away.
    const FILE_SHARE_READ_DELETE: u32 = 1 | 4;
    /// Without it, folders cannot be opened.
    const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
    /// `ERROR_SHARING_VIOLATION`.
    const KEPT: i32 = 32;

    /// The path without links and in the letters of the disk: the standard library does not tell
    /// more yet.
    pub(crate) type Identity = PathBuf;

    /// What a path means; symbolic links are followed if `follow`.
    pub(crate) fn identity(path: &Path, follow: bool) -> io::Result<Identity> {
        if !follow {
            fs::symlink_metadata(path)?;
        }
        fs::canonicalize(path)
    }

    /// What an open file is that was opened by this path.
    pub(crate) fn identity_of(_: &File, path: &Path) -> io::Result<Identity> {
        identity(path, false)
    }

    /// Has a file opened so that no other run can have it as well.
    pub(crate) fn keep_for_this_process(options: &mut OpenOptions) {
        options.share_mode(FILE_SHARE_READ_DELETE);
    }

    /// Opens a folder, so that no other run can have it as well: each wants to write, and lets others
    /// read.
    pub(crate) fn open_folder(path: &Path) -> io::Result<File> {
        OpenOptions::new()
            .write(true)
            .share_mode(FILE_SHARE_READ_DELETE)
            .custom_flags(FILE_FLAG_BACKUP_SEMANTICS)
            .open(path)
    }

    /// Whether this process has the file alone, which it has since it was opened.
    pub(crate) fn lock(_: &File) -> bool {
        true
    }

    /// Whether an error of opening means that another process keeps the file.
    pub(crate) fn kept_by(error: &io::Error) -> bool {
        error.raw_os_error() == Some(KEPT)
    }

    /// Moves a file to the place of another one, which is open. Windows replaces no open file, on every kind of disk; the
    /// one that is moved keeps other runs out.
    pub(crate) fn replace(from: &Path, to: &Path, other: Option<File>) -> io::Result<()> {
        drop(other);
        fs::rename(from, to)
    }

    /// Standard output as a file.
    pub(crate) fn stdout() -> io::Result<File> {
        Ok(io::stdout().as_handle().try_clone_to_owned()?.into())
    }
}

/// The process that has locked a file, where the system tells.
#[cfg(target_os = "linux")]
pub(super) fn holder_of(file: &std::fs::File) -> Option<u32> {
    use rustix::fs::{major, minor};
    use std::os::unix::fs::MetadataExt;

    let metadata = file.metadata().ok()?;
    let (device, inode) = (metadata.dev(), metadata.ino());
    let wanted = format!("{:02x}:{:02x}:{inode}", major(device), minor(device));
    // 1: FLOCK ADVISORY WRITE 1234 fe:00:5678 0 EOF
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    locks.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (kind, process) = (fields.next()?, fields.nth(2)?);
        let matches = kind == "FLOCK" && fields.next()? == wanted;
        // 0 is a process that this one cannot see.
        matches.then(|| process.parse().ok().filter(|id| *id != 0))?
    })
}

/// The process that has locked a file: this system does not tell.
#[cfg(not(target_os = "linux"))]
pub(super) fn holder_of(_: &std::fs::File) -> Option<u32> {
    None
}
