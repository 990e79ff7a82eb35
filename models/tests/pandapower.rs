//! The power flow of `DistributionNetwork` beside that of pandapower, on feeders of every shape that it has, and on
//! pandapower's own test grids that are feeders.
//!
//! `ILLUMINATOR_REQUIRE_PANDAPOWER` names the folder of a virtual environment that has pandapower. Where it is not set,
//! the test is left out.

mod python;

use serde_json::{Value as Json, json};
use shared::files::MemoryFiles;
use shared::model::{Entries, ModelConfig};
use shared::time::{TimeGrid, WallTime};
use shared::value::{Number, Value};

use python::{Dice, answer};

/// A number from 0 to below another one.
fn below(dice: &mut Dice, count: usize) -> usize {
    let drawn = dice.between(0.0, count as f64);
    (1..count)
        .take_while(|place| drawn >= *place as f64)
        .count()
}

/// A feeder of the low voltage, or of the medium voltage with capacitance of its cables.
fn feeder(dice: &mut Dice) -> Json {
    let is_medium = below(dice, 3) == 0;
    let (nominal, size): (f64, f64) = if is_medium { (10.0, 60.0) } else { (0.4, 1.0) };
    let names: Vec<String> = (0..2 + below(dice, 14))
        .map(|bus| format!("b{bus}"))
        .collect();
    let mut line = |place: usize| {
        json!({
            "name": format!("l{place}"), "from": names[place], "to": names[below(dice, place)],
            "length_km": dice.between(0.02, 0.15) * size.sqrt(), "r_ohm_per_km": dice.between(0.1, 0.7),
            "x_ohm_per_km": dice.between(0.06, 0.1), "max_i_a": dice.between(140.0, 300.0),
            "c_nf_per_km": if is_medium { dice.between(100.0, 300.0) } else { 0.0 },
            "parallel": 1 + below(dice, 2),
        })
    };
    let lines: Vec<Json> = (1..names.len()).map(&mut line).collect();
    let mut powers = serde_json::Map::new();
    for name in &names {
        let power = |low: f64, dice: &mut Dice| dice.between(low, 6.0) * size;
        let power = [power(0.0, dice), power(0.0, dice), power(-3.0, dice) / 2.0];
        powers.insert(name.clone(), json!(power));
    }
    let transformer = json!({
        "sn_kva": 400, "vn_hv_kv": 10.0, "vn_lv_kv": 0.41, "vk_percent": 4.0, "vkr_percent": 1.2,
        "pfe_kw": 0.8, "i0_percent": 0.5, "tap_pos": i64::try_from(below(dice, 5)).expect("few") - 2,
        "tap_step_percent": 2.5, "parallel": 1 + below(dice, 2),
    });
    let has_transformer = !is_medium && below(dice, 2) == 0;
    json!({
        "v_nom": nominal, "v_source": dice.between(0.97, 1.05), "buses": names, "lines": lines, "powers": powers,
        "transformer": if has_transformer { transformer } else { Json::Null },
    })
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Float(number.as_f64().expect("a number")),
        },
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(map) => Value::Map(
            map.iter()
                .map(|(key, json)| (key.as_str().into(), value(json)))
                .collect(),
        ),
    }
}

/// What the model finds, under a name.
fn solve(feeder: &Json) -> impl Fn(&str) -> f64 {
    let keys = ["v_nom", "v_source", "buses", "lines", "transformer"];
    let parameters: Entries = keys
        .iter()
        .map(|key| ((*key).into(), value(&feeder[*key])))
        .collect();
    let config = ModelConfig {
        parameters: Some(parameters),
        ..ModelConfig::default()
    };
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
        resolution: 900,
        ticks: 1,
    };
    let found = models::CATALOGUE
        .find("DistributionNetwork")
        .expect("a type");
    let built = shared::model::build(found, &config, grid, &MemoryFiles::default());
    let mut instance = built.expect("sound");
    let mut inputs = vec![None; instance.model_type.inputs.len()];
    for (bus, powers) in feeder["powers"].as_object().expect("powers") {
        for (place, what) in ["load", "gen", "q"].iter().enumerate() {
            let slot = instance
                .input_slot(&format!("{what}_{bus}"))
                .expect("an input");
            inputs[slot.index()] = powers[place].as_f64().map(Value::Float);
        }
    }
    let mut published = vec![None; instance.published.len()];
    instance.step(0, &inputs, &mut published).expect("a step");
    move |name| {
        let slot = instance
            .published_slot(name)
            .unwrap_or_else(|| panic!("no '{name}'"));
        let number = published[slot.index()].as_ref().and_then(Value::as_number);
        number.map(Number::to_f64).expect("a number")
    }
}

#[test]
fn feeders_have_the_voltages_that_pandapower_finds() {
    let mut dice = Dice(7);
    let feeders: Vec<Json> = (0..60).map(|_| feeder(&mut dice)).collect();
    let asked = Json::from(feeders.clone());
    let (variable, script) = ("ILLUMINATOR_REQUIRE_PANDAPOWER", "pandapower/flow.py");
    let Some(answer) = answer("pandapower", variable, script, &asked) else {
        return;
    };
    let found = answer["found"].as_array().expect("a list");
    let grids = answer["grids"].as_array().expect("a list");
    assert!(found.len() == feeders.len() && grids.len() >= 12);
    let (mut largest, mut compared) = (0.0_f64, 0);
    let grids = grids.iter().map(|grid| (&grid["feeder"], &grid["found"]));
    for (feeder, found) in feeders.iter().zip(found).chain(grids) {
        let ours = solve(feeder);
        assert_eq!(ours("converged").to_bits(), 1.0_f64.to_bits(), "{feeder}");
        for (name, theirs) in found.as_object().expect("results") {
            let (ours, theirs) = (ours(name), theirs.as_f64().expect("a number"));
            let difference = (ours - theirs).abs() / theirs.abs().max(1.0);
            assert!(
                difference < 1e-6,
                "{name} is {ours}, and pandapower has {theirs}: {feeder}"
            );
            largest = largest.max(difference);
            compared += 1;
        }
    }
    println!(
        "{compared} values of {} feeders and of pandapower's own grids, {largest:e} apart at most",
        feeders.len()
    );
}
