//! Paths in messages: what no path here should look like, and which file may be meant.

use std::path::Path;

use super::spelling::nearest;
use super::wording::shortened;

/// A file of the same folder with a similar name.
pub(crate) fn similar_file(path: &str) -> Option<String> {
    let path = Path::new(path);
    let name = path.file_name()?.to_str()?;
    let folder = path.parent()?;
    let listed = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let entries = std::fs::read_dir(listed).ok()?.take(500);
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    let near = nearest(name, names.iter().map(String::as_str))?;
    Some(folder.join(near).display().to_string())
}

/// What is wrong with the path of something that is to be written, if it has backslashes: here
/// they would be part of a name.
pub(crate) fn backslash_in(path: &str) -> Option<String> {
    (path.contains('\\') && !cfg!(windows)).then(|| {
        let slashed = path.replace('\\', "/");
        format!(
            "'{}' has a backslash, which is part of a name on this system; write '{}'",
            shortened(path),
            shortened(&slashed)
        )
    })
}
