//! The file with which the Raspberry Pi Imager offers the cards: a list of images, as JSON.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::Made;

/// What device trees of boards begin with, and how the Imager calls those boards: a Pi 1 and a Zero, a Pi 2, a Pi 3 and a
/// Zero 2 W, and a Pi 4.
const BOARDS: [(&str, &str); 4] = [
    ("bcm2835", "pi1-32bit"),
    ("bcm2836", "pi2-32bit"),
    ("bcm2837", "pi3-64bit"),
    ("bcm2711", "pi4-64bit"),
];

/// The list.
#[derive(Debug)]
pub(super) struct Manifest {
    /// The boards that start from the cards.
    boards: Vec<&'static str>,
    cards: Vec<Json>,
}

impl Manifest {
    /// An empty one for cards with these files.
    pub(super) fn of(files: &[String]) -> Self {
        let is_there = |tree: &str| files.iter().any(|name| name.starts_with(tree));
        let boards = BOARDS.iter().filter(|(tree, _)| is_there(tree));
        Self {
            boards: boards.map(|(_, board)| *board).collect(),
            cards: Vec::new(),
        }
    }

    /// Adds a card.
    pub(super) fn add(&mut self, made: &Made) {
        let path = std::path::absolute(&made.path).unwrap_or_else(|_| made.path.clone());
        let address = made.address_text();
        self.cards.push(json!({
            "name": made.name,
            "description": format!("Illuminator node{address}"),
            "url": file_url(&path),
            "extract_size": made.length,
            "extract_sha256": made.sum,
            "image_download_size": made.compressed,
            "devices": self.boards,
            // There is nothing that the Imager could set.
            "init_format": "none",
        }));
    }

    /// The text of the file.
    pub(super) fn to_text(&self) -> String {
        format!("{:#}\n", json!({ "os_list": self.cards }))
    }
}

/// The URL of a file, by its absolute path.
fn file_url(path: &Path) -> String {
    let path: PathBuf = path.components().collect();
    let text = path.to_string_lossy().replace('\\', "/");
    let mut url = "file://".to_owned();
    if !text.starts_with('/') {
        url.push('/');
    }
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/:-._~".contains(&byte) {
            url.push(byte.into());
        } else {
            // Writing to a string does not fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_urls() {
        assert_eq!(
            file_url(Path::new("/home/ana/my cards/pi1.img.gz")),
            "file:///home/ana/my%20cards/pi1.img.gz"
        );
        assert_eq!(file_url(Path::new("/ä")), "file:///%C3%A4");
    }

    #[test]
    fn a_card_is_listed_with_what_the_imager_checks() {
        let files = ["bcm2836-rpi-2-b.dtb", "bcm2835-rpi-zero.dtb", "kernel.img"];
        let mut manifest = Manifest::of(&files.map(str::to_owned));
        manifest.add(&Made {
            path: "/cards/pi1.img.gz".into(),
            name: "pi1".to_owned(),
            address: None,
            length: 64,
            compressed: 16,
            sum: "ab".to_owned(),
        });
        let list: Json = serde_json::from_str(&manifest.to_text()).expect("JSON");
        let card = &list["os_list"][0];
        assert_eq!(card["name"], "pi1");
        assert_eq!(
            (&card["extract_size"], &card["extract_sha256"]),
            (&json!(64), &json!("ab"))
        );
        assert_eq!(card["image_download_size"], 16);
        assert_eq!(card["devices"], json!(["pi1-32bit", "pi2-32bit"]));
        assert!(
            card["url"]
                .as_str()
                .is_some_and(|url| url.ends_with("/cards/pi1.img.gz"))
        );
    }
}
