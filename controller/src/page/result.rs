//! A run that is over, as the page shows it: its rows, and what its scenario says of them.

use std::path::Path;

use serde_json::{Map, Value as Json, json};
use shared::time::WallTime;

use super::description::{
    DescribedColumn, DescribedConnection, DescribedModel, Description, origin,
};
use super::hub::Rows;
use super::store::Store;
use crate::results::{Column, Provenance, Reader, ResultError, describe, unit_of};
use crate::scenario::{Written, WrittenModel};

/// Rows that are handed over together.
const BATCH: usize = 4096;

/// What is in a result file.
pub(super) struct Found {
    pub(super) description: Description,
    pub(super) rows: Rows,
    /// The values of the last row, by item.
    pub(super) last: Json,
}

/// Reads a result file.
///
/// # Errors
/// It cannot be read, or is none.
pub(super) fn read(path: &Path, provenance: &Provenance) -> Result<Found, ResultError> {
    let mut reader = Reader::open(path)?;
    let names = reader.names().to_vec();
    let columns = describe(&names, provenance);
    let mut store = Store::new(names.len());
    let mut batch = vec![Vec::with_capacity(BATCH); names.len()];
    let mut first = None;
    let mut last = Vec::new();
    reader.each(provenance.resolution(), |row| {
        first.get_or_insert((row.time, row.seconds));
        for (column, value) in batch.iter_mut().zip(row.values) {
            column.push(*value);
        }
        last.clear();
        last.extend_from_slice(row.values);
        if batch.first().is_some_and(|column| column.len() >= BATCH) {
            store.extend(&batch);
            batch.iter_mut().for_each(Vec::clear);
        }
    })?;
    store.extend(&batch);
    let ticks = store.rows();
    let (start, seconds) = first.unwrap_or((0, 1));
    let values: Map<String, Json> = names
        .iter()
        .cloned()
        .zip(last.iter().map(|v| json!(v)))
        .collect();
    let title = path
        .file_stem()
        .map(|name| name.to_string_lossy().into_owned());
    let outline = provenance.outline.as_ref();
    let resolution = provenance
        .resolution()
        .or_else(|| u32::try_from(seconds).ok());
    let mut description = Description {
        title: outline.map_or_else(|| title.unwrap_or_default(), |outline| outline.name.clone()),
        start: WallTime::from_seconds(start).to_string(),
        resolution: resolution.unwrap_or(1).max(1),
        ticks,
        columns: columns.iter().map(column).collect(),
        ..Description::default()
    };
    match outline {
        Some(outline) => take_scenario(outline, &columns, &mut description),
        None => take_columns(&columns, &mut description),
    }
    Ok(Found {
        description,
        rows: Rows {
            items: names,
            store,
        },
        last: json!({"tick": ticks.saturating_sub(1), "values": values}),
    })
}

fn column(column: &Column) -> DescribedColumn {
    DescribedColumn {
        item: column.name.clone(),
        model: column.model.clone(),
        attribute: column.attribute.clone(),
        unit: column.unit.clone().unwrap_or_default(),
    }
}

/// The models of a scenario and what flows between them.
fn take_scenario(outline: &Written, columns: &[Column], description: &mut Description) {
    let model = |WrittenModel { config, model_type }: &WrittenModel| {
        let summary = model_type.as_ref().map(|known| known.summary());
        let summary = summary.unwrap_or_default();
        DescribedModel::of_result(&config.name, &config.model_type, summary, columns)
    };
    description.models = outline.models.iter().map(model).collect();
    let place = |name: &str| {
        outline
            .models
            .iter()
            .position(|model| model.config.name == name)
    };
    let connections = outline.connections.iter().filter_map(|connection| {
        let [(from, output), (to, input)] = &connection.ends;
        let (from, to) = (place(from)?, place(to)?);
        let (origin, unit) = published(&outline.models[from], output);
        let recorded = columns.iter().find(|column| {
            column.model == outline.models[from].config.name && column.attribute == *output
        });
        Some(DescribedConnection {
            from,
            output: output.clone(),
            to,
            input: input.clone(),
            origin,
            unit: recorded
                .and_then(|column| column.unit.clone())
                .unwrap_or(unit),
            shifted: connection.is_shifted,
        })
    });
    description.connections = connections.collect();
}

/// Whether something is a flow or information, and its unit, as its type declares.
fn published(model: &WrittenModel, name: &str) -> (&'static str, String) {
    let declared = model.model_type.as_ref().and_then(|known| {
        let Some(published) = known.published.iter().find(|p| p.name == name) else {
            let unit = known.unit_of_added(name)?;
            return Some(("state", unit.to_owned()));
        };
        let unit = (&*published.unit, published.unit_by.as_deref());
        let unit = unit_of(known, unit, &model.config);
        Some((origin(published.origin), unit.unwrap_or_default()))
    });
    declared.unwrap_or(("state", String::new()))
}

/// Without a scenario: the models that columns name.
fn take_columns(columns: &[Column], description: &mut Description) {
    for column in columns {
        if description
            .models
            .iter()
            .any(|model| model.name == column.model)
        {
            continue;
        }
        let model_type = column.model_type.as_deref().unwrap_or_default();
        let model = DescribedModel::of_result(&column.model, model_type, String::new(), columns);
        description.models.push(model);
    }
}
