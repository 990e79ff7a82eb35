//! What is to be seen of the items of a result.

use std::collections::BTreeSet;
use std::path::Path;

use shared::time::WallTime;
use terminal::spelling::nearest;

use crate::results::{Column, Provenance, Reader, Reduction, ResultError, describe};

/// Buckets of a line: more than a picture has pixels in a row.
const BUCKETS: usize = 2400;

/// Which part of the simulated time is meant, both ends included.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    pub(crate) from: Option<i64>,
    pub(crate) to: Option<i64>,
}

/// An item, and its values.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) column: Column,
    pub(crate) values: Reduction,
}

/// Items of a result.
#[derive(Debug)]
pub(crate) struct Plot {
    pub(crate) lines: Vec<Line>,
    /// The time of the first row that is shown, and of the last one.
    pub(crate) span: (i64, i64),
}

/// Why there is nothing to be seen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlotError {
    /// The result cannot be read.
    #[error(transparent)]
    Result(#[from] ResultError),
    /// No item is named, or one that is not there, or there is nothing of it.
    #[error("{0}")]
    Nothing(String),
}

/// Reads items of a result.
pub(crate) fn gather(
    path: &Path,
    items: &[String],
    window: Window,
    provenance: &Provenance,
) -> Result<Plot, PlotError> {
    let mut reader = Reader::open(path)?;
    let places = find(path, items, reader.names())?;
    let columns = describe(reader.names(), provenance);
    let line = |place: &usize| Line {
        column: columns[*place].clone(),
        values: Reduction::new(BUCKETS),
    };
    let mut lines: Vec<Line> = places.iter().map(line).collect();
    let (mut seen, mut whole) = (None, None);
    reader.each(None, |row| {
        let (first, _) = *whole.get_or_insert((row.time, row.time));
        whole = Some((first, row.time));
        let is_before = window.from.is_some_and(|from| row.time < from);
        if is_before || window.to.is_some_and(|to| row.time > to) {
            return;
        }
        let (first, _) = *seen.get_or_insert((row.time, row.time));
        seen = Some((first, row.time));
        for (line, place) in lines.iter_mut().zip(&places) {
            line.values.push(row.time, row.values[*place]);
        }
    })?;
    let span = seen.ok_or_else(|| PlotError::Nothing(no_rows(path, whole)))?;
    Ok(Plot { lines, span })
}

/// The places of items, each once.
fn find(path: &Path, items: &[String], names: &[String]) -> Result<Vec<usize>, PlotError> {
    if items.is_empty() {
        let text = format!(
            "name an item to plot; '{}' has {}",
            path.display(),
            listed(names)
        );
        return Err(PlotError::Nothing(text));
    }
    let place = |item: &String| {
        let place = names.iter().position(|name| name == item);
        place.ok_or_else(|| {
            let near = nearest(item, names.iter().map(String::as_str));
            let near = near.map_or_else(String::new, |near| format!(", did you mean '{near}'?"));
            let (path, names) = (path.display(), listed(names));
            PlotError::Nothing(format!(
                "'{path}' has no item '{item}'{near}; it has {names}"
            ))
        })
    };
    let mut met = BTreeSet::new();
    let places: Vec<usize> = items.iter().map(place).collect::<Result<_, _>>()?;
    Ok(places
        .into_iter()
        .filter(|place| met.insert(*place))
        .collect())
}

fn listed(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let text = names[..names.len().min(SHOWN)].join(", ");
    if names.len() > SHOWN {
        return format!("{text} and {} more", names.len() - SHOWN);
    }
    text
}

fn no_rows(path: &Path, whole: Option<(i64, i64)>) -> String {
    let at = WallTime::from_seconds;
    match whole {
        None => format!(
            "'{}' has a header and no rows, so there is nothing to plot",
            path.display()
        ),
        Some((first, last)) => format!(
            "'{}' has no row in this time; its rows are from {} to {}",
            path.display(),
            at(first),
            at(last)
        ),
    }
}
