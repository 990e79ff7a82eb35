//! Values that never change.

use shared::model::{
    Build, BuildError, Entries, Memory, Model, ModelType, Place, PublishedSlot, Section,
    SectionPolicy, Step, StepError,
};
use shared::model_type;
use shared::value::{Origin, Value};

model_type! {
    /// Constants: publishes values that the scenario gives, under names of its own.
    ///
    /// # Model
    ///
    /// Each entry under `parameters` is published under its name, at all times:
    ///
    /// ```yaml
    /// - name: Zero
    ///   type: Constant
    ///   parameters: {wind_gen: 0, price: 0.3}
    /// ```
    ///
    /// `Zero.wind_gen` and `Zero.price` can be connected and recorded. A value is a number, a truth
    /// value, a text, a list or a mapping, and keeps its kind: 0 is an integer, 0.0 a float.
    ///
    /// # Outputs and states
    ///
    /// A constant is a state, as the columns of a `CSV` are, and may go to any number of inputs. One
    /// that stands under `outputs` as well is an output: it is added to the other flows into its
    /// input, and may go to one input only.
    ///
    /// ```yaml
    ///   parameters: {base_load: 0.2, price: 0.3}
    ///   outputs: {base_load: 0}
    /// ```
    ///
    /// # Assumptions
    ///
    /// The units are those that the inputs want. The length of a step plays no part.
    ///
    /// # Source
    ///
    /// There is nothing to look up.
    ///
    /// # Errors
    ///
    /// A constant that is null, one whose name has other characters than letters, digits and `_`, a
    /// name under `outputs` or `states` without a value under `parameters`, and a model without any
    /// constant are refused.
    ///
    /// # Example
    ///
    /// A house without a turbine: `Zero.wind_gen` → `Control.wind_gen` in place of a `CSV` with a column
    /// of zeros.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// There is no such type there.
    pub static CONSTANT = ModelType::new("Constant", |build| Ok(Box::new(Constant::new(build)?)))
        .with_sections(SectionPolicy::Own);
}

struct Constant {
    values: Vec<(PublishedSlot, Value)>,
}

impl Constant {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let given: Entries = build.given(Section::Parameters).to_vec();
        if given.is_empty() {
            return Err(BuildError::missing_parameter(
                "parameters",
                "there is no constant; give names and values under 'parameters'",
            ));
        }
        for section in [Section::Outputs, Section::States] {
            for (name, _) in build.given(section) {
                if !given.iter().any(|(known, _)| known == name) {
                    return Err(without_value(section, name));
                }
            }
        }
        let mut values = Vec::with_capacity(given.len());
        for (name, value) in given {
            check(&name, &value)?;
            let mut outputs = build.given(Section::Outputs).iter();
            let origin = if outputs.any(|(output, _)| *output == name) {
                Origin::Output
            } else {
                Origin::State
            };
            values.push((build.publish_also(&name, origin, value.kind())?, value));
        }
        Ok(Self { values })
    }
}

fn check(name: &str, value: &Value) -> Result<(), BuildError> {
    if *value == Value::Null {
        return Err(BuildError::missing_parameter(
            name,
            format!("the constant '{name}' is null and needs a value"),
        ));
    }
    // Letters of other alphabets are not told from other signs: tables of them are large on a node.
    if !name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii())
    {
        return Err(BuildError::invalid_parameter(
            name,
            format!(
                "the constant '{name}' can be neither connected nor recorded; give it a name of \
                 letters, digits and '_'"
            ),
        ));
    }
    Ok(())
}

fn without_value(section: Section, name: &str) -> BuildError {
    BuildError {
        code: format!("missing_parameter:{name}").into(),
        place: Place::Key(section, name.to_owned()),
        message: format!(
            "'{name}' stands under '{}' and has no value; add '{name}: …' under 'parameters'",
            section.key()
        ),
    }
}

impl Model for Constant {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        for (slot, value) in self.values.drain(..) {
            step.publish(slot, value);
        }
        step.never_again();
        Ok(())
    }

    // There is one step. What it published is kept by whoever steps the model.
    fn memory(&mut self, _: &mut Memory<'_>) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, section, with_parameters};
    use shared::model::{Literal, ModelConfig};

    #[test]
    fn each_constant_is_published_under_its_name_with_its_kind() {
        let config = with_parameters(&[
            ("wind_gen", Literal::Int(0)),
            ("price", Literal::Float(0.3)),
            ("open", Literal::Bool(true)),
            ("label", Literal::text("spring")),
            ("bids", Literal::EmptyList),
        ]);
        let mut constants = Rig::new(&CONSTANT, &config).expect("buildable");
        constants.step(&[]).expect("a step");
        for (name, value) in [
            ("wind_gen", Value::Int(0)),
            ("price", Value::Float(0.3)),
            ("open", Value::Bool(true)),
            ("label", Value::text("spring")),
            ("bids", Value::List([].into())),
        ] {
            assert_eq!(constants.value(name), value);
        }
        assert_eq!(constants.next(), shared::time::NEVER);
    }

    #[test]
    fn what_has_no_value_or_cannot_be_connected_is_refused() {
        let price = ("price", Literal::Float(0.3));
        for (parameters, outputs, code) in [
            (&[][..], &[][..], "missing_parameter:parameters"),
            (&[("price", Literal::Null)], &[], "missing_parameter:price"),
            (
                &[("the price", Literal::Int(1))],
                &[],
                "invalid_parameter:the price",
            ),
            (
                &[price],
                &[("prize", Literal::Int(0))],
                "missing_parameter:prize",
            ),
        ] {
            let config = ModelConfig {
                outputs: Some(section(outputs)),
                ..with_parameters(parameters)
            };
            let error = Rig::new(&CONSTANT, &config).err().expect("refused");
            assert_eq!(error.code, code);
        }
    }
}
