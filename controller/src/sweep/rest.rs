//! What is to be done of a share of a sweep, with what an earlier sweep has left of it.

use super::record::Record;
use super::table_file::TableFile;
use super::{Share, Study, SweepError};

/// What an earlier sweep has left to be done of a share.
#[derive(Debug)]
pub(super) struct Rest {
    /// What lines of a table go to, where there are to be more.
    pub(super) table: Option<TableFile>,
    /// All variants before this one are done.
    pub(super) first: u64,
    /// The table of all shares is there.
    pub(super) is_over: bool,
}

impl Rest {
    /// Begins with a share, or goes on with what an earlier sweep has left of it.
    pub(super) fn begin(
        study: &mut Study,
        record: &Record,
        share: &Share,
        resume: bool,
    ) -> Result<Self, SweepError> {
        let ids = share.of(study.design.count);
        let is_over = resume && record.has_table_of(study, &Share::WHOLE);
        if is_over || resume && record.has_table_of(study, share) {
            return Ok(Self {
                table: None,
                first: ids.end,
                is_over,
            });
        }
        // Nobody else writes there, before anything says that this sweep does.
        let place = study.outputs.table.clone();
        let table = place.map(|place| TableFile::open(study, place, share));
        let mut table = table.transpose()?;
        if resume {
            study.outputs.kept_since = record.to_go_on_with(study, share)?;
        }
        let mut first = ids.start;
        match (&mut table, study.outputs.kept_since) {
            (_, None) => record.write(study, share)?,
            (Some(table), Some(since)) => first = table.go_on(since, &ids)?,
            (None, Some(_)) => {}
        }
        Ok(Self {
            table,
            first,
            is_over,
        })
    }
}
