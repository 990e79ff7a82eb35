//! What types that merge their sections take and give. They take sums of any number of sources, or one source, and
//! where nothing comes a value of the scenario or of the type. They give floats.

use shared::model::{
    Build, BuildError, Input, InputSlot, Literal, Need, ParameterSlot, Place, Published,
    PublishedSlot, Section, Step, StepError,
};
use shared::value::{Number, Value};

/// An input that adds all that comes, 0 where nothing does.
pub(crate) const fn sum(name: &'static str, unit: &'static str, meaning: &'static str) -> Input {
    Input::number(name, unit, meaning)
        .with_need(Need::Optional)
        .with_initial(Literal::Float(0.0))
        .adding()
}

/// An input with one source, null where there is none.
pub(crate) const fn one(name: &'static str, unit: &'static str, meaning: &'static str) -> Input {
    Input::number(name, unit, meaning)
        .with_need(Need::Optional)
        .with_initial(Literal::Null)
        .single()
}

/// An output, at first 0.
pub(crate) const fn output(
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
) -> Published {
    Published::output(name, unit, meaning).with_initial(Literal::Float(0.0))
}

/// A state, at first 0.
pub(crate) const fn state(
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
) -> Published {
    Published::state(name, unit, meaning).with_initial(Literal::Float(0.0))
}

/// The inputs of a model: what holds at each where no message comes.
pub(crate) struct Received(Vec<Fallback>);

struct Fallback {
    /// `None` for null.
    value: Option<f64>,
    /// Whether null may come.
    takes_null: bool,
}

impl Received {
    /// What the scenario or the type says of all inputs, also of those that were added.
    pub(crate) fn new(build: &Build<'_>) -> Result<Self, BuildError> {
        let fallbacks = build.inputs().map(|(slot, input)| {
            let takes_null = input.initial == Literal::Null;
            let given = build.initial_input(slot);
            match finite(&given) {
                None if !(takes_null && given == Value::Null) => {
                    let name = &input.name;
                    Err(unfit(Section::Inputs, "type_mismatch", name, &given))
                }
                value => Ok(Fallback { value, takes_null }),
            }
        });
        Ok(Self(fallbacks.collect::<Result<_, _>>()?))
    }

    /// Makes those of these inputs required that are null where no message comes.
    #[inline(never)]
    pub(crate) fn require(&self, build: &mut Build<'_>, inputs: &[InputSlot]) {
        for &slot in inputs {
            if self.0[slot.index()].value.is_none() {
                build.require(slot);
            }
        }
    }

    /// The number at an input with one source, or null.
    pub(crate) fn one(&self, step: &Step<'_>, slot: InputSlot) -> Result<Option<f64>, StepError> {
        let fallback = &self.0[slot.index()];
        match step.value(slot) {
            None => Ok(fallback.value),
            Some(Value::Null) if fallback.takes_null => Ok(None),
            Some(value) => match finite(value) {
                None => Err(no_number(step, slot, value)),
                number => Ok(number),
            },
        }
    }

    /// The number at a required input, where a null stops the run.
    #[inline(never)]
    pub(crate) fn required(&self, step: &Step<'_>, slot: InputSlot) -> Result<f64, StepError> {
        let number = self.one(step, slot)?;
        number.ok_or_else(|| no_number(step, slot, &Value::Null))
    }

    /// The number at an input with one source that is never null.
    pub(crate) fn number(&self, step: &Step<'_>, slot: InputSlot) -> Result<f64, StepError> {
        // What takes no null has a number where nothing comes.
        Ok(self.one(step, slot)?.unwrap_or(0.0))
    }

    /// The sum of all that comes to an input.
    pub(crate) fn sum(&self, step: &Step<'_>, slot: InputSlot) -> Result<f64, StepError> {
        let Some(value @ Value::List(states)) = step.value(slot) else {
            return self.number(step, slot);
        };
        let sum = states
            .iter()
            .try_fold(0.0, |sum, state| Some(sum + finite(state)?));
        let sum = sum.filter(|sum| sum.is_finite());
        sum.ok_or_else(|| no_number(step, slot, value))
    }

    /// The sum at an input where a negative one counts as 0.
    pub(crate) fn positive(&self, step: &Step<'_>, slot: InputSlot) -> Result<f64, StepError> {
        Ok(self.sum(step, slot)?.max(0.0))
    }
}

/// The value as a finite number; a truth value is none here.
pub(crate) fn finite(value: &Value) -> Option<f64> {
    let number = value.as_number().map(Number::to_f64);
    number.filter(|number| number.is_finite() && !matches!(value, Value::Bool(_)))
}

/// The value as a list of finite numbers.
pub(crate) fn numbers(value: &Value) -> Option<Vec<f64>> {
    match value {
        Value::List(list) => list.iter().map(finite).collect(),
        _ => None,
    }
}

/// The error of a value that is no number.
#[cold]
pub(crate) fn no_number(step: &Step<'_>, slot: InputSlot, value: &Value) -> StepError {
    StepError::type_mismatch(step.input_name(slot), "a finite number", value)
}

#[cold]
fn unfit(section: Section, category: &str, name: &str, given: &Value) -> BuildError {
    BuildError {
        code: format!("{category}:{name}").into(),
        place: Place::Key(section, name.to_owned()),
        message: format!("'{name}' under '{}' cannot be {given}", section.key()),
    }
}

/// The initial value of a state that the model starts from: a number between these two.
pub(crate) fn starting(
    build: &Build<'_>,
    slot: PublishedSlot,
    low: f64,
    high: f64,
) -> Result<f64, BuildError> {
    let given = build.initial_published(slot);
    let number = finite(&given).filter(|number| (low..=high).contains(number));
    number.ok_or_else(|| refuse_state(build, slot, &given))
}

/// The refusal of an initial value that a model cannot start from.
#[cold]
pub(crate) fn refuse_state(build: &Build<'_>, slot: PublishedSlot, given: &Value) -> BuildError {
    let name = &build.model_type().published[slot.index()].name;
    unfit(Section::States, "invalid_state", name, given)
}

/// A parameter that is a number.
pub(crate) fn float(build: &Build<'_>, slot: ParameterSlot) -> f64 {
    build.number(slot).to_f64()
}

/// A parameter that is a number or null.
pub(crate) fn optional(build: &Build<'_>, slot: ParameterSlot) -> Option<f64> {
    build.parameter(slot).as_number().map(Number::to_f64)
}

/// A parameter that is a whole number from 1.
pub(crate) fn count(build: &Build<'_>, slot: ParameterSlot) -> usize {
    match *build.parameter(slot) {
        Value::Int(count) => usize::try_from(count).unwrap_or(usize::MAX),
        _ => 1,
    }
}

/// The seconds of a step.
pub(crate) fn seconds(build: &Build<'_>) -> f64 {
    f64::from(build.grid().resolution) * f64::from(build.step_size())
}

/// Publishes floats.
#[inline(never)]
pub(crate) fn publish(step: &mut Step<'_>, values: &[(PublishedSlot, f64)]) {
    for &(slot, value) in values {
        step.publish_number(slot, Number::Float(value));
    }
}

/// Publishes a flag.
pub(crate) fn publish_flag(step: &mut Step<'_>, slot: PublishedSlot, flag: i64) {
    step.publish_number(slot, Number::Int(flag));
}

/// Publishes a text, without a new one where it stays.
pub(crate) fn publish_text(step: &mut Step<'_>, slot: PublishedSlot, text: &str) {
    let place = step.places().get(slot.index());
    if place.is_some_and(|place| place.as_ref().and_then(Value::as_text) != Some(text)) {
        step.publish(slot, Value::text(text));
    }
}

/// What is said before the first step of an attribute that follows from others.
pub(crate) fn begin_with(build: &mut Build<'_>, values: &[(PublishedSlot, f64)]) {
    for &(slot, value) in values {
        build.begin_with(slot, || Value::Float(value));
    }
}

/// Whether a is b at least, but for rounding.
pub(crate) fn is_at_least(a: f64, b: f64) -> bool {
    a >= b * (1.0 - MARGIN)
}

/// What is delivered of what is wanted; all of it where nothing is.
pub(crate) fn share_served(delivered: f64, wanted: f64) -> f64 {
    if wanted > 0.0 {
        delivered / wanted
    } else {
        1.0
    }
}

/// How much of what it is compared with is rounding.
pub(crate) const MARGIN: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use crate::heat::heat_pump::HEAT_PUMP;
    use crate::hydrogen::electrolyser::ELECTROLYSER;
    use crate::rig::{Rig, section};
    use shared::model::{Literal, ModelConfig};
    use shared::value::Value;

    fn electrolyser(inputs: &[(&str, Literal)]) -> Rig {
        let config = ModelConfig {
            inputs: Some(section(inputs)),
            ..ModelConfig::default()
        };
        Rig::new(&ELECTROLYSER, &config).expect("buildable")
    }

    fn power(rig: &mut Rig, values: &[(&str, Value)]) -> f64 {
        rig.step(values).expect("a step");
        rig.float("p_cons")
    }

    #[test]
    fn states_that_arrive_as_a_list_are_added() {
        let mut rig = electrolyser(&[]);
        let list = Value::List([Value::Float(0.5), Value::Int(1)].into());
        assert_eq!(power(&mut rig, &[("p_set", list)]), 1.5);
    }

    #[test]
    fn where_nothing_comes_the_scenario_says_what_holds_and_else_the_type() {
        assert_eq!(
            power(&mut electrolyser(&[("p_set", Literal::Int(2))]), &[]),
            2.0
        );
        assert_eq!(power(&mut electrolyser(&[]), &[]), 0.0);
        // Nothing is kept of what came in an earlier step.
        let mut rig = electrolyser(&[("p_set", Literal::Int(2))]);
        assert_eq!(power(&mut rig, &[("p_set", Value::Int(1))]), 1.0);
        assert_eq!(power(&mut rig, &[]), 2.0);
    }

    #[test]
    fn null_is_a_value_where_the_table_says_so() {
        let room = [("p_set", Value::Int(1)), ("h2_room", Value::Int(0))];
        assert_eq!(power(&mut electrolyser(&[]), &room), 0.0);
        let null = [("p_set", Value::Int(1)), ("h2_room", Value::Null)];
        let mut rig = electrolyser(&[("h2_room", Literal::Int(0))]);
        assert_eq!(power(&mut rig, &null), 1.0);
        assert_eq!(power(&mut rig, &[("p_set", Value::Int(1))]), 0.0);
        let error = rig.step(&[("p_set", Value::Null)]).expect_err("no number");
        assert_eq!(error.code, "type_mismatch:p_set");
    }

    #[test]
    fn what_is_no_finite_number_stops_the_run() {
        for value in [
            Value::Float(f64::NAN),
            Value::Float(f64::INFINITY),
            Value::text("1"),
            Value::Bool(true),
            Value::List([Value::Float(1.0), Value::Null].into()),
        ] {
            let mut rig = electrolyser(&[]);
            let error = rig.step(&[("p_set", value)]).expect_err("no number");
            assert_eq!(error.code, "type_mismatch:p_set");
        }
        // A list is the several sources that an input with one does not have.
        let mut rig = electrolyser(&[]);
        let list = Value::List([Value::Float(0.5)].into());
        let error = rig.step(&[("h2_room", list)]).expect_err("one source");
        assert_eq!(error.code, "type_mismatch:h2_room");
    }

    #[test]
    fn initial_values_that_are_no_numbers_are_refused() {
        for (model_type, name, value) in [
            (&ELECTROLYSER, "p_set", Literal::Null),
            (&ELECTROLYSER, "h2_room", Literal::text("none")),
            (&HEAT_PUMP, "t_source", Literal::Null),
            (&HEAT_PUMP, "t_supply_set", Literal::Float(f64::NAN)),
        ] {
            let config = ModelConfig {
                inputs: Some(section(&[(name, value)])),
                ..ModelConfig::default()
            };
            let error = Rig::new(model_type, &config).err().expect("refused");
            assert_eq!(error.code, format!("type_mismatch:{name}"));
        }
    }
}
