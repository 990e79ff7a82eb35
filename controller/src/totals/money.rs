//! What energy costs: what accounts have come to, or what was paid where there is a price.

use shared::model::Role;
use shared::variant::{Paid, PricePlan, Swing};

use crate::results::Column;

/// What an account has added up: its cost, its revenue or its emissions.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// In euros or kg, at the end; `None` where there is no number.
    pub(crate) amount: Option<f64>,
}

impl Entry {
    /// That of a column, if it is one, with nothing in it.
    pub(super) fn of(column: &Column) -> Option<Self> {
        let role = column
            .role
            .filter(|role| matches!(role, Role::Cost | Role::Revenue | Role::Emissions))?;
        Some(Self {
            name: column.name.clone(),
            role,
            amount: None,
        })
    }

    /// It has come to this.
    pub(super) fn settle(&mut self, swing: &Swing) {
        self.amount = swing.levels.map(|(_, last)| last);
    }
}

/// What was paid, at one price that may change from row to row.
#[derive(Clone, Debug)]
pub(crate) struct Money {
    /// The column of the price.
    pub(crate) price: String,
    /// For what was bought, in euros.
    pub(crate) paid: f64,
    /// For what was sold, in euros.
    pub(crate) earned: f64,
    /// Rows without a price.
    pub(crate) gaps: u64,
}

/// The one price that there is among columns, with its name. With several of them nobody knows whose price is whose: these
/// are named in the error.
pub(super) fn price_of(columns: &[Column]) -> Result<Option<(PricePlan, &str)>, Vec<String>> {
    let priced = (0u32..).zip(columns).filter_map(|(place, column)| {
        let factor = match column.unit.as_deref() {
            Some("€/kWh") => 1.0,
            Some("€/MWh") => 0.001,
            _ => return None,
        };
        let plan = PricePlan { place, factor };
        (column.role == Some(Role::Price)).then_some((plan, column.name.as_str()))
    });
    let mut prices: Vec<(PricePlan, &str)> = priced.collect();
    match prices.len() {
        0 | 1 => Ok(prices.pop()),
        _ => Err(prices
            .into_iter()
            .map(|(_, name)| name.to_owned())
            .collect()),
    }
}

impl Money {
    /// Nothing, at this price.
    pub(super) fn at(price: &str) -> Self {
        Self {
            price: price.to_owned(),
            paid: 0.0,
            earned: 0.0,
            gaps: 0,
        }
    }

    /// It came to this.
    pub(super) fn settle(&mut self, paid: &Paid) {
        (self.paid, self.earned, self.gaps) = (paid.paid, paid.earned, paid.gaps);
    }
}
