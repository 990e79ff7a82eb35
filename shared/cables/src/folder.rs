//! The folder where devices come and go.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use crate::board::Millis;

/// Numbers of boards are below this.
const MOST_BOARDS: u8 = 32;

/// The folder, and who tells of changes there.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    watcher: Option<OwnedFd>,
}

impl Folder {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            watcher: changes::watcher(),
        }
    }

    /// How long to wait until the next look, if nobody tells of a change.
    pub(crate) fn period(&self) -> Millis {
        if self.watcher.is_some() { 1000 } else { 100 }
    }

    /// Where a device is.
    pub(crate) fn path(&self, device: &str) -> PathBuf {
        self.path.join(device)
    }

    /// The devices that boards have, in their order. The system gives the smallest number that is free.
    pub(crate) fn boards(&self) -> Vec<String> {
        let mut boards = Vec::new();
        for number in 0..MOST_BOARDS {
            let name = ["ttyACM", &number.to_string()].concat();
            if fs::metadata(self.path(&name)).is_ok() {
                boards.push(name);
            }
        }
        boards
    }

    /// Watches the folder, and those on the way to a device that there are: the others come in one of them.
    pub(crate) fn watch(&self, device: &str) {
        let Some(watcher) = &self.watcher else { return };
        changes::watch(watcher, &self.path);
        for (end, byte) in device.bytes().enumerate() {
            if byte == b'/' {
                changes::watch(watcher, &self.path(&device[..end]));
            }
        }
    }

    /// Readable when something has changed.
    pub(crate) fn watcher(&self) -> Option<&OwnedFd> {
        self.watcher.as_ref()
    }

    /// Forgets what has changed.
    pub(crate) fn forget(&self) {
        let mut buffer = [0; 1024];
        while let Some(watcher) = &self.watcher
            && rustix::io::read(watcher, &mut buffer).is_ok_and(|count| count > 0)
        {}
    }
}

#[cfg(target_os = "linux")]
mod changes {
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};

    pub(super) fn watcher() -> Option<OwnedFd> {
        init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok()
    }

    pub(super) fn watch(watcher: &OwnedFd, folder: &Path) {
        let moved = WatchFlags::MOVED_FROM | WatchFlags::MOVED_TO;
        let what = WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::ATTRIB | moved;
        // One that is not there yet is noticed when it comes.
        let _ = add_watch(watcher, folder, what);
    }
}

/// Nobody tells of changes here.
#[cfg(not(target_os = "linux"))]
mod changes {
    use std::os::fd::OwnedFd;
    use std::path::Path;

    pub(super) fn watcher() -> Option<OwnedFd> {
        None
    }

    pub(super) fn watch(_: &OwnedFd, _: &Path) {}
}
