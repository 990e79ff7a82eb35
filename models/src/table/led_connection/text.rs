//! The cables of a unit whose boards read text.

use std::fmt;

use shared::cable::{CableId, Picture};
use shared::model::{
    Build, BuildError, InputSlot, Memory, Model, ParameterSlot, Section, Step, StepError,
};
use shared::value::{Number, Value};

use super::sockets::Sockets;
use super::{DIRECTION, MAPPING, MAX_SPEED, MIN_SPEED, SOCKETS, SPEED, byte, devices};
use crate::parts::told::Told;

pub(super) struct TextEnd {
    scale: Scale,
    sockets: Sockets,
    /// The models at `speed`, and their values in this step.
    flows: Vec<(String, f64)>,
    /// What the cables in the mapping shall show in this step.
    wanted: Vec<(CableId, [u8; 3])>,
    told: Told,
}

#[derive(Clone, Copy)]
struct Scale {
    /// The value up to which nothing flows.
    low: f64,
    /// The value of a full cable.
    high: f64,
    /// The direction of probes.
    direction: bool,
}

/// Why a cable shows nothing.
enum Trouble<'a> {
    /// The value of this model is not a number.
    NotANumber(&'a str),
    /// A cable leads from one end to another, and neither has a value here.
    NoValue(CableId, [&'a str; 2]),
}

impl fmt::Display for Trouble<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber(model) => write!(
                f,
                "the value of '{model}' is not a number, so its cables show none"
            ),
            Self::NoValue(cable, ends) => {
                let [from, to] = ends.map(model_of);
                write!(
                    f,
                    "cable {cable} shows nothing, because neither '{from}' nor '{to}' is connected \
                     to 'speed'; connect one of them"
                )
            }
        }
    }
}

impl TextEnd {
    pub(super) fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let scale = Scale::new(build)?;
        let devices = devices::read("sockets", build.parameter(SOCKETS))?;
        Ok(Self {
            scale,
            sockets: Sockets::new(build, devices),
            flows: Vec::new(),
            wanted: Vec::new(),
            told: Told::default(),
        })
    }

    /// Takes the values of this step.
    fn take_flows(&mut self, step: &Step<'_>) -> Result<(), StepError> {
        let Some(value) = step.value(SPEED) else {
            return Ok(());
        };
        let values = match value {
            Value::List(list) if self.flows.len() != 1 => list,
            only => std::slice::from_ref(only),
        };
        for ((_, flow), value) in self.flows.iter_mut().zip(values) {
            let number = value.as_number();
            let number =
                number.ok_or_else(|| StepError::type_mismatch("speed", "numbers", value))?;
            *flow = number.to_f64();
        }
        Ok(())
    }

    /// The value of the model that an end belongs to.
    fn flow_at(&self, end: Option<&Value>) -> Option<f64> {
        let model = model_of(end?.as_text()?);
        let mut flows = self.flows.iter();
        flows.find(|(name, _)| name == model).map(|(_, flow)| *flow)
    }

    /// Works out what the cables in the mapping shall show.
    fn read_mapping(
        &mut self,
        step: &Step<'_>,
        troubles: &mut Vec<String>,
    ) -> Result<(), StepError> {
        self.wanted.clear();
        let items = match step.value(MAPPING) {
            Some(Value::List(items)) => items,
            None | Some(Value::Null) => return Ok(()),
            Some(other) => return Err(StepError::type_mismatch("mapping", "a list", other)),
        };
        for item in items.iter() {
            let Some(cable) = item.get("connection_id").and_then(cable_of) else {
                continue;
            };
            let [from, to] = ["from", "to"].map(|end| item.get(end));
            let flow = self.flow_at(from).or_else(|| self.flow_at(to));
            if flow.is_none() && self.sockets.cables().any(|held| held == Some(cable)) {
                let ends = [from, to].map(|end| end.and_then(Value::as_text).unwrap_or("?"));
                troubles.push(Trouble::NoValue(cable, ends).to_string());
            }
            let direction = match item.get("direction").and_then(Value::as_number) {
                Some(direction) => whole(direction) == 1.0,
                None => self.scale.direction,
            };
            let text = self.scale.text(flow.unwrap_or(0.0), direction);
            // A later item for a cable counts.
            self.wanted.retain(|(known, _)| *known != cable);
            self.wanted.push((cable, text));
        }
        Ok(())
    }
}

impl Model for TextEnd {
    fn connected(&mut self, _: InputSlot, sources: &[String]) {
        self.flows = sources.iter().map(|name| (name.clone(), 0.0)).collect();
    }

    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        self.take_flows(step)?;
        let strange = self.flows.iter().filter(|(_, flow)| flow.is_nan());
        let mut troubles: Vec<String> = strange
            .map(|(model, _)| Trouble::NotANumber(model).to_string())
            .collect();
        self.read_mapping(step, &mut troubles)?;
        self.told.tell(step, troubles);
        for (socket, held) in self.sockets.cables().enumerate() {
            let mut wanted = self.wanted.iter();
            let wanted = wanted.find(|(cable, _)| Some(*cable) == held);
            let text = wanted.map_or_else(|| self.scale.probe(), |(_, text)| *text);
            step.show(socket, Picture::Text(text));
        }
        self.sockets.look(step);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        // The values at `speed` and what is wanted of cables are those of a step.
        self.sockets.memory(memory);
        self.told.memory(memory);
        true
    }
}

/// The model that an end belongs to: `PV` for `PV_LED-0.time-based_0`.
fn model_of(end: &str) -> &str {
    end.split("_LED").next().unwrap_or(end)
}

/// The cable of an item.
fn cable_of(id: &Value) -> Option<CableId> {
    match id {
        Value::Text(text) => CableId::parse(text.trim()),
        Value::Int(number) => CableId::parse(&number.to_string()),
        _ => None,
    }
}

/// A number without what is behind its point.
fn whole(number: Number) -> f64 {
    number.to_f64().trunc()
}

impl Scale {
    fn new(build: &Build<'_>) -> Result<Self, BuildError> {
        let low = limit(build, MIN_SPEED, ("min_speed", 0.0))?;
        let high = limit(build, MAX_SPEED, ("max_speed", 1.0))?;
        if high <= low {
            let message = format!(
                "parameter 'max_speed' must be above 'min_speed', and {high} is not above {low}"
            );
            return Err(BuildError::invalid_parameter("max_speed", message));
        }
        let direction = match *build.parameter(DIRECTION) {
            Value::Int(0) => false,
            Value::Int(1) => true,
            ref other => {
                let message = format!("parameter 'direction' must be 0 or 1, not {other}");
                return Err(BuildError::invalid_parameter("direction", message));
            }
        };
        Ok(Self {
            low,
            high,
            direction,
        })
    }

    /// What a cable shows of which nothing is wanted.
    fn probe(self) -> [u8; 3] {
        [b'0', b'g', digit(self.direction)]
    }

    /// What a cable shows through which so much flows.
    fn text(self, flow: f64, direction: bool) -> [u8; 3] {
        if flow.is_nan() {
            return self.probe();
        }
        let is_reversed = flow < 0.0;
        let flow = if is_reversed { -flow } else { flow };
        let share = if flow <= self.low {
            0.0
        } else {
            (flow - self.low) / (self.high - self.low).max(1e-9) * 100.0
        };
        // The order of these operations decides about values at the edge of a stage.
        let stage = byte((4.0 * (share / 100.0)).ceil()).min(4);
        let colour = if stage == 4 { b'r' } else { b'g' };
        [b'0' + stage, colour, digit(direction != is_reversed)]
    }
}

fn digit(direction: bool) -> u8 {
    b'0' + u8::from(direction)
}

/// A limit of the span, and what it is where the scenario has no parameters.
fn limit(
    build: &Build<'_>,
    slot: ParameterSlot,
    (key, default): (&str, f64),
) -> Result<f64, BuildError> {
    if *build.parameter(slot) == Value::Null {
        if build.given(Section::Parameters).is_empty() {
            return Ok(default);
        }
        let message = format!(
            "parameter '{key}' is missing under 'parameters'; add '{key}: {default:?}' for the \
             default"
        );
        return Err(BuildError::missing_parameter(key, message));
    }
    let limit = build.number(slot).to_f64();
    if limit.is_finite() {
        Ok(limit)
    } else {
        let message = format!("parameter '{key}' must be a finite number, not {limit}");
        Err(BuildError::invalid_parameter(key, message))
    }
}

#[cfg(test)]
mod tests {
    use super::super::LED_CONNECTION;
    use crate::rig::{Rig, with_parameters};
    use proptest::prelude::*;
    use shared::cable::{CableId, Sight};
    use shared::model::{Literal, ModelConfig};
    use shared::value::Value;

    fn led(misses: i64) -> Rig {
        let config = with_parameters(&[
            ("min_speed", Literal::Int(0)),
            ("max_speed", Literal::Int(1)),
            ("direction", Literal::Int(1)),
            ("misses", Literal::Int(misses)),
        ]);
        let mut led = Rig::new(&LED_CONNECTION, &config).expect("buildable");
        led.connect("speed", &["PV", "Load_EWI"]);
        led
    }

    fn cable(id: &str) -> Sight {
        Sight::Cable(CableId::parse(id).expect("an id"))
    }

    /// The mapping that tells of cable 4, from the first to the second end.
    fn mapping(from: &str, to: &str, direction: Value) -> Value {
        let entries = [
            ("from", Value::text(from)),
            ("to", Value::text(to)),
            ("connection_id", Value::text("4")),
            ("direction", direction),
        ];
        let entries = entries.map(|(key, value)| (key.into(), value));
        Value::List([Value::Map(entries.into())].into())
    }

    fn sun(direction: i64) -> Value {
        let [from, to] = ["PV_LED-0.time-based_0", "Load_EWI_LED-0.time-based_0"];
        mapping(from, to, Value::Int(direction))
    }

    fn step(led: &mut Rig, mapping: Value, flows: [f64; 2]) -> String {
        let flows = Value::List(flows.map(Value::Float).into());
        let inputs = [("mapping", mapping), ("speed", flows)];
        led.step(&inputs).expect("a step");
        led.picture(0).expect("something").to_string()
    }

    #[test]
    fn what_is_shown_rests_on_what_was_held_before() {
        let mut led = led(8);
        led.look(0, cable("4"));
        let shown = [0.6, 0.6, -0.6].map(|flow| step(&mut led, sun(-1), [flow, 0.0]));
        assert_eq!(shown, ["0g1", "3g0", "3g1"]);
        led.look(0, Sight::Gone);
        assert_eq!(step(&mut led, sun(1), [1.0, 0.0]), "4r1");
        assert_eq!(step(&mut led, sun(1), [1.0, 0.0]), "0g1");
    }

    #[test]
    fn a_silent_cable_is_held_for_a_while_and_a_pulled_one_is_gone() {
        let held = |led: &mut Rig, sight| {
            led.look(1, sight);
            step(led, sun(1), [0.0; 2]);
            led.value("connections") != Value::List([].into())
        };
        for misses in [1, 2, 255] {
            let mut led = led(misses);
            for _ in 0..2 {
                assert!(held(&mut led, cable("4")));
                for _ in 1..misses {
                    assert!(held(&mut led, Sight::Silent));
                }
                assert!(!held(&mut led, Sight::Silent));
            }
            assert!(held(&mut led, cable("4")));
            assert!(!held(&mut led, Sight::Gone));
            assert!(!held(&mut led, Sight::Silent), "nothing to hold");
        }
    }

    #[test]
    fn ids_are_in_the_order_of_the_sockets_and_each_is_there_once() {
        let mut led = led(8);
        for (socket, id) in [(3, "1"), (2, "5"), (1, "5"), (0, "3")] {
            led.look(socket, cable(id));
        }
        step(&mut led, sun(1), [0.0; 2]);
        let ids = ["3", "5", "1"].map(Value::text);
        assert_eq!(led.value("connections"), Value::List(ids.into()));
    }

    #[test]
    fn what_is_not_a_number_is_shown_as_a_probe_and_told_once_each_time() {
        let mut led = led(8);
        led.look(0, cable("4"));
        let told = [0.6, f64::NAN, f64::NAN, 0.6, f64::NAN].map(|flow| {
            let shown = step(&mut led, sun(0), [flow, 0.0]);
            assert!(!flow.is_nan() || shown == "0g1", "{shown}");
            led.notices().len()
        });
        assert_eq!(told, [0, 1, 0, 0, 1]);
    }

    #[test]
    fn a_cable_between_models_that_are_not_connected_is_told() {
        let mut led = led(8);
        let wind = || mapping("Wind_LED", "Grid_Ext_LED", Value::Int(1));
        led.look(0, cable("4"));
        let told = [0, 1, 2].map(|_| {
            step(&mut led, wind(), [1.0, 1.0]);
            led.notices().to_vec()
        });
        assert_eq!(told.each_ref().map(Vec::len), [0, 1, 0], "once it is held");
        assert!(
            told[1][0].contains("neither 'Wind' nor 'Grid_Ext'"),
            "{told:?}"
        );
    }

    #[test]
    fn values_that_are_no_numbers_stop_the_run() {
        let mut led = led(8);
        let flows = Value::List([Value::text("much"), Value::Int(1)].into());
        let error = led.step(&[("speed", flows)]).expect_err("no number");
        assert_eq!(error.code, "type_mismatch:speed");
        let error = led
            .step(&[("mapping", Value::Int(1))])
            .expect_err("no list");
        assert_eq!(error.code, "type_mismatch:mapping");
    }

    #[test]
    fn without_anything_connected_cables_are_found_and_probed() {
        let mut led = Rig::new(&LED_CONNECTION, &ModelConfig::default()).expect("buildable");
        led.look(2, cable("9"));
        led.step(&[]).expect("a step");
        assert_eq!(
            led.value("connections"),
            Value::List([Value::text("9")].into())
        );
        assert_eq!(led.picture(2).expect("something").to_string(), "0g0");
    }

    proptest! {
        #[test]
        fn more_flow_is_never_a_lower_stage_and_its_sign_turns_it_round(
            flow in 1e-6_f64..2.0,
            more in 0.0_f64..2.0,
        ) {
            let mut led = led(8);
            led.look(0, cable("4"));
            let mut shown = |flow| {
                step(&mut led, sun(0), [flow, 0.0]);
                step(&mut led, sun(0), [flow, 0.0])
            };
            let (one, other, back) = (shown(flow), shown(flow + more), shown(-flow));
            prop_assert!(one.as_bytes()[0] <= other.as_bytes()[0]);
            prop_assert_eq!(one.as_bytes()[..2].to_vec(), back.as_bytes()[..2].to_vec());
            prop_assert!(one.ends_with('0') && back.ends_with('1'));
        }
    }
}
