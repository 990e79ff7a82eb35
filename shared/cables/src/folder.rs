//! The folder where devices come and go.

use std::fs;
#[cfg(target_os = "linux")]
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};

use crate::board::Millis;

/// The folder, and who tells of changes there.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    #[cfg(target_os = "linux")]
    watcher: Option<OwnedFd>,
}

impl Folder {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            #[cfg(target_os = "linux")]
            watcher: inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok(),
        }
    }

    /// How long to wait until the next look, if nobody tells of a change.
    pub(crate) fn period(&self) -> Millis {
        #[cfg(target_os = "linux")]
        if self.watcher.is_some() {
            return 1000;
        }
        100
    }

    /// Where a device is.
    pub(crate) fn path(&self, device: &str) -> PathBuf {
        self.path.join(device)
    }

    /// The devices that boards have, in no order.
    pub(crate) fn boards(&self) -> Vec<String> {
        let names = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        let is_board = |name: &String| {
            let number = name.strip_prefix("ttyACM").unwrap_or_default();
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        };
        names.filter(is_board).collect()
    }
}

#[cfg(target_os = "linux")]
impl Folder {
    /// Watches the folder, and those on the way to a device that there are: they come with it.
    pub(crate) fn watch(&self, device: &str) {
        let Some(watcher) = &self.watcher else { return };
        let what = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::ATTRIB;
        let separators = device.match_indices('/').map(|(at, _)| at);
        for end in [0].into_iter().chain(separators) {
            // One that is not there yet is found in a folder that is.
            let _ = inotify::add_watch(watcher, self.path(&device[..end]), what);
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

/// Nobody tells of changes here.
#[cfg(not(target_os = "linux"))]
impl Folder {
    #[expect(clippy::unused_self, reason = "elsewhere it is used")]
    pub(crate) fn watch(&self, _: &str) {}

    #[expect(clippy::unused_self, reason = "elsewhere it is used")]
    pub(crate) fn watcher(&self) -> Option<&std::os::fd::OwnedFd> {
        None
    }

    #[expect(clippy::unused_self, reason = "elsewhere it is used")]
    pub(crate) fn forget(&self) {}
}
