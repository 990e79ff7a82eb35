//! What is known of the rows that were made, so that programs which are asked once more cannot have made others.

use std::io;

use engine::Rows;
use shared::model::fingerprint;
use shared::time::Tick;
use shared::value::Value;

use crate::scenario::{Graph, GraphModel};

/// What the rows may take, in numbers of 8 bytes: a million rows of a run with one program.
const LIMIT: usize = 2 * 1024 * 1024;

/// Numbers that stand for the rows since the first one: one for each row, and one for what each model by a bridge has
/// in it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The models by a bridge that have something in the rows, and where.
    models: Vec<(String, Vec<usize>)>,
    prints: Vec<u64>,
    limit: usize,
    /// There were too many.
    is_lost: bool,
}

/// A row that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) tick: Tick,
    /// The first model by a bridge that has something else in it, if one has.
    pub(crate) model: Option<String>,
}

impl Seen {
    /// Nothing yet, where any models run by a bridge.
    pub(crate) fn of(graph: &Graph) -> Option<Self> {
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
            prints: Vec::new(),
            limit: LIMIT,
            is_lost: false,
        })
    }

    /// Whether all rows are known.
    pub(crate) fn is_whole(&self) -> bool {
        !self.is_lost
    }

    /// Takes note of the next row.
    pub(crate) fn note(&mut self, values: &[Value]) {
        if self.is_lost {
            return;
        }
        if self.prints.len() + self.width() > self.limit {
            (self.is_lost, self.prints) = (true, Vec::new());
            return;
        }
        self.prints.push(fingerprint(values));
        for (_, columns) in &self.models {
            self.prints.push(of_columns(columns, values));
        }
    }

    fn width(&self) -> usize {
        1 + self.models.len()
    }

    /// Compares a row with that of this tick.
    fn compare(&self, tick: Tick, values: &[Value]) -> Result<(), Difference> {
        let place = usize::try_from(tick).unwrap_or(usize::MAX);
        let start = place.saturating_mul(self.width());
        let prints = self.prints.get(start..).unwrap_or_default();
        if prints.first() == Some(&fingerprint(values)) {
            return Ok(());
        }
        let own = self.models.iter().zip(prints.iter().skip(1));
        let mut others = own.filter(|((_, columns), print)| of_columns(columns, values) != **print);
        let model = others.next().map(|((name, _), _)| name.clone());
        Err(Difference { tick, model })
    }
}

fn of_columns(columns: &[usize], values: &[Value]) -> u64 {
    let own: Vec<Option<&Value>> = columns.iter().map(|column| values.get(*column)).collect();
    fingerprint(&own)
}

/// Compares rows that are made once more, as far as there are any to compare with.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) seen: Option<Seen>,
    /// The first row that is not what it was.
    pub(crate) difference: Option<Difference>,
}

impl Rows for Comparison {
    fn row(&mut self, tick: Tick, values: &[Value]) -> io::Result<()> {
        let compared = self.seen.as_ref().map(|seen| seen.compare(tick, values));
        if let Some(Err(difference)) = compared {
            self.difference = Some(difference);
            return Err(io::Error::other("a row is not what it was"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(limit: usize) -> Seen {
        Seen {
            models: vec![("Tank".into(), vec![1]), ("Mill".into(), vec![2])],
            prints: Vec::new(),
            limit,
            is_lost: false,
        }
    }

    fn row(values: [i64; 3]) -> [Value; 3] {
        values.map(Value::Int)
    }

    #[test]
    fn a_row_that_differs_is_named_with_the_model_that_it_is_about() {
        let mut seen = seen(LIMIT);
        seen.note(&row([1, 2, 3]));
        seen.note(&row([4, 5, 6]));
        let difference = |tick, model: Option<&str>| {
            let model = model.map(str::to_owned);
            Err(Difference { tick, model })
        };
        for (tick, values, expected) in [
            (0, [1, 2, 3], Ok(())),
            (1, [4, 5, 6], Ok(())),
            (1, [4, 5, 7], difference(1, Some("Mill"))),
            (1, [4, 9, 7], difference(1, Some("Tank"))),
            (0, [4, 2, 3], difference(0, None)),
            (2, [4, 5, 6], difference(2, None)),
        ] {
            assert_eq!(seen.compare(tick, &row(values)), expected, "{values:?}");
        }
    }

    #[test]
    fn what_is_kept_of_rows_has_a_bound() {
        let mut seen = seen(6);
        (0..2).for_each(|_| seen.note(&row([1, 2, 3])));
        assert!(seen.is_whole());
        (0..2).for_each(|_| seen.note(&row([1, 2, 3])));
        assert!(!seen.is_whole() && seen.prints.is_empty());
    }
}
