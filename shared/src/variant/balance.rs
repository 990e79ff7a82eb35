//! The balance of energy of rows: what is made, used, stored, spilled and exchanged, and what that costs.

use serde::{Deserialize, Serialize};

use super::Measure;
use crate::model::Role;

/// What the columns of rows are in the balance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BalancePlan {
    /// Columns of power or energy.
    pub flows: Vec<FlowPlan>,
    /// The columns of levels: those of stores, in percent, and what accounts have come to.
    pub stores: Vec<u32>,
    /// The one price.
    pub price: Option<PricePlan>,
    /// It is known what is bought and sold.
    pub is_exchange_known: bool,
    /// What is exchanged is what is left of all else.
    pub is_derived: bool,
}

/// A column that is part of the balance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowPlan {
    /// The column.
    pub place: u32,
    /// What it is in the balance: made, used, spilled, exchanged, or stored. What becomes another carrier and comes back from
    /// it is stored here.
    pub role: Role,
    /// What its values measure.
    pub measure: Measure,
    /// Rows in which one step counts.
    pub rows_of_a_step: u32,
}

/// A column that is a price.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PricePlan {
    /// The column.
    pub place: u32,
    /// Euros per kWh of one of its values.
    pub factor: f64,
}

/// What the rows so far have come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    /// By flow.
    pub flows: Vec<FlowSums>,
    /// All of them.
    pub sums: Sums,
    /// What was bought and what was sold, in kWh.
    pub exchanged: (f64, f64),
    /// By how much made and used, stored and exchanged differ, in kWh.
    pub unexplained: f64,
    /// By store.
    pub stores: Vec<Swing>,
    /// At the price.
    pub paid: Paid,
}

/// What has come of a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowSums {
    /// What came of its values above 0, in kWh.
    pub positive: f64,
    /// What came of those below, in kWh.
    pub negative: f64,
    /// Rows without a number.
    pub gaps: u64,
}

/// How a level has moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Swing {
    /// The first and the last level; `None` where there is no number.
    pub levels: Option<(f64, f64)>,
    /// All that the level has risen and fallen.
    pub moved: f64,
}

/// What was paid, in euros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Paid {
    /// For what was bought.
    pub paid: f64,
    /// For what was sold.
    pub earned: f64,
    /// Rows without a price.
    pub gaps: u64,
}

/// Energies of one row, or of all, in kWh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// What was made.
    pub made: f64,
    /// What was used.
    pub used: f64,
    /// Into stores; out of them where it is negative.
    pub stored: f64,
    /// What found no use.
    pub spilled: f64,
    /// Sold; bought where it is negative.
    pub exchanged: f64,
}

impl BalancePlan {
    /// A balance without rows.
    pub fn begin(&self) -> Balance {
        Balance {
            flows: vec![FlowSums::default(); self.flows.len()],
            stores: vec![Swing::default(); self.stores.len()],
            ..Balance::default()
        }
    }
}

impl Balance {
    /// Takes in a row of so many seconds, whose values are by column.
    pub fn take(&mut self, plan: &BalancePlan, seconds: i64, values: &[f64]) {
        let value_at = |place: u32| values.get(place as usize).copied().unwrap_or(f64::NAN);
        let mut row = Sums::default();
        for (flow, sums) in plan.flows.iter().zip(&mut self.flows) {
            let value = value_at(flow.place);
            let energy = if value.is_finite() {
                flow.measure
                    .energy(value, seconds, flow.rows_of_a_step.into())
            } else {
                sums.gaps += 1;
                0.0
            };
            if energy < 0.0 {
                sums.negative -= energy;
            } else {
                sums.positive += energy;
            }
            row.add(flow.role, energy);
            self.sums.add(flow.role, energy);
        }
        let exchanged = if plan.is_derived {
            row.left()
        } else {
            self.unexplained += row.left() - row.exchanged;
            row.exchanged
        };
        if plan.is_exchange_known {
            let (bought, sold) = &mut self.exchanged;
            *bought += (-exchanged).max(0.0);
            *sold += exchanged.max(0.0);
            if let Some(price) = &plan.price {
                self.paid
                    .take(value_at(price.place) * price.factor, exchanged);
            }
        }
        for (&place, swing) in plan.stores.iter().zip(&mut self.stores) {
            swing.take(value_at(place));
        }
    }
}

impl Paid {
    /// Takes in what is sold at a price, or bought where it is negative, in kWh.
    fn take(&mut self, price: f64, exchanged: f64) {
        if !price.is_finite() {
            self.gaps += 1;
        } else if exchanged < 0.0 {
            self.paid -= exchanged * price;
        } else {
            self.earned += exchanged * price;
        }
    }
}

impl Swing {
    fn take(&mut self, level: f64) {
        if level.is_finite() {
            let (first, last) = self.levels.unwrap_or((level, level));
            self.moved += (level - last).abs();
            self.levels = Some((first, level));
        }
    }
}

impl Sums {
    fn add(&mut self, role: Role, energy: f64) {
        match role {
            Role::Made => self.made += energy,
            Role::Used => self.used += energy,
            Role::Stored => self.stored += energy,
            Role::Spilled => self.spilled += energy,
            Role::Exchanged => self.exchanged += energy,
            // Plans have none of these.
            _ => {}
        }
    }

    /// What is left of what is made, before anything is exchanged.
    fn left(&self) -> f64 {
        self.made - self.used - self.stored - self.spilled
    }
}
