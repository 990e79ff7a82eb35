//! One cable whose board acknowledges bytes.

use shared::cable::Picture;
use shared::model::{Build, BuildError, Memory, Model, Step, StepError};
use shared::value::Value;

use super::sockets::Sockets;
use super::{DIRECTION, MAX_POWER, PORT, POWER, byte, devices};
use crate::parts::told::Told;

pub(super) struct BytesEnd {
    scale: Scale,
    sockets: Sockets,
    told: Told,
}

#[derive(Clone, Copy)]
struct Scale {
    /// The power of a full cable.
    full: f64,
    /// The direction of positive power.
    direction: bool,
}

const NOT_A_NUMBER: &str = "'power' is not a number, so the cable shows none";

impl BytesEnd {
    pub(super) fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        if *build.parameter(MAX_POWER) == Value::Null {
            return Err(BuildError::missing_parameter(
                "max_power",
                "parameter 'max_power', the power of a full cable, has no default; add \
                 'max_power: …'",
            ));
        }
        let full = build.number(MAX_POWER).to_f64();
        if full == 0.0 || !full.is_finite() {
            let message = format!("parameter 'max_power' must be a power other than 0, not {full}");
            return Err(BuildError::invalid_parameter("max_power", message));
        }
        let devices = match build.parameter(PORT) {
            Value::Null => {
                build.warn(|| "without 'port' no cable shows its power; add 'port: /dev/ttyACM0'");
                Vec::new()
            }
            port => devices::read("port", port)?,
        };
        if devices.len() > 1 {
            let message = "'port' names several devices, and must name one; give each cable a \
                           model of its own";
            return Err(BuildError::invalid_parameter("port", message));
        }
        Ok(Self {
            scale: Scale {
                full,
                direction: *build.parameter(DIRECTION) != Value::Int(0),
            },
            sockets: Sockets::new(build, devices),
            told: Told::default(),
        })
    }
}

impl Model for BytesEnd {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let power = step.number(POWER)?.to_f64();
        step.show(0, Picture::Bytes(self.scale.picture(power)));
        let told = power.is_nan().then(|| NOT_A_NUMBER.to_owned());
        self.told.tell(step, Vec::from_iter(told));
        self.sockets.look(step);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        self.sockets.memory(memory);
        self.told.memory(memory);
        true
    }
}

impl Scale {
    /// Milliseconds a pixel, direction, red, green, blue.
    fn picture(self, power: f64) -> [u8; 5] {
        let share = power / self.full;
        if share == 0.0 || power.is_nan() {
            return [0; 5];
        }
        let direction = u8::from(self.direction != (share < 0.0));
        let share = share.abs();
        if share > 1.0 {
            return [0, direction, 255, 0, 0];
        }
        let red = byte((255.0 * share).ceil());
        let delay = 255 - red;
        [delay, direction, red, delay, 0]
    }
}

#[cfg(test)]
mod tests {
    use super::super::LED_CONNECTION;
    use crate::rig::{Rig, with_parameters};
    use shared::cable::{CableId, Picture, Sight};
    use shared::model::Literal;
    use shared::value::Value;

    fn led(port: Literal) -> Rig {
        let config = with_parameters(&[
            ("port", port),
            ("max_power", Literal::Int(10)),
            ("direction", Literal::Int(1)),
        ]);
        Rig::new(&LED_CONNECTION, &config).expect("buildable")
    }

    fn shown(led: &mut Rig, power: f64) -> Option<Picture> {
        led.step(&[("power", Value::Float(power))]).expect("a step");
        led.picture(0)
    }

    #[test]
    fn power_is_shown_as_speed_and_colour() {
        let mut led = led(Literal::text("/dev/ttyACM0"));
        for (power, picture) in [
            (0.0, [0, 0, 0, 0, 0]),
            (5.0, [127, 1, 128, 127, 0]),
            (-5.0, [127, 0, 128, 127, 0]),
            (10.0, [0, 1, 255, 0, 0]),
            (f64::NEG_INFINITY, [0, 0, 255, 0, 0]),
        ] {
            assert_eq!(
                shown(&mut led, power),
                Some(Picture::Bytes(picture)),
                "{power}"
            );
        }
    }

    #[test]
    fn what_is_not_a_number_is_dark_and_told_once_each_time() {
        let mut led = led(Literal::text("ttyACM0"));
        let told = [f64::NAN, f64::NAN, 1.0, f64::NAN].map(|power| {
            let dark = shown(&mut led, power) == Some(Picture::Bytes([0; 5]));
            assert_eq!(dark, power.is_nan());
            led.notices().len()
        });
        assert_eq!(told, [1, 0, 0, 1]);
    }

    #[test]
    fn the_cable_at_the_port_is_held() {
        let mut led = led(Literal::text("ttyACM0"));
        led.look(0, Sight::Cable(CableId::new(b'7').expect("printable")));
        shown(&mut led, 1.0);
        assert_eq!(
            led.value("connections"),
            Value::List([Value::text("7")].into())
        );
        led.look(0, Sight::Gone);
        shown(&mut led, 1.0);
        assert_eq!(led.value("connections"), Value::List([].into()));
    }

    #[test]
    fn without_a_port_nothing_is_looked_at_and_a_warning_says_so() {
        let mut led = led(Literal::Null);
        assert_eq!(led.sockets(), None);
        assert!(led.warnings()[0].contains("'port: /dev/ttyACM0'"));
        assert_eq!(shown(&mut led, 1.0), None);
    }
}
