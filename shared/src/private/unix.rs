//! Permission bits.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::Exposure;

/// The owner reads and writes.
const PRIVATE: u32 = 0o600;

pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(PRIVATE);
    options.open(path)
}

pub(super) fn restrict(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(PRIVATE))
}

pub(super) fn exposure(file: &File, path: &Path) -> io::Result<Option<Exposure>> {
    let mode = file.metadata()?.mode() & 0o777;
    Ok((mode & 0o077 != 0).then(|| Exposure {
        to: format!("mode {mode:03o}"),
        remedy: format!("'chmod 600 {}'", path.display()),
    }))
}
