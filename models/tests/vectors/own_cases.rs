//! Cases of types that have no vectors, and of what is to be kept and no vector shows.

use serde_json::{Value as Json, json};
use shared::files::MemoryFiles;
use shared::time::WallTime;

use crate::case::Case;

/// The cases, each with the files that its model reads.
pub(crate) fn own_cases() -> Vec<(Case, MemoryFiles)> {
    let mut cases = readers();
    cases.push(weather());
    let others = [
        (
            "Constant",
            json!({"parameters": {"a": 1, "b": "text"}}),
            vec![json!({}); 3],
        ),
        winter(),
        bids_that_do_not_match(),
        no_demand(),
        a_silent_cable(),
        no_number(),
    ];
    let without_files = |(model_type, entry, steps): (&str, Json, Vec<Json>)| {
        (case(model_type, entry, &steps), MemoryFiles::default())
    };
    cases.extend(others.map(without_files));
    cases
}

/// A case of a model with this entry; of each step there are its `inputs` and what is `serial`.
fn case(model_type: &str, mut entry: Json, steps: &[Json]) -> Case {
    let steps = steps.iter().enumerate().map(|(tick, step)| {
        let mut step = step.clone();
        step["time"] = json!(tick);
        step["expect"] = json!({"error": "nothing is compared with it"});
        step
    });
    entry["name"] = json!(format!("{entry}"));
    entry["time_step_size"] = json!(1);
    entry["time_resolution"] = json!(900);
    entry["steps"] = steps.collect();
    Case::new(model_type, &entry)
}

/// What comes to an input from the state of a model.
fn from(source: &str, value: &Json) -> Json {
    json!([{"origin": "state", "value": value, "source": source}])
}

/// What is no number, as vectors write it.
fn nan() -> Json {
    json!({"$f64": "nan"})
}

/// Readers, with and without an index that is connected.
fn readers() -> Vec<(Case, MemoryFiles)> {
    let a = "t\ntime,x\n2012-01-01 00:00:00,1\n\n2012-01-01 00:15:00,2\n2012-01-01 00:30:00,n/a\n";
    let b = "time,x\n2012-01-01 00:00:00,5\n2012-01-01 00:15:00,6\n2012-01-01 00:30:00,7\n\
             2012-01-01 00:45:00,8\n";
    let mut files = MemoryFiles::default();
    files.insert("a.csv".to_owned(), a.into());
    files.insert("b.csv".to_owned(), b.into());
    let alone = vec![json!({}); 5];
    let switched = |indices: &[i64]| -> Vec<Json> {
        let step = |index| json!({"inputs": {"file_index": from("story", &json!(index))}});
        indices.iter().map(step).collect()
    };
    let both = json!({"file_path": ["a.csv", "b.csv"]});
    let of_entries = [
        (json!({"file_path": "a.csv"}), alone.clone()),
        (json!({"file_path": "b.csv"}), alone.clone()),
        (json!({"file_path": "b.csv", "send_row": true}), alone),
        (both.clone(), switched(&[0, 1, 1, 0])),
        (both, switched(&[1, 0, 1, 1, 1])),
    ];
    let reader = |(parameters, steps): (Json, Vec<Json>)| {
        let entry = json!({ "parameters": parameters });
        (case("CSV", entry, &steps), files.clone())
    };
    of_entries.map(reader).into()
}

/// Weather of any year in rows of three hours, with a gap that is bridged, in steps of a quarter of an hour.
fn weather() -> (Case, MemoryFiles) {
    let mut rows = "time,G_Gh,Ta,FF\n".to_owned();
    let start = WallTime::parse("2001-01-01 00:00:00").expect("a time");
    for row in 0..2920 {
        let global = ["0", "", "300"][usize::from(row > 0) + usize::from(row > 1)];
        let (time, air) = (start.plus(row * 10_800), row % 8);
        rows.extend([
            &*time.to_string(),
            ",",
            global,
            ",",
            &air.to_string(),
            ",2\n",
        ]);
    }
    let mut files = MemoryFiles::default();
    files.insert("w.csv".to_owned(), rows.into());
    let entry = json!({"parameters": {
        "file_path": "w.csv", "latitude": 10, "longitude": 150, "time_zone": 0, "max_gap": 1, "year": "any",
    }});
    (case("Weather", entry, &vec![json!({}); 30]), files)
}

/// A winter goes on after its plug was pulled.
fn winter() -> (&'static str, Json, Vec<Json>) {
    let step = |ids: Json| {
        let cables = [from("Wind_LED", &ids), from("Grid_Ext_LED", &json!(["5"]))];
        let cables: Vec<&Json> = cables.iter().map(|from| &from[0]).collect();
        json!({"inputs": {"physical_connections": cables}})
    };
    let mut steps = vec![step(json!(["0", "5"]))];
    steps.resize(8, step(json!(["5"])));
    ("Controller_StoryMode", json!({"parameters": {}}), steps)
}

/// A company bids another capacity than it has, which is told once.
fn bids_that_do_not_match() -> (&'static str, Json, Vec<Json>) {
    let bid = json!({"Bid Capacity (MW)": 5, "Bid Price (€/MWh)": 10});
    let plant = json!({
        "Technology": "gas", "Capacity (MW)": 10, "Cost (€/MWh)": 20, "Availability": 1,
    });
    let entry = json!({
        "parameters": {"company_name": "A", "automated_bids": false, "bids_manual": [bid]},
        "inputs0": {"portfolio": [plant]},
    });
    ("GenerationCompanyAgent", entry, vec![json!({}); 3])
}

/// There is no demand, which is told once.
fn no_demand() -> (&'static str, Json, Vec<Json>) {
    let entry = json!({"parameters": {
        "social_parameters": {"A": {}}, "justice_step": null, "results_dir": "out",
    }});
    let results = json!({"Company": {"0": "A"}, "Supplied Capacity (MW)": {"0": 0}});
    let step = json!({"inputs": {
        "market_results": from("market", &results), "demand": from("load", &json!(0)),
    }});
    ("JusticeAgent", entry, vec![step; 3])
}

/// A cable falls silent, and its power is no number.
fn a_silent_cable() -> (&'static str, Json, Vec<Json>) {
    let entry = json!({"parameters": {
        "port": "ttyACM0", "max_power": 10, "direction": 1, "misses": 3,
    }});
    let step = |seen: Json| {
        json!({
            "inputs": {"power": from("line", &nan())},
            "serial": [{"port": 0, "observed": seen}],
        })
    };
    let mut steps = vec![step(json!("3"))];
    steps.resize(5, step(json!(null)));
    ("LED_connection", entry, steps)
}

/// The value of a model is no number, which is told once.
fn no_number() -> (&'static str, Json, Vec<Json>) {
    let entry = json!({"parameters": {"min_speed": 0, "max_speed": 1, "direction": 1}});
    let step = json!({"inputs": {"speed": from("PV", &nan())}});
    ("LED_connection", entry, vec![step; 3])
}
