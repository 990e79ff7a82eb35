//! What stands in for a component.

use shared::model::{
    Build, Input, Literal, Memory, Model, ModelType, Need, Parameter, Published, Step, StepError,
};
use shared::model_type;
use shared::value::{Kind, Value};

model_type! {
    /// Stand-in: passes on what it gets.
    ///
    /// # Model
    ///
    /// ```text
    /// y = x      where something is connected
    /// y = p      otherwise
    /// ```
    ///
    /// On a demonstration table it stands in for a building or a plant: the story sets its level, and
    /// its cables show it.
    ///
    /// # Assumptions
    ///
    /// Values of any kind pass as they are: several states arrive as a list, several outputs as their
    /// sum.
    ///
    /// # Source
    ///
    /// A wire; there is nothing to look up.
    ///
    /// # Errors
    ///
    /// None.
    ///
    /// # Example
    ///
    /// With `param1: 0.25` and nothing at `in1`, `state1` is 0.25 in every step. Once `in1` gets 0.6, it is
    /// 0.6 in the same step.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// The type is of its branch for clusters. The initial values of `in1` and `state1` change nothing, as
    /// there. A `parameters` section must have `param1`, which is 0.1 there in that case and 0 without a
    /// section. Its outputs `out1` and `out2` and its state `state2` are never published, here neither.
    pub static DUMMY = ModelType::new("Dummy", |build| Ok(Box::new(Dummy::new(build))))
        .never_publishing(&["out1", "out2", "state2"]);
    parameters {
        PARAM_1 = Parameter::any("param1", "the value before the first input")
            .symbol("p")
            .with_default(Literal::Int(0)),
        _ = Parameter::unused("param2", "not used"),
    }
    inputs {
        IN_1 = Input::number("in1", "-", "what it passes on")
            .symbol("x")
            .with_kind(Kind::Any)
            .with_need(Need::Optional)
            .with_initial(Literal::Int(20)),
        _ = Input::unused("in2", "-", "not used").with_initial(Literal::Int(20)),
    }
    published {
        STATE_1 = Published::state("state1", "-", "what it passes on")
            .symbol("y")
            .with_kind(Kind::Any),
    }
}

struct Dummy {
    value: Value,
}

impl Dummy {
    fn new(build: &Build<'_>) -> Self {
        Self {
            value: build.parameter(PARAM_1).clone(),
        }
    }
}

impl Model for Dummy {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        if let Some(value) = step.value(IN_1) {
            self.value.clone_from(value);
        }
        step.publish(STATE_1, self.value.clone());
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.value);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, with_parameters};
    use shared::model::ModelConfig;

    #[test]
    fn the_parameter_holds_until_something_comes_and_then_what_came() {
        let config = with_parameters(&[("param1", Literal::Float(0.25))]);
        let mut dummy = Rig::new(&DUMMY, &config).expect("buildable");
        dummy.step(&[]).expect("a step");
        assert_eq!(dummy.value("state1"), Value::Float(0.25));
        for value in [Value::Int(3), Value::text("any"), Value::Null] {
            dummy.step(&[("in1", value.clone())]).expect("a step");
            assert_eq!(dummy.value("state1"), value);
        }
    }

    #[test]
    fn a_section_must_have_the_value() {
        let error = Rig::new(&DUMMY, &with_parameters(&[("param2", Literal::Int(7))]));
        let error = error.err().expect("refused");
        assert_eq!(error.code, "missing_parameter:param1");
        assert!(error.message.contains("'param1: 0'"), "{error}");
        assert!(Rig::new(&DUMMY, &ModelConfig::default()).is_ok());
    }
}
