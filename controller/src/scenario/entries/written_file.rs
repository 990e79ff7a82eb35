//! Paths of files that a run writes.

use std::path::PathBuf;

use crate::scenario::problems::{Position, Problems, backslash_in, shortened};

/// The path of a file to be written, which stands at this key.
pub(super) fn written_file(
    key: &str,
    path: &str,
    place: Position,
    problems: &mut Problems,
) -> Option<PathBuf> {
    let shown = shortened(path);
    if path.contains('\0') {
        let message = format!("'{key}' of 'monitor' contains a character that no path has");
        problems.error("invalid_path", place, message);
        return None;
    }
    if let Some(what) = backslash_in(path) {
        let message = format!("'{key}' of 'monitor': {what}");
        problems.error("invalid_path", place, message);
        return None;
    }
    let file = PathBuf::from(path);
    if path.ends_with(std::path::is_separator) || file.is_dir() {
        let message = format!("'{key}' of 'monitor': '{shown}' is a folder; name a file in it");
        problems.error("result_is_folder", place, message);
        return None;
    }
    Some(file)
}
