//! Radiation on level ground, and what of it comes straight from the sun.

use super::sun::{Sun, extraterrestrial};

/// The sine of 3°: where the sun is lower, all radiation counts as diffuse unless the file says otherwise.
const LOW: f64 = 0.052_335_956_242_943_835;

/// The least sine of the elevation with which clearness is reckoned.
const LEAST_SINE: f64 = 0.065;

/// How much of global radiation is diffuse.
#[derive(Clone, Copy, Debug)]
pub(super) enum Decomposition {
    Erbs,
    Boland,
}

/// Radiation in W/m²: global and diffuse on level ground, and the beam on a surface that faces the sun.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Radiation {
    pub(super) global: f64,
    pub(super) diffuse: f64,
    pub(super) beam: f64,
}

/// What a row has of radiation in W/m²: NaN where it has none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    pub(super) global: f64,
    pub(super) diffuse: f64,
    pub(super) beam: f64,
    /// The beam on level ground.
    pub(super) level_beam: f64,
}

impl Decomposition {
    /// The diffuse part for a clearness index.
    fn diffuse_part(self, clearness: f64) -> f64 {
        let k = clearness;
        match self {
            Self::Boland => 1.0 / (2.0 + libm::expm1(8.645 * (k - 0.613))),
            Self::Erbs if k <= 0.22 => 1.0 - 0.09 * k,
            Self::Erbs if k <= 0.8 => {
                0.9511 + k * (-0.1604 + k * (4.388 + k * (-16.638 + k * 12.336)))
            }
            Self::Erbs => 0.165,
        }
    }
}

impl Measured {
    /// All three of it, with the sun as it is at the middle of the row, at a time of UTC.
    pub(super) fn complete(self, sun: &Sun, time: f64, decomposition: Decomposition) -> Radiation {
        let sine = sun.sin_elevation.max(0.0);
        let level_beam = if self.level_beam.is_nan() {
            self.beam * sine
        } else {
            self.level_beam
        };
        let global = if self.global.is_nan() {
            self.diffuse + level_beam
        } else {
            self.global
        };
        let diffuse = if !self.diffuse.is_nan() {
            self.diffuse
        } else if !level_beam.is_nan() {
            (global - level_beam).max(0.0)
        } else {
            let outside = extraterrestrial(time) * sine.max(LEAST_SINE);
            global * decomposition.diffuse_part((global / outside).min(1.0))
        };
        if !self.beam.is_nan() {
            let beam = self.beam;
            Radiation {
                global,
                diffuse,
                beam,
            }
        } else if sine >= LOW && diffuse < global {
            let beam = (global - diffuse) / sine;
            Radiation {
                global,
                diffuse,
                beam,
            }
        } else {
            Radiation {
                global,
                diffuse: global,
                beam: 0.0,
            }
        }
    }
}

impl Radiation {
    /// The part of it in some of its time, where the mean sine of the elevation is so many times that of all of its time: the
    /// diffuse light holds, the beam goes with the sine.
    pub(super) fn in_part(self, sines: f64) -> Self {
        let level_beam = (self.global - self.diffuse).max(0.0);
        Self {
            global: self.global + level_beam * (sines - 1.0),
            ..self
        }
    }
}
