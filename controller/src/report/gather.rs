//! What a report shows, gathered in one pass over the rows.

use std::path::Path;

use super::curve::Durations;
use super::profile::Profile;
use crate::results::{Column, Provenance, Reader, Reduction, ResultError, describe};
use crate::totals::{Ledger, Totals};

/// Buckets of a line: about as many as the picture of an item has pixels in a row.
const BUCKETS: usize = 800;

/// What a report shows.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) columns: Vec<Column>,
    /// Of each column.
    pub(super) values: Vec<Reduction>,
    pub(super) profiles: Vec<Profile>,
    /// What all users use together.
    pub(super) durations: Durations,
    pub(super) totals: Totals,
    /// The time of the first row, and of the last one.
    pub(super) span: (i64, i64),
}

impl Gathered {
    /// Reads a result.
    pub(super) fn of(path: &Path, provenance: &Provenance) -> Result<Self, ResultError> {
        let mut reader = Reader::open(path)?;
        let columns = describe(reader.names(), provenance);
        let mut ledger = Ledger::new(&columns, provenance);
        let mut values = vec![Reduction::new(BUCKETS); columns.len()];
        let mut profiles = vec![Profile::new(); columns.len()];
        let (mut durations, mut span) = (Durations::default(), None);
        reader.each(provenance.resolution(), |row| {
            let (first, _) = *span.get_or_insert((row.time, row.time));
            span = Some((first, row.time));
            ledger.take(&row);
            if let Some(power) = ledger.power_used(&row) {
                durations.push(power);
            }
            for ((values, profile), value) in values.iter_mut().zip(&mut profiles).zip(row.values) {
                values.push(row.time, *value);
                profile.push(row.time, *value);
            }
        })?;
        Ok(Self {
            columns,
            values,
            profiles,
            durations,
            totals: ledger.finish(),
            span: span.unwrap_or((0, 0)),
        })
    }
}
