//! Totals of a result: energy made, used, stored, converted, bought and sold, and what follows from that. Which
//! attribute is what says its declaration in the catalogue.

mod flows;
mod json;
mod ledger;
mod missing;
mod money;
mod stores;
mod text;

pub(crate) use flows::Flow;
pub(crate) use json::to_json;
pub(crate) use ledger::{Ledger, Totals};
pub(crate) use stores::Store;
pub(crate) use text::{number, percent, to_text};

use std::path::Path;

use crate::results::{Provenance, Reader, ResultError, describe};

/// The totals of a result.
pub(crate) fn of(path: &Path, provenance: &Provenance) -> Result<Totals, ResultError> {
    let mut reader = Reader::open(path)?;
    let mut ledger = Ledger::new(&describe(reader.names(), provenance), provenance);
    reader.each(provenance.resolution(), |row| ledger.take(&row))?;
    Ok(ledger.finish())
}

#[cfg(test)]
mod tests;
