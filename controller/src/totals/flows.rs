//! Flows of energy: what a column adds to the balance in each row.

use shared::model::Role;

use crate::results::{Column, Measure, Row};

/// Seconds of an hour.
const HOUR: f64 = 3600.0;

/// A column that is part of the balance of energy, and what has come of it.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    /// The place of the column.
    pub(crate) place: usize,
    pub(crate) name: String,
    pub(crate) model: String,
    pub(crate) role: Role,
    measure: Measure,
    /// Rows in which one step counts.
    rows_of_a_step: f64,
    /// What came of its values above 0, and what of those below, in kWh.
    pub(crate) positive: f64,
    pub(crate) negative: f64,
    /// Rows without a number.
    pub(crate) gaps: u64,
}

impl Flow {
    /// The flow of a column, if it is one.
    pub(crate) fn of(place: usize, column: &Column) -> Option<Self> {
        let role = column
            .role
            .filter(|role| !matches!(role, Role::Level | Role::Price))?;
        Some(Self {
            place,
            name: column.name.clone(),
            model: column.model.clone(),
            role,
            measure: column.measure()?,
            rows_of_a_step: f64::from(column.time_step_size),
            positive: 0.0,
            negative: 0.0,
            gaps: 0,
        })
    }

    /// The power of a value, in kW.
    pub(crate) fn power(&self, value: f64, seconds: i64) -> f64 {
        match self.measure {
            Measure::Power(kw) => value * kw,
            Measure::Energy(_) if seconds == 0 => 0.0,
            Measure::Energy(_) => self.energy(value, seconds) * HOUR / seconds as f64,
        }
    }

    /// The energy of a value in its row, in kWh.
    fn energy(&self, value: f64, seconds: i64) -> f64 {
        self.measure.energy(value, seconds, self.rows_of_a_step)
    }

    /// Takes in a row; its energy, in kWh.
    pub(super) fn take(&mut self, row: &Row<'_>) -> f64 {
        let value = row.values[self.place];
        if !value.is_finite() {
            self.gaps += 1;
            return 0.0;
        }
        let energy = self.energy(value, row.seconds);
        if energy < 0.0 {
            self.negative -= energy;
        } else {
            self.positive += energy;
        }
        energy
    }

    /// All of it, in kWh.
    pub(crate) fn net(&self) -> f64 {
        self.positive - self.negative
    }
}

/// Energies of one row, or of all, in kWh.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sums {
    pub(crate) made: f64,
    pub(crate) used: f64,
    /// Into stores; out of them where it is negative.
    pub(crate) stored: f64,
    pub(crate) spilled: f64,
    /// Sold; bought where it is negative.
    pub(crate) exchanged: f64,
}

impl Sums {
    /// Adds the energy of a flow.
    pub(super) fn add(&mut self, role: Role, energy: f64) {
        match role {
            Role::Made => self.made += energy,
            Role::Used => self.used += energy,
            Role::Stored => self.stored += energy,
            Role::Spilled => self.spilled += energy,
            Role::Exchanged => self.exchanged += energy,
            Role::Level | Role::Price => {}
        }
    }

    /// What is left of what is made, before anything is exchanged.
    pub(super) fn left(&self) -> f64 {
        self.made - self.used - self.stored - self.spilled
    }
}
