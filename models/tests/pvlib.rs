//! Sun and radiation of `Weather` beside those of pvlib, over all the world and sixty years.
//!
//! `ILLUMINATOR_REQUIRE_PVLIB` names the folder of a virtual environment that has pvlib. Where it is not set, the test
//! is left out.

mod python;

use serde_json::{Value as Json, json};
use shared::files::MemoryFiles;
use shared::model::{Entries, ModelConfig};
use shared::time::{TimeGrid, WallTime};
use shared::value::{Number, Value};

use python::{Dice, answer};

/// An hour at a place: its middle is asked about.
struct Case {
    begin: WallTime,
    latitude: f64,
    longitude: f64,
    global: f64,
}

impl Case {
    fn middle(&self) -> WallTime {
        self.begin.plus(1800)
    }

    fn asked(&self) -> Json {
        json!({
            "utc": self.middle().to_string(), "latitude": self.latitude, "longitude": self.longitude,
            "global": self.global,
        })
    }

    /// What the model says.
    fn found(&self, decomposition: &str) -> impl Fn(&str) -> f64 {
        let file = format!("time,G_Gh,Ta,FF\n{},{},0,0\n", self.begin, self.global);
        let mut files = MemoryFiles::default();
        files.insert("w.csv".to_owned(), file.into_bytes());
        let parameters: Entries = [
            ("file_path", Value::text("w.csv")),
            ("latitude", Value::Float(self.latitude)),
            ("longitude", Value::Float(self.longitude)),
            ("time_zone", Value::Int(0)),
            ("decomposition", Value::text(decomposition)),
        ]
        .map(|(key, value)| (key.into(), value))
        .into();
        let config = ModelConfig {
            parameters: Some(parameters),
            ..ModelConfig::default()
        };
        let grid = TimeGrid {
            start: self.begin,
            resolution: 3600,
            ticks: 1,
        };
        let found = models::CATALOGUE.find("Weather").expect("a type");
        let mut instance = shared::model::build(found, &config, grid, &files).expect("sound");
        let mut published = vec![None; instance.published.len()];
        instance.step(0, &[], &mut published).expect("a step");
        move |name| {
            let slot = instance.published_slot(name).expect("a state");
            let number = published[slot.index()].as_ref().and_then(Value::as_number);
            number.map(Number::to_f64).expect("a number")
        }
    }
}

/// Hours over all the world, some of them where something might go wrong.
fn cases() -> Vec<Case> {
    let mut dice = Dice(19);
    let time = |text: &str| WallTime::parse(text).expect("a time");
    let (first, last) = (time("1990-01-01 00:00:00"), time("2050-12-31 22:00:00"));
    let mut cases = Vec::new();
    let begins = [
        "2000-02-29 11:17:00",
        "2012-02-29 00:00:00",
        "2024-12-31 23:30:00",
        "2025-01-01 00:00:00",
        "2050-06-21 11:30:00",
        "1990-12-21 23:45:00",
        "2049-03-20 06:00:00",
    ];
    for begin in begins {
        for latitude in [-89.99, -66.0, -23.4, 0.0, 23.4, 52.1, 66.5, 89.99] {
            for longitude in [-180.0, -179.9, -75.0, 0.0, 5.2, 179.9, 180.0] {
                let (begin, global) = (time(begin), dice.between(0.0, 1100.0));
                cases.push(Case {
                    begin,
                    latitude,
                    longitude,
                    global,
                });
            }
        }
    }
    for _ in 0..1500 {
        let span = (last.seconds() - first.seconds()) as f64;
        let seconds = format!("{:.0}", dice.between(0.0, span))
            .parse()
            .expect("whole");
        cases.push(Case {
            begin: first.plus(seconds),
            latitude: dice.between(-90.0, 90.0),
            longitude: dice.between(-180.0, 180.0),
            global: dice.between(0.0, 1100.0),
        });
    }
    cases
}

#[test]
fn sun_and_radiation_are_those_of_pvlib() {
    let cases = cases();
    let asked: Vec<Json> = cases.iter().map(Case::asked).collect();
    let (variable, script) = ("ILLUMINATOR_REQUIRE_PVLIB", "pvlib/sun.py");
    let Some(theirs) = answer("pvlib", variable, script, &asked.into()) else {
        return;
    };
    let theirs = theirs.as_array().expect("a list");
    assert_eq!(theirs.len(), cases.len());
    let mut largest = [0.0_f64; 3];
    let mut decomposed = 0;
    for (case, theirs) in cases.iter().zip(theirs) {
        let place = format!(
            "{}, {}° N, {}° E",
            case.middle(),
            case.latitude,
            case.longitude
        );
        let number = |json: &Json| json.as_f64().expect("a number");
        let elevation = number(&theirs["hs"]);
        for name in ["erbs", "boland"] {
            let ours = case.found(name);
            let off = (ours("hs") - elevation).abs();
            let turned = (ours("Az") - number(&theirs["Az"]) + 540.0).rem_euclid(360.0) - 180.0;
            // Near the zenith and the nadir a turn is next to no way.
            let way = if elevation.abs() > 85.0 {
                elevation.to_radians().cos()
            } else {
                1.0
            };
            let turned = turned.abs() * way;
            assert!(
                off <= 0.05 && turned <= 0.05,
                "{off}° and {turned}°: {place}"
            );
            largest[0] = largest[0].max(off);
            largest[1] = largest[1].max(turned);
            // On either side of this all of it is diffuse or not, and the sun is down or not.
            if (elevation - 3.0).abs() < 0.05 || elevation.abs() < 0.05 {
                continue;
            }
            let parts = [("G_Dh", &theirs[name][0]), ("G_Bn", &theirs[name][1])];
            for (what, theirs) in parts {
                let (ours, theirs) = (ours(what), number(theirs));
                let off = (ours - theirs).abs() / theirs.abs().max(1.0);
                assert!(
                    off <= 0.005,
                    "{name}: {what} is {ours} and not {theirs}: {place}"
                );
                largest[2] = largest[2].max(off);
            }
            decomposed += usize::from(elevation > 3.0);
        }
    }
    assert!(decomposed > 1000, "{decomposed}");
    println!(
        "{} hours: elevation within {:.4}°, azimuth within {:.4}°, {decomposed} decompositions within {:.4} %",
        cases.len(),
        largest[0],
        largest[1],
        largest[2] * 100.0
    );
}
