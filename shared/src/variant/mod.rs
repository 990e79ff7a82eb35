//! Variants of a scenario: runs in one process that differ in values of parameters, on any site.
//!
//! [`Common`] is what the variants of a scenario have in common, and makes the engine of each. What no value has an
//! influence on is a [`Trace`], which is played back in each of them. [`Tallies`] make numbers of the rows of a variant,
//! by a [`TallyPlan`]: what they find is the same wherever a variant runs.

mod balance;
mod common;
mod tally;
mod trace;

use serde::{Deserialize, Serialize};

use crate::engine::Failure;
use crate::model::Notice;
use crate::plan::Feed;
use crate::time::TimeGrid;

pub use balance::{Balance, BalancePlan, FlowPlan, FlowSums, Paid, PricePlan, Sums, Swing};
pub use common::{Common, Maker, Making, NotMade, Shape};
pub use tally::{Function, IndicatorPlan, Measure, Numbers, Tallies, TallyPlan};
pub use trace::{Trace, append_value, take_value};

/// The path of the file that is the trace. No file of a scenario has it.
pub const TRACE: &str = "";

/// So many variants may wait on a node.
pub const MAX_WAITING: usize = 1024;

/// The rest of a plan for variants, in place of that of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantsPlan {
    /// The simulated time.
    pub grid: TimeGrid,
    /// What the values of a row are.
    pub items: Vec<Feed>,
    /// How each model comes about, in their order.
    pub makers: Vec<Maker>,
    /// How many values the trace has at a tick.
    pub width: u32,
    /// What is made of the rows, unless a variant says otherwise.
    pub tallies: TallyPlan,
    /// The rows themselves are wanted as well.
    pub rows: bool,
}

/// What came of a variant on a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// It ran to its end.
    Numbers {
        /// What its rows come to.
        numbers: Numbers,
        /// The first warning of a model, if there was any.
        warning: Option<Notice>,
    },
    /// A model failed.
    Failed(Failure),
    /// It cannot be had from what the variants have in common, takes more memory than there is, or has values that a model
    /// refuses: the controller finds out, which has all files and words.
    Elsewhere,
}
