//! Lights that show values of models.
//!
//! A light is bound to an attribute in the scenario. The node that runs the model drives it; no
//! value depends on it.

mod strip;

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::model::AttributeSlot;
use crate::value::Value;

pub use strip::{Colour, PIXELS, Palette, SpiBus, StripLed, StripRule};

/// The highest number of a pin: those of a Raspberry Pi's header are 0 to 27 in Broadcom's (BCM)
/// numbering.
pub const MAX_PIN: u8 = 27;

/// What pins of a Raspberry Pi's header are reserved for: they talk to what is plugged in, and a light
/// there would disturb that. `None` for all others.
pub fn reserved_for(pin: u8) -> Option<&'static str> {
    match pin {
        0 | 1 => Some("the EEPROM of an extension board"),
        2 | 3 => Some("I2C"),
        14 | 15 => Some("the serial port"),
        _ => None,
    }
}

/// A light that shows an attribute of a model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueLed {
    /// What it shows.
    pub attribute: AttributeSlot,
    /// What it is.
    pub kind: LedKind,
}

/// A light, and how it shows a value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum LedKind {
    /// One LED on a pin, which shows it by brightness.
    Pin(PinLed),
    /// A strip of LEDs on an SPI bus, which shows it by colour.
    Strip(StripLed),
}

impl LedKind {
    /// Where it is connected.
    pub fn place(self) -> LedPlace {
        match self {
            Self::Pin(led) => LedPlace::Pin(led.pin),
            Self::Strip(strip) => LedPlace::Strip(strip.bus),
        }
    }

    /// Whether there are such lights.
    pub fn is_possible(self) -> bool {
        match self {
            Self::Pin(led) => led.pin <= MAX_PIN,
            Self::Strip(strip) => PIXELS.contains(&strip.pixels),
        }
    }
}

/// Where a light is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LedPlace {
    /// A pin, in BCM numbering.
    Pin(u8),
    /// The data line of an SPI bus.
    Strip(SpiBus),
}

impl LedPlace {
    /// The pins that nothing else can have.
    pub fn pins(self) -> RangeInclusive<u8> {
        match self {
            Self::Pin(pin) => pin..=pin,
            Self::Strip(bus) => bus.pins(),
        }
    }

    /// Whether both want a pin.
    pub fn excludes(self, other: Self) -> bool {
        let (own, others) = (self.pins(), other.pins());
        own.start() <= others.end() && others.start() <= own.end()
    }
}

impl fmt::Display for LedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pin(pin) => write!(f, "pin {pin}"),
            Self::Strip(bus) => write!(f, "strip {bus}"),
        }
    }
}

/// An LED that is connected to a pin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PinLed {
    /// The pin that it is connected to, in BCM numbering, at most [`MAX_PIN`].
    pub pin: u8,
    /// Whether it shines when the pin is low.
    pub active_low: bool,
    /// How bright it is for which value.
    pub rule: LedRule,
}

/// How bright a light is for which value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum LedRule {
    /// Dark at `min` and below, full at `max` and above, in proportion between them.
    Range {
        /// Dark up to here.
        min: f64,
        /// Full from here on.
        max: f64,
    },
    /// On for values above this.
    Above(f64),
    /// On for values below this.
    Below(f64),
}

impl LedRule {
    /// The brightness for a value, in percent. What is no number leaves the light dark.
    pub fn percent(self, value: f64) -> u8 {
        let share = match self {
            Self::Range { min, max } => (value - min) / (max - min),
            Self::Above(limit) => f64::from(u8::from(value > limit)),
            Self::Below(limit) => f64::from(u8::from(value < limit)),
        };
        // From 0 to 100, and 0 for what is no number, so nothing is lost.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        {
            (share.clamp(0.0, 1.0) * 100.0 + 0.5) as u8
        }
    }
}

/// The number that a value stands for on a light: NaN where it is none.
pub fn shown_number(value: Option<&Value>) -> f64 {
    let number = value.and_then(Value::as_number);
    number.map_or(f64::NAN, crate::value::Number::to_f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brightness_follows_the_value_between_the_limits() {
        let rule = LedRule::Range {
            min: 20.0,
            max: 60.0,
        };
        let shown = [-5.0, 20.0, 30.0, 40.1, 60.0, 1e300].map(|value| rule.percent(value));
        assert_eq!(shown, [0, 0, 25, 50, 100, 100]);
    }

    #[test]
    fn a_threshold_itself_is_neither_above_nor_below() {
        assert_eq!(LedRule::Above(90.0).percent(90.0), 0);
        assert_eq!(LedRule::Above(90.0).percent(90.1), 100);
        assert_eq!(LedRule::Below(10.0).percent(10.0), 0);
        assert_eq!(LedRule::Below(10.0).percent(9.9), 100);
    }

    #[test]
    fn what_is_no_number_leaves_the_light_dark() {
        let range = LedRule::Range { min: 0.0, max: 1.0 };
        for value in [None, Some(Value::text("full")), Some(Value::Null)] {
            let number = shown_number(value.as_ref());
            for rule in [range, LedRule::Above(0.0), LedRule::Below(0.0)] {
                assert_eq!(rule.percent(number), 0, "{value:?}");
            }
        }
        assert_eq!(range.percent(shown_number(Some(&Value::Bool(true)))), 100);
    }

    #[test]
    fn there_are_pins_and_strips_up_to_a_limit() {
        let pin = |pin| {
            LedKind::Pin(PinLed {
                pin,
                active_low: false,
                rule: LedRule::Above(0.0),
            })
        };
        let strip = |pixels| {
            LedKind::Strip(StripLed {
                bus: SpiBus::Spi0,
                pixels,
                rule: StripRule::Palette(Palette::Battery),
            })
        };
        for possible in [pin(0), pin(27), strip(1), strip(300)] {
            assert!(possible.is_possible(), "{possible:?}");
        }
        for impossible in [pin(28), pin(255), strip(0), strip(301), strip(u16::MAX)] {
            assert!(!impossible.is_possible(), "{impossible:?}");
        }
    }

    #[test]
    fn a_strip_takes_all_pins_of_its_bus() {
        let (strip, other) = (LedPlace::Strip(SpiBus::Spi0), LedPlace::Strip(SpiBus::Spi1));
        let taken = (0..=MAX_PIN).filter(|pin| LedPlace::Pin(*pin).excludes(strip));
        assert_eq!(taken.collect::<Vec<_>>(), [7, 8, 9, 10, 11]);
        let taken = (0..=MAX_PIN).filter(|pin| other.excludes(LedPlace::Pin(*pin)));
        assert_eq!(taken.collect::<Vec<_>>(), [18, 19, 20, 21]);
        assert!(strip.excludes(strip) && !strip.excludes(other));
    }

    #[test]
    fn limits_that_no_scenario_has_do_no_harm() {
        for (min, max) in [
            (1.0, 1.0),
            (f64::NAN, 1.0),
            (2.0, 1.0),
            (f64::NEG_INFINITY, f64::INFINITY),
        ] {
            assert!(LedRule::Range { min, max }.percent(1.5) <= 100);
        }
    }
}
