//! The valve of heat.

use shared::model::{ModelType, SectionPolicy};
use shared::model_type;

use crate::parts::quantities::{output, sum};
use crate::parts::splitter::{MODE, OUTLETS, RATIOS, Splitter};

model_type! {
    /// Heat valve: splits one flow over several outlets, by priority or by fixed shares.
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
    /// There are the inputs `limit_1` to `limit_n`, in kW and with one source each, null (no limit) where nothing is
    /// connected; and the outputs `out_1` to `out_n`.
    ///
    /// # Assumptions
    ///
    /// A negative flow or limit counts as 0. Nothing is lost: Σ out_k + `rest` = x.
    ///
    /// # Source
    ///
    /// Conservation of energy. It is there because an output can be connected once.
    ///
    /// # Errors
    ///
    /// More than 16 outlets, and shares that are negative, more or fewer than the outlets or above 1 together are
    /// refused.
    ///
    /// # Example
    ///
    /// 10 kW by ratios of 0.5 and 0.3, with `limit_1` at 4 kW (`q_room` of a store, time-shifted): 4, 3, and a rest of
    /// 3 kW for the network.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its valve is made for one boiler and one store.
    pub static HEAT_VALVE =
        ModelType::new("HeatValve", |build| Ok(Box::new(Splitter::new(build, "kW")?)))
            .with_sections(SectionPolicy::Merge)
            .adding(&[("limit_", "kW"), ("out_", "kW")]);
    parameters {
        _ = MODE,
        _ = OUTLETS,
        _ = RATIOS,
    }
    inputs {
        _ = sum("q_in", "kW", "the flow").symbol("x"),
    }
    published {
        _ = output("rest", "kW", "what no outlet took"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, with_parameters};
    use shared::model::Literal;
    use shared::value::Value;

    #[test]
    fn what_a_limit_cuts_off_is_left() {
        let config = with_parameters(&[
            ("mode", Literal::text("ratio")),
            ("ratios", Literal::Floats(&[0.5, 0.3])),
        ]);
        let mut valve = Rig::new(&HEAT_VALVE, &config).expect("sound");
        let inputs = [("q_in", Value::Int(10)), ("limit_1", Value::Int(4))];
        valve.step(&inputs).expect("a step");
        let flows = ["rest", "out_1", "out_2"].map(|name| valve.float(name));
        assert_eq!(flows, [3.0, 4.0, 3.0]);
    }
}
