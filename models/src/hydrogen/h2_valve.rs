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
            .with_sections(SectionPolicy::Merge)
            .adding(&[("limit_", "kg/h"), ("out_", "kg/h")]);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, with_parameters};
    use proptest::prelude::*;
    use shared::model::{Literal, ModelConfig};
    use shared::value::Value;

    #[test]
    fn the_first_outlet_is_served_first() {
        let mut valve = Rig::new(&H2_VALVE, &ModelConfig::default()).expect("buildable");
        valve
            .step(&[
                ("h2_in", Value::Int(5)),
                ("limit_1", Value::Int(2)),
                ("limit_2", Value::Int(1)),
            ])
            .expect("a step");
        let flows = ["out_1", "out_2", "rest"].map(|name| valve.float(name));
        assert_eq!(flows, [2.0, 1.0, 2.0]);
    }

    /// What is wrong with a valve of these outlets and shares.
    fn refusal(outlets: i64, ratios: &'static [f64]) -> Option<String> {
        let config = with_parameters(&[
            ("mode", Literal::text("ratio")),
            ("outlets", Literal::Int(outlets)),
            ("ratios", Literal::Floats(ratios)),
        ]);
        let error = Rig::new(&H2_VALVE, &config).err()?;
        Some(error.code.into_owned())
    }

    #[test]
    fn shares_that_make_no_sense_are_refused() {
        assert_eq!(
            refusal(4, &[0.05, 0.55, 0.3, 0.1]),
            None,
            "1 but for rounding"
        );
        assert_eq!(refusal(2, &[0.0, 1.0]), None);
        let wrong = Some("invalid_parameter:ratios".to_owned());
        for ratios in [
            &[0.5][..],
            &[0.5, 0.5, 0.0],
            &[0.6, 0.5],
            &[-0.1, 0.5],
            &[0.1, f64::NAN],
        ] {
            assert_eq!(refusal(2, ratios), wrong, "{ratios:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_between_the_outlets(
            is_by_ratio: bool,
            flow in -1.0_f64..10.0,
            limits in prop::collection::vec(prop::option::of(-1.0_f64..5.0), 1..=16),
        ) {
            let mode = if is_by_ratio { "ratio" } else { "priority" };
            let count = limits.len();
            let config = with_parameters(&[
                ("mode", Literal::text(mode)),
                ("outlets", Literal::Int(i64::try_from(count).expect("few"))),
            ]);
            let mut valve = Rig::new(&H2_VALVE, &config).expect("buildable");
            let names: Vec<String> = (1..=count).map(|k| format!("limit_{k}")).collect();
            let mut inputs = vec![("h2_in", Value::Float(flow))];
            for (name, limit) in names.iter().zip(&limits) {
                inputs.push((name, limit.map_or(Value::Null, Value::Float)));
            }
            valve.step(&inputs).expect("a step");
            let flows = (1..=count).map(|k| valve.float(&format!("out_{k}")));
            let mut sum = valve.float("rest");
            prop_assert!(sum >= 0.0);
            for (out, limit) in flows.zip(limits) {
                prop_assert!(out >= 0.0 && limit.is_none_or(|limit| out <= limit.max(0.0)));
                sum += out;
            }
            prop_assert!((sum - flow.max(0.0)).abs() <= 1e-9 * flow.abs(), "{sum}");
        }
    }
}
