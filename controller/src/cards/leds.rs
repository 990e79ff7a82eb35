//! The pins of the lights that show how a node is.

use std::fmt::Write;
use std::str::FromStr;

use shared::led::MAX_PIN;

/// The lights, as the configuration of a node names them.
const LIGHTS: [&str; 3] = ["ready", "step", "fault"];

/// The pins (BCM numbers) of lights, in the order of ready, step and fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leds([Option<u8>; 3]);

impl Leds {
    /// The table of them in the configuration of a node, in which a reader finds what there could be.
    pub(super) fn to_text(self) -> String {
        if self == Self::default() {
            return "# Pins (BCM numbers) of LEDs that show how the node is:\n\
                    #[leds]\n#ready = 17\n#step = 27\n#fault = 22\n"
                .to_owned();
        }
        let mut text = "[leds]\n".to_owned();
        for (light, pin) in LIGHTS.into_iter().zip(self.0) {
            if let Some(pin) = pin {
                // Writing to a string does not fail.
                let _ = writeln!(text, "{light} = {pin}");
            }
        }
        text
    }
}

impl FromStr for Leds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut leds = Self::default();
        for part in text.split(',') {
            let wrong = || {
                format!(
                    "'{part}' is no light with the BCM number of its pin, from 0 to {MAX_PIN}; give some of \
                     ready=17,step=27,fault=22"
                )
            };
            let (light, pin) = part.split_once('=').ok_or_else(wrong)?;
            let place = LIGHTS
                .iter()
                .position(|known| *known == light.trim())
                .ok_or_else(wrong)?;
            let pin = pin
                .trim()
                .parse()
                .ok()
                .filter(|pin| *pin <= MAX_PIN)
                .ok_or_else(wrong)?;
            if leds.0.contains(&Some(pin)) {
                return Err(format!("two lights have the pin {pin}; give each its own"));
            }
            if leds.0[place].replace(pin).is_some() {
                return Err(format!("'{light}' is there twice"));
            }
        }
        Ok(leds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lights_have_a_pin_each() {
        let leds: Leds = "fault=22, ready=17".parse().expect("lights");
        assert_eq!(leds.to_text(), "[leds]\nready = 17\nfault = 22\n");
        for wrong in [
            "ready",
            "ready=x",
            "ready=28",
            "green=17",
            "ready=17,step=17",
            "ready=1,ready=2",
            "",
        ] {
            assert!(wrong.parse::<Leds>().is_err(), "{wrong}");
        }
    }
}
