//! Hydrogen: heating values, and the density of the gas.
//!
//! E. W. Lemmon, M. L. Huber, J. W. Leachman, "Revised standardized equation for hydrogen gas densities for fuel
//! consumption applications", *J. Res. NIST* 113 (2008) 341-350, doi:10.6028/jres.113.028: 150 to 1000 K, up to
//! 200 MPa. Gas constant: CODATA 2018.

use shared::model::{Literal, Parameter, Range};

/// Higher heating value, kWh/kg (141.88 MJ/kg).
pub(crate) const HHV: f64 = 39.41;
/// Lower heating value, kWh/kg (119.99 MJ/kg).
pub(crate) const LHV: f64 = 33.33;
/// Density at 0 °C and 1.01325 bar, kg/Nm³.
pub(crate) const DENSITY_NORMAL: f64 = 0.08988;
/// Molar mass, kg/mol.
const MOLAR_MASS: f64 = 2.015_88e-3;
/// Molar gas constant, J/(mol K).
const GAS_CONSTANT: f64 = 8.314_462_618;
/// Gas constant of hydrogen, J/(kg K).
pub(crate) const R_SPECIFIC: f64 = GAS_CONSTANT / MOLAR_MASS;
/// 0 °C in K.
pub(crate) const T0: f64 = 273.15;

/// The heating value that efficiencies refer to.
pub(crate) const HEATING_VALUE: Parameter = Parameter::choice(
    "heating_value",
    &["LHV", "HHV"],
    "lower or higher heating value, which efficiencies refer to",
)
.symbol("HV")
.with_default(Literal::text("LHV"));

/// What a temperature of the gas can be, in °C.
pub(crate) const GAS_TEMPERATURE: &Range = &Range {
    low: Some((-120.0, false)),
    high: Some((700.0, false)),
};

/// The heating value of this name, kWh/kg.
pub(crate) fn heating_value(name: &str) -> f64 {
    if name == "HHV" { HHV } else { LHV }
}

/// Coefficients a, b, c of the equation, for T in hundreds of K and p in MPa.
#[expect(clippy::approx_constant, reason = "3.14 is a coefficient, and not π")]
const TERMS: [[f64; 3]; 9] = [
    [0.058_884_60, 1.325, 1.0],
    [-0.061_361_11, 1.87, 1.0],
    [-0.002_650_473, 2.5, 2.0],
    [0.002_731_125, 2.8, 2.0],
    [0.001_802_374, 2.938, 2.42],
    [-0.001_150_707, 3.14, 2.63],
    [0.958_852_8e-4, 3.37, 3.0],
    [-0.110_904_0e-6, 3.75, 4.0],
    [0.126_440_3e-9, 4.0, 5.0],
];

/// The compressibility factor at a pressure in bar and a temperature in K.
fn compressibility(bar: f64, kelvin: f64) -> f64 {
    let mpa = bar / 10.0;
    if mpa <= 0.0 {
        return 1.0;
    }
    let term = |[a, b, c]: [f64; 3]| a * libm::pow(100.0 / kelvin, b) * libm::pow(mpa, c);
    TERMS.into_iter().fold(1.0, |z, row| z + term(row))
}

/// The density at a pressure in bar and a temperature in K, kg/m³.
pub(crate) fn density(bar: f64, kelvin: f64) -> f64 {
    bar * 1e5 / (compressibility(bar, kelvin) * R_SPECIFIC * kelvin)
}

/// The pressure at a density in kg/m³ and a temperature in K, bar.
pub(crate) fn pressure(density: f64, kelvin: f64) -> f64 {
    let ideal = density * R_SPECIFIC * kelvin / 1e5;
    let mut bar = ideal;
    for _ in 0..200 {
        let next = compressibility(bar, kelvin) * ideal;
        let change = (next - bar).abs();
        bar = next;
        if change <= 1e-12 * bar.abs().max(1.0) {
            break;
        }
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_check_values_are_met() {
        for (kelvin, mpa, z) in [
            (200.0, 1.0, 1.006_754_50),
            (300.0, 10.0, 1.059_852_82),
            (400.0, 50.0, 1.243_047_63),
            (500.0, 200.0, 1.744_616_29),
        ] {
            assert!(
                (compressibility(mpa * 10.0, kelvin) - z).abs() < 5e-9,
                "{kelvin}"
            );
        }
        assert!((density(700.0, 288.15) - 40.1723).abs() < 5e-5);
        assert_eq!(pressure(0.0, 300.0), 0.0);
    }

    proptest! {
        #[test]
        fn pressure_and_density_are_inverse_to_each_other(
            bar in 0.0_f64..900.0,
            kelvin in 153.2_f64..973.0,
        ) {
            let back = pressure(density(bar, kelvin), kelvin);
            prop_assert!((back - bar).abs() <= 1e-9 * bar.max(1.0), "{bar} {back}");
        }
    }
}
