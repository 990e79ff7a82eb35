//! `controller image`.

use std::collections::BTreeSet;
use std::path::Path;

use shared::wire::DEFAULT_PORT;

use super::failure::Failure;
use crate::arguments::Image;
use crate::cards::Cards;
use crate::chain::chain;
use crate::deploy::Binaries;
use crate::key::load_or_create;
use crate::output::answer_line;
use crate::run::RunError;

/// Makes cards.
pub(crate) fn image(arguments: &Image) -> Result<(), Failure> {
    let names: Vec<String> = arguments
        .hosts
        .iter()
        .flat_map(|names| names.0.clone())
        .collect();
    if names.is_empty() {
        let text = "say what the Pis are called: 'controller image --hosts pi1..pi8'";
        return Err(Failure::Usage(text.to_owned()));
    }
    let mut seen = BTreeSet::new();
    // Neither networks nor all disks tell capitals from small letters.
    if let Some(twice) = names
        .iter()
        .find(|name| !seen.insert(name.to_ascii_lowercase()))
    {
        return Err(Failure::Usage(format!(
            "'{twice}' is there twice; each Pi needs a name of its own"
        )));
    }
    if arguments.gateway.is_some() && arguments.address.is_none() {
        let text = "--gateway is for addresses that are given: say --address as well";
        return Err(Failure::Usage(text.to_owned()));
    }
    let base = match (&arguments.base, arguments.pi) {
        (Some(_), Some(_)) => {
            let text =
                "--base names an image, and --pi one of those that are here: say one of the two";
            return Err(Failure::Usage(text.to_owned()));
        }
        (Some(base), None) => base.clone(),
        (None, pi) => {
            let image = Binaries::new(None).image(pi.unwrap_or_default());
            image.map_err(Failure::Usage)?
        }
    };
    let key = load_or_create(arguments.key.as_deref()).map_err(RunError::Key)?;
    if key.is_new {
        answer_line!("made a new cluster key: {}", key.path.display());
    }
    let cards = Cards {
        base: &base,
        folder: arguments.output.as_deref().unwrap_or(Path::new("cards")),
        names: &names,
        key: &key.key,
        address: arguments.address,
        gateway: arguments.gateway,
        port: arguments.listen_port.unwrap_or(DEFAULT_PORT),
        leds: arguments.leds.unwrap_or_default(),
    };
    let made = cards.make(|made| {
        let address = made.address_text();
        let megabytes = made.compressed as f64 / 1e6;
        answer_line!("{}: {megabytes:.1} MB{address}", made.path.display());
    });
    let manifest = made.map_err(|error| Failure::Usage(chain(&error)))?;
    answer_line!("for the Raspberry Pi Imager: {}", manifest.display());
    answer_line!(
        "the cluster's key is on each card and in each of these files; keep them as secret as the key"
    );
    Ok(())
}
