//! The account of energy that is bought and sold.

use shared::model::{
    Build, BuildError, Input, Literal, Memory, Model, ModelType, Need, Role, SectionPolicy, Step,
    StepError,
};
use shared::model_type;

use crate::parts::quantities::{Received, one, publish, state, sum};

model_type! {
    /// Energy account: adds up what is bought and sold at one meter, and what that costs, earns and emits.
    ///
    /// # Model
    ///
    /// The meter sees the power x. In a step of Δt = `time_resolution` × `time_step_size` / 3600 hours
    ///
    /// ```text
    /// x = p_import − p_export
    /// bought = max(x, 0)·Δt          cost = bought·price_buy          emissions = bought·emission_factor / 1000
    /// sold = max(−x, 0)·Δt           revenue = sold·price_sell        net_cost = cost − revenue
    /// ```
    ///
    /// The states are the sums of these from the first step on; `step_cost` is the net cost of the step alone.
    ///
    /// # Assumptions
    ///
    /// Both inputs add all that comes and differ in their sign: what is bought is positive at `p_import`
    /// (`p_grid` of `DistributionNetwork`, what a `Load` uses) and negative at `p_export` (`dump` of controllers,
    /// `residual` of `GridConnection`, `p_tot` of `ElectricityNetwork`). All of it is one meter: what comes and goes in the same
    /// step is settled before it is paid. Two meters are two accounts. What is sold avoids no emissions.
    ///
    /// # Source
    ///
    /// D. S. Kirschen, G. Strbac, *Fundamentals of Power System Economics*, 2nd edition, Wiley, 2018, for cost and revenue at
    /// prices of import and export; GHG Protocol, *Scope 2 Guidance*, World Resources Institute, 2015, for emissions of what
    /// is bought.
    ///
    /// # Errors
    ///
    /// `price_buy` and `price_sell` must be connected, to a `Tariff` for instance, or be given under `inputs`. A null
    /// that arrives there stops the run.
    ///
    /// # Example
    ///
    /// 2 kW are bought for a quarter of an hour at 0.30 €/kWh and 400 g/kWh, then 4 kW sold for another one at 0.08 €/kWh:
    /// 0.5 kWh cost 0.15 € and emit 0.2 kg, 1 kWh earns 0.08 €, and 0.07 € are left to be paid.
    pub static ENERGY_ACCOUNT = ModelType::new("EnergyAccount", |build| Ok(Box::new(EnergyAccount::new(build)?)))
        .with_sections(SectionPolicy::Merge);
    inputs {
        P_IMPORT = sum("p_import", "kW", "power that is bought; sold where it is negative"),
        P_EXPORT = sum("p_export", "kW", "power that is sold; bought where it is negative"),
        PRICE_BUY = price("price_buy", "what a kWh costs"),
        PRICE_SELL = price("price_sell", "what a kWh earns"),
        EMISSION_FACTOR = one("emission_factor", "g/kWh", "CO2 equivalents of a kWh that is bought")
            .with_initial(Literal::Float(0.0))
            .adjustable(0.0, 1000.0),
    }
    published {
        BOUGHT = state("bought", "kWh", "energy that was bought"),
        SOLD = state("sold", "kWh", "energy that was sold"),
        COST = state("cost", "€", "what was paid for it").role(Role::Cost),
        REVENUE = state("revenue", "€", "what was earned by it").role(Role::Revenue),
        EMISSIONS = state("emissions", "kg", "CO2 equivalents of what was bought").role(Role::Emissions),
        NET_COST = state("net_cost", "€", "'cost' less 'revenue'"),
        STEP_COST = state("step_cost", "€ per step", "what 'net_cost' rises by"),
    }
}

/// A price that somebody has to say.
const fn price(name: &'static str, meaning: &'static str) -> Input {
    one(name, "€/kWh", meaning)
        .with_need(Need::sometimes("unless given under 'inputs'"))
        .adjustable(-0.2, 1.0)
}

struct EnergyAccount {
    received: Received,
    hours: f64,
    /// Bought, sold, cost, revenue and emissions.
    sums: [f64; 5],
}

impl EnergyAccount {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let received = Received::new(build)?;
        received.require(build, &[PRICE_BUY, PRICE_SELL]);
        Ok(Self {
            received,
            hours: build.step_hours(),
            sums: [0.0; 5],
        })
    }
}

impl Model for EnergyAccount {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let import = self.received.sum(step, P_IMPORT)? - self.received.sum(step, P_EXPORT)?;
        let energy = import * self.hours;
        // Never a zero below 0, of which processors do not agree what is larger.
        let bought = if energy > 0.0 { energy } else { 0.0 };
        let sold = bought - energy;
        let cost = bought * self.received.required(step, PRICE_BUY)?;
        let revenue = sold * self.received.required(step, PRICE_SELL)?;
        let emissions = bought * self.received.number(step, EMISSION_FACTOR)? / 1000.0;
        let of_step = [bought, sold, cost, revenue, emissions];
        for (sum, of_step) in self.sums.iter_mut().zip(of_step) {
            *sum += of_step;
        }
        let sums = self.sums;
        publish(
            step,
            &[
                (BOUGHT, sums[0]),
                (SOLD, sums[1]),
                (COST, sums[2]),
                (REVENUE, sums[3]),
                (EMISSIONS, sums[4]),
                (NET_COST, sums[2] - sums[3]),
                (STEP_COST, cost - revenue),
            ],
        );
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        for sum in &mut self.sums {
            memory.keep(sum);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, section};
    use proptest::prelude::*;
    use shared::model::ModelConfig;
    use shared::value::Value;

    fn account(inputs: &[(&str, Literal)]) -> Result<Rig, BuildError> {
        let config = ModelConfig {
            inputs: Some(section(inputs)),
            ..ModelConfig::default()
        };
        Rig::new(&ENERGY_ACCOUNT, &config)
    }

    const PRICES: [(&str, Literal); 3] = [
        ("price_buy", Literal::Float(0.3)),
        ("price_sell", Literal::Float(0.08)),
        ("emission_factor", Literal::Int(400)),
    ];

    fn assert_near(is: f64, should_be: f64) {
        assert!((is - should_be).abs() < 1e-12, "{is} is not {should_be}");
    }

    #[test]
    fn what_is_bought_costs_and_what_is_sold_earns() {
        let mut account = account(&PRICES).expect("buildable");
        account
            .step(&[("p_import", Value::Int(2))])
            .expect("a step");
        for (name, value) in [
            ("bought", 0.5),
            ("cost", 0.15),
            ("step_cost", 0.15),
            ("emissions", 0.2),
            ("sold", 0.0),
        ] {
            assert_near(account.float(name), value);
        }
        account
            .step(&[("p_export", Value::Int(4))])
            .expect("a step");
        for (name, value) in [
            ("bought", 0.5),
            ("sold", 1.0),
            ("revenue", 0.08),
            ("net_cost", 0.07),
            ("emissions", 0.2),
            ("step_cost", -0.08),
        ] {
            assert_near(account.float(name), value);
        }
    }

    #[test]
    fn the_sign_of_a_power_says_the_same_at_both_inputs_turned_round() {
        let several = Value::List([Value::Float(3.0), Value::Float(-5.0)].into());
        for (name, value, bought, sold) in [
            ("p_import", Value::Int(-2), 0.0, 0.5),
            ("p_export", Value::Int(-2), 0.5, 0.0),
            ("p_import", several.clone(), 0.0, 0.5),
            ("p_export", several, 0.5, 0.0),
            ("p_export", Value::Float(0.0), 0.0, 0.0),
        ] {
            let mut account = account(&PRICES).expect("buildable");
            account.step(&[(name, value)]).expect("a step");
            assert_near(account.float("bought"), bought);
            assert_near(account.float("sold"), sold);
        }
    }

    #[test]
    fn prices_must_come_from_somewhere() {
        let mut without = account(&[]).expect("buildable");
        assert!(without.requires("price_buy") && without.requires("price_sell"));
        let error = without.step(&[]).expect_err("no price");
        assert_eq!(error.code, "type_mismatch:price_buy");
        assert!(!account(&PRICES).expect("buildable").requires("price_buy"));
    }

    proptest! {
        #[test]
        fn cost_less_revenue_is_the_sum_of_power_times_price(
            steps in prop::collection::vec((-50.0_f64..50.0, -50.0_f64..50.0, -0.5_f64..1.0, -0.5_f64..1.0), 1..50),
        ) {
            let mut account = account(&[]).expect("buildable");
            let (mut net, mut energy, mut turnover) = (0.0, 0.0, 0.0_f64);
            for (import, export, buy, sell) in steps {
                account.step(&[
                    ("p_import", Value::Float(import)),
                    ("p_export", Value::Float(export)),
                    ("price_buy", Value::Float(buy)),
                    ("price_sell", Value::Float(sell)),
                    ("emission_factor", Value::Int(250)),
                ]).expect("a step");
                let power = import - export;
                net += power * if power > 0.0 { buy } else { sell } * 0.25;
                energy += power * 0.25;
                turnover += power.abs();
            }
            let [bought, sold, cost, revenue, net_cost, emissions] =
                ["bought", "sold", "cost", "revenue", "net_cost", "emissions"].map(|name| account.float(name));
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * turnover.max(1.0);
            prop_assert!(bought >= 0.0 && sold >= 0.0);
            prop_assert!(near(cost - revenue, net) && near(net_cost, net));
            prop_assert!(near(bought - sold, energy) && near(emissions, bought / 4.0));
        }
    }
}
