//! Parts of series for charts, as the page reads them: little-endian numbers.

use std::collections::BTreeMap;

use shared::time::Tick;

use super::hub::{Hub, lock};
use super::store::Part;

/// The most series of one answer.
const MOST: usize = 64;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    run: Option<u64>,
    items: Vec<String>,
    from: Tick,
    to: Tick,
    points: u64,
}

impl Wanted {
    /// What the parameters of an address say.
    pub(super) fn of(query: &BTreeMap<String, Vec<String>>) -> Result<Self, String> {
        let number = |name: &str, otherwise: Option<u64>| -> Result<u64, String> {
            let given = query.get(name).and_then(|all| all.first());
            match (given, otherwise) {
                (Some(text), _) => text
                    .parse()
                    .map_err(|_| format!("'{name}' is a whole number from 0 on, and not '{text}'")),
                (None, Some(otherwise)) => Ok(otherwise),
                (None, None) => Err(format!("'{name}' is missing")),
            }
        };
        let items = query.get("item").cloned().unwrap_or_default();
        if items.len() > MOST {
            return Err(format!("at most {MOST} items at a time"));
        }
        Ok(Self {
            run: query
                .contains_key("run")
                .then(|| number("run", None))
                .transpose()?,
            items,
            from: number("from", Some(0))?,
            to: number("to", Some(Tick::MAX))?,
            points: number("points", Some(1000))?,
        })
    }
}

/// The number of series, and of each: how many pieces it has, the ticks of each, and for all of them the tick, the
/// least and the largest value. `None` where there is no such run.
pub(super) fn series(hub: &Hub, wanted: &Wanted) -> Option<Vec<u8>> {
    let rows = hub.present().rows_of(wanted.run)?;
    let mut bytes = Vec::new();
    let count = u32::try_from(wanted.items.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&count.to_le_bytes());
    for item in &wanted.items {
        let range = wanted.from..wanted.to.max(wanted.from);
        let mut rows = lock(&rows);
        let column = rows.items.iter().position(|known| known == item);
        let part = if let Some(column) = column {
            rows.store.part(column, range, wanted.points)
        } else {
            drop(rows);
            let present = hub.present();
            let sampled = present.sampled.get(item);
            sampled.map_or_else(
                || Part::new(1),
                |sampled| sampled.part(range, wanted.points),
            )
        };
        append(&mut bytes, &part);
    }
    Some(bytes)
}

fn append(bytes: &mut Vec<u8>, part: &Part) {
    for number in [part.pieces.len() as u64, part.width] {
        bytes.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
    }
    for (tick, _) in &part.pieces {
        bytes.extend_from_slice(&(*tick as f64).to_le_bytes());
    }
    for (_, extent) in &part.pieces {
        bytes.extend_from_slice(&extent.low.to_le_bytes());
    }
    for (_, extent) in &part.pieces {
        bytes.extend_from_slice(&extent.high.to_le_bytes());
    }
}
