//! Monitor items: which attributes are recorded.

use std::collections::BTreeMap;

use shared::index::Index;
use shared::plan::{ModelId, PublishedId};

use super::names::Names;
use crate::scenario::entries::{IndicatorEntry, Reference};
use crate::scenario::graph::MonitorItem;
use crate::scenario::models::Known;
use crate::scenario::problems::Problems;

/// Looks up what monitor items name. `None` where one of them is wrong, which is reported.
pub(crate) fn find_items(
    references: &[Reference],
    names: &Names<'_>,
    problems: &mut Problems,
) -> Option<Vec<MonitorItem>> {
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    let mut items = Some(Vec::new());
    for reference in references {
        let label = format!("monitor item '{}'", reference.text);
        if let Some(first) = lines.get(reference.text.as_str()) {
            let message = format!(
                "{label} is there already in line {first}, so the result has two equal columns"
            );
            problems.warning("duplicate_item", reference.position, message);
        } else {
            lines.insert(&reference.text, reference.position.line);
        }
        let item = find_item(reference, &label, names, problems);
        items = items.zip(item).map(|(mut items, item)| {
            items.push(item);
            items
        });
    }
    items
}

/// Looks up what indicators are made of. `None` where one of them is wrong, which is reported.
pub(crate) fn find_indicators(
    entries: &[IndicatorEntry],
    names: &Names<'_>,
    problems: &mut Problems,
) -> Option<Vec<MonitorItem>> {
    let items = entries.iter().map(|entry| {
        let label = format!("indicator '{}'", entry.name);
        find_item(&entry.of, &label, names, problems)
    });
    // Each of them is looked at, so that all that is wrong is reported.
    let items: Vec<_> = items.collect();
    items.into_iter().collect()
}

fn find_item(
    reference: &Reference,
    label: &str,
    names: &Names<'_>,
    problems: &mut Problems,
) -> Option<MonitorItem> {
    let model = names.find(reference, label, problems)?;
    match names.candidate(model).source(&reference.attribute) {
        Known::Yes(published) => Some(MonitorItem {
            text: reference.text.clone(),
            source: PublishedId {
                model: ModelId::at(model),
                slot: published.slot?,
            },
        }),
        Known::No { code, why } => {
            problems.error(code, reference.position, format!("{label}: {why}"));
            None
        }
        Known::Nothing => None,
    }
}
