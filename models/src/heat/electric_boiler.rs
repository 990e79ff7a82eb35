//! The electric boiler.

use shared::model::{
    Build, BuildError, Literal, Memory, Model, ModelType, Parameter, ParameterSlot, Published,
    Range, Role, SectionPolicy, Step, StepError,
};
use shared::model_type;
use shared::value::{Kind, Number};

use crate::parts::limited_store::{BELOW_ALL, EFFICIENCY};
use crate::parts::quantities::{
    Received, float, is_at_least, output, publish, publish_text, state, sum,
};

model_type! {
    /// Electric boiler: makes heat that is requested, or of power that is left over, with a minimum load and a
    /// standing loss.
    ///
    /// # Model
    ///
    /// With a request q for heat, power w to be turned into heat in any case, the efficiency η and the standing loss s:
    ///
    /// ```text
    /// n = w + (q + s) / η, or w alone where q = 0
    /// P = min(n, P_r), 0 where n is below the minimum load         q_gen = η·P − s, 0 at least
    /// ```
    ///
    /// Without a request of either kind a boiler that is kept hot takes P = s / η and delivers nothing.
    ///
    /// # Assumptions
    ///
    /// What stands by is the mean of a thermostat that switches, so the minimum load does not count then. A negative
    /// request counts as 0.
    ///
    /// # Source
    ///
    /// Danish Energy Agency, *Technology Data for Generation of Electricity and District Heating*, electric boilers.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused.
    ///
    /// # Example
    ///
    /// 10 kW at 80 % with a standing loss of 0.4 kW: for `q_set` 2 kW it takes (2 + 0.4) / 0.8 = 3 kW and gives
    /// 0.8 × 3 − 0.4 = 2 kW. Standing by it takes 0.4 / 0.8 = 0.5 kW.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its `Eboiler` is in W, and gives another heat than it takes power for; switched off, it cools.
    pub static ELECTRIC_BOILER =
        ModelType::new("ElectricBoiler", |build| Ok(Box::new(ElectricBoiler::new(build)?)))
            .with_sections(SectionPolicy::Merge)
            .unlike(&["eboiler"], "it takes 'q_set' in place of 'eboiler_dem', in kW, and gives 'q_gen' and 'p_cons' in kW");
    parameters {
        RATED_POWER = Parameter::number("rated_power", "kW", "largest electric power")
            .symbol("P_r")
            .with_default(Literal::Int(10))
            .in_range(Range::POSITIVE)
            .adjustable(1.0, 100.0)
            .formerly(&["max_load", "capacity"]),
        MIN_LOAD = Parameter::number("min_load", "%", "smallest power while it runs, of 'rated_power'")
            .with_default(Literal::Int(0))
            .in_range(BELOW_ALL),
        EFFICIENCY_OF =
            Parameter::number("efficiency", "%", "heat of electric energy, before the standing loss")
                .symbol("η")
                .with_default(Literal::Int(99))
                .in_range(EFFICIENCY)
                .formerly(&["eff"]),
        STANDBY_LOSS = Parameter::number("standby_loss", "kW", "heat that is lost while it is hot")
            .symbol("s")
            .with_default(Literal::Int(0))
            .in_range(Range::NOT_NEGATIVE),
        HOT_STANDBY = Parameter::flag("hot_standby", "whether it is kept hot without a request")
            .with_default(Literal::Bool(true)),
    }
    inputs {
        Q_SET = sum("q_set", "kW", "requested heat").symbol("q").adjustable(0.0, 50.0),
        P_SET = sum("p_set", "kW", "power to be turned into heat in any case")
            .symbol("w")
            .adjustable(0.0, 50.0),
    }
    published {
        P_CONS = output("p_cons", "kW", "electric power").symbol("P").role(Role::Used),
        Q_GEN = output("q_gen", "kW", "heat delivered"),
        STATUS = Published::state("status", "-", "'on', 'standby' or 'off'")
            .with_kind(Kind::Text)
            .with_initial(Literal::text("off")),
        LOAD = state("load", "%", "'p_cons' of 'rated_power'"),
        Q_DEFICIT = state("q_deficit", "kW", "requested and not delivered"),
    }
}

struct ElectricBoiler {
    received: Received,
    rated: f64,
    /// Smallest power of the largest one.
    min_load: f64,
    efficiency: f64,
    loss: f64,
    is_kept_hot: bool,
}

impl ElectricBoiler {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        Ok(Self {
            received: Received::new(build)?,
            rated: float(build, RATED_POWER),
            min_load: float(build, MIN_LOAD) / 100.0,
            efficiency: float(build, EFFICIENCY_OF) / 100.0,
            loss: float(build, STANDBY_LOSS),
            is_kept_hot: build.flag(HOT_STANDBY),
        })
    }

    /// The power for requests of heat and of power, and what that is called.
    fn power(&self, heat: f64, surplus: f64) -> (f64, &'static str) {
        let (needed, name) = if heat > 0.0 {
            (surplus + (heat + self.loss) / self.efficiency, "on")
        } else if surplus > 0.0 {
            (surplus, "on")
        } else if self.is_kept_hot {
            (self.loss / self.efficiency, "standby")
        } else {
            (0.0, "off")
        };
        let runs = name == "standby" || is_at_least(needed, self.min_load * self.rated);
        let power = if runs { needed.min(self.rated) } else { 0.0 };
        (power, if power > 0.0 { name } else { "off" })
    }
}

impl Model for ElectricBoiler {
    fn adjust(&mut self, parameter: ParameterSlot, value: Number) -> bool {
        if parameter == RATED_POWER {
            self.rated = value.to_f64();
        }
        parameter == RATED_POWER
    }

    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let heat = self.received.positive(step, Q_SET)?;
        let surplus = self.received.positive(step, P_SET)?;
        let (power, status) = self.power(heat, surplus);
        let delivered = if status == "on" {
            (self.efficiency * power - self.loss).max(0.0)
        } else {
            0.0
        };
        publish(
            step,
            &[
                (P_CONS, power),
                (Q_GEN, delivered),
                (LOAD, 100.0 * power / self.rated),
                (Q_DEFICIT, (heat - delivered).max(0.0)),
            ],
        );
        publish_text(step, STATUS, status);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.rated);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, with_parameters};
    use proptest::prelude::*;
    use shared::value::Value;

    fn boiler(more: &[(&str, Literal)]) -> Rig {
        let parameters = [
            ("efficiency", Literal::Int(80)),
            ("standby_loss", Literal::Float(0.4)),
        ];
        let config = with_parameters(&[&parameters, more].concat());
        Rig::new(&ELECTRIC_BOILER, &config).expect("buildable")
    }

    #[test]
    fn a_request_is_met_and_standing_by_takes_what_is_lost() {
        let mut boiler = boiler(&[]);
        boiler.step(&[("q_set", Value::Int(2))]).expect("a step");
        assert!((boiler.float("p_cons") - 3.0).abs() < 1e-12);
        assert!((boiler.float("q_gen") - 2.0).abs() < 1e-12);
        boiler.step(&[]).expect("a step");
        assert!((boiler.float("p_cons") - 0.5).abs() < 1e-12);
        assert_eq!(boiler.float("q_gen"), 0.0);
        assert_eq!(boiler.value("status"), Value::text("standby"));
    }

    #[test]
    fn a_rating_that_is_changed_limits_the_power_from_then_on_and_the_least_one_with_it() {
        let mut boiler = boiler(&[("min_load", Literal::Int(50))]);
        let mut power = |rated: Option<f64>, heat: f64| {
            if let Some(rated) = rated {
                boiler.adjust("rated_power", rated);
            }
            boiler
                .step(&[("q_set", Value::Float(heat))])
                .expect("a step");
            boiler.float("p_cons")
        };
        assert_eq!(power(None, 2.0), 0.0, "3 kW are below 5 kW");
        assert_eq!(power(Some(2.5), 4.0), 2.5);
        assert!((power(Some(5.0), 2.0) - 3.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn heat_is_what_is_left_of_power(
            min_load in 0.0_f64..99.0,
            is_kept_hot: bool,
            (heat, surplus) in (-1.0_f64..15.0, -1.0_f64..15.0),
        ) {
            let mut boiler = boiler(&[
                ("min_load", Literal::Float(min_load)),
                ("hot_standby", Literal::Bool(is_kept_hot)),
            ]);
            let requests = [("q_set", Value::Float(heat)), ("p_set", Value::Float(surplus))];
            boiler.step(&requests).expect("a step");
            let [power, given, deficit] =
                ["p_cons", "q_gen", "q_deficit"].map(|name| boiler.float(name));
            prop_assert!((0.0..=10.0).contains(&power) && given >= 0.0);
            prop_assert!(given <= (0.8 * power - 0.4).max(0.0) + 1e-12);
            prop_assert!((deficit - (heat.max(0.0) - given).max(0.0)).abs() < 1e-12);
        }
    }
}
