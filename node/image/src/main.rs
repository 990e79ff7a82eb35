//! `illuminator-image pack FOLDER IMAGE.gz`: makes a card with the files of a folder.
//! `illuminator-image unpack IMAGE.gz FOLDER`: the other way round.

use std::error::Error;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use std::process::ExitCode;

use image::Card;

fn main() -> ExitCode {
    let given: Vec<OsString> = std::env::args_os().skip(1).collect();
    let done = match given.as_slice() {
        [what, folder, image] if what == "pack" => pack(folder.as_ref(), image.as_ref()),
        [what, image, folder] if what == "unpack" => unpack(image.as_ref(), folder.as_ref()),
        _ => Err("usage: illuminator-image pack FOLDER IMAGE.gz, or unpack IMAGE.gz FOLDER".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("illuminator-image: {error}");
            ExitCode::FAILURE
        }
    }
}

fn pack(folder: &Path, image: &Path) -> Result<(), Box<dyn Error>> {
    let mut card = Card::empty()?;
    let entries: Result<Vec<_>, _> = fs::read_dir(folder)?.collect();
    let mut names: Vec<OsString> = entries?
        .into_iter()
        .map(|entry| entry.file_name())
        .collect();
    // Folders come in any order, and the same files are to make the same card.
    names.sort();
    for name in names {
        let content = fs::read(folder.join(&name))?;
        card.write(&name.to_string_lossy(), &content)?;
    }
    let to = BufWriter::new(File::create(image)?);
    Ok(card.write_compressed(to)?)
}

fn unpack(image: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let card = Card::from_compressed(File::open(image)?)?;
    fs::create_dir_all(folder)?;
    for name in card.names()? {
        let content = card
            .read(&name)?
            .ok_or("a file of the card cannot be found")?;
        fs::write(folder.join(name), content)?;
    }
    Ok(())
}
