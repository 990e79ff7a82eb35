//! From the lines of all shares to the table.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::sync::atomic::AtomicBool;

#[cfg(feature = "sinks")]
use super::parquet::write as write_parquet;
use super::record::Record;
use super::table_place::{Form, TablePlace};
use super::{Share, Study, SweepError};
use crate::places::{Place, WriteError, remove};

/// Puts the lines of all shares together, once the last of them is there: the table is that of one process. Returns the
/// shares that are missing. Where two end at the same time, both do it, and both tables are the same.
pub(super) fn merge(
    study: &Study,
    table: &TablePlace,
    record: &Record,
    share: &Share,
    stop: &AtomicBool,
) -> Result<Vec<String>, SweepError> {
    let missing = share.all();
    let missing = missing.filter(|other| !record.has_table_of(study, other));
    let missing: Vec<String> = missing.map(|other| other.to_string()).collect();
    if !missing.is_empty() {
        return Ok(missing);
    }
    // Before the table, which is that of this sweep if it is newer.
    record.write(study, &Share::WHOLE)?;
    let parts = share.all().map(|other| table.lines_of(&other));
    let parts = parts.map(|path| File::open(&path).map(BufReader::new));
    if let Err(error) = write_table(study, table, share, parts, stop) {
        // Another share that ended in the same moment may have done it.
        let is_gone = share.all().any(|other| !table.lines_of(&other).is_file());
        if !(is_gone && table.shown().is_file()) {
            return Err(error);
        }
    }
    for other in share.all() {
        Record::remove(study, &other);
        // Another share may have done it.
        let _ = fs::remove_file(table.lines_of(&other));
    }
    Ok(Vec::new())
}

/// Writes the table in its form, of lines that are in several files one after the other, each with the header: whole, or
/// not at all. A name for what is in the making is that of a share.
pub(super) fn write_table(
    study: &Study,
    table: &TablePlace,
    share: &Share,
    parts: impl Iterator<Item = io::Result<impl Read>>,
    stop: &AtomicBool,
) -> Result<(), SweepError> {
    let scratch = table.scratch_of(share);
    let failed = |cause| SweepError::from(WriteError::new(table.shown(), cause));
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    let file = options.open(&scratch).map_err(failed)?;
    let written = match table.form {
        Form::Csv => concatenate(&file, parts).map_err(failed),
        Form::Parquet => write_parquet(study, table, &file, parts, stop),
    };
    let written = written.and_then(|()| {
        let place = table.place().map_or(table.shown(), Place::path);
        let settled = file.sync_all().and_then(|()| fs::rename(&scratch, place));
        settled.map_err(failed)
    });
    if written.is_err() {
        // What went wrong comes first.
        let _ = remove(&scratch);
    }
    written
}

fn concatenate(file: &File, parts: impl Iterator<Item = io::Result<impl Read>>) -> io::Result<()> {
    let mut merged = BufWriter::new(file);
    for (place, part) in parts.enumerate() {
        let mut part = BufReader::new(part?);
        let mut header = Vec::new();
        part.read_until(b'\n', &mut header)?;
        if place == 0 {
            merged.write_all(&header)?;
        }
        io::copy(&mut part, &mut merged)?;
    }
    merged.flush()
}

/// Writes a table in Parquet, which this program does not.
#[cfg(not(feature = "sinks"))]
fn write_parquet(
    _: &Study,
    table: &TablePlace,
    _: &File,
    _: impl Iterator<Item = io::Result<impl Read>>,
    _: &AtomicBool,
) -> Result<(), SweepError> {
    let cause = io::Error::other("this program is built without Parquet");
    Err(WriteError::new(table.shown(), cause).into())
}
