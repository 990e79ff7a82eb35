//! Strips of LEDs that show a value by their colour.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// How many pixels a strip may have: at 2.4 MHz, their colours go out in 9 ms.
pub const PIXELS: RangeInclusive<u16> = 1..=300;

/// A colour, with its shares from 0 to 255. The larger they are, the brighter it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colour {
    /// The share of red.
    pub red: u8,
    /// The share of green.
    pub green: u8,
    /// The share of blue.
    pub blue: u8,
}

impl Colour {
    /// No light at all.
    pub const DARK: Self = Self::new(0, 0, 0);

    /// A colour by its shares.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// What lies between two colours: 0 is this one, 1 the other one.
    fn mixed(self, other: Self, share: f64) -> Self {
        let between = |from: u8, to: u8| {
            let mixed = f64::from(from) + (f64::from(to) - f64::from(from)) * share;
            // From 0 to 255, so nothing is lost.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            {
                (mixed + 0.5) as u8
            }
        };
        Self {
            red: between(self.red, other.red),
            green: between(self.green, other.green),
            blue: between(self.blue, other.blue),
        }
    }
}

/// As `#rrggbb`.
impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { red, green, blue } = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// An SPI bus of a Raspberry Pi's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SpiBus {
    /// The main one, whose data comes out at pin 10.
    Spi0,
    /// The auxiliary one, whose data comes out at pin 20.
    Spi1,
}

impl SpiBus {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Spi0, Self::Spi1];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spi0 => "spi0",
            Self::Spi1 => "spi1",
        }
    }

    /// The pins that it takes, in BCM numbering, with the selection lines that are switched on with it.
    pub fn pins(self) -> RangeInclusive<u8> {
        match self {
            Self::Spi0 => 7..=11,
            Self::Spi1 => 18..=21,
        }
    }
}

impl fmt::Display for SpiBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A strip of WS2812 pixels, all in one colour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StripLed {
    /// The bus that it is connected to.
    pub bus: SpiBus,
    /// How many pixels it has, within [`PIXELS`].
    pub pixels: u16,
    /// Which colour it has for which value.
    pub rule: StripRule,
}

/// Which colour a strip has for which value. It is dark for what is no number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum StripRule {
    /// `from` at `min` and below, `to` at `max` and above, mixed in proportion between them.
    Mix {
        /// The colour of small values.
        from: Colour,
        /// The colour of large values.
        to: Colour,
        /// Up to here there is nothing of `to`.
        min: f64,
        /// From here on there is nothing of `from`.
        max: f64,
    },
    /// The colours of a unit of the demonstration table.
    Palette(Palette),
}

impl StripRule {
    /// The colour for a value.
    pub fn colour(self, value: f64) -> Colour {
        if value.is_nan() {
            return Colour::DARK;
        }
        match self {
            Self::Mix { from, to, min, max } => {
                from.mixed(to, ((value - min) / (max - min)).clamp(0.0, 1.0))
            }
            Self::Palette(palette) => palette.colour(value),
        }
    }

    /// Whether the strip blinks twice when its value rises.
    pub fn blinks(self) -> bool {
        matches!(self, Self::Palette(Palette::Load | Palette::Ev))
    }
}

/// Colours by ranges of values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Palette {
    /// A state of charge in percent: from dark red to green, below 21, 41, 61, 81 and above.
    Battery,
    /// A power of generation: from dark red to dark green by fifths of `max`; dark where there is none.
    Pv {
        /// The largest power.
        max: f64,
    },
    /// A demand: green, yellow above 11, dark red above 12; dark where there is none.
    Load,
    /// A demand of cars: green, yellow above 10³, dark red above 10⁶; dark where there is none.
    Ev,
}

const DARK_RED: Colour = Colour::new(139, 0, 0);
const YELLOW: Colour = Colour::new(255, 200, 0);
const GREEN: Colour = Colour::new(0, 255, 0);

impl Palette {
    fn colour(self, value: f64) -> Colour {
        match self {
            Self::Battery => {
                let limits = [
                    (21.0, DARK_RED),
                    (41.0, Colour::new(255, 40, 0)),
                    (61.0, YELLOW),
                    (81.0, Colour::new(142, 255, 0)),
                ];
                let range = limits.into_iter().find(|(limit, _)| value < *limit);
                range.map_or(GREEN, |(_, colour)| colour)
            }
            Self::Pv { max } => {
                let fifths = [
                    (4.0, Colour::new(0, 100, 0)),
                    (3.0, Colour::new(144, 238, 144)),
                    (2.0, Colour::new(255, 215, 0)),
                    (1.0, Colour::new(255, 140, 0)),
                    (0.0, DARK_RED),
                ];
                first_above(value * 5.0 / max, fifths)
            }
            Self::Load => first_above(value, [(12.0, DARK_RED), (11.0, YELLOW), (0.0, GREEN)]),
            // Seven pixels beside visitors: at 204 of 255, four fifths as bright.
            Self::Ev => first_above(
                value,
                [
                    (1e6, Colour::new(111, 0, 0)),
                    (1e3, Colour::new(204, 160, 0)),
                    (0.0, Colour::new(0, 204, 0)),
                ],
            ),
        }
    }
}

/// The colour of the first limit that a value is above; dark below all of them.
fn first_above<const N: usize>(value: f64, limits: [(f64, Colour); N]) -> Colour {
    let range = limits.into_iter().find(|(limit, _)| value > *limit);
    range.map_or(Colour::DARK, |(_, colour)| colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rule: StripRule, value: f64) -> String {
        rule.colour(value).to_string()
    }

    const MIX: StripRule = StripRule::Mix {
        from: Colour::new(255, 0, 0),
        to: Colour::new(0, 255, 10),
        min: 0.0,
        max: 100.0,
    };

    #[test]
    fn a_strip_goes_from_one_colour_to_the_other_between_the_limits() {
        let colours = [-1.0, 0.0, 25.0, 50.0, 100.0, f64::INFINITY].map(|v| shown(MIX, v));
        let expected = [
            "#ff0000", "#ff0000", "#bf4003", "#808005", "#00ff0a", "#00ff0a",
        ];
        assert_eq!(colours, expected);
    }

    #[test]
    fn a_battery_has_five_colours_by_its_state_of_charge() {
        let battery = StripRule::Palette(Palette::Battery);
        for (soc, colour) in [
            (0.0, "#8b0000"),
            (20.9, "#8b0000"),
            (21.0, "#ff2800"),
            (41.0, "#ffc800"),
            (61.0, "#8eff00"),
            (80.9, "#8eff00"),
            (81.0, "#00ff00"),
            (100.0, "#00ff00"),
        ] {
            assert_eq!(shown(battery, soc), colour, "{soc} %");
        }
    }

    #[test]
    fn generation_is_shown_by_fifths_of_the_largest_power() {
        let pv = StripRule::Palette(Palette::Pv { max: 10.0 });
        for (power, colour) in [
            (-1.0, "#000000"),
            (0.0, "#000000"),
            (0.1, "#8b0000"),
            (2.0, "#8b0000"),
            (2.1, "#ff8c00"),
            (4.1, "#ffd700"),
            (6.1, "#90ee90"),
            (8.0, "#90ee90"),
            (8.1, "#006400"),
            (12.0, "#006400"),
        ] {
            assert_eq!(shown(pv, power), colour, "{power} of 10");
        }
    }

    #[test]
    fn demands_are_green_yellow_and_red_and_dark_where_there_is_none() {
        let load = StripRule::Palette(Palette::Load);
        let loads = [0.0, 0.1, 11.0, 11.1, 12.0, 12.1].map(|value| shown(load, value));
        let expected = [
            "#000000", "#00ff00", "#00ff00", "#ffc800", "#ffc800", "#8b0000",
        ];
        assert_eq!(loads, expected);
        let ev = StripRule::Palette(Palette::Ev);
        let cars = [0.0, 1e3, 1001.0, 1e6, 1e6 + 1.0].map(|value| shown(ev, value));
        let expected = ["#000000", "#00cc00", "#cca000", "#cca000", "#6f0000"];
        assert_eq!(cars, expected);
    }

    #[test]
    fn demands_blink_and_nothing_else_does() {
        assert!(StripRule::Palette(Palette::Load).blinks());
        assert!(StripRule::Palette(Palette::Ev).blinks());
        assert!(!StripRule::Palette(Palette::Battery).blinks());
        assert!(!StripRule::Palette(Palette::Pv { max: 1.0 }).blinks());
        assert!(!MIX.blinks());
    }

    #[test]
    fn a_strip_is_dark_where_there_is_no_number() {
        for palette in [
            Palette::Battery,
            Palette::Pv { max: 1.0 },
            Palette::Load,
            Palette::Ev,
        ] {
            let rule = StripRule::Palette(palette);
            assert_eq!(rule.colour(f64::NAN), Colour::DARK, "{palette:?}");
        }
        assert_eq!(MIX.colour(f64::NAN), Colour::DARK);
    }
}
