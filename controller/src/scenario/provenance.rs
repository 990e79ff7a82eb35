//! Which models get numbers that the Python Illuminator computes with numpy.
//!
//! There, what `PV` and `Wind` publish are numpy's numbers, and so is whatever is computed from
//! them, from model to model. Python rounds its own numbers by their exact decimal value and
//! numpy's by multiplying and dividing, which differs in the last place now and then; and a model
//! that rounds passes the difference on. Results can only be the same where this is followed.

use std::collections::BTreeMap;

use super::entry::ModelEntry;
use super::file::ConnectionEntry;

/// The types that publish numpy's numbers.
const SOURCES: &[&str] = &["PV", "Wind"];

/// Says for each model whether numbers of one of these types reach it, over any number of
/// connections.
pub(super) fn reached_by_numpy(
    models: &[ModelEntry],
    connections: &[ConnectionEntry],
) -> Vec<bool> {
    let mut places = BTreeMap::new();
    for (place, model) in models.iter().enumerate() {
        if let Some(name) = model.name.as_deref() {
            places.entry(name).or_insert(place);
        }
    }
    let place = |name: &str| places.get(name).copied();
    let ends = connections.iter().filter_map(|connection| {
        let (from, to) = (connection.from.as_ref()?, connection.to.as_ref()?);
        Some((place(&from.model)?, place(&to.model)?))
    });
    let mut readers = vec![Vec::new(); models.len()];
    for (from, to) in ends {
        readers[from].push(to);
    }
    let is_source = |model: &ModelEntry| {
        let name = model.type_name.as_ref().map(|(name, _)| name.as_str());
        name.is_some_and(|name| SOURCES.contains(&name))
    };
    let mut reached = vec![false; models.len()];
    let mut open: Vec<usize> = (0..models.len())
        .filter(|m| is_source(&models[*m]))
        .collect();
    while let Some(model) = open.pop() {
        for &reader in &readers[model] {
            if !reached[reader] {
                reached[reader] = true;
                open.push(reader);
            }
        }
    }
    reached
}
