//! A year of made-up data for the power balance, and its scenario.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The ticks of the year.
pub(crate) const YEAR: u32 = 35_040;

/// The ticks of a day.
const DAY: u32 = 96;

/// The scenario, with END for its end and comments where nodes may be named.
pub(crate) const SCENARIO: &str = include_str!("../power_balance_year.yaml");

/// A year of made-up weather and demand: waves with the periods of day and year.
pub(crate) fn write_data(folder: &Path) {
    let mut load = String::from("demand\ntime,load\n");
    let mut sun = String::from("weather\ntime,G_Gh,G_Dh,G_Bn,Ta,hs,FF,Az\n");
    let mut wind = String::from("wind\ntime,u\n");
    for tick in 0..YEAR {
        let stamp = stamp(tick);
        let day = f64::from(tick % DAY) / f64::from(DAY) * std::f64::consts::TAU;
        let year = f64::from(tick) / f64::from(YEAR) * std::f64::consts::TAU;
        let height = -day.cos() * 50.0 - year.cos() * 12.0;
        let light = height.max(0.0) * 14.0;
        // Writing into a string cannot fail.
        let _ = writeln!(load, "{stamp},{:.3}", 0.35 + 0.2 * (day * 2.0).sin());
        let _ = writeln!(
            sun,
            "{stamp},{:.0},{:.0},{:.0},{:.1},{height:.1},{:.1},{:.1}",
            light * 0.9,
            light * 0.3,
            light * 0.7,
            10.0 - 8.0 * year.cos(),
            4.0 + day.sin(),
            day.to_degrees(),
        );
        let _ = writeln!(wind, "{stamp},{:.2}", 7.0 + 3.0 * (day + year * 9.0).sin());
    }
    for (name, text) in [("load.csv", load), ("sun.csv", sun), ("wind.csv", wind)] {
        fs::write(folder.join(name), text).expect("written");
    }
}

/// The time stamp of a tick of 2011.
fn stamp(tick: u32) -> String {
    const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (mut day, quarter) = (tick / DAY, tick % DAY);
    let mut month = 0;
    while day >= DAYS[month] {
        day -= DAYS[month];
        month += 1;
    }
    let (hour, minute) = (quarter / 4, quarter % 4 * 15);
    format!(
        "2011-{:02}-{:02} {hour:02}:{minute:02}:00",
        month + 1,
        day + 1
    )
}
