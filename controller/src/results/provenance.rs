//! Where a result comes from: the record of its run, and the scenario, if they are still there.

use std::path::{Path, PathBuf};

use super::record::Record;
use crate::made_from::{Source, hash};
use crate::scenario::{LoadError, Written};

/// Where a result comes from.
#[derive(Debug, Default)]
pub(crate) struct Provenance {
    pub(crate) record: Option<Record>,
    pub(crate) outline: Option<Written>,
    /// What its reader should know of that.
    pub(crate) notes: Vec<String>,
}

impl Provenance {
    /// What is known of a result: by the record beside it, and the scenario that this names.
    pub(crate) fn of(result: &Path) -> Self {
        let mut known = Self {
            record: Record::beside(result),
            ..Self::default()
        };
        let named = known
            .record
            .as_ref()
            .and_then(|record| record.file().cloned());
        let Some(Source {
            path: named,
            sha256,
            ..
        }) = named
        else {
            known.notes.push(
                "no record beside the result names its scenario; what its items are is told by their names; \
                 name the scenario with --scenario"
                    .to_owned(),
            );
            return known;
        };
        let path = find(&named, result);
        match Written::read(&path, &models::CATALOGUE) {
            Ok(outline) => {
                known.outline = Some(outline);
                known.compare(&path, sha256.as_deref());
            }
            Err(_) => known.notes.push(format!(
                "the scenario '{}' of this result cannot be read any more; what its items are is told by \
                 their names; name the scenario with --scenario",
                named.display()
            )),
        }
        known
    }

    /// The same, where somebody says which scenario it is.
    ///
    /// # Errors
    /// The scenario cannot be read, or is none.
    pub(crate) fn with(result: &Path, scenario: &Path) -> Result<Self, LoadError> {
        let mut known = Self {
            record: Record::beside(result),
            outline: Some(Written::read(scenario, &models::CATALOGUE)?),
            ..Self::default()
        };
        let record = known.record.as_ref();
        let sha256 = record.and_then(|record| record.file()?.sha256.clone());
        known.compare(scenario, sha256.as_deref());
        Ok(known)
    }

    /// Seconds from one row to the next, as the scenario has it.
    pub(crate) fn resolution(&self) -> Option<u32> {
        Some(self.outline.as_ref()?.grid?.resolution)
    }

    /// Notes a scenario that is not what the result was made from.
    fn compare(&mut self, path: &Path, recorded: Option<&str>) {
        let is = hash(path).ok().and_then(|(_, sha256)| sha256);
        if recorded.is_some() && is.as_deref() != recorded {
            self.notes.push(format!(
                "the scenario '{}' is not what this result was made from, by its hash; what its items are is \
                 told by how it is now",
                path.display()
            ));
        }
    }
}

/// Where a scenario is that a run was given: as it was named, else seen from a folder that the result is
/// in, because the run was somewhere else.
fn find(named: &Path, result: &Path) -> PathBuf {
    let absolute = std::path::absolute(result).unwrap_or_else(|_| result.to_owned());
    let seen_from = |folder: &Path| folder.join(named);
    let mut folders = absolute.ancestors().skip(1).map(seen_from);
    if named.is_file() {
        return named.to_owned();
    }
    folders
        .find(|path| path.is_file())
        .unwrap_or_else(|| named.to_owned())
}
