//! From the tables of all shares to one.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Write};
use std::path::Path;

use super::record::Record;
use super::table_file::place_of;
use super::{Share, Study, SweepError};
use crate::places::WriteError;

/// Puts the tables of all shares together, once the last of them is there: the table is that of one process. Returns the
/// shares that are missing. Where two end at the same time, both do it, and both tables are the same.
pub(super) fn merge(
    study: &Study,
    record: &Record,
    share: &Share,
) -> Result<Vec<String>, SweepError> {
    let Some(table) = &study.table else {
        return Ok(Vec::new());
    };
    let is_there = |other: &Share| {
        let is_of_this_sweep = record.is_also_of(&Record::place(study, other), other);
        is_of_this_sweep && place_of(study, other).is_some_and(|place| place.is_file())
    };
    let missing = share.all().filter(|other| !is_there(other));
    let missing: Vec<String> = missing.map(|other| other.to_string()).collect();
    if !missing.is_empty() {
        return Ok(missing);
    }
    let mut growing = table.as_os_str().to_owned();
    growing.push(format!(".{}.merging", share.name()));
    let growing = Path::new(&growing);
    let merged = write_all(study, share, growing);
    let merged = merged.and_then(|()| fs::rename(growing, table));
    match merged {
        Ok(()) => {}
        Err(cause) => {
            let _ = fs::remove_file(growing);
            // Another share that ended in the same moment has done it.
            if cause.kind() == ErrorKind::NotFound && table.is_file() {
                return Ok(Vec::new());
            }
            return Err(WriteError::new(table, cause).into());
        }
    }
    for other in share.all() {
        for path in place_of(study, &other)
            .into_iter()
            .chain([Record::place(study, &other)])
        {
            // Another share may have done it.
            let _ = fs::remove_file(path);
        }
    }
    Ok(Vec::new())
}

fn write_all(study: &Study, share: &Share, path: &Path) -> io::Result<()> {
    let mut merged = BufWriter::new(File::create(path)?);
    for other in share.all() {
        let Some(place) = place_of(study, &other) else {
            continue;
        };
        let mut part = BufReader::new(File::open(place)?);
        let mut header = Vec::new();
        part.read_until(b'\n', &mut header)?;
        if other.is_first() {
            merged.write_all(&header)?;
        }
        io::copy(&mut part, &mut merged)?;
    }
    merged.flush()?;
    merged.get_ref().sync_all()
}
