//! What was paid for energy, where there is a price.

use shared::model::Role;

use crate::results::Column;

/// What was paid, at one price that may change from row to row.
#[derive(Clone, Debug)]
pub(crate) struct Money {
    place: usize,
    /// The column of the price.
    pub(crate) price: String,
    /// Euros per kWh of one of its values.
    factor: f64,
    /// For what was bought, in euros.
    pub(crate) paid: f64,
    /// For what was sold, in euros.
    pub(crate) earned: f64,
    /// Rows without a price.
    pub(crate) gaps: u64,
}

impl Money {
    /// At the one price that there is. With several of them nobody knows whose price is whose: these are
    /// named in the error.
    pub(super) fn of(columns: &[Column]) -> Result<Option<Self>, Vec<String>> {
        let priced = columns.iter().enumerate().filter_map(|(place, column)| {
            let factor = match column.unit.as_deref() {
                Some("€/kWh") => 1.0,
                Some("€/MWh") => 0.001,
                _ => return None,
            };
            (column.role == Some(Role::Price)).then(|| Self {
                place,
                price: column.name.clone(),
                factor,
                paid: 0.0,
                earned: 0.0,
                gaps: 0,
            })
        });
        let mut prices: Vec<Self> = priced.collect();
        match prices.len() {
            0 | 1 => Ok(prices.pop()),
            _ => Err(prices.into_iter().map(|money| money.price).collect()),
        }
    }

    /// Takes in a row with what is sold in it, in kWh, or bought where that is negative.
    pub(super) fn take(&mut self, values: &[f64], exchanged: f64) {
        let price = values[self.place] * self.factor;
        if !price.is_finite() {
            self.gaps += 1;
        } else if exchanged < 0.0 {
            self.paid -= exchanged * price;
        } else {
            self.earned += exchanged * price;
        }
    }
}
