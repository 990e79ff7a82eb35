//! The watch at the point where a group of models meets the grid.

use shared::model::{
    Build, BuildError, Input, Literal, Memory, Model, ModelType, Need, Parameter, ParameterSlot,
    Published, Range, Step, StepError,
};
use shared::model_type;
use shared::value::Number;

model_type! {
    /// Watch at a grid connection: two flags that tell controllers when the import approaches or
    /// exceeds what the connection can carry.
    ///
    /// # Model
    ///
    /// The import −d is compared with two shares of the capacity:
    ///
    /// | condition, first match | `flag_critical` | `flag_warning` |
    /// |---|---|---|
    /// | −d ≥ c·P | 1 | 1 |
    /// | −d ≥ w·P | 0 | 1 |
    /// | otherwise | 0 | 0 |
    ///
    /// # Assumptions
    ///
    /// Only import counts: an export of any size raises no flag. Reaching a threshold is enough.
    /// There is no memory, no delay between two thresholds, and no limit to the flow itself:
    /// controllers have to react. P > 0 and 0 < w ≤ c, usually with c ≤ 1. The thresholds are the
    /// products rounded to floats, so that 0.1 × 3 kW is a hair above 0.3 kW. The length of a step
    /// plays no part.
    ///
    /// # Source
    ///
    /// The yellow and the red phase of a traffic light for grids: Universal Smart Energy Framework,
    /// *The Framework Explained*, 2015, revised 2021, operating regimes; BDEW, *Smart Grids Traffic
    /// Light Concept*, 2015.
    ///
    /// # Errors
    ///
    /// No parameter has a default; all must be given. A capacity that is not above 0 and negative
    /// limits are refused, and so are connections to both `dump` and `power_flow`. Several states at one
    /// of them, which arrive as a list, stop the run.
    ///
    /// # Example
    ///
    /// A connection of 20 kW with the limits 0.5 and 0.75: a `dump` of -10 kW, an import, raises
    /// the warning, -15 kW both flags, and 15 kW, an export, none.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: export is not checked. A limit of 0 raises its flag without any flow, and a tolerance
    /// above the critical limit never warns before it; both give a warning. Without a connection `dump`
    /// is 0, which gives a warning as well. `residual` is no residue: it is all of the flow, and adds it
    /// to the next connection.
    ///
    /// Joined: `dump` is the name of the main branch, `power_flow` and `residual` are names of the branch
    /// for clusters, and each accepts the name of the other without reading it. Here they are one
    /// quantity.
    ///
    /// Fixed: a capacity that is not above 0 is refused, where it raised the flags without any
    /// flow.
    pub static GRID_CONNECTION =
        ModelType::new("GridConnection", |build| Ok(Box::new(GridConnection::new(build)?)));
    parameters {
        CONNECTION_CAPACITY = Parameter::number(
            "connection_capacity",
            "kW",
            "capacity of the connection",
        )
        .symbol("P")
        .in_range(Range::POSITIVE)
        .instead_of_zero("a connection of 0 kW would be congested at all times"),
        TOLERANCE_LIMIT = Parameter::number(
            "tolerance_limit",
            "-",
            "share of the capacity from which there is a warning",
        )
        .symbol("w")
        .in_range(Range::NOT_NEGATIVE),
        CRITICAL_LIMIT = Parameter::number(
            "critical_limit",
            "-",
            "share of the capacity from which the import is critical",
        )
        .symbol("c")
        .in_range(Range::NOT_NEGATIVE),
    }
    inputs {
        DUMP = Input::number(
            "dump",
            "kW",
            "exchange with the grid; positive is export, negative is import",
        )
        .symbol("d")
        .with_need(Need::Else(Literal::Int(0))),
        POWER_FLOW = Input::number("power_flow", "kW", "a second name of 'dump'")
            .symbol("d")
            .with_need(Need::Optional)
            .instead_of("dump"),
    }
    published {
        FLAG_CRITICAL = Published::state(
            "flag_critical",
            "-",
            "1 where the import reaches the critical limit, else 0",
        )
        .with_initial(Literal::Null),
        FLAG_WARNING = Published::state(
            "flag_warning",
            "-",
            "1 where the import reaches the tolerance limit, else 0",
        )
        .with_initial(Literal::Null),
        RESIDUAL = Published::output("residual", "kW", "the flow passed on, as it came in").symbol("d"),
    }
}

struct GridConnection {
    /// Import in kW from which there is a warning.
    tolerated: Number,
    /// Import in kW from which it is critical.
    critical: Number,
}

impl GridConnection {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        warn_of_limits(build);
        Ok(Self {
            tolerated: threshold(build, TOLERANCE_LIMIT, "tolerance_limit")?,
            critical: threshold(build, CRITICAL_LIMIT, "critical_limit")?,
        })
    }
}

/// A share of the capacity, in kW.
fn threshold(build: &Build<'_>, slot: ParameterSlot, key: &str) -> Result<Number, BuildError> {
    let threshold = build.number(slot) * build.number(CONNECTION_CAPACITY);
    match threshold.to_value() {
        Ok(_) => Ok(threshold),
        Err(error) => Err(BuildError::invalid_parameter(
            key,
            format!("'{key}' times 'connection_capacity': {error}"),
        )),
    }
}

fn warn_of_limits(build: &mut Build<'_>) {
    let tolerance = build.number(TOLERANCE_LIMIT);
    let critical = build.number(CRITICAL_LIMIT);
    for (key, limit) in [("tolerance_limit", tolerance), ("critical_limit", critical)] {
        if limit == 0 {
            build.warn(|| {
                format!(
                    "a '{key}' of 0 raises the flag even without any flow; give a share of the \
                 capacity above 0"
                )
            });
        }
    }
    if tolerance > critical {
        build.warn(|| format!(
            "'tolerance_limit' {} is above 'critical_limit' {}, so there is no warning before the \
             import is critical; exchange the two if that is not meant",
            tolerance.to_f64(),
            critical.to_f64()
        ));
    }
}

impl Model for GridConnection {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let flow = match step.optional_number(DUMP)? {
            Some(flow) => flow,
            None => step.optional_number(POWER_FLOW)?.unwrap_or(Number::ZERO),
        };
        let import = -flow;
        let critical = import >= self.critical;
        let warning = critical || import >= self.tolerated;
        step.publish(FLAG_CRITICAL, i64::from(critical));
        step.publish(FLAG_WARNING, i64::from(warning));
        step.publish_number(RESIDUAL, flow);
        Ok(())
    }

    fn memory(&mut self, _: &mut Memory<'_>) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, changed, with_parameters};
    use proptest::prelude::*;
    use shared::model::ModelConfig;
    use shared::value::Value;

    const HOUSE: &[(&str, Literal)] = &[
        ("connection_capacity", Literal::Int(20)),
        ("tolerance_limit", Literal::Float(0.5)),
        ("critical_limit", Literal::Float(0.75)),
    ];

    fn connection(changes: &[(&str, Literal)]) -> Rig {
        let config = with_parameters(&changed(HOUSE, changes));
        Rig::new(&GRID_CONNECTION, &config).expect("buildable")
    }

    #[test]
    fn the_flow_has_two_names_and_is_passed_on_as_it_is() {
        for name in ["dump", "power_flow"] {
            let mut connection = connection(&[]);
            for flow in [Value::Int(-15), Value::Float(2.5)] {
                connection.step(&[(name, flow.clone())]).expect("a step");
                let is_critical = flow == Value::Int(-15);
                let flag = connection.value("flag_critical");
                assert_eq!(flag, Value::Int(is_critical.into()), "{name}");
                assert_eq!(connection.value("residual"), flow, "{name}");
            }
        }
    }

    fn flags(connection: &mut Rig, dump: impl Into<Value>) -> [Value; 2] {
        connection.step(&[("dump", dump.into())]).expect("a step");
        ["flag_critical", "flag_warning"].map(|name| connection.value(name))
    }

    #[test]
    fn reaching_a_threshold_of_import_raises_its_flag() {
        let mut connection = connection(&[]);
        for (dump, raised) in [
            (-9.99, [0, 0]),
            (-10.0, [0, 1]),
            (-14.99, [0, 1]),
            (-15.0, [1, 1]),
            (-1e9, [1, 1]),
            (0.0, [0, 0]),
        ] {
            assert_eq!(flags(&mut connection, dump), raised.map(Value::Int));
        }
    }

    #[test]
    fn export_raises_no_flag() {
        assert_eq!(flags(&mut connection(&[]), 1e9), [0, 0].map(Value::Int));
    }

    #[test]
    fn nothing_connected_raises_no_flag() {
        let mut connection = connection(&[]);
        connection.step(&[]).expect("a step");
        assert_eq!(connection.value("flag_warning"), Value::Int(0));
        assert_eq!(connection.value("residual"), Value::Int(0));
    }

    #[test]
    fn limits_that_surprise_give_a_warning() {
        assert_eq!(connection(&[]).warnings(), &[] as &[String]);
        let reversed = connection(&[("critical_limit", Literal::Float(0.25))]);
        assert!(reversed.warnings()[0].contains("'tolerance_limit' 0.5 is above"));
        let always = connection(&[("tolerance_limit", Literal::Int(0))]);
        assert!(always.warnings()[0].contains("even without any flow"));
    }

    #[test]
    fn every_parameter_must_be_given() {
        let error = Rig::new(&GRID_CONNECTION, &ModelConfig::default());
        let code = error.err().expect("refused").code;
        assert_eq!(code, "missing_parameter:connection_capacity");
    }

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        for (key, value) in [
            ("connection_capacity", Literal::Int(0)),
            ("tolerance_limit", Literal::Float(-0.1)),
            ("critical_limit", Literal::Int(i64::MAX)),
        ] {
            let config = with_parameters(&changed(HOUSE, &[(key, value)]));
            let error = Rig::new(&GRID_CONNECTION, &config).err().expect("refused");
            assert_eq!(error.code, format!("invalid_parameter:{key}"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_larger_import_never_lowers_a_flag(
            import in -1e3_f64..1e3,
            more in 0.0_f64..1e3,
            limits in (0.0_f64..2.0, 0.0_f64..2.0),
        ) {
            let mut connection = connection(&[
                ("tolerance_limit", Literal::Float(limits.0)),
                ("critical_limit", Literal::Float(limits.1)),
            ]);
            let raised = |values: [Value; 2]| values.map(|value| value == Value::Int(1));
            let before = raised(flags(&mut connection, -import));
            let after = raised(flags(&mut connection, -(import + more)));
            prop_assert!(after[0] >= before[0] && after[1] >= before[1]);
            prop_assert!(after[1] >= after[0], "a critical import is one to warn of");
        }
    }
}
