//! The cluster's key on the controller's side.

use std::env;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use shared::wire::{
    HandshakeError, Key, KeyError, KeyFault, PROTOCOL_VERSION, PreambleError, Trust,
};

/// What a controller shows nodes, and whom it takes for a node.
#[derive(Debug)]
pub(crate) struct Keyring {
    key: Option<Key>,
    insecure: bool,
}

impl Keyring {
    /// With this key alone.
    pub(crate) fn of(key: Key) -> Self {
        Self::maybe(Some(key))
    }

    /// With this key, if there is one.
    pub(crate) fn maybe(key: Option<Key>) -> Self {
        Self {
            key,
            insecure: false,
        }
    }

    /// The key from this file, or from the usual one if it is there. `insecure`: nodes without a
    /// key will do.
    pub(crate) fn load(path: Option<&Path>, insecure: bool) -> Result<Self, KeyError> {
        let key = load_if_there(path)?;
        Ok(Self { key, insecure })
    }

    /// For a handshake with a node. One on this machine may be open: that is how it listens without
    /// a key, and it is not reached over the network.
    pub(crate) fn trust(&self, node: IpAddr) -> Trust<'_> {
        Trust {
            key: self.key.as_ref(),
            open_peers: self.insecure || node.is_loopback(),
        }
    }
}

/// The file that the key is read from: this one, or the usual one if it is there. A file that cannot
/// be looked at counts as there: it is an error to read it, and no open connection.
pub(crate) fn key_path(path: Option<&Path>) -> Option<PathBuf> {
    let usual = || usual_path().filter(|path| !matches!(path.try_exists(), Ok(false)));
    path.map(Path::to_owned).or_else(usual)
}

/// The key from this file, or from the usual one if it is there.
pub(crate) fn load_if_there(path: Option<&Path>) -> Result<Option<Key>, KeyError> {
    key_path(path).as_deref().map(Key::read).transpose()
}

/// Where the key is, unless the user says otherwise.
fn usual_path() -> Option<PathBuf> {
    Some(
        configuration_folder()?
            .join("illuminator")
            .join("cluster.key"),
    )
}

/// Where the system keeps what a user has set.
fn configuration_folder() -> Option<PathBuf> {
    let named = if cfg!(windows) {
        "APPDATA"
    } else {
        "XDG_CONFIG_HOME"
    };
    let named = env::var_os(named).filter(|folder| !folder.is_empty());
    named
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".config")))
}

/// The usual path, for messages as well.
fn usual_path_text() -> String {
    let path = usual_path();
    path.map_or_else(
        || "~/.config/illuminator/cluster.key".to_owned(),
        |path| path.display().to_string(),
    )
}

/// Why there is no connection, and what the user can do about it.
pub(crate) fn explain(error: &HandshakeError) -> String {
    match error {
        HandshakeError::KeyMissing => format!(
            "it asks for the cluster's key, and there is none here; copy the key of the machine \
             that deployed it to {}, or name its file with --key",
            usual_path_text()
        ),
        HandshakeError::PeerWithoutKey => "it has no cluster key, so it may be anybody; give it \
            this one with 'controller deploy', or say --insecure to talk to it all the same"
            .to_owned(),
        HandshakeError::KeyRefused | HandshakeError::WrongKey => "it has another cluster key than \
            this controller; give it this one with 'controller deploy', or name the right one \
            with --key"
            .to_owned(),
        HandshakeError::Preamble(PreambleError::Version { theirs })
            if *theirs < PROTOCOL_VERSION =>
        {
            format!("{error}: 'controller deploy' does it, also where a Pi started from a card")
        }
        error => error.to_string(),
    }
}

/// Makes a key in this file or the usual one, where there is none.
pub(crate) fn create(path: Option<&Path>) -> Result<PathBuf, String> {
    let path = path.map_or_else(path_to_make, |path| Ok(path.to_owned()));
    let path = path.map_err(|error| error.to_string())?;
    match make(&path) {
        Ok(_) => Ok(path),
        Err(KeyError {
            cause: KeyFault::Create(cause),
            ..
        }) if cause.kind() == io::ErrorKind::AlreadyExists => Err(format!(
            "there is a key already: {path}; nodes that have it would not know a new one. Remove \
             it first if that is what you want, and deploy the nodes again afterwards",
            path = path.display()
        )),
        Err(error) => Err(error.to_string()),
    }
}

fn make(path: &Path) -> Result<Key, KeyError> {
    let key = Key::random().map_err(|cause| KeyError {
        path: path.to_owned(),
        cause: KeyFault::Create(cause),
    })?;
    key.create(path)?;
    Ok(key)
}

/// The usual path, where there is a home directory for it.
fn path_to_make() -> Result<PathBuf, KeyError> {
    usual_path().ok_or_else(|| KeyError {
        path: usual_path_text().into(),
        cause: KeyFault::Create(io::Error::other(
            "there is no home directory; say where with '--key'",
        )),
    })
}

/// A key that is to be handed to nodes.
#[derive(Debug)]
pub(crate) struct ClusterKey {
    pub(crate) key: Key,
    pub(crate) path: PathBuf,
    /// It was made just now.
    pub(crate) is_new: bool,
}

/// Reads the key from this file or the usual one, or makes it where there is none.
pub(crate) fn load_or_create(path: Option<&Path>) -> Result<ClusterKey, KeyError> {
    let path = path.map_or_else(path_to_make, |path| Ok(path.to_owned()))?;
    let is_new = matches!(path.try_exists(), Ok(false));
    let key = if is_new {
        make(&path)
    } else {
        Key::read(&path)
    }?;
    Ok(ClusterKey { key, path, is_new })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_of_another_machine_needs_the_key_unless_the_user_does_without() {
        let key = Key::random().expect("random");
        let keyring = |insecure| Keyring {
            key: Some(key.clone()),
            insecure,
        };
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([10, 0, 0, 1]));
        assert!(keyring(false).trust(here).open_peers);
        assert!(!keyring(false).trust(there).open_peers);
        assert!(keyring(true).trust(there).open_peers);
    }

    #[test]
    fn a_key_is_made_where_there_is_none_and_read_where_there_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/cluster.key");
        let made = load_or_create(Some(&path)).expect("made");
        assert!(made.is_new);
        let read = load_or_create(Some(&path)).expect("read");
        assert!(!read.is_new && read.key == made.key);
        std::fs::write(&path, "$(reboot)").expect("written");
        assert!(load_or_create(Some(&path)).is_err());
    }
}
