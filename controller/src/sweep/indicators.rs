//! Indicators: what of a variant is one number.

use shared::time::{Tick, TimeGrid};
use shared::value::{Number, Value};

use crate::results::{Column, Measure, Provenance, Row, describe};
use crate::scenario::{Function, IndicatorEntry, Written};
use crate::totals::{Ledger, Store, Totals};

/// What of a variant is one number each.
#[derive(Debug)]
pub(crate) struct Indicators {
    /// The totals of what is monitored.
    totals: bool,
    own: Vec<IndicatorEntry>,
    /// The place among the columns of the attribute of each.
    places: Vec<usize>,
    /// How many columns the totals have.
    monitored: usize,
}

/// What columns are in a variant.
#[derive(Debug)]
pub(crate) struct Described {
    columns: Vec<Column>,
    provenance: Provenance,
    /// Whether energies can be had, and how.
    measures: Vec<Option<Measure>>,
}

/// The numbers of one variant while its rows come.
#[derive(Debug)]
pub(crate) struct Tallies<'a> {
    indicators: &'a Indicators,
    described: &'a Described,
    ledger: Option<Ledger>,
    own: Vec<Tally>,
    /// The numbers of the newest row.
    row: Vec<f64>,
    grid: TimeGrid,
}

/// What has come of an attribute.
#[derive(Clone, Debug, Default)]
struct Tally {
    count: u64,
    sum: f64,
    /// The smallest, the largest, or the last one.
    extreme: f64,
    /// All of them, where that is needed.
    all: Vec<f64>,
}

/// The totals that are indicators: their names, and what they are.
type Total = (&'static str, fn(&Totals) -> Option<f64>);

/// What the totals of a result have as one number.
const TOTALS: [Total; 12] = [
    ("made [kWh]", |t| {
        t.has(shared::model::Role::Made).then_some(t.sums.made)
    }),
    ("used [kWh]", |t| {
        t.has(shared::model::Role::Used).then_some(t.sums.used)
    }),
    ("stored_in [kWh]", |t| {
        t.has(shared::model::Role::Stored).then(|| t.stored().0)
    }),
    ("stored_out [kWh]", |t| {
        t.has(shared::model::Role::Stored).then(|| t.stored().1)
    }),
    ("spilled [kWh]", |t| {
        t.has(shared::model::Role::Spilled)
            .then_some(t.sums.spilled)
    }),
    ("bought [kWh]", |t| t.grid.map(|grid| grid.0)),
    ("sold [kWh]", |t| t.grid.map(|grid| grid.1)),
    ("self_sufficiency [-]", Totals::self_sufficiency),
    ("self_consumption [-]", Totals::self_consumption),
    ("full_cycles [-]", |t| {
        t.stores.iter().map(Store::cycles).reduce(|a, b| a + b)
    }),
    ("paid [EUR]", |t| t.money.as_ref().map(|money| money.paid)),
    ("earned [EUR]", |t| {
        t.money.as_ref().map(|money| money.earned)
    }),
];

impl Indicators {
    /// These, of variants that have such columns: those of the monitor are the first ones, if totals are wanted.
    pub(crate) fn new(
        totals: bool,
        own: Vec<IndicatorEntry>,
        columns: &[String],
        monitored: usize,
    ) -> Self {
        let place = |entry: &IndicatorEntry| {
            let mut columns = columns.iter();
            columns.position(|column| *column == entry.of.text)
        };
        let places = own.iter().map(|entry| place(entry).unwrap_or(usize::MAX));
        Self {
            totals,
            places: places.collect(),
            monitored,
            own,
        }
    }

    /// What the columns are, as a scenario has them.
    pub(crate) fn describe(&self, columns: &[String], written: Written) -> Described {
        let provenance = Provenance {
            outline: Some(written),
            ..Provenance::default()
        };
        let columns = describe(columns, &provenance);
        let measures = self
            .places
            .iter()
            .map(|place| columns.get(*place)?.measure());
        Described {
            measures: measures.collect(),
            columns,
            provenance,
        }
    }

    /// What they are called, with their units.
    pub(crate) fn header(&self, described: &Described) -> Vec<String> {
        let totals = TOTALS.iter().map(|(name, _)| (*name).to_owned());
        let totals = totals.filter(|_| self.totals);
        let own = self.own.iter().zip(&self.places).map(|(entry, place)| {
            let column = described.columns.get(*place);
            let unit = match entry.function {
                Function::Energy => Some("kWh"),
                _ => column.and_then(|column| column.unit.as_deref()),
            };
            format!("{} [{}]", entry.name, unit.unwrap_or("-"))
        });
        totals.chain(own).collect()
    }

    /// What they are called.
    pub(crate) fn names(&self) -> Vec<String> {
        let totals = TOTALS.iter().filter(|_| self.totals);
        let totals = totals.map(|(name, _)| name.split(' ').next().unwrap_or_default().to_owned());
        totals
            .chain(self.own.iter().map(|entry| entry.name.clone()))
            .collect()
    }

    /// Those of a variant that failed.
    pub(crate) fn none(&self) -> Vec<Option<f64>> {
        let totals = if self.totals { TOTALS.len() } else { 0 };
        vec![None; totals + self.own.len()]
    }

    /// Those that ask for the energy of what is neither power nor energy.
    pub(crate) fn wrong(&self, described: &Described) -> Vec<String> {
        let own = self.own.iter().zip(&described.measures);
        let wrong =
            own.filter(|(entry, measure)| entry.function == Function::Energy && measure.is_none());
        let wrong = wrong.map(|(entry, _)| {
            format!(
                "indicator '{}': '{}' is neither a power nor an energy, as far as its type says; use sum, mean or another \
                 function",
                entry.name, entry.of.text
            )
        });
        wrong.collect()
    }

    /// Begins with a variant.
    pub(crate) fn tallies<'a>(&'a self, described: &'a Described, grid: TimeGrid) -> Tallies<'a> {
        let ledger = || Ledger::new(&described.columns[..self.monitored], &described.provenance);
        Tallies {
            indicators: self,
            described,
            ledger: self.totals.then(ledger),
            own: vec![Tally::default(); self.own.len()],
            row: Vec::new(),
            grid,
        }
    }
}

impl Tallies<'_> {
    /// Takes in a row.
    pub(crate) fn take(&mut self, tick: Tick, values: &[Value]) {
        let seconds = i64::from(self.grid.resolution);
        let number = |value: &Value| value.as_number().map_or(f64::NAN, Number::to_f64);
        if let Some(ledger) = &mut self.ledger {
            self.row.clear();
            self.row
                .extend(values[..self.indicators.monitored].iter().map(number));
            ledger.take(&Row {
                time: self.grid.at(tick).seconds(),
                seconds,
                values: &self.row,
            });
        }
        let own = self.own.iter_mut().zip(&self.indicators.own);
        let own = own
            .zip(&self.indicators.places)
            .zip(&self.described.measures);
        let columns = &self.described.columns;
        for (((tally, entry), place), measure) in own {
            let value = values.get(*place).map_or(f64::NAN, number);
            if value.is_nan() {
                continue;
            }
            let step = columns
                .get(*place)
                .map_or(1, |column| column.time_step_size);
            tally.take(entry.function, value, *measure, (seconds, step));
        }
    }

    /// The numbers of the variant; none where an attribute had no number.
    pub(crate) fn finish(self) -> Vec<Option<f64>> {
        let totals = self.ledger.map(Ledger::finish);
        let totals = totals
            .iter()
            .flat_map(|totals| TOTALS.map(|(_, of)| of(totals)));
        let own = self.own.into_iter().zip(&self.indicators.own);
        let own = own.map(|(tally, entry)| tally.finish(entry.function));
        totals.chain(own).collect()
    }
}

impl Tally {
    fn take(
        &mut self,
        function: Function,
        value: f64,
        measure: Option<Measure>,
        (seconds, step): (i64, u32),
    ) {
        match function {
            Function::Sum | Function::Mean => self.sum += value,
            Function::Energy => {
                let energy = |measure: Measure| measure.energy(value, seconds, step.into());
                self.sum += measure.map_or(0.0, energy);
            }
            Function::Quantile(_) => self.all.push(value),
            Function::Last => self.extreme = value,
            Function::Min if self.count == 0 || value < self.extreme => self.extreme = value,
            Function::Max if self.count == 0 || value > self.extreme => self.extreme = value,
            Function::Min | Function::Max => {}
        }
        self.count += 1;
    }

    fn finish(mut self, function: Function) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        Some(match function {
            Function::Sum | Function::Energy => self.sum,
            Function::Mean => self.sum / self.count as f64,
            Function::Min | Function::Max | Function::Last => self.extreme,
            Function::Quantile(part) => quantile(&mut self.all, part),
        })
    }
}

/// The value below which this part of the values is: between two of them as far as it is from them, as `NumPy` has it by
/// default. Hyndman and Fan, Sample Quantiles in Statistical Packages (1996), definition 7.
fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = part * (values.len() - 1) as f64;
    let below = place.floor();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a place among the values"
    )]
    let at = below as usize;
    let low = values[at];
    let high = values.get(at + 1).copied().unwrap_or(low);
    low + (high - low) * (place - below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(function: Function, values: &[f64]) -> Option<f64> {
        let mut tally = Tally::default();
        for value in values {
            tally.take(function, *value, Some(Measure::Power(0.001)), (900, 1));
        }
        tally.finish(function)
    }

    #[test]
    fn each_function_gives_the_number_that_a_hand_finds() {
        let values = [3.0, -1.0, 2.0, 4.0];
        assert_eq!(of(Function::Sum, &values), Some(8.0));
        assert_eq!(of(Function::Mean, &values), Some(2.0));
        assert_eq!(of(Function::Min, &values), Some(-1.0));
        assert_eq!(of(Function::Max, &values), Some(4.0));
        assert_eq!(of(Function::Last, &values), Some(4.0));
        // Quarters of an hour of watts.
        assert_eq!(of(Function::Energy, &values), Some(0.002));
        // numpy.quantile([3, -1, 2, 4], [0, 0.5, 0.95, 1])
        for (part, expected) in [(0.0, -1.0), (0.5, 2.5), (0.95, 3.85), (1.0, 4.0)] {
            let found = of(Function::Quantile(part), &values).expect("a number");
            assert!((found - expected).abs() < 1e-12, "{part}: {found}");
        }
    }

    #[test]
    fn of_no_number_there_is_none() {
        assert_eq!(of(Function::Mean, &[]), None);
        assert_eq!(of(Function::Quantile(0.5), &[]), None);
    }
}
