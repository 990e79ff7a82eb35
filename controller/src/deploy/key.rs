//! The cluster's key, as it is handed over to nodes.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The key of a cluster.
pub(super) struct ClusterKey {
    /// 64 hexadecimal digits.
    pub(super) text: String,
    /// The file that holds it.
    pub(super) path: PathBuf,
    /// The file was not there before.
    pub(super) is_new: bool,
}

/// A key is not for logs.
impl fmt::Debug for ClusterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClusterKey({})", self.path.display())
    }
}

/// Why there is no key.
#[derive(Debug)]
pub(super) enum KeyError {
    /// Neither `XDG_CONFIG_HOME` nor `HOME` is set.
    NoHome,
    /// The file cannot be read or made.
    File(PathBuf, io::Error),
    /// The file holds something else.
    Content(PathBuf),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHome => f.write_str("there is no home folder for the key; name it with --key"),
            Self::File(path, cause) => write!(f, "cluster key '{}': {cause}", path.display()),
            Self::Content(path) => {
                let path = path.display();
                write!(f, "cluster key '{path}': not 64 hexadecimal digits")
            }
        }
    }
}

/// Where the key is unless the user says otherwise.
pub(super) fn default_path() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let config = folder("XDG_CONFIG_HOME").map(PathBuf::from);
    let config = config.or_else(|| Some(PathBuf::from(folder("HOME")?).join(".config")));
    Some(config?.join("illuminator/cluster.key"))
}

/// Reads the key, or makes one where there is no file.
pub(super) fn load_or_create(path: Option<&Path>) -> Result<ClusterKey, KeyError> {
    let path = path.map(Path::to_owned).or_else(default_path);
    let path = path.ok_or(KeyError::NoHome)?;
    let (text, is_new) = match fs::read_to_string(&path) {
        Ok(text) => (text.trim_end().to_owned(), false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let made = create(&path);
            (
                made.map_err(|error| KeyError::File(path.clone(), error))?,
                true,
            )
        }
        Err(error) => return Err(KeyError::File(path, error)),
    };
    // It goes into a script: digits and nothing else.
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(KeyError::Content(path));
    }
    Ok(ClusterKey { text, path, is_new })
}

fn create(path: &Path) -> io::Result<String> {
    let mut bytes = [0_u8; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let digit = |half: u8| char::from_digit(half.into(), 16);
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let text: String = halves.filter_map(digit).collect();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{text}")?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/cluster.key");
        let made = load_or_create(Some(&path)).expect("made");
        assert!(made.is_new);
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let read = load_or_create(Some(&path)).expect("read");
        assert!(!read.is_new);
        assert_eq!(read.text, made.text);
        assert!(!format!("{read:?}").contains(&read.text));
    }

    #[test]
    fn a_file_that_is_no_key_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cluster.key");
        fs::write(&path, "$(reboot)").expect("written");
        let refused = load_or_create(Some(&path)).expect_err("no key").to_string();
        assert!(refused.contains("not 64 hexadecimal digits"), "{refused}");
    }
}
