//! What there is to choose from.

use super::example::Example;

/// A file of `scenarios/`.
macro_rules! file {
    ($($path:expr),+) => {
        include_str!(concat!("../../../scenarios/", $($path),+))
    };
}

/// Files of `scenarios/`, with the paths that they have below it.
macro_rules! files {
    ($($path:literal),+) => {
        &[$(($path, file!($path))),+]
    };
}

/// An example, its twin for a cluster, and what belongs to them.
macro_rules! example {
    ($name:literal, $about:literal, $path:literal, $files:expr, $run:literal, $spread:literal) => {
        Example {
            name: $name,
            about: $about,
            path: $path,
            scenario: file!($path, ".yaml"),
            cluster: file!($path, "-cluster.yaml"),
            files: $files,
            run: $run,
            spread: $spread,
        }
    };
}

/// All choices, the simplest first.
pub(crate) const CHOICES: &[Example] = &[
    example!(
        "power-balance",
        "thirty households with sun, wind and a battery: how much can they use themselves?",
        "power-balance",
        files![
            "data/summer/sun.csv",
            "data/summer/wind.csv",
            "data/summer/households.csv"
        ],
        "",
        ""
    ),
    example!(
        "congestion",
        "a cold street with more heat pumps and cars than its cable can carry",
        "congestion",
        files![
            "data/winter/sun.csv",
            "data/winter/wind.csv",
            "data/winter/households.csv",
            "data/winter/heat-pumps.csv",
            "data/winter/cars.csv"
        ],
        "",
        ""
    ),
    example!(
        "evs",
        "five electric cars that come home when the sun goes down: how much sun is in them?",
        "electric-vehicles",
        files![
            "data/summer/sun.csv",
            "data/summer/wind.csv",
            "data/summer/households.csv",
            "data/summer/cars.csv"
        ],
        "",
        ""
    ),
    example!(
        "house",
        "a house whose tank follows the sun: does it use more of it, and what does it pay?",
        "house",
        files![
            "data/spring/sun.csv",
            "data/spring/households.csv",
            "data/spring/heat.csv"
        ],
        "",
        ""
    ),
    example!(
        "feeder",
        "a street with electric cars: how many can charge before the voltage falls too low?",
        "feeder",
        files![
            "data/spring/sun.csv",
            "data/spring/households.csv",
            "data/spring/cars.csv"
        ],
        "",
        ""
    ),
    example!(
        "district",
        "a heat network of flats, a clinic and a school: what does it cost in heat and in power?",
        "district",
        files!["data/spring/heat.csv"],
        "",
        ""
    ),
    example!(
        "hydrogen",
        "power to hydrogen to power: how much of a storm comes back in the calm after it?",
        "hydrogen",
        files![
            "data/spring/sun.csv",
            "data/spring/wind.csv",
            "data/spring/households.csv"
        ],
        "",
        ""
    ),
    example!(
        "market",
        "four companies at an auction: who gains where one asks more than its plants cost?",
        "electricity-market",
        files![
            "data/market/demand.csv",
            "data/market/wind-park.csv",
            "data/market/sun-park.csv"
        ],
        "",
        ""
    ),
    example!(
        "table",
        "the demonstration table with cables and LEDs; without boards, a visit to it comes again",
        "table",
        files!["data/table.journal.csv"],
        " --replay data/table.journal.csv",
        " --pace 2/s"
    ),
    example!(
        "python-model",
        "a model of your own, a class in Python (3.9 or later), among those of the Illuminator",
        "python/diesel",
        &[
            ("diesel.py", file!("python/diesel.py")),
            ("data/summer/sun.csv", file!("data/summer/sun.csv")),
            (
                "data/summer/households.csv",
                file!("data/summer/households.csv")
            ),
        ],
        "",
        ""
    ),
];
