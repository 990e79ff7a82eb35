//! The electricity network without voltages.

use shared::model::{
    Build, BuildError, Literal, Memory, Model, ModelType, Parameter, ParameterSlot, Published,
    Range, Role, SectionPolicy, Step, StepError,
};
use shared::model_type;
use shared::value::Number;

use crate::parts::quantities::{
    MARGIN, Received, float, output, publish, publish_flag, state, sum,
};

model_type! {
    /// Electricity network: adds up what is made and what is used, subtracts its losses, and gives what is left over.
    ///
    /// # Model
    ///
    /// ```text
    /// x = p_in − p_out          p_loss = L_0 + L_c·(x / C)²          p_tot = x − p_loss
    /// loading = |p_tot| / C
    /// ```
    ///
    /// # Assumptions
    ///
    /// No voltages (`DistributionNetwork` has them), no limit: `congestion` is 1 where the loading exceeds 100 %.
    ///
    /// # Source
    ///
    /// T. Gönen, *Electric Power Distribution Engineering*, 3rd edition, CRC Press, 2014: losses without load, and with
    /// the square of the load.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused.
    ///
    /// # Example
    ///
    /// With C = 100 kW, L_0 = 1 kW and L_c = 4 kW, 80 kW made and 30 kW used leave x = 50 kW: the losses are
    /// 1 + 4 × 0.5² = 2 kW, `p_tot` is 48 kW and the loading 48 %.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its losses are constant, `p_loss_m` × `length`, and its inputs are numbered. `p_out` of `Battery`, positive where
    /// it charges, belongs to `p_out`.
    pub static ELECTRICITY_NETWORK =
        ModelType::new("ElectricityNetwork", |build| Ok(Box::new(ElectricityNetwork::new(build)?)))
            .with_sections(SectionPolicy::Merge)
            .unlike(&["electricitynetwork", "elenetwork"], "it takes sums at 'p_in' and 'p_out' in kW in place of numbered inputs");
    parameters {
        CAPACITY = Parameter::number("capacity", "kW", "rating of the connection to the grid above")
            .symbol("C")
            .with_default(Literal::Int(1000))
            .in_range(Range::POSITIVE)
            .adjustable(1.0, 1000.0),
        LOSS_FIXED = Parameter::number("loss_fixed", "kW", "losses without load")
            .symbol("L_0")
            .with_default(Literal::Int(0))
            .in_range(Range::NOT_NEGATIVE),
        LOSS_AT_CAPACITY =
            Parameter::number("loss_at_capacity", "kW", "losses of the load at an exchange of 'capacity'")
                .symbol("L_c")
                .with_default(Literal::Int(0))
                .in_range(Range::NOT_NEGATIVE),
    }
    inputs {
        P_IN = sum("p_in", "kW", "all that is made"),
        P_OUT = sum("p_out", "kW", "all that is used"),
    }
    published {
        P_TOT = output("p_tot", "kW", "left over after losses; negative where it is drawn from above")
            .role(Role::Exchanged),
        P_GEN_TOTAL = state("p_gen_total", "kW", "all that is made"),
        P_DEM_TOTAL = state("p_dem_total", "kW", "all that is used"),
        P_LOSS = state("p_loss", "kW", "losses").role(Role::Used),
        LOADING = state("loading", "%", "exchange of 'capacity'"),
        CONGESTION = Published::state("congestion", "-", "1 above 100 %, else 0"),
    }
}

struct ElectricityNetwork {
    received: Received,
    capacity: f64,
    fixed: f64,
    at_capacity: f64,
}

impl ElectricityNetwork {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        Ok(Self {
            received: Received::new(build)?,
            capacity: float(build, CAPACITY),
            fixed: float(build, LOSS_FIXED),
            at_capacity: float(build, LOSS_AT_CAPACITY),
        })
    }
}

impl Model for ElectricityNetwork {
    fn adjust(&mut self, parameter: ParameterSlot, value: Number) -> bool {
        if parameter == CAPACITY {
            self.capacity = value.to_f64();
        }
        parameter == CAPACITY
    }

    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let made = self.received.sum(step, P_IN)?;
        let used = self.received.sum(step, P_OUT)?;
        let share = (made - used) / self.capacity;
        let loss = self.fixed + self.at_capacity * share * share;
        let left = made - used - loss;
        let loading = 100.0 * left.abs() / self.capacity;
        publish(
            step,
            &[
                (P_TOT, left),
                (P_GEN_TOTAL, made),
                (P_DEM_TOTAL, used),
                (P_LOSS, loss),
                (LOADING, loading),
            ],
        );
        publish_flag(
            step,
            CONGESTION,
            i64::from(loading > 100.0 * (1.0 + MARGIN)),
        );
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.capacity);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, with_parameters};
    use proptest::prelude::*;
    use shared::value::Value;

    fn network(made: f64, used: f64) -> Rig {
        let config = with_parameters(&[
            ("capacity", Literal::Int(100)),
            ("loss_fixed", Literal::Int(1)),
            ("loss_at_capacity", Literal::Int(4)),
        ]);
        let mut network = Rig::new(&ELECTRICITY_NETWORK, &config).expect("buildable");
        let flows = [("p_in", Value::Float(made)), ("p_out", Value::Float(used))];
        network.step(&flows).expect("a step");
        network
    }

    #[test]
    fn what_is_left_over_has_lost_a_part() {
        let sunny = network(80.0, 30.0);
        assert_eq!(sunny.float("p_loss"), 2.0);
        assert_eq!(sunny.float("p_tot"), 48.0);
        assert_eq!(sunny.float("loading"), 48.0);
        let dark = network(0.0, 100.0);
        assert_eq!(dark.float("p_tot"), -105.0);
        assert_eq!(dark.value("congestion"), Value::Int(1));
        let mut wider = network(0.0, 100.0);
        wider.adjust("capacity", 200.0);
        wider.step(&[("p_out", Value::Int(100))]).expect("a step");
        assert_eq!(wider.float("p_loss"), 2.0);
        assert_eq!(wider.value("congestion"), Value::Int(0));
    }

    proptest! {
        #[test]
        fn power_is_conserved(made in 0.0_f64..1e4, used in 0.0_f64..1e4) {
            let network = network(made, used);
            let [left, loss] = ["p_tot", "p_loss"].map(|name| network.float(name));
            prop_assert!((made - used - loss - left).abs() <= 1e-9 * (made + used + loss));
            prop_assert!(loss >= 1.0);
        }
    }
}
