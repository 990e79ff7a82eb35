//! Indicators: what of a variant is one number.

use shared::variant::{Function, IndicatorPlan, Measure, Numbers, TallyPlan};

use crate::results::{Column, Provenance, describe};
use crate::scenario::{IndicatorEntry, Written};
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
#[derive(Clone, Debug)]
pub(crate) struct Described {
    columns: Vec<Column>,
    /// Whether energies can be had, and how, by indicator.
    measures: Vec<Option<Measure>>,
    /// What is made of rows.
    tallies: TallyPlan,
    /// The totals without rows, if they are wanted.
    ledger: Option<Ledger>,
}

/// The totals that are indicators: their names, and what they are.
type Total = (&'static str, fn(&Totals) -> Option<f64>);

/// What the totals of a result have as one number.
const TOTALS: [Total; 18] = [
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
    ("cost [EUR]", |t| t.entered(shared::model::Role::Cost)),
    ("revenue [EUR]", |t| t.entered(shared::model::Role::Revenue)),
    ("net_cost [EUR]", Totals::net_cost),
    ("emissions [kg]", |t| {
        t.entered(shared::model::Role::Emissions)
    }),
    ("converted_in [kWh]", |t| {
        t.has(shared::model::Role::Converted)
            .then(|| t.converted().0)
    }),
    ("converted_out [kWh]", |t| {
        t.has(shared::model::Role::Reconverted)
            .then(|| t.converted().1)
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
        let of = |place: &usize| columns.get(*place);
        let measures = self.places.iter().map(|place| of(place)?.measure());
        let measures: Vec<Option<Measure>> = measures.collect();
        let own = self.own.iter().zip(&self.places).zip(&measures);
        let own = own.map(|((entry, place), measure)| IndicatorPlan {
            place: u32::try_from(*place).unwrap_or(u32::MAX),
            function: entry.function,
            measure: *measure,
            rows_of_a_step: of(place).map_or(1, |column| column.time_step_size),
        });
        let ledger = self.totals.then(|| {
            let monitored = &columns[..self.monitored];
            Ledger::new(monitored, &provenance)
        });
        let monitored = u32::try_from(self.monitored).unwrap_or(u32::MAX);
        let balance = ledger
            .as_ref()
            .map(|ledger| (ledger.plan().clone(), monitored));
        Described {
            tallies: TallyPlan {
                indicators: own.collect(),
                balance,
            },
            measures,
            columns,
            ledger,
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
}

impl Described {
    /// What is made of rows.
    pub(crate) fn tallies(&self) -> &TallyPlan {
        &self.tallies
    }

    /// The indicators of a variant whose rows came to these numbers; none where an attribute had no number.
    pub(crate) fn indicators(&self, numbers: &Numbers) -> Vec<Option<f64>> {
        let balance = self.ledger.as_ref().zip(numbers.balance.as_ref());
        let totals = balance.map(|(ledger, balance)| ledger.clone().settle(balance));
        let totals = totals
            .iter()
            .flat_map(|totals| TOTALS.map(|(_, of)| of(totals)));
        totals.chain(numbers.indicators.iter().copied()).collect()
    }
}
