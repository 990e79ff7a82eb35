//! What the node of this machine is started with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use image::{FILE, Settings};
use init::{Node, Places, TRIAL, say};

const PROGRAM: &str = "/illuminator-node";

/// Where nodes are that did not come with the image. It is in memory, as all is.
const MEMORY: &str = "/nodes";

/// Where the node has what it needs, as on other machines.
const FOLDER: &str = "/etc/illuminator";

/// What holds where the card says nothing.
const DEFAULTS: &str = "listen = [\"[::]:5123\"]\n";

/// The node that a card is for.
pub(crate) fn node(settings: &Settings, card: PathBuf) -> Node {
    let folder = Path::new(FOLDER);
    if let Err(error) = write(folder, settings) {
        say(format_args!("{error}"));
    }
    let arguments = [
        "serve".into(),
        "--defaults".into(),
        folder.join("defaults.toml").into(),
        "--config".into(),
        folder.join(FILE).into(),
    ];
    let places = Places {
        program: PROGRAM.into(),
        arguments: arguments.into(),
        memory: MEMORY.into(),
        card,
    };
    // Nobody can show a key that there is not.
    let takes_updates = settings.updates && settings.key.is_some();
    Node::new(places, takes_updates, TRIAL)
}

/// Writes what the node reads: its configuration, under the name that the file on the card has, so that messages
/// name that and its lines; and the key.
fn write(folder: &Path, settings: &Settings) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot write to {}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(failed)?;
    fs::write(folder.join("defaults.toml"), DEFAULTS).map_err(failed)?;
    fs::write(folder.join(FILE), &settings.node).map_err(failed)?;
    match &settings.key {
        Some(key) => key
            .create(&folder.join("cluster.key"))
            .map_err(|error| error.to_string()),
        None => Ok(()),
    }
}
