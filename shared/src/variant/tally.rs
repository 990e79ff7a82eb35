//! Numbers that are made of rows.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::balance::{Balance, BalancePlan, FlowPlan};
use crate::memory::items;
use crate::time::TimeGrid;
use crate::value::{Number, Value};

/// Seconds of an hour.
const HOUR: f64 = 3600.0;

/// What a value of a column measures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Measure {
    /// Power: so many kW are one of it.
    Power(f64),
    /// Energy of a step: so many kWh are one of it.
    Energy(f64),
}

impl Measure {
    /// The energy of a value in a row of so many seconds, in kWh. A power holds until the next row; the energy of a step
    /// is spread over its rows.
    pub fn energy(self, value: f64, seconds: i64, rows_of_a_step: f64) -> f64 {
        match self {
            Self::Power(kw) => value * kw * seconds as f64 / HOUR,
            Self::Energy(kwh) => value * kwh / rows_of_a_step,
        }
    }
}

/// What is made of the values of an attribute in all rows of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Function {
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The last one.
    Last,
    /// The value below which this part of the values is, in between two of them as they are apart.
    Quantile(f64),
    /// The energy of a power that holds from row to row, or of energies, in kWh.
    Energy,
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sum => "sum",
            Self::Mean => "mean",
            Self::Min => "min",
            Self::Max => "max",
            Self::Last => "last",
            Self::Quantile(_) => "quantile",
            Self::Energy => "energy",
        })
    }
}

/// A number that is made of the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndicatorPlan {
    /// The column.
    pub place: u32,
    /// What is made of it.
    pub function: Function,
    /// What its values measure, if that is power or energy: nothing else has an energy.
    pub measure: Option<Measure>,
    /// Rows in which one step counts.
    pub rows_of_a_step: u32,
}

/// The numbers that are made of rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TallyPlan {
    /// Such as are made of one column each.
    pub indicators: Vec<IndicatorPlan>,
    /// The balance of energy, if it is wanted, and how many of the first columns it looks at.
    pub balance: Option<(BalancePlan, u32)>,
}

/// What rows come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// By indicator; none where its column had no number.
    pub indicators: Vec<Option<f64>>,
    /// The balance, if it is wanted.
    pub balance: Option<Balance>,
}

/// Numbers in the making.
#[derive(Debug)]
pub struct Tallies<'a> {
    plan: &'a TallyPlan,
    indicators: Vec<Tally>,
    balance: Option<Balance>,
    /// The numbers of the newest row.
    row: Vec<f64>,
    seconds: i64,
}

/// What has come of a column.
#[derive(Clone, Debug, Default)]
struct Tally {
    count: u64,
    sum: f64,
    /// The smallest, the largest, or the last one.
    extreme: f64,
    /// All of them, where that is needed.
    all: Vec<f64>,
}

impl TallyPlan {
    /// Begins with the rows of a run.
    pub fn begin(&self, grid: TimeGrid) -> Tallies<'_> {
        Tallies {
            plan: self,
            indicators: vec![Tally::default(); self.indicators.len()],
            balance: self.balance.as_ref().map(|(plan, _)| plan.begin()),
            row: Vec::new(),
            seconds: grid.resolution.into(),
        }
    }

    /// What it takes beside itself.
    pub fn heap_bytes(&self) -> usize {
        let balance = self.balance.as_ref().map_or(0, |(plan, _)| {
            items::<FlowPlan>(plan.flows.len()) + items::<u32>(plan.stores.len())
        });
        items::<IndicatorPlan>(self.indicators.len()) + balance
    }

    /// The most memory that the numbers of a run take in the making.
    pub fn bytes(&self, grid: TimeGrid) -> usize {
        let is_quantile = |plan: &&IndicatorPlan| matches!(plan.function, Function::Quantile(_));
        let kept = self.indicators.iter().filter(is_quantile).count();
        let ticks = usize::try_from(grid.ticks).unwrap_or(usize::MAX);
        // Sums take about as much as what says how they are made. A vector that grows has room for twice as many.
        let sums = 2 * self.heap_bytes() + items::<Tally>(self.indicators.len());
        let columns = self.balance.as_ref().map_or(0, |(_, columns)| *columns);
        let values = kept.saturating_mul(ticks).saturating_add(columns as usize);
        items::<f64>(values.saturating_mul(2)).saturating_add(sums)
    }
}

impl Tallies<'_> {
    /// Takes in a row.
    pub fn take(&mut self, values: &[Value]) {
        let number = |value: &Value| value.as_number().map_or(f64::NAN, Number::to_f64);
        if let (Some(balance), Some((plan, columns))) = (&mut self.balance, &self.plan.balance) {
            self.row.clear();
            self.row
                .extend(values.iter().take(*columns as usize).map(number));
            balance.take(plan, self.seconds, &self.row);
        }
        for (tally, plan) in self.indicators.iter_mut().zip(&self.plan.indicators) {
            let value = values.get(plan.place as usize).map_or(f64::NAN, number);
            if !value.is_nan() {
                tally.take(plan, value, self.seconds);
            }
        }
    }

    /// What the rows come to.
    pub fn finish(self) -> Numbers {
        let tallies = self.indicators.into_iter().zip(&self.plan.indicators);
        Numbers {
            indicators: tallies
                .map(|(tally, plan)| tally.finish(plan.function))
                .collect(),
            balance: self.balance,
        }
    }
}

impl Tally {
    fn take(&mut self, plan: &IndicatorPlan, value: f64, seconds: i64) {
        match plan.function {
            Function::Sum | Function::Mean => self.sum += value,
            Function::Energy => {
                let steps = plan.rows_of_a_step.into();
                let energy = plan.measure.map(|m| m.energy(value, seconds, steps));
                self.sum += energy.unwrap_or(0.0);
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
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let place = (part * last as f64).clamp(0.0, last as f64);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a place among the values"
    )]
    let at = place as usize;
    let low = values.get(at).copied().unwrap_or(f64::NAN);
    let high = values.get(at + 1).copied().unwrap_or(low);
    low + (high - low) * (place - at as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(function: Function, values: &[f64]) -> Option<f64> {
        let plan = IndicatorPlan {
            place: 0,
            function,
            // Quarters of an hour of watts.
            measure: Some(Measure::Power(0.001)),
            rows_of_a_step: 1,
        };
        let mut tally = Tally::default();
        for value in values {
            tally.take(&plan, *value, 900);
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
