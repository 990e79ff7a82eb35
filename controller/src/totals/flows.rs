//! Flows of energy: what a column adds to the balance in each row.

use shared::model::Role;
use shared::variant::{FlowPlan, FlowSums};

use crate::results::{Column, Measure};

/// Seconds of an hour.
const HOUR: f64 = 3600.0;

/// A column that is part of the balance of energy, and what has come of it.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) name: String,
    pub(crate) model: String,
    pub(crate) role: Role,
    /// What came of its values above 0, and what of those below, in kWh.
    pub(crate) positive: f64,
    pub(crate) negative: f64,
    /// Rows without a number.
    pub(crate) gaps: u64,
}

/// What a column is in the balance, if it is part of it.
pub(super) fn flow_of(place: u32, column: &Column) -> Option<FlowPlan> {
    let (role, sign) = match column.role? {
        role @ (Role::Made | Role::Used | Role::Stored | Role::Exchanged | Role::Spilled) => {
            (role, 1.0)
        }
        Role::Imported => (Role::Exchanged, -1.0),
        Role::Converted => (Role::Stored, 1.0),
        Role::Reconverted => (Role::Stored, -1.0),
        Role::Level | Role::Price | Role::Cost | Role::Revenue | Role::Emissions => return None,
    };
    let measure = match column.measure()? {
        Measure::Power(kw) => Measure::Power(sign * kw),
        Measure::Energy(kwh) => Measure::Energy(sign * kwh),
    };
    Some(FlowPlan {
        place,
        role,
        measure,
        rows_of_a_step: column.time_step_size,
    })
}

/// The power of a value of a flow in a row of so many seconds, in kW.
pub(super) fn power(flow: &FlowPlan, value: f64, seconds: i64) -> f64 {
    match flow.measure {
        Measure::Power(kw) => value * kw,
        Measure::Energy(_) if seconds == 0 => 0.0,
        Measure::Energy(_) => {
            let energy = flow
                .measure
                .energy(value, seconds, flow.rows_of_a_step.into());
            energy * HOUR / seconds as f64
        }
    }
}

impl Flow {
    /// The flow of a column with a role, with nothing in it.
    pub(super) fn new(column: &Column, role: Role) -> Self {
        Self {
            name: column.name.clone(),
            model: column.model.clone(),
            role: if role == Role::Imported {
                Role::Exchanged
            } else {
                role
            },
            positive: 0.0,
            negative: 0.0,
            gaps: 0,
        }
    }

    /// It came to this.
    pub(super) fn settle(&mut self, sums: &FlowSums) {
        (self.positive, self.negative, self.gaps) = (sums.positive, sums.negative, sums.gaps);
        if self.role == Role::Reconverted {
            std::mem::swap(&mut self.positive, &mut self.negative);
        }
    }

    /// All of it, in kWh.
    pub(crate) fn net(&self) -> f64 {
        self.positive - self.negative
    }
}
