//! The tariff.

use shared::index::Index;
use shared::model::{
    Build, BuildError, Literal, Memory, Model, ModelType, Need, Parameter, ParameterSlot, Range,
    SectionPolicy, Step, StepError,
};
use shared::model_type;
use shared::time::{Tick, TimeGrid};
use shared::value::{Number, Value};

use crate::parts::quantities::{Received, finite, numbers, one, optional, publish, state};

model_type! {
    /// Tariff: what a kWh costs, earns and emits now. Flat, with peak hours, by the hour of the day, or after a market.
    ///
    /// # Model
    ///
    /// The price of energy e is the first of these that there is:
    ///
    /// 1. the price at `market_price`, of a market or a file, in the unit that `market_unit` says;
    /// 2. from `peak_start` to before `peak_end` of the first `peak_days` days of the week, `peak_price`;
    /// 3. `price`, or of its 24 values that of the hour of the day.
    ///
    /// What is bought has taxes and levies m on top, and value-added tax v on all of it. What is sold earns a fixed
    /// feed-in tariff f, or the price of energy:
    ///
    /// ```text
    /// price_buy = (e + m)·(1 + v / 100)          price_sell = f, or e where f is null
    /// ```
    ///
    /// # Assumptions
    ///
    /// The clock is that of the scenario, without a change to summer time and without holidays. A step has the prices of
    /// its beginning. The week begins on Monday. A peak that ends before it starts goes on after midnight, as part of the
    /// next day; one that ends when it starts is all day. Prices may be negative. For net metering, where what is sold has
    /// the price of what is bought, connect `price_buy` to both prices of an `EnergyAccount`; emission factors of a file go there as well.
    ///
    /// # Source
    ///
    /// D. S. Kirschen, G. Strbac, *Fundamentals of Power System Economics*, 2nd edition, Wiley, 2018: flat,
    /// time-of-use and real-time retail prices. Emission factors: GHG Protocol, *Scope 2 Guidance*, World Resources
    /// Institute, 2015.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges and lists of other than 24 numbers are refused. Without `price`, `market_price`
    /// must be connected or given under `inputs`, and a null that arrives there stops the run.
    ///
    /// # Example
    ///
    /// At 0.10 €/kWh, and 0.20 from 7 to 23 o'clock on weekdays, with 0.05 of taxes and 20 % VAT, a kWh costs
    /// (0.20 + 0.05) × 1.2 = 0.30 € on Friday at 22:59, and 0.18 € at 23:00. It earns 0.20 € and 0.10 €.
    /// A market price of 80 €/MWh makes that (0.08 + 0.05) × 1.2 = 0.156 € and 0.08 € at any hour.
    pub static TARIFF = ModelType::new("Tariff", |build| Ok(Box::new(Tariff::new(build)?)))
        .with_sections(SectionPolicy::Merge);
    parameters {
        PEAK_PRICE = price("peak_price", "price of energy in peak hours; null for none", Literal::Null).symbol("e"),
        PEAK_START = peak("peak_start", "h", "when peak hours start, such as 7.5 for 7:30", (24.0, HOURS), Literal::Int(7)),
        PEAK_END = peak("peak_end", "h", "when they end", (24.0, HOURS), Literal::Int(23)),
        PEAK_DAYS = peak("peak_days", "-", "days of the week with peak hours, from Monday on", (7.0, DAYS), Literal::Int(5)),
        MARKUP = price("markup", "taxes and levies on what is bought", Literal::Int(0)).symbol("m"),
        VAT = Parameter::number("vat", "%", "value-added tax on what is bought")
            .symbol("v")
            .with_default(Literal::Int(0))
            .in_range(Range::NOT_NEGATIVE)
            .adjustable(0.0, 25.0),
        FEED_IN = price("feed_in", "fixed price of what is sold; null for that of energy", Literal::Null).symbol("f"),
        EMISSION_FACTOR_OF = Parameter::number("emission_factor", "g/kWh", "CO2 equivalents of a kWh")
            .with_default(Literal::Int(0))
            .in_range(Range::NOT_NEGATIVE)
            .adjustable(0.0, 1000.0),
        PRICE = Parameter::any("price", "price of energy in €/kWh, or a list of 24 from midnight on; null for that of a market")
            .symbol("e")
            .with_default(Literal::Null)
            .adjustable(-0.2, 1.0),
        MARKET_UNIT = Parameter::choice("market_unit", &["€/MWh", "€/kWh"], "unit of 'market_price'")
            .with_default(Literal::text("€/MWh")),
    }
    inputs {
        MARKET_PRICE = one("market_price", "€/MWh or €/kWh", "price of energy in place of all others")
            .unit_by("market_unit")
            .symbol("e")
            .with_need(Need::sometimes("without 'price'")),
    }
    published {
        PRICE_BUY = state("price_buy", "€/kWh", "what a kWh costs"),
        PRICE_SELL = state("price_sell", "€/kWh", "what a kWh earns"),
        EMISSION_FACTOR = state("emission_factor", "g/kWh", "CO2 equivalents of a kWh"),
    }
}

/// A price that can be changed while a run goes on.
const fn price(name: &'static str, meaning: &'static str, default: Literal) -> Parameter {
    Parameter::number(name, "€/kWh", meaning)
        .with_default(default)
        .adjustable(-0.2, 1.0)
}

/// Hours of a day, and days of a week.
const HOURS: &Range = &Range::between(0.0, 24.0);
const DAYS: &Range = &Range::between(0.0, 7.0);

/// When there are peak hours.
const fn peak(
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
    (most, range): (f64, &'static Range),
    default: Literal,
) -> Parameter {
    Parameter::number(name, unit, meaning)
        .with_default(default)
        .in_range(range)
        .adjustable(0.0, most)
}

/// Parameters that are numbers: the first ones.
const NUMBERS: usize = 8;
/// 1970-01-01, from which the clock counts, was a Thursday.
const FIRST_DAY: i64 = 3;

struct Tariff {
    received: Received,
    grid: TimeGrid,
    /// By parameter; NaN for null.
    numbers: [f64; NUMBERS],
    /// By the hour of the day; NaN for null.
    prices: [f64; 24],
    /// What 1 at the market is, in €/kWh.
    market: f64,
}

impl Tariff {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let prices = match build.parameter(PRICE) {
            Value::Null => Some([f64::NAN; 24]),
            given => finite(given)
                .map(|price| [price; 24])
                .or_else(|| numbers(given)?.try_into().ok()),
        };
        let Some(prices) = prices else {
            let message = "parameter 'price' must be a number or a list of 24 numbers";
            return Err(BuildError::invalid_parameter("price", message.to_owned()));
        };
        let received = Received::new(build)?;
        if prices[0].is_nan() {
            received.require(build, &[MARKET_PRICE]);
        }
        if build.step_hours() > 1.0 && !prices[0].is_nan() {
            build.warn(|| "a step is longer than an hour, and has the price of its beginning");
        }
        let number = |place| optional(build, ParameterSlot::at(place)).unwrap_or(f64::NAN);
        Ok(Self {
            numbers: std::array::from_fn(number),
            prices,
            market: if build.text(MARKET_UNIT) == "€/kWh" {
                1.0
            } else {
                0.001
            },
            received,
            grid: build.grid(),
        })
    }

    fn number(&self, slot: ParameterSlot) -> f64 {
        self.numbers[slot.place()]
    }

    /// The price of energy that parameters say for a tick, NaN for null.
    fn scheduled(&self, tick: Tick) -> f64 {
        let minutes = self.grid.at(tick).seconds().div_euclid(60);
        let days = minutes.div_euclid(24 * 60);
        let of_day = minutes - days * 24 * 60;
        let (day, hour) = (
            (days + FIRST_DAY).rem_euclid(7) as f64,
            of_day as f64 / 60.0,
        );
        let (start, end) = (self.number(PEAK_START), self.number(PEAK_END));
        let (after, before) = (hour >= start, hour < end);
        let is_peak = if start < end {
            after && before
        } else {
            after || before
        };
        let peak = self.number(PEAK_PRICE);
        if is_peak && day < self.number(PEAK_DAYS) && !peak.is_nan() {
            peak
        } else {
            let hour = usize::try_from(of_day / 60).unwrap_or(0);
            self.prices[hour]
        }
    }
}

impl Model for Tariff {
    fn adjust(&mut self, parameter: ParameterSlot, value: Number) -> bool {
        let value = value.to_f64();
        match self.numbers.get_mut(parameter.place()) {
            Some(number) => *number = value,
            None => self.prices = [value; 24],
        }
        true
    }

    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let scheduled = self.scheduled(step.tick());
        let energy = if scheduled.is_nan() {
            self.received.required(step, MARKET_PRICE)? * self.market
        } else {
            let market = self.received.one(step, MARKET_PRICE)?;
            market.map_or(scheduled, |price| price * self.market)
        };
        let fixed = self.number(FEED_IN);
        let taxes = 1.0 + self.number(VAT) / 100.0;
        publish(
            step,
            &[
                (PRICE_BUY, (energy + self.number(MARKUP)) * taxes),
                (PRICE_SELL, if fixed.is_nan() { energy } else { fixed }),
                (EMISSION_FACTOR, self.number(EMISSION_FACTOR_OF)),
            ],
        );
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        for number in self.numbers.iter_mut().chain(&mut self.prices) {
            memory.keep(number);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, with_parameters};
    use proptest::prelude::*;
    use shared::files::MemoryFiles;
    use shared::model::Instance;
    use shared::time::WallTime;

    const TWO_RATES: [(&str, Literal); 4] = [
        ("price", Literal::Float(0.1)),
        ("peak_price", Literal::Float(0.2)),
        ("markup", Literal::Float(0.05)),
        ("vat", Literal::Int(20)),
    ];

    fn rig(parameters: &[(&str, Literal)]) -> Result<Rig, BuildError> {
        Rig::new(&TARIFF, &with_parameters(parameters))
    }

    fn instance(time: &str, parameters: &[(&str, Literal)]) -> Instance {
        let grid = TimeGrid {
            start: WallTime::parse(time).expect("a time"),
            resolution: 60,
            ticks: 1,
        };
        let config = with_parameters(parameters);
        let built = shared::model::build(&TARIFF, &config, grid, &MemoryFiles::default());
        built.expect("buildable")
    }

    /// What a kWh costs and earns in a step, with what comes from the market.
    fn prices(instance: &mut Instance, market: Option<Value>) -> [f64; 2] {
        let mut published = vec![None; 3];
        instance.step(0, &[market], &mut published).expect("a step");
        [0, 1].map(|place| match published[place] {
            Some(Value::Float(price)) => price,
            ref other => panic!("{other:?}"),
        })
    }

    /// What a kWh costs and earns in a step that begins at this time.
    fn at(time: &str, parameters: &[(&str, Literal)]) -> [f64; 2] {
        prices(&mut instance(time, parameters), None)
    }

    fn assert_near(is: [f64; 2], should_be: [f64; 2]) {
        let is_near = |(a, b): (f64, f64)| (a - b).abs() < 1e-12;
        let is_near = is.into_iter().zip(should_be).all(is_near);
        assert!(is_near, "{is:?} is not {should_be:?}");
    }

    #[test]
    fn peak_hours_of_weekdays_have_their_price() {
        // A Friday and a Saturday.
        for (time, prices) in [
            ("2026-03-13 06:59:59", [0.18, 0.1]),
            ("2026-03-13 07:00:00", [0.3, 0.2]),
            ("2026-03-13 22:59:59", [0.3, 0.2]),
            ("2026-03-13 23:00:00", [0.18, 0.1]),
            ("2026-03-14 12:00:00", [0.18, 0.1]),
            // Before the clock began: a Wednesday and a Sunday.
            ("1969-12-31 12:00:00", [0.3, 0.2]),
            ("1969-12-28 12:00:00", [0.18, 0.1]),
        ] {
            assert_near(at(time, &TWO_RATES), prices);
        }
    }

    #[test]
    fn a_peak_may_pass_midnight_begin_at_any_minute_and_hold_all_day() {
        let peak = |start, end, days| {
            [
                ("price", Literal::Int(1)),
                ("peak_price", Literal::Int(2)),
                ("peak_start", Literal::Float(start)),
                ("peak_end", Literal::Float(end)),
                ("peak_days", Literal::Int(days)),
            ]
        };
        for (time, of, price) in [
            ("2026-03-16 22:29:59", peak(22.5, 6.0, 7), 1.0),
            ("2026-03-16 22:30:00", peak(22.5, 6.0, 7), 2.0),
            ("2026-03-16 05:59:59", peak(22.5, 6.0, 7), 2.0),
            ("2026-03-16 06:00:00", peak(22.5, 6.0, 7), 1.0),
            ("2026-03-22 23:00:00", peak(22.5, 6.0, 7), 2.0),
            ("2026-03-22 23:00:00", peak(22.5, 6.0, 6), 1.0),
            ("2026-03-16 00:00:00", peak(0.0, 24.0, 1), 2.0),
            ("2026-03-16 23:59:59", peak(0.0, 24.0, 1), 2.0),
            ("2026-03-16 12:00:00", peak(7.0, 7.0, 1), 2.0),
            ("2026-03-16 12:00:00", peak(0.0, 24.0, 0), 1.0),
        ] {
            assert_near(at(time, &of), [price; 2]);
        }
    }

    #[test]
    fn each_hour_of_the_day_may_have_its_price_and_peak_hours_come_first() {
        const HOURS: [f64; 24] = {
            let mut hours = [0.0; 24];
            hours[0] = -0.1;
            hours[23] = 0.23;
            hours
        };
        let hourly = [
            ("price", Literal::Floats(&HOURS)),
            ("feed_in", Literal::Float(0.07)),
        ];
        assert_near(at("2026-03-13 00:59:00", &hourly), [-0.1, 0.07]);
        assert_near(at("2026-03-13 12:00:00", &hourly), [0.0, 0.07]);
        assert_near(at("2026-03-13 23:00:00", &hourly), [0.23, 0.07]);
        let peak = [
            ("peak_price", Literal::Int(1)),
            ("peak_start", Literal::Int(12)),
        ];
        let both = [&hourly[..], &peak].concat();
        assert_near(at("2026-03-13 22:59:00", &both), [1.0, 0.07]);
        assert_near(at("2026-03-13 23:00:00", &both), [0.23, 0.07]);
    }

    #[test]
    fn a_market_price_takes_the_place_of_all_others() {
        let mut tariff = instance("2026-03-13 12:00:00", &TWO_RATES);
        assert_near(prices(&mut tariff, Some(Value::Int(80))), [0.156, 0.08]);
        let negative = prices(&mut tariff, Some(Value::Float(-250.0)));
        assert_near(negative, [-0.24, -0.25]);
        // A null leaves it to the parameters.
        assert_near(prices(&mut tariff, Some(Value::Null)), [0.3, 0.2]);
        let unit = [("market_unit", Literal::text("€/kWh"))];
        let mut tariff = instance("2026-03-13 12:00:00", &[&TWO_RATES[..], &unit].concat());
        assert_near(prices(&mut tariff, Some(Value::Float(0.08))), [0.156, 0.08]);
    }

    #[test]
    fn without_a_price_of_its_own_it_needs_that_of_a_market() {
        let peak_only = rig(&[("peak_price", Literal::Int(1))]).expect("buildable");
        assert!(peak_only.requires("market_price"));
        assert!(!rig(&TWO_RATES).expect("buildable").requires("market_price"));
        let mut market = rig(&[]).expect("buildable");
        let null = [("market_price", Value::Null)];
        let error = market.step(&null).expect_err("no price");
        assert_eq!(error.code, "type_mismatch:market_price");
    }

    #[test]
    fn prices_can_be_changed_while_a_run_goes_on() {
        let mut tariff = instance("2026-03-13 12:00:00", &TWO_RATES);
        let slot = |name| TARIFF.parameter_slot(name).expect("a parameter");
        for (name, value, expected) in [
            ("peak_price", 0.45, [0.6, 0.45]),
            ("feed_in", 0.0, [0.6, 0.0]),
            ("peak_start", 13.0, [0.18, 0.0]),
            ("price", 0.2, [0.3, 0.0]),
            ("vat", 0.0, [0.25, 0.0]),
        ] {
            assert!(tariff.model.adjust(slot(name), Number::Float(value)));
            assert_near(prices(&mut tariff, None), expected);
        }
    }

    #[test]
    fn a_step_that_is_longer_than_an_hour_is_told() {
        let mut config = with_parameters(&TWO_RATES);
        config.time_step_size = Some(4);
        assert!(
            Rig::new(&TARIFF, &config)
                .expect("buildable")
                .warnings()
                .is_empty()
        );
        config.time_step_size = Some(5);
        let long = Rig::new(&TARIFF, &config).expect("buildable");
        assert!(long.warnings()[0].contains("longer than an hour"));
    }

    #[test]
    fn what_is_no_tariff_is_refused() {
        for (key, value) in [
            ("price", Literal::Floats(&[0.1; 23])),
            ("price", Literal::Floats(&[0.1; 25])),
            ("price", Literal::Floats(&[f64::NAN; 24])),
            ("price", Literal::Float(f64::NAN)),
            ("price", Literal::text("cheap")),
            ("peak_price", Literal::text("dear")),
            ("peak_start", Literal::Float(24.5)),
            ("peak_end", Literal::Int(-1)),
            ("peak_days", Literal::Int(8)),
            ("vat", Literal::Int(-1)),
            ("emission_factor", Literal::Int(-1)),
            ("market_unit", Literal::text("ct/kWh")),
            ("feed_in", Literal::Float(f64::INFINITY)),
        ] {
            let error = rig(&[(key, value)]).err().expect("refused");
            assert_eq!(error.code, format!("invalid_parameter:{key}"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_bought_costs_energy_levies_and_tax(
            (energy, markup, vat) in (-1.0_f64..1.0, -0.1_f64..0.5, 0.0_f64..30.0),
        ) {
            let mut tariff = rig(&[
                ("markup", Literal::Float(markup)),
                ("vat", Literal::Float(vat)),
                ("emission_factor", Literal::Int(270)),
            ]).expect("buildable");
            tariff.step(&[("market_price", Value::Float(1000.0 * energy))]).expect("a step");
            let [buy, sell] = ["price_buy", "price_sell"].map(|name| tariff.float(name));
            prop_assert!((sell - energy).abs() < 1e-12);
            prop_assert!((buy * 100.0 - (energy + markup) * (100.0 + vat)).abs() < 1e-9);
            prop_assert_eq!(tariff.float("emission_factor"), 270.0);
        }
    }
}
