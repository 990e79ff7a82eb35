//! What something was made from: the release of this program, and files with their SHA-256. A result or a sweep has that in
//! its record, and another one goes on with it only where it is made from the same.

use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

/// A larger file is not hashed: nobody would wait for it.
const MAX_HASHED: u64 = 1024 * 1024 * 1024;

/// What something was made from.
#[derive(Clone, Debug, Default)]
pub(crate) struct MadeFrom {
    /// The release of the program, as far as it is known.
    release: Option<String>,
    /// The scenario comes first.
    pub(crate) files: Vec<Source>,
}

/// A file that something was made from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// As it was named.
    pub(crate) path: PathBuf,
    /// How long it is, if it can be read.
    bytes: Option<u64>,
    /// None of what cannot be read, or not twice, or is so long that nobody would wait for it.
    pub(crate) sha256: Option<String>,
}

impl MadeFrom {
    /// What is made now, by this program, from these files as they are. One that cannot be read is said to be so by
    /// whoever wants to read it.
    pub(crate) fn now(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self {
            release: Some(env!("CARGO_PKG_VERSION").to_owned()),
            files: paths.into_iter().map(Source::of).collect(),
        }
    }

    /// What a record says of it.
    pub(crate) fn of_record(record: &Json) -> Self {
        let text = |json: &Json, key: &str| json[key].as_str().map(str::to_owned);
        let files = record["made_from"].as_array().into_iter().flatten();
        let file = |file| {
            Some(Source {
                path: text(file, "path")?.into(),
                bytes: file["bytes"].as_u64(),
                sha256: text(file, "sha256"),
            })
        };
        Self {
            release: text(record, "version"),
            files: files.filter_map(file).collect(),
        }
    }

    /// `path`, `bytes` and `sha256` of each file, as a record has them under `made_from`.
    pub(crate) fn to_json(&self) -> Json {
        let file = |Source {
                        path,
                        bytes,
                        sha256,
                    }: &Source| {
            json!({"path": path.display().to_string(), "bytes": bytes, "sha256": sha256})
        };
        self.files.iter().map(file).collect()
    }

    /// What of it is another one than what something earlier was made from, if anything.
    pub(crate) fn difference(&self, earlier: &Self) -> Option<String> {
        if self.release != earlier.release {
            let release = |of: &Self| of.release.clone().unwrap_or_else(|| "?".to_owned());
            let (then, now) = (release(earlier), release(self));
            return Some(format!("it was made by release {then}, and this is {now}"));
        }
        for file in &self.files {
            let path = file.path.display();
            if earlier.files.iter().any(|known| known.is_same(file)) {
                continue;
            }
            let has_changed = earlier.files.iter().any(|known| known.path == file.path);
            return Some(if has_changed {
                format!("'{path}' has changed since")
            } else {
                format!("'{path}' was no part of it")
            });
        }
        let is_gone = |known: &&Source| !self.files.iter().any(|file| file.is_same(known));
        let gone = earlier.files.iter().find(is_gone)?;
        Some(format!(
            "'{}' is no part of it any more",
            gone.path.display()
        ))
    }
}

impl Source {
    fn of(path: PathBuf) -> Self {
        let (bytes, sha256) = match hash(&path) {
            Ok((bytes, sha256)) => (Some(bytes), sha256),
            Err(_) => (None, None),
        };
        Self {
            path,
            bytes,
            sha256,
        }
    }

    /// Whether it is the same content, wherever it is. What has no hash is known by its path alone.
    fn is_same(&self, other: &Self) -> bool {
        match (&self.sha256, &other.sha256) {
            (Some(sha256), Some(other)) => sha256 == other,
            _ => self.path == other.path,
        }
    }
}

/// Length and hash of a file. What is no ordinary file has no hash: it cannot be read twice.
pub(crate) fn hash(path: &Path) -> io::Result<(u64, Option<String>)> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() > MAX_HASHED {
        return Ok((metadata.len(), None));
    }
    let (mut file, mut hasher) = (File::open(path)?, Sha256::new());
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            length => hasher.update(&piece[..length]),
        }
    }
    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok((metadata.len(), Some(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_hash_that_others_find() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").expect("written");
        let found = MadeFrom::now([path, folder.path().join("b")]).to_json();
        // FIPS 180-2, appendix B.1.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(
            (&found[0]["sha256"], &found[0]["bytes"]),
            (&known.into(), &3.into())
        );
        assert_eq!(found[1]["sha256"], Json::Null);
    }

    #[test]
    fn what_is_made_from_something_else_is_told_with_what_that_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["a", "b"] {
            std::fs::write(path(name), name).expect("written");
        }
        let made = MadeFrom::now([path("a"), path("b")]);
        let record = json!({"version": env!("CARGO_PKG_VERSION"), "made_from": made.to_json()});
        let earlier = MadeFrom::of_record(&record);
        let difference = |paths: &[&str]| {
            let now = MadeFrom::now(paths.iter().map(|name| path(name)));
            now.difference(&earlier).unwrap_or_default()
        };
        assert_eq!(difference(&["a", "b"]), "");
        std::fs::copy(path("b"), path("c")).expect("copied");
        assert_eq!(
            difference(&["a", "c"]),
            "",
            "the same content, wherever it is"
        );
        assert!(difference(&["a"]).ends_with("b' is no part of it any more"));
        std::fs::write(path("d"), "d").expect("written");
        assert!(difference(&["a", "b", "d"]).ends_with("d' was no part of it"));
        std::fs::write(path("b"), "other").expect("written");
        assert!(difference(&["a", "b"]).ends_with("b' has changed since"));
        let older = MadeFrom::of_record(&json!({"version": "0.0.9"}));
        let said = made.difference(&older).expect("another release");
        assert!(said.contains("by release 0.0.9, and this is "), "{said}");
    }
}
