//! Going on with what an earlier run has left: its rows are computed again, compared, and followed by new ones.

use std::io;
use std::path::PathBuf;

use shared::index::Table;
use shared::time::Tick;
use thiserror::Error;

use crate::adjusting::Adjustables;
use crate::made_from::MadeFrom;
use crate::output::count;
use crate::outputs::{CsvFile, Journal};
use crate::places::{Place, Target};
use crate::replay;
use crate::results::Record;
use crate::run::RunError;
use crate::scenario::Graph;

/// Why a run does not go on with what an earlier one has left.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// The result goes into no file, so nothing can be left of it.
    #[error(
        "--resume goes on with a result in a file, and this one goes into none; name a file with --output"
    )]
    NoFile,
    /// The record of the earlier run cannot be read.
    #[error("the record '{}' of the earlier run cannot be read; without --resume all is made anew", .path.display())]
    Unreadable {
        /// The record.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The earlier run was made from something else.
    #[error(
        "the rows in '{}' cannot be gone on with: {what}; with what it was the run goes on, and without --resume all is \
         made anew",
        .partial.display()
    )]
    Differs {
        /// What the earlier run has left.
        partial: PathBuf,
        /// What is another one now.
        what: String,
    },
}

/// What there may be of an earlier run, and what this one is made from.
pub(super) struct Prior<'a> {
    pub(super) target: Option<&'a Target>,
    pub(super) file: Option<&'a mut CsvFile>,
    pub(super) journal: &'a mut Journal,
    pub(super) is_replay: bool,
    pub(super) files: &'a [PathBuf],
    pub(super) adjustables: &'a Adjustables,
    pub(super) graph: &'a mut Graph,
}

/// Has a run go on with what an earlier one has left. Returns how many rows that are.
pub(super) fn go_on(prior: Prior<'_>) -> Result<Tick, RunError> {
    let Prior {
        target,
        file,
        journal,
        is_replay,
        files,
        adjustables,
        graph,
    } = prior;
    let (Some(place), Some(file)) = (target.and_then(Target::place), file) else {
        return Err(ResumeError::NoFile.into());
    };
    let kept = file.kept()?;
    let rows = kept.rows();
    if rows == 0 {
        return Ok(0);
    }
    compare(place, files)?;
    if rows > graph.grid.ticks {
        let what = format!(
            "it has {}, and the scenario has {}",
            count(rows, "row"),
            count(graph.grid.ticks, "tick")
        );
        let partial = place.partial();
        return Err(ResumeError::Differs { partial, what }.into());
    }
    let lines = journal.go_on()?.filter(|_| !is_replay);
    let path = journal.path();
    let records = lines.map(|lines| replay::read_from(lines, &path, graph, adjustables));
    let records = records.transpose()?;
    let newest = records.iter().flatten().flatten().map(|(tick, _)| tick + 1);
    let newest = newest.max().unwrap_or(0);
    // What came from outside in the last moments may be on no record, at the tick of the last entry as well, and other
    // rows may come of it.
    let binding = records
        .as_ref()
        .map_or(rows, |_| newest.saturating_sub(1).min(rows));
    file.go_on(kept, binding);
    let recorded = rows.max(newest);
    let mut records = records.map(Table::into_iter);
    for model in &mut graph.models {
        if let Some(comes) = records.as_mut().and_then(Iterator::next) {
            model.outside.comes = comes;
        }
        if !is_replay {
            model.outside.recorded = recorded;
        }
    }
    Ok(rows)
}

/// What is said of it.
pub(super) fn words_of(rows: Tick, target: Option<&Target>) -> String {
    let partial = target.and_then(Target::place).map(Place::partial);
    let partial = partial.unwrap_or_default();
    let partial = partial.display();
    match rows {
        0 => format!("there are no rows in '{partial}' to go on with; the run begins"),
        rows => format!(
            "'{partial}' has {}: they are computed again and compared, and the run goes on from there",
            count(rows, "row")
        ),
    }
}

/// Compares what the earlier run was made from, if its record is there, with what this one is made from.
fn compare(place: &Place, files: &[PathBuf]) -> Result<(), ResumeError> {
    let path = place.partial_record();
    let record = match Record::read(&path) {
        Ok(record) => record,
        // It is written a moment after the first row. The rows are compared in any case.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(ResumeError::Unreadable { path, cause }),
    };
    let made_from = MadeFrom::now(files.iter().cloned());
    match made_from.difference(&record.made_from) {
        None => Ok(()),
        Some(what) => {
            let partial = place.partial();
            Err(ResumeError::Differs { partial, what })
        }
    }
}
