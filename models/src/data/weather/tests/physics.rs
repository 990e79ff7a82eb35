//! Sun, radiation and wind.

use proptest::prelude::*;
use shared::value::Value;

use super::{EPW, Setup, assert_close, at, columns, epw_row};

#[test]
fn the_sun_over_the_equator_can_be_checked_by_hand() {
    let setup = Setup {
        file: &columns("2000-01-01 11:30:00", &[[0.0, 20.0, 5.0]]),
        parameters: &at(0.0, 0.0),
        start: "2000-01-01 11:30:00",
        resolution: 3600,
        ticks: 1,
    };
    let [elevation, azimuth, wind] = setup.rig().values(0, ["hs", "Az", "u"]);
    assert_close(elevation, 66.95, 0.005);
    assert_close(azimuth, 178.06, 0.01);
    assert_close(wind, 7.5, 1e-12);
}

#[test]
fn wind_grows_by_the_law_that_is_chosen() {
    let mut parameters = at(0.0, 0.0);
    parameters.push(("hub_height", Value::Int(40)));
    let half = ("exponent", Value::Float(0.5));
    for (more, expected) in [
        (vec![], 5.0 * 400_f64.ln() / 100_f64.ln()),
        (vec![half], 10.0),
    ] {
        let parameters = [parameters.clone(), more].concat();
        let setup = Setup {
            file: &columns("2000-01-01 11:00:00", &[[0.0, 20.0, 5.0]]),
            parameters: &parameters,
            start: "2000-01-01 11:00:00",
            resolution: 3600,
            ticks: 1,
        };
        assert_close(setup.rig().values(0, ["u"])[0], expected, 1e-12);
    }
}

#[test]
fn what_is_radiant_before_sunrise_is_diffuse_and_no_energy_is_lost() {
    // The sun rises at 4:17 local standard time; the row from 4 to 5 has beam.
    let mut file = EPW.to_owned();
    for (hour, row) in [
        (4, [9.0, 2.0, 0.0, 2.0, 3.0]),
        (5, [9.0, 40.0, 150.0, 30.0, 3.0]),
    ] {
        file += &epw_row((2005, 6, 21), hour, row);
    }
    let setup = Setup {
        file: &file,
        parameters: &[],
        start: "2026-06-21 03:00:00",
        resolution: 300,
        ticks: 24,
    };
    let mut rig = setup.rig();
    let mut energy = [0.0; 2];
    for tick in 0..24 {
        let [global, diffuse, beam, elevation] = rig.values(tick, ["G_Gh", "G_Dh", "G_Bn", "hs"]);
        energy[usize::from(tick >= 12)] += global / 12.0;
        assert!(global >= 0.0 && diffuse <= global, "{tick}");
        if elevation <= 0.0 {
            assert_eq!((diffuse, beam), (global, 0.0), "{tick}");
        } else if tick >= 12 {
            assert_eq!((diffuse, beam), (30.0, 150.0), "{tick}");
        }
    }
    assert_close(energy[0], 2.0, 1e-9);
    assert_close(energy[1], 40.0, 1e-9);
}

#[test]
fn a_step_of_several_rows_has_their_mean() {
    let file = columns(
        "2023-06-21 10:00:00",
        &[[400.0, 10.0, 2.0], [600.0, 12.0, 4.0]],
    );
    let setup = Setup {
        file: &file,
        parameters: &at(52.1, 5.2),
        start: "2023-06-21 10:00:00",
        resolution: 7200,
        ticks: 1,
    };
    let [global, air, wind] = setup.rig().values(0, ["G_Gh", "Ta", "FF"]);
    assert_close(global, 500.0, 1e-9);
    assert_close(air, 11.0, 1e-9);
    assert_close(wind, 3.0, 1e-9);
    let setup = Setup {
        resolution: 10_801,
        ..setup
    };
    assert_eq!(setup.refusal().code, "invalid_parameter:time_step_size");
}

#[test]
fn slightly_negative_radiation_is_none() {
    let setup = Setup {
        file: &columns("2023-06-21 00:00:00", &[[-3.0, 10.0, 2.0]]),
        parameters: &at(52.1, 5.2),
        start: "2023-06-21 00:00:00",
        resolution: 3600,
        ticks: 1,
    };
    let found = setup.rig().values(0, ["G_Gh", "G_Dh", "G_Bn"]);
    assert_eq!(found, [0.0; 3]);
}

proptest! {
    #[test]
    fn steps_keep_the_energy_of_their_rows_and_no_beam_comes_from_below(
        latitude in -90.0_f64..90.0,
        longitude in -180.0_f64..180.0,
        radiation in prop::collection::vec(0.0_f64..1000.0, 4),
        (day, begin) in (1_u32..29, 0_u32..20),
        month in 1_u32..13,
        (steps, method) in (prop::sample::select(vec![1_u64, 4, 6, 7, 60]), prop::sample::select(vec!["erbs", "boland"])),
    ) {
        let start = format!("2023-{month:02}-{day:02} {begin:02}:00:00");
        let rows: Vec<[f64; 3]> = radiation.iter().map(|global| [*global, 10.0, 3.0]).collect();
        let mut parameters = at(latitude, longitude);
        parameters.push(("decomposition", Value::text(method)));
        // Four hours, whether steps fit into them or not.
        let resolution = u32::try_from(14_400 / (4 * steps)).expect("small");
        let ticks = 14_400 / u64::from(resolution);
        let setup = Setup {
            file: &columns(&start, &rows), parameters: &parameters, start: &start, resolution, ticks,
        };
        let mut rig = setup.rig();
        let mut energy = 0.0;
        for tick in 0..ticks {
            let [global, diffuse, beam, elevation] = rig.values(tick, ["G_Gh", "G_Dh", "G_Bn", "hs"]);
            energy += global * f64::from(resolution);
            prop_assert!(global >= 0.0 && diffuse >= 0.0 && beam >= 0.0);
            prop_assert!(diffuse <= global + 1e-9);
            prop_assert!(elevation > 0.0 || beam == 0.0);
            if resolution == 3600 && elevation > 3.0 {
                let level_beam = beam * elevation.to_radians().sin();
                prop_assert!((diffuse + level_beam - global).abs() < 1e-9 * global.max(1.0));
            }
        }
        if ticks * u64::from(resolution) == 14_400 {
            let expected: f64 = radiation.iter().sum::<f64>() * 3600.0;
            prop_assert!((energy - expected).abs() < 1e-9 * expected.max(1.0), "{} {}", energy, expected);
        }
    }
}
