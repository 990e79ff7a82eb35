//! The valve of hydrogen.

use shared::model::{ModelType, SectionPolicy};
use shared::model_type;

use crate::parts::quantities::{output, sum};
use crate::parts::splitter::{MODE, OUTLETS, RATIOS, Splitter};

model_type! {
    /// Hydrogen valve: splits one flow over several outlets, by priority or by fixed shares.
    ///
    /// # Model
    ///
    /// Of the flow x, outlet k of n takes what it wants, as far as its limit and what is left, w, allow:
    ///
    /// ```text
    /// w = x;  for k = 1 … n:   out_k = min(w or r_k·x, limit_k, w),   w ← w − out_k;   rest = w
    /// ```
    ///
    /// It wants all that is left in the mode `priority`, and its share r_k in the mode `ratio`, where what a limit
    /// cuts off goes to `rest`.
    ///
    /// There are the inputs `limit_1` to `limit_n`, in kg/h and with one source each, null (no limit) where nothing is
    /// connected; and the outputs `out_1` to `out_n`.
    ///
    /// # Assumptions
    ///
    /// A negative flow or limit counts as 0. Nothing is lost: Σ out_k + `rest` = x.
    ///
    /// # Source
    ///
    /// Conservation of mass. It is there because an output can be connected once.
    ///
    /// # Errors
    ///
    /// More than 16 outlets, and shares that are negative, more or fewer than the outlets or above 1 together are
    /// refused.
    ///
    /// # Example
    ///
    /// 5 kg/h by priority, with `limit_1` at 2 kg/h (`h2_room` of a store, time-shifted) and `limit_2` at 1 kg/h: 2, 1,
    /// and a rest of 2 kg/h for the network.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its valve is made for one electrolyser, one store and one fuel cell. Two valves do what it does.
    pub static H2_VALVE =
        ModelType::new("H2Valve", |build| Ok(Box::new(Splitter::new(build, "kg/h")?)))
            .with_sections(SectionPolicy::Merge);
    parameters {
        _ = MODE,
        _ = OUTLETS,
        _ = RATIOS,
    }
    inputs {
        _ = sum("h2_in", "kg/h", "the flow").symbol("x"),
    }
    published {
        _ = output("rest", "kg/h", "what no outlet took"),
    }
}
