//! The summing junction.

use shared::model::{
    Build, BuildError, Input, InputSlot, Literal, Memory, Model, ModelType, Need, Parameter, Place,
    Published, Section, Step, StepError,
};
use shared::model_type;
use shared::value::{Number, Value};

model_type! {
    /// Summing junction: adds two numbers, for trying out connections.
    ///
    /// # Model
    ///
    /// ```text
    /// out1 = a + b
    /// ```
    ///
    /// where `a` is the newest value that arrived at `in1`, and `b` the newest one at `in2`. Until
    /// something arrives, each is the initial value of its input.
    ///
    /// # Assumptions
    ///
    /// Both inputs have the same unit. The sum of two integers is an integer; a float makes it a
    /// float. The length of a step plays no part.
    ///
    /// # Source
    ///
    /// Arithmetic; there is nothing to look up.
    ///
    /// # Errors
    ///
    /// An input that never received anything and whose initial value is null stops the run. So do
    /// several states at one input, which arrive as a list, and a sum of integers beyond 64 bits.
    ///
    /// # Example
    ///
    /// Starting from 10 and 20: without connections `out1` is 30; when 1.5 arrives at `in1` it is
    /// 21.5, and it stays 21.5 while nothing else arrives.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// There the type can be neither connected nor recorded, cannot be built without a `states`
    /// section, and steps every 900 ticks by default. Here it is an ordinary model that steps
    /// every tick. An input that a given `inputs` section leaves out starts from 10 or 20, the
    /// initial values of the type.
    pub static ADDER = ModelType::new("Adder", |build| Ok(Box::new(Adder::new(build)?)));
    parameters {
        _ = Parameter::unused("param1", "a label").with_default(Literal::text("addition")),
        _ = Parameter::unused("testParam", "a label").with_default(Literal::text("testJort")),
    }
    inputs {
        IN1 = Input::number("in1", "-", "first summand; the last one received is kept")
            .symbol("a")
            .with_need(Need::Optional)
            .with_initial(Literal::Int(10)),
        IN2 = Input::number("in2", "-", "second summand; the last one received is kept")
            .symbol("b")
            .with_need(Need::Optional)
            .with_initial(Literal::Int(20)),
    }
    published {
        OUT1 = Published::output("out1", "-", "the sum of both inputs").symbol("a + b"),
    }
}

struct Adder {
    a: Summand,
    b: Summand,
}

impl Adder {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        Ok(Self {
            a: Summand::new(build, IN1)?,
            b: Summand::new(build, IN2)?,
        })
    }
}

impl Model for Adder {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let sum = self.a.newest(step)? + self.b.newest(step)?;
        step.publish_number(OUT1, sum);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.a.kept);
        memory.keep(&mut self.b.kept);
        true
    }
}

/// The newest value of an input.
struct Summand {
    input: InputSlot,
    kept: Option<Number>,
}

impl Summand {
    fn new(build: &Build<'_>, input: InputSlot) -> Result<Self, BuildError> {
        let initial = build.initial_input(input);
        let kept = initial.as_number();
        if kept.is_none() && initial != Value::Null {
            let name = &build.model_type().inputs[input.index()].name;
            return Err(BuildError {
                code: format!("type_mismatch:{name}").into(),
                place: Place::Key(Section::Inputs, name.to_string()),
                message: format!(
                    "the initial value of input '{name}' must be a number, not {initial}"
                ),
            });
        }
        Ok(Self { input, kept })
    }

    fn newest(&mut self, step: &Step<'_>) -> Result<Number, StepError> {
        if let Some(received) = step.optional_number(self.input)? {
            self.kept = Some(received);
        }
        // Where nothing was ever received this names the input.
        self.kept.map_or_else(|| step.number(self.input), Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, section};
    use shared::model::ModelConfig;

    fn starting_from(inputs: &[(&str, Literal)]) -> Rig {
        let config = ModelConfig {
            inputs: Some(section(inputs)),
            ..ModelConfig::default()
        };
        Rig::new(&ADDER, &config).expect("buildable")
    }

    #[test]
    fn the_last_value_received_is_kept() {
        let mut adder = starting_from(&[("in1", Literal::Int(10)), ("in2", Literal::Int(20))]);
        adder.step(&[]).expect("a step");
        assert_eq!(adder.value("out1"), Value::Int(30));
        adder.step(&[("in1", Value::Float(1.5))]).expect("a step");
        assert_eq!(adder.value("out1"), Value::Float(21.5));
        adder.step(&[]).expect("a step");
        assert_eq!(adder.value("out1"), Value::Float(21.5));
        assert_eq!(adder.next(), 3);
    }

    #[test]
    fn an_input_without_initial_value_must_receive_one() {
        let mut adder = starting_from(&[("in2", Literal::Null)]);
        let error = adder.step(&[]).expect_err("nothing to add");
        assert_eq!(error.code, "missing_input:in2");
        adder.step(&[("in2", Value::Int(1))]).expect("a step");
        assert_eq!(adder.value("out1"), Value::Int(11));
    }

    #[test]
    fn an_initial_value_that_is_no_number_is_refused() {
        let config = ModelConfig {
            inputs: Some(section(&[("in1", Literal::text("ten"))])),
            ..ModelConfig::default()
        };
        let error = Rig::new(&ADDER, &config).err().expect("refused");
        assert_eq!(error.code, "type_mismatch:in1");
    }

    #[test]
    fn a_sum_beyond_64_bits_stops_the_run() {
        let mut adder = starting_from(&[("in1", Literal::Int(i64::MAX))]);
        let error = adder.step(&[("in2", Value::Int(1))]).expect_err("overflow");
        assert_eq!(error.code, "overflow:out1");
    }
}
