//! Variants of a scenario: runs in one process that differ in values of parameters, on any site.
//!
//! A [`VariantsPlan`] is what a node is told of all of them. [`Tallies`] make numbers of the rows of a variant, by a
//! [`TallyPlan`]: what they find is the same wherever a variant runs. What runs them is `engine::variant`.

mod balance;
mod making;
mod tally;

use serde::{Deserialize, Serialize};

use crate::model::Notice;
use crate::plan::Feed;
use crate::progress::Failure;
use crate::time::TimeGrid;

pub use balance::{Balance, BalancePlan, FlowPlan, FlowSums, Paid, PricePlan, Sums, Swing};
pub use making::{Maker, Making, Shape};
pub use tally::{Function, IndicatorPlan, Measure, Numbers, Tallies, TallyPlan};

/// The path of the file that is the trace. No file of a scenario has it.
pub const TRACE: &str = "";

/// So many variants may wait on a node.
pub const MAX_WAITING: usize = 1024;

/// The rest of a plan for variants, in place of that of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantsPlan {
    /// The simulated time.
    pub grid: TimeGrid,
    /// The engines that variants may go into. The models are those of the first one, of the second one, and so on.
    pub engines: Vec<EnginePlan>,
    /// How many values the trace has at a tick.
    pub width: u32,
    /// What is made of the rows of a variant, unless it says otherwise.
    pub tallies: TallyPlan,
    /// The rows themselves are wanted as well, those of an engine as they are.
    pub rows: bool,
}

/// An engine for so many variants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnginePlan {
    /// How many go into it.
    pub variants: u32,
    /// What the values of a row are: those of a variant, of the next one, and so on.
    pub items: Vec<Feed>,
    /// How each model comes about, in their order.
    pub makers: Vec<Maker>,
}

/// What came of a variant on a node, or of several in one engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// They ran to their end.
    Numbers {
        /// What the rows of each come to.
        numbers: Vec<Numbers>,
        /// The first warning of a model, if there was any.
        warning: Option<Notice>,
    },
    /// A model failed.
    Failed(Failure),
    /// It cannot be had from what the variants have in common, takes more memory than there is, or has values that a model
    /// refuses: the controller finds out, which has all files and words.
    Elsewhere,
}
