//! What is known of the rows that were made, so that programs which are asked once more cannot have made others.

use std::io;

use engine::Rows;
use scratch::{Cursor, Log, Lost, Scratch};
use shared::model::fingerprint;
use shared::time::Tick;
use shared::value::Value;

use crate::scenario::{Graph, GraphModel};

/// Numbers that stand for the rows since the first one: one for each row, and one for what each model by a bridge has
/// in it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The models by a bridge that have something in the rows, and where.
    models: Vec<(String, Vec<usize>)>,
    prints: Log<u64>,
}

/// A row that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) tick: Tick,
    /// The first model by a bridge that has something else in it, if one has.
    pub(crate) model: Option<String>,
}

impl Seen {
    /// Nothing yet, to be kept there, where any models run by a bridge.
    pub(crate) fn of(graph: &Graph, scratch: &Scratch) -> Option<Self> {
        let is_remote = |id| {
            let model: &GraphModel = &graph.models[id];
            let programs = model.programs.as_ref();
            model.connect.is_some() && programs.is_some_and(|programs| programs.bridge.is_some())
        };
        let remote: Vec<_> = graph.models.ids().filter(|id| is_remote(*id)).collect();
        let items = &graph.monitor.items;
        let models = remote.iter().map(|id| {
            let own = items.iter().enumerate();
            let own = own.filter(|(_, item)| item.source.model == *id);
            let columns: Vec<usize> = own.map(|(column, _)| column).collect();
            (graph.models[*id].config.name.clone(), columns)
        });
        let models = models.filter(|(_, columns)| !columns.is_empty());
        (!remote.is_empty()).then(|| Self {
            models: models.collect(),
            prints: Log::new(scratch),
        })
    }

    /// Takes note of the next row.
    pub(crate) fn note(&mut self, values: &[Value]) {
        self.prints.push(&fingerprint(values));
        for (_, columns) in &self.models {
            self.prints.push(&of_columns(columns, values));
        }
    }

    /// Compares a row with that of this tick, whose numbers are behind a place, and moves the place behind them.
    fn compare(&self, next: &mut Cursor, tick: Tick, values: &[Value]) -> Result<(), Unlike> {
        let mut is_same = self.prints.next(next)? == Some(fingerprint(values));
        let mut model = None;
        for (name, columns) in &self.models {
            let print = self.prints.next(next)?;
            if print != Some(of_columns(columns, values)) {
                is_same = false;
                model = model.or_else(|| Some(name.clone()));
            }
        }
        if is_same {
            Ok(())
        } else {
            Err(Unlike::Differs(Difference { tick, model }))
        }
    }
}

fn of_columns(columns: &[usize], values: &[Value]) -> u64 {
    let own: Vec<Option<&Value>> = columns.iter().map(|column| values.get(*column)).collect();
    fingerprint(&own)
}

/// Why a row is not known to be what it was.
#[derive(Debug, PartialEq)]
pub(crate) enum Unlike {
    /// It is not.
    Differs(Difference),
    /// Nobody knows any more what it was.
    Lost(Lost),
}

impl From<Lost> for Unlike {
    fn from(lost: Lost) -> Self {
        Self::Lost(lost)
    }
}

/// Compares rows that are made once more, as far as there are any to compare with.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// What they were, and the next one.
    seen: Option<(Seen, Cursor)>,
    /// What is wrong with the first row that is not what it was.
    pub(crate) unlike: Option<Unlike>,
}

impl Comparison {
    /// With all rows since the first one.
    pub(crate) fn with(seen: Seen) -> Self {
        Self {
            seen: Some((seen, Cursor::default())),
            unlike: None,
        }
    }

    /// Whether there are any to compare with.
    pub(crate) fn compares(&self) -> bool {
        self.seen.is_some()
    }
}

impl Rows for Comparison {
    fn row(&mut self, tick: Tick, values: &mut [Value]) -> io::Result<()> {
        let seen = self.seen.as_mut();
        let compared = seen.map(|(seen, next)| seen.compare(next, tick, values));
        if let Some(Err(unlike)) = compared {
            self.unlike = Some(unlike);
            return Err(io::Error::other("a row is not what it was"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Seen {
        let scratch = Scratch::with_memory(vec![std::env::temp_dir()], 0);
        Seen {
            models: vec![("Tank".into(), vec![1]), ("Mill".into(), vec![2])],
            prints: Log::new(&scratch),
        }
    }

    fn row(values: [i64; 3]) -> [Value; 3] {
        values.map(Value::Int)
    }

    #[test]
    fn a_row_that_differs_is_named_with_the_model_that_it_is_about() {
        let mut seen = seen();
        seen.note(&row([1, 2, 3]));
        seen.note(&row([4, 5, 6]));
        let difference = |tick, model: Option<&str>| {
            let model = model.map(str::to_owned);
            Err(Unlike::Differs(Difference { tick, model }))
        };
        for (tick, values, expected) in [
            (0, [1, 2, 3], Ok(())),
            (1, [4, 5, 6], Ok(())),
            (1, [4, 5, 7], difference(1, Some("Mill"))),
            (1, [4, 9, 7], difference(1, Some("Tank"))),
            (0, [4, 2, 3], difference(0, None)),
            // There was none.
            (2, [4, 5, 6], difference(2, Some("Tank"))),
        ] {
            let mut next = Cursor::at(3 * tick);
            let compared = seen.compare(&mut next, tick, &row(values));
            assert_eq!(compared, expected, "{values:?}");
        }
    }

    #[test]
    fn all_rows_of_a_long_run_are_compared() {
        let mut seen = seen();
        let rows = 20_000;
        (0..rows).for_each(|tick| seen.note(&row([tick, 2, 3])));
        let mut comparison = Comparison::with(seen);
        for tick in 0..rows {
            let mut values = row([tick, 2, 3]);
            assert!(
                comparison.row(tick.unsigned_abs(), &mut values).is_ok(),
                "{tick}"
            );
        }
        assert!(
            comparison
                .row(rows.unsigned_abs(), &mut row([rows, 2, 3]))
                .is_err()
        );
        assert!(matches!(comparison.unlike, Some(Unlike::Differs(_))));
    }
}
