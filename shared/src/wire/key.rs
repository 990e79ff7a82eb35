//! The key of a cluster.

use std::fmt::{self, Write as _};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::private::{self, Exposure};

/// Length of a key in bytes.
pub const KEY_LENGTH: usize = 32;

/// Nothing that is longer is read as a key file.
const LONGEST_FILE: u64 = 256;

/// The secret that the nodes and controllers of a cluster share. Whoever has it can use the nodes.
///
/// In a file it is 64 hexadecimal digits and a line feed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; KEY_LENGTH]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(secret)")
    }
}

/// There is no key to use.
#[derive(Debug)]
pub struct KeyError {
    /// The key's file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub cause: KeyFault,
}

/// What is wrong with a key's file.
#[derive(Debug)]
pub enum KeyFault {
    /// It cannot be read.
    Read(io::Error),
    /// It cannot be made.
    Create(io::Error),
    /// Others than its owner have permissions on it.
    Exposed {
        /// Who they are, or what the system has for them.
        to: String,
        /// The commands that close it, in quotation marks.
        remedy: String,
    },
    /// It holds no key.
    Malformed,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.cause {
            KeyFault::Read(cause) => write!(f, "cannot read the cluster's key '{path}': {cause}"),
            KeyFault::Create(cause) => write!(f, "cannot make a key '{path}': {cause}"),
            KeyFault::Exposed { to, remedy } => write!(
                f,
                "the cluster's key '{path}' is open to others than its owner ({to}); say {remedy}, \
                 and make a new one if somebody may have read it"
            ),
            KeyFault::Malformed => write!(
                f,
                "'{path}' is no cluster key: it should hold {} hexadecimal digits, as 'controller \
                 key new' writes them",
                2 * KEY_LENGTH
            ),
        }
    }
}

impl std::error::Error for KeyError {}

impl Key {
    /// A new key, from the system's random source.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0; KEY_LENGTH];
        getrandom::fill(&mut bytes).map_err(io::Error::from)?;
        Ok(Self(bytes))
    }

    /// Reads a key's text. Space around it does not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().as_bytes();
        if digits.len() != 2 * KEY_LENGTH {
            return None;
        }
        let mut bytes = [0; KEY_LENGTH];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
            let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
            *byte = u8::try_from(high? * 16 + low?).ok()?;
        }
        Some(Self(bytes))
    }

    /// The key's text: secret.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(2 * KEY_LENGTH + 1);
        for byte in self.0 {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\n');
        text
    }

    /// Reads a key's file, which nobody but its owner may have permissions on.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let fail = |cause| KeyError {
            path: path.to_owned(),
            cause,
        };
        let read = || -> io::Result<(Option<Exposure>, Vec<u8>)> {
            let file = File::open(path)?;
            let exposure = private::exposure(&file, path)?;
            let mut bytes = Vec::new();
            file.take(LONGEST_FILE).read_to_end(&mut bytes)?;
            Ok((exposure, bytes))
        };
        let (exposure, bytes) = read().map_err(|error| fail(KeyFault::Read(error)))?;
        if let Some(Exposure { to, remedy }) = exposure {
            return Err(fail(KeyFault::Exposed { to, remedy }));
        }
        let key = text_of(&bytes).and_then(|text| Self::parse(&text));
        key.ok_or_else(|| fail(KeyFault::Malformed))
    }

    /// Writes a key to a file of its own, which must not be there yet, with the folders above it.
    pub fn create(&self, path: &Path) -> Result<(), KeyError> {
        let write = || -> io::Result<()> {
            if let Some(folder) = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
            {
                fs::create_dir_all(folder)?;
            }
            let mut file = private::create(path)?;
            let written = file
                .write_all(self.to_text().as_bytes())
                .and_then(|()| file.sync_all())
                // The name, too, outlives a plug that is pulled.
                .and_then(|()| flush_folder_of(path));
            if written.is_err() {
                // A key that is not whole helps nobody.
                let _ = fs::remove_file(path);
            }
            written
        };
        write().map_err(|cause| KeyError {
            path: path.to_owned(),
            cause: KeyFault::Create(cause),
        })
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_LENGTH] {
        &self.0
    }
}

/// The text of a key's file, however an editor has saved it: behind a byte-order mark, which some write
/// also where it says nothing, or in units of 16 bits.
fn text_of(bytes: &[u8]) -> Option<String> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.as_chunks::<2>().0.iter().map(|&pair| unit(pair));
        String::from_utf16(&units.collect::<Vec<u16>>()).ok()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => String::from_utf8(rest.to_vec()).ok(),
    }
}

/// Has the names in the folder of a file written to the disk, where a system can be told to.
fn flush_folder_of(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn a_key_is_the_same_after_a_file() {
        let folder = folder();
        let path = folder.path().join("new/cluster.key");
        let key = Key::random().expect("random");
        key.create(&path).expect("writes");
        assert_eq!(Key::read(&path).expect("reads"), key);
        assert_ne!(Key::random().expect("random"), key);
    }

    #[test]
    fn a_key_that_is_there_is_not_replaced() {
        let folder = folder();
        let path = folder.path().join("cluster.key");
        let key = Key::random().expect("random");
        key.create(&path).expect("writes");
        let error = Key::random().expect("random").create(&path);
        let error = error.expect_err("refused");
        assert!(
            matches!(&error.cause, KeyFault::Create(cause) if cause.kind() == io::ErrorKind::AlreadyExists),
            "{error}"
        );
        assert_eq!(Key::read(&path).expect("reads"), key);
    }

    // On Windows it takes another user; what is made of an access list is tested in `private::access_list`.
    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_no_secret() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};

        let folder = folder();
        let path = folder.path().join("cluster.key");
        Key::random()
            .expect("random")
            .create(&path)
            .expect("writes");
        let mode = fs::metadata(&path).expect("is there").mode();
        assert_eq!(mode & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("changes");
            let error = Key::read(&path).expect_err("refused");
            let error = error.to_string();
            assert!(error.contains(&format!("(mode {mode:03o})")), "{error}");
            assert!(error.contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let folder = folder();
        let path = folder.path().join("cluster.key");
        let digits = "0123456789abcdefABCDEF0123456789".repeat(2);
        for content in [
            "".as_bytes(),
            &digits.as_bytes()[1..],
            format!("{digits}0").as_bytes(),
            format!("x{}", &digits[1..]).as_bytes(),
            &[0xff; 64],
            &[b'0'; 5000],
        ] {
            fs::write(&path, content).expect("writes");
            private::restrict(&path).expect("changes");
            let error = Key::read(&path).expect_err("refused");
            assert!(matches!(error.cause, KeyFault::Malformed), "{error}");
        }
        assert!(Key::parse(&format!("{digits}\r\n")).is_some());
    }

    #[test]
    fn a_key_is_read_however_an_editor_has_saved_it() {
        let folder = folder();
        let path = folder.path().join("cluster.key");
        let key = Key::random().expect("random");
        let text = format!(" {}\r\n", key.to_text().trim().to_uppercase());
        let wide = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let units = format!("\u{feff}{text}")
                .encode_utf16()
                .collect::<Vec<u16>>();
            units.into_iter().flat_map(unit).collect()
        };
        for content in [
            text.clone().into_bytes(),
            format!("\u{feff}{text}").into_bytes(),
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
        ] {
            fs::write(&path, &content).expect("writes");
            private::restrict(&path).expect("changes");
            assert_eq!(Key::read(&path).expect("reads"), key, "{content:?}");
        }
    }

    #[test]
    fn a_key_does_not_show_itself() {
        let key = Key::random().expect("random");
        assert_eq!(format!("{key:?}"), "Key(secret)");
    }
}
