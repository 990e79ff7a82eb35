//! The ledger: takes in rows, and gives totals.

use std::collections::BTreeSet;

use shared::model::Role;
use shared::variant::{Balance, BalancePlan, Sums};

use super::flows::{Flow, flow_of, power};
use super::missing::{Missing, missing, programs};
use super::money::{Entry, Money, price_of};
use super::stores::{Store, is_level};
use crate::output::count;
use crate::results::{Column, Provenance, Row};

/// What differs by less than this part of all that is made and used is rounding.
const ROUNDING: f64 = 0.001;

/// Totals while rows come.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    /// What they are called, without what they come to.
    totals: Totals,
    plan: BalancePlan,
    balance: Balance,
}

/// Totals of a result. Energies are in kWh.
#[derive(Clone, Debug)]
pub(crate) struct Totals {
    pub(crate) rows: u64,
    /// The time of the first row, and the end of the last one.
    pub(crate) span: Option<(i64, i64)>,
    /// What each item of the balance comes to, in the order of the columns.
    pub(crate) flows: Vec<Flow>,
    /// All of them.
    pub(crate) sums: Sums,
    /// What was bought and what was sold; `None` where nobody knows.
    pub(crate) grid: Option<(f64, f64)>,
    /// By how much made and used, stored and exchanged differ, where all of that is in the result.
    pub(crate) unexplained: f64,
    pub(crate) stores: Vec<Store>,
    /// What accounts have come to, in the order of the columns.
    pub(crate) entries: Vec<Entry>,
    /// What was bought and sold at a price, where there is no account.
    pub(crate) money: Option<Money>,
    /// Items that are no part of the balance.
    pub(crate) left_out: Vec<String>,
    /// What its reader should know.
    pub(crate) notes: Vec<String>,
}

impl Ledger {
    /// A ledger of these columns.
    pub(crate) fn new(columns: &[Column], provenance: &Provenance) -> Self {
        let mut seen = BTreeSet::new();
        // An attribute under two names, or twice under one, counts once.
        let mut counted: Vec<(u32, &Column)> = (0..).zip(columns).collect();
        counted.retain(|(_, column)| seen.insert((&column.model, column.role)));
        let once = || counted.iter().copied();
        let flows = once().filter_map(|(place, column)| {
            let plan = flow_of(place, column)?;
            Some((Flow::new(column, column.role?), plan))
        });
        let (flows, planned_flows) = flows.unzip();
        let entries = once().filter_map(|(place, column)| Some((Entry::of(column)?, place)));
        let (entries, planned_entries): (Vec<Entry>, Vec<u32>) = entries.unzip();
        // An account knows the price of each step, and whose it is.
        let priced = if entries.is_empty() {
            price_of(columns)
        } else {
            Ok(None)
        };
        let (price, notes) = match priced {
            Ok(price) => (price, Vec::new()),
            Err(prices) => (None, vec![several_prices(&prices)]),
        };
        let stores = once().filter(|(_, column)| is_level(column));
        let (stores, mut levels): (Vec<Store>, Vec<u32>) = stores
            .map(|(place, column)| (Store::new(column), place))
            .unzip();
        levels.extend(planned_entries);
        let is_priced = |column: &Column| price.is_some_and(|(_, name)| name == column.name);
        let is_out =
            |c: &&Column| c.role.is_none() || (c.role == Some(Role::Price) && !is_priced(c));
        let left_out = columns.iter().filter(is_out).map(|c| c.name.clone());
        let mut ledger = Self {
            plan: BalancePlan {
                flows: planned_flows,
                stores: levels,
                price: price.map(|(plan, _)| plan),
                is_exchange_known: false,
                is_derived: false,
            },
            balance: Balance::default(),
            totals: Totals {
                rows: 0,
                span: None,
                sums: Sums::default(),
                grid: None,
                unexplained: 0.0,
                left_out: left_out.collect(),
                flows,
                stores,
                entries,
                money: price.map(|(_, name)| Money::at(name)),
                notes,
            },
        };
        ledger.look_around(columns, provenance);
        ledger.plan.is_exchange_known = ledger.totals.grid.is_some();
        ledger.balance = ledger.plan.begin();
        ledger
    }

    /// Notes what is missing, and how what is exchanged is known.
    fn look_around(&mut self, columns: &[Column], provenance: &Provenance) {
        let notes = &mut self.totals.notes;
        notes.extend(provenance.notes.iter().cloned());
        for column in columns
            .iter()
            .filter(|c| c.role.is_some() && c.is_ambiguous())
        {
            let (name, unit) = (&column.name, column.unit.as_deref().unwrap_or_default());
            let first = unit.split(" or ").next().unwrap_or_default();
            notes.push(format!(
                "'{name}' is in {unit}, as its model is told; it is taken as {first}"
            ));
        }
        let outline = provenance.outline.as_ref();
        let missing = outline.map_or_else(Vec::new, |outline| missing(outline, columns));
        let programs = outline.map_or_else(Vec::new, programs);
        for (model, kind) in &programs {
            notes.push(format!(
                "'{model}' is left out: of the program '{kind}' nobody knows what it makes and uses"
            ));
        }
        self.find_exchange(&missing, outline.is_some() && programs.is_empty());
        let notes = &mut self.totals.notes;
        for Missing { item, role } in missing {
            let so = match role {
                Role::Exchanged | Role::Imported if self.totals.grid.is_none() => {
                    ", so nobody knows what is bought and sold"
                }
                Role::Exchanged | Role::Imported => continue,
                _ => "",
            };
            notes.push(format!(
                "'{item}' ({role}) is not in the result{so}; monitor it as well"
            ));
        }
    }

    /// Finds out how what is exchanged with the grid is known: it is in the result, or what is left of a
    /// balance that is whole.
    fn find_exchange(&mut self, missing: &[Missing], is_known: bool) {
        let totals = &mut self.totals;
        let misses = |roles: &[Role]| missing.iter().any(|m| roles.contains(&m.role));
        if totals.has(Role::Exchanged) {
            if !misses(&[Role::Exchanged, Role::Imported]) {
                totals.grid = Some((0.0, 0.0));
            }
            return;
        }
        let is_whole = !misses(&[
            Role::Made,
            Role::Used,
            Role::Stored,
            Role::Converted,
            Role::Reconverted,
            Role::Spilled,
        ]);
        let is_any = totals.has(Role::Used) || totals.has(Role::Converted);
        if is_any && is_whole && is_known {
            self.plan.is_derived = true;
            totals.grid = Some((0.0, 0.0));
            totals.notes.push(
                "what is bought and sold is what made, used and stored leave in each row: no item of the \
                 result says it"
                    .to_owned(),
            );
        }
    }

    /// Takes in a row.
    pub(crate) fn take(&mut self, row: &Row<'_>) {
        let totals = &mut self.totals;
        let (start, _) = totals.span.unwrap_or((row.time, row.time));
        totals.span = Some((start, row.time + row.seconds));
        totals.rows += 1;
        self.balance.take(&self.plan, row.seconds, row.values);
    }

    /// How the balance of the columns is made.
    pub(crate) fn plan(&self) -> &BalancePlan {
        &self.plan
    }

    /// What all users use together in a row, in kW; nothing where there are none.
    pub(crate) fn power_used(&self, row: &Row<'_>) -> Option<f64> {
        let flows = self.plan.flows.iter();
        let used = flows.filter(|flow| flow.role == Role::Used);
        let power = used.map(|flow| power(flow, row.values[flow.place as usize], row.seconds));
        power.reduce(|a, b| a + b)
    }

    /// The totals of all rows that there were.
    pub(crate) fn finish(mut self) -> Totals {
        let balance = std::mem::take(&mut self.balance);
        self.settle(&balance)
    }

    /// The totals of rows that came to this balance elsewhere, or here.
    pub(crate) fn settle(self, balance: &Balance) -> Totals {
        let mut totals = self.totals;
        totals.sums = balance.sums;
        totals.unexplained = balance.unexplained;
        totals.grid = totals.grid.map(|_| balance.exchanged);
        for (flow, sums) in totals.flows.iter_mut().zip(&balance.flows) {
            flow.settle(sums);
        }
        let (of_stores, of_entries) = balance.stores.split_at(totals.stores.len());
        for (store, swing) in totals.stores.iter_mut().zip(of_stores) {
            store.settle(swing);
        }
        for (entry, swing) in totals.entries.iter_mut().zip(of_entries) {
            entry.settle(swing);
        }
        if let Some(money) = &mut totals.money {
            money.settle(&balance.paid);
        }
        if self.plan.is_derived || !totals.has(Role::Exchanged) || !totals.has(Role::Used) {
            totals.unexplained = 0.0;
        }
        if totals.grid.is_none() {
            totals.money = None;
        }
        let all = totals.sums.made.abs() + totals.sums.used.abs();
        if totals.unexplained.abs() <= all * ROUNDING {
            totals.unexplained = 0.0;
        } else {
            totals.notes.push(format!(
                "made is {:.3} kWh {} used, stored and sold come to: something is not in the result, or a \
                 model did not do what another one counted on",
                totals.unexplained.abs(),
                if totals.unexplained > 0.0 { "more than" } else { "less than" },
            ));
        }
        for flow in totals.flows.iter().filter(|flow| flow.gaps > 0) {
            let (rows, name) = (count(flow.gaps, "row"), &flow.name);
            totals.notes.push(format!(
                "'{name}' has no number in {rows}, which count as 0"
            ));
        }
        if let Some(money) = totals.money.as_ref().filter(|money| money.gaps > 0) {
            let (rows, name) = (count(money.gaps, "row"), &money.price);
            totals.notes.push(format!(
                "'{name}' has no number in {rows}, which cost nothing"
            ));
        }
        totals
    }
}

impl Totals {
    /// The part of what is used that was not bought, where that is known.
    pub(crate) fn self_sufficiency(&self) -> Option<f64> {
        let (bought, _) = self.grid?;
        (self.sums.used > 0.0).then(|| 1.0 - bought / self.sums.used)
    }

    /// The part of what is made that was not sold, where that is known.
    pub(crate) fn self_consumption(&self) -> Option<f64> {
        let (_, sold) = self.grid?;
        (self.sums.made > 0.0).then(|| 1.0 - (sold + self.sums.spilled) / self.sums.made)
    }

    /// Whether there is a flow with this role.
    pub(crate) fn has(&self, role: Role) -> bool {
        self.with(role).next().is_some()
    }

    /// The flows with a role.
    pub(crate) fn with(&self, role: Role) -> impl Iterator<Item = &Flow> {
        self.flows.iter().filter(move |flow| flow.role == role)
    }

    /// What went into stores, and what came out of them.
    pub(crate) fn stored(&self) -> (f64, f64) {
        let sum = |of: fn(&Flow) -> f64| self.with(Role::Stored).map(of).sum();
        (sum(|flow| flow.positive), sum(|flow| flow.negative))
    }

    /// What became another carrier, and what came back from one.
    pub(crate) fn converted(&self) -> (f64, f64) {
        let sum = |role| self.with(role).map(Flow::net).sum();
        (sum(Role::Converted), sum(Role::Reconverted))
    }

    /// What accounts have come to in this, where there is any of it.
    pub(crate) fn entered(&self, role: Role) -> Option<f64> {
        let entries = self.entries.iter().filter(|entry| entry.role == role);
        entries
            .filter_map(|entry| entry.amount)
            .reduce(|a, b| a + b)
    }

    /// Cost less revenue, where both are known.
    pub(crate) fn net_cost(&self) -> Option<f64> {
        Some(self.entered(Role::Cost)? - self.entered(Role::Revenue)?)
    }

    /// How long all rows last, in hours.
    pub(crate) fn hours(&self) -> f64 {
        self.span
            .map_or(0.0, |(start, end)| (end - start) as f64 / 3600.0)
    }
}

fn several_prices(prices: &[String]) -> String {
    format!(
        "there are several prices ('{}'), and nobody knows which is that of what is bought and sold; \
         monitor one of them for money",
        prices.join("', '")
    )
}
