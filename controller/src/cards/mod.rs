//! Cards for the Raspberry Pis of a cluster: from the image of a node that comes with this program, one with name,
//! key and lights for each Pi.

mod kind;
mod leds;
mod manifest;
mod names;

use std::fs::{self, File};
use std::io::{self, BufReader, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use image::{Card, CardError, FILE, Network, Settings};
use sha2::{Digest, Sha256};
use shared::private::restrict;
use shared::wire::Key;
use tempfile::NamedTempFile;
use thiserror::Error;

pub use kind::Kind;
pub use leds::Leds;
pub use names::Names;

use manifest::Manifest;

/// The file for the Raspberry Pi Imager.
const MANIFEST: &str = "illuminator.rpi-imager-manifest";

/// The cards of a cluster.
#[derive(Debug)]
pub(crate) struct Cards<'a> {
    /// The image that they are made from.
    pub(crate) base: &'a Path,
    /// Where they are put.
    pub(crate) folder: &'a Path,
    /// Names of the Pis.
    pub(crate) names: &'a [String],
    pub(crate) key: &'a Key,
    /// The address of the first; none has one where nothing is said.
    pub(crate) address: Option<Network>,
    pub(crate) gateway: Option<Ipv4Addr>,
    /// Where the nodes listen.
    pub(crate) port: u16,
    pub(crate) leds: Leds,
}

/// A card that has been made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) address: Option<Network>,
    /// Length of the image and of its file, in bytes.
    pub(crate) length: u64,
    pub(crate) compressed: u64,
    /// The SHA-256 of the image.
    pub(crate) sum: String,
}

impl Made {
    /// Its address behind a comma, if it has one of its own.
    pub(crate) fn address_text(&self) -> String {
        let text = |address| format!(", {address}");
        self.address.map_or_else(String::new, text)
    }
}

/// Why there are no cards.
#[derive(Debug, Error)]
pub(crate) enum CardsError {
    /// The image cannot be used.
    #[error("cannot use the image '{}'", path.display())]
    Base { path: PathBuf, source: CardError },
    /// A file cannot be written.
    #[error("cannot write '{}'", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// There are more Pis than addresses.
    #[error(
        "the network of {first} has no address for '{name}'; begin with a smaller one, or take a larger network"
    )]
    NoAddress { first: Network, name: String },
}

impl Cards<'_> {
    /// Makes the cards, in place of those that are there, and a file with which the Raspberry Pi Imager offers them.
    /// Tells of each as soon as it is there. All have the key in them, so nobody else may read them.
    pub(crate) fn make(&self, mut tell: impl FnMut(&Made)) -> Result<PathBuf, CardsError> {
        let unusable = |source| CardsError::Base {
            path: self.base.to_owned(),
            source,
        };
        let settings = self.settings()?;
        let file = File::open(self.base).map_err(|error| unusable(error.into()))?;
        let mut card = Card::from_compressed(BufReader::new(file)).map_err(unusable)?;
        let unwritable = |path: &Path| {
            let path = path.to_owned();
            |source| CardsError::Write { path, source }
        };
        fs::create_dir_all(self.folder).map_err(unwritable(self.folder))?;
        let mut manifest = Manifest::of(&card.names().map_err(unusable)?);
        for settings in settings {
            card.write(FILE, settings.to_text().as_bytes())
                .map_err(unusable)?;
            let path = self.folder.join(format!("{}.img.gz", settings.name));
            let compressed =
                replace(&path, |to| card.write_compressed(to)).map_err(unwritable(&path))?;
            let made = Made {
                path,
                name: settings.name,
                address: settings.address,
                length: card.bytes().len() as u64,
                compressed,
                sum: format!("{:x}", Sha256::digest(card.bytes())),
            };
            tell(&made);
            manifest.add(&made);
        }
        let path = self.folder.join(MANIFEST);
        replace(&path, |to| to.write_all(manifest.to_text().as_bytes()))
            .map_err(unwritable(&path))?;
        Ok(path)
    }

    /// What each card says.
    fn settings(&self) -> Result<Vec<Settings>, CardsError> {
        let of_one = |(number, name): (u32, &String)| {
            let after = |first: Network| {
                first.after(number).ok_or_else(|| CardsError::NoAddress {
                    first,
                    name: name.clone(),
                })
            };
            Ok(Settings {
                name: name.clone(),
                key: Some(self.key.clone()),
                address: self.address.map(after).transpose()?,
                gateway: self.gateway,
                updates: true,
                node: format!(
                    "listen = [\"[::]:{}\"]\n\n{}",
                    self.port,
                    self.leds.to_text()
                ),
            })
        };
        (0..).zip(self.names).map(of_one).collect()
    }
}

/// Writes a file that only its owner may read, in place of one that is there, as soon as it is whole; returns its
/// length.
fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<u64> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    restrict(file.path())?;
    write(file.as_file_mut())?;
    let length = file.as_file().metadata()?.len();
    file.persist(path)?;
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cards for these Pis, in a folder.
    fn make(
        names: &[&str],
        address: Option<&str>,
    ) -> Result<(tempfile::TempDir, Vec<Made>), String> {
        let folder = tempfile::tempdir().expect("a folder");
        let base = folder.path().join("image.img.gz");
        let mut card = Card::empty().expect("a card");
        card.write("kernel8.img", &[7; 10_000]).expect("written");
        card.write_compressed(File::create(&base).expect("made"))
            .expect("written");
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let cards = Cards {
            base: &base,
            folder: &folder.path().join("new/cards"),
            names: &names,
            key: &Key::parse(&"5a".repeat(32)).expect("a key"),
            address: address.map(|address| address.parse().expect("an address")),
            gateway: None,
            port: 7000,
            leds: "ready=17,step=27".parse().expect("lights"),
        };
        let mut all = Vec::new();
        let manifest = cards.make(|made| {
            let Made {
                path,
                name,
                address,
                length,
                compressed,
                sum,
            } = made;
            all.push(Made {
                path: path.clone(),
                name: name.clone(),
                address: *address,
                length: *length,
                compressed: *compressed,
                sum: sum.clone(),
            });
        });
        let manifest = manifest.map_err(|error| error.to_string())?;
        assert!(manifest.is_file());
        Ok((folder, all))
    }

    #[test]
    fn each_pi_has_a_card_with_its_name_and_all_have_the_rest() {
        let (_folder, made) = make(&["pi1", "pi2"], Some("192.168.0.11/24")).expect("cards");
        for (made, (name, address)) in made
            .iter()
            .zip([("pi1", "192.168.0.11/24"), ("pi2", "192.168.0.12/24")])
        {
            let file = File::open(&made.path).expect("there");
            assert_eq!(file.metadata().expect("there").len(), made.compressed);
            let card = Card::from_compressed(file).expect("a card");
            assert_eq!(card.bytes().len() as u64, made.length);
            assert_eq!(
                card.read("kernel8.img").expect("read"),
                Some(vec![7; 10_000])
            );
            let text = card.read(FILE).expect("read").expect("there");
            let settings = Settings::parse(&String::from_utf8(text).expect("text")).expect("right");
            assert_eq!(settings.name, name);
            assert_eq!(
                settings
                    .address
                    .map(|address| address.to_string())
                    .as_deref(),
                Some(address)
            );
            assert_eq!(settings.key, Key::parse(&"5a".repeat(32)));
            assert!(
                settings.node.contains("listen = [\"[::]:7000\"]\n"),
                "{}",
                settings.node
            );
            assert!(
                settings.node.contains("[leds]\nready = 17\nstep = 27\n"),
                "{}",
                settings.node
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_a_card() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, made) = make(&["pi1"], None).expect("cards");
        let mode = fs::metadata(&made[0].path)
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0);
    }

    #[test]
    fn pis_that_have_no_place_in_the_network_are_named_before_anything_is_written() {
        let error = make(&["pi1", "pi2", "pi3"], Some("10.0.0.1/30"))
            .map(|_| ())
            .expect_err("too many");
        assert!(error.contains("no address for 'pi3'"), "{error}");
    }

    #[test]
    fn what_is_no_image_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let base = folder.path().join("holiday.jpg");
        fs::write(&base, b"\xff\xd8\xff").expect("written");
        let names = ["pi1".to_owned()];
        let cards = Cards {
            base: &base,
            folder: &folder.path().join("cards"),
            names: &names,
            key: &Key::random().expect("random"),
            address: None,
            gateway: None,
            port: 5123,
            leds: Leds::default(),
        };
        let error = cards.make(|_| ()).expect_err("no image");
        assert!(
            crate::chain::chain(&error).contains("no image of a card"),
            "{error}"
        );
        assert!(!folder.path().join("cards").exists());
    }
}
