//! What holds for every type of the catalogue.

use models::CATALOGUE;
use shared::files::MemoryFiles;
use shared::model::{
    Entries, Literal, ModelConfig, ModelType, ParameterKind, Range, SectionPolicy,
};
use shared::time::{TimeGrid, WallTime};
use shared::value::Value;

/// What nodes of this protocol have compared with: a controller that has other ones is refused by them.
const FINGERPRINTS: &[(&str, u32)] = &[
    ("CSV", 0xba29_4b4a),
    ("Constant", 0xba3e_aa22),
    ("Adder", 0x866c_2a55),
    ("Dummy", 0x7271_4c22),
    ("Weather", 0x068c_b25a),
    ("PV", 0xde83_5cb1),
    ("Wind", 0x2811_2645),
    ("Load", 0x88cc_23d6),
    ("LoadEV", 0xb1f9_3239),
    ("LoadHeatpump", 0x2d3c_7054),
    ("EV", 0x708a_6582),
    ("Battery", 0x9a34_e3dd),
    ("GridConnection", 0xf0b4_24fe),
    ("Controller", 0xb558_c5f5),
    ("Controller_T1", 0x1707_75b9),
    ("ControllerT3Congestion", 0x0e10_de89),
    ("ControllerEV", 0xf67a_3d8c),
    ("Controller_T4", 0x4e51_28d9),
    ("Controller_StoryMode", 0x44c0_a5fe),
    ("LED_connection", 0xa2c3_6e1c),
    ("GenerationCompanyAgent", 0xf957_ef2e),
    ("Operator_Market", 0x03a9_2fa5),
    ("JusticeAgent", 0xfffd_9fce),
    ("Tariff", 0xa756_5042),
    ("EnergyAccount", 0x65ed_f796),
    ("Electrolyser", 0x201c_7eb6),
    ("FuelCell", 0x0ad6_f6e0),
    ("H2Storage", 0x81e9_d96d),
    ("Compressor", 0x0593_07bd),
    ("H2Demand", 0xd272_f89b),
    ("H2Production", 0x2b50_7047),
    ("H2Network", 0xf03e_c839),
    ("H2Valve", 0x729c_8041),
    ("ElectricBoiler", 0xbdbc_0abf),
    ("HeatPump", 0x92fa_1839),
    ("HeatStorage", 0xf04e_2f9e),
    ("HotWaterTank", 0x5a2b_bbbc),
    ("HeatDemand", 0xce8c_73bd),
    ("HeatProduction", 0x5391_7f51),
    ("HeatNetwork", 0xe416_e256),
    ("HeatValve", 0xa9df_c2bb),
    ("ElectricityNetwork", 0x65d1_374f),
    ("DistributionNetwork", 0x4cfd_5a4b),
];

#[test]
fn the_interface_of_a_type_changes_on_purpose_only() {
    let now = CATALOGUE.iter().map(|t| (&*t.name, t.fingerprint()));
    for (known, now) in FINGERPRINTS.iter().zip(now) {
        assert_eq!(*known, now);
    }
    assert_eq!(CATALOGUE.names().count(), FINGERPRINTS.len());
}

/// Name, symbol and meaning of all that a type declares and uses.
fn attributes(model_type: &ModelType) -> impl Iterator<Item = (&str, &str, &str)> {
    let parameters = model_type.parameters.iter();
    let used = parameters.filter(|p| p.kind != ParameterKind::Unused);
    let inputs = model_type.inputs.iter();
    let published = model_type.published.iter();
    used.map(|p| (&*p.name, &*p.symbol, &*p.meaning))
        .chain(inputs.map(|i| (&*i.name, &*i.symbol, &*i.meaning)))
        .chain(published.map(|p| (&*p.name, &*p.symbol, &*p.meaning)))
}

#[test]
fn every_description_holds_together() {
    for model_type in CATALOGUE.iter() {
        assert_eq!(model_type.check(), Ok(()), "{}", model_type.name);
    }
}

#[test]
fn every_type_is_found_by_its_name() {
    for model_type in CATALOGUE.iter() {
        let found = CATALOGUE.find(&model_type.name).expect("in the catalogue");
        assert!(
            std::ptr::eq(&raw const *found, model_type),
            "{}",
            model_type.name
        );
    }
    assert!(CATALOGUE.find("battery").is_none(), "case matters");
}

#[test]
fn every_type_is_documented_with_all_that_it_declares() {
    for model_type in CATALOGUE.iter() {
        let (summary, details) = (model_type.summary(), model_type.details());
        assert!(summary.ends_with('.'), "{}: {summary}", model_type.name);
        for (name, symbols, meaning) in attributes(model_type) {
            let place = format!("{name} of {}", model_type.name);
            assert!(!meaning.is_empty(), "{place}");
            // What has a symbol is in the equations.
            for symbol in symbols.split(", ").flat_map(|some| some.split(" or ")) {
                assert!(details.contains(symbol), "{symbol}, {place}");
            }
        }
    }
}

#[test]
fn what_a_type_never_publishes_is_nothing_that_it_publishes() {
    for model_type in CATALOGUE.iter() {
        for published in &*model_type.published {
            let name = &published.name;
            assert!(!model_type.never_published.contains(name), "{name}");
        }
    }
}

#[test]
fn defaults_fit_their_declarations() {
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
        resolution: 900,
        ticks: 96,
    };
    for model_type in CATALOGUE.iter() {
        let files = MemoryFiles::default();
        let found = CATALOGUE.find(&model_type.name).expect("in the catalogue");
        let built = shared::model::build(found, &ModelConfig::default(), grid, &files);
        for error in built.err().into_iter().flatten() {
            let code = &error.code;
            assert!(code.starts_with("missing_parameter"), "{code}: {error}");
        }
    }
}

/// The numbers next to the ends of a range that it excludes.
fn outside(range: &Range) -> Vec<f64> {
    let beyond = |end: Option<(f64, bool)>, sign: f64| {
        let (end, is_in) = end?;
        Some(if is_in { end + sign } else { end })
    };
    let ends = [beyond(range.low, -1.0), beyond(range.high, 1.0)];
    ends.into_iter().flatten().collect()
}

/// The categories of what is wrong with a type of sections that merge, where one parameter is this.
fn refusals(model_type: &ModelType, name: &str, value: Value) -> Vec<String> {
    let mut parameters = needed(model_type);
    parameters.retain(|(known, _)| &**known != name);
    parameters.push((name.into(), value));
    let config = ModelConfig {
        parameters: Some(parameters),
        ..ModelConfig::default()
    };
    built(model_type, &config)
}

/// What a type needs to be given.
fn needed(model_type: &ModelType) -> Entries {
    let is_needed = model_type.parameters.iter().any(|p| p.name == "buses");
    if !is_needed {
        return Vec::new();
    }
    let buses = Value::List([Value::text("b")].into());
    vec![
        ("buses".into(), buses),
        ("lines".into(), Value::List([].into())),
    ]
}

/// The categories of what is wrong with a model.
fn built(model_type: &ModelType, config: &ModelConfig) -> Vec<String> {
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
        resolution: 900,
        ticks: 96,
    };
    let found = CATALOGUE.find(&model_type.name).expect("in the catalogue");
    let built = shared::model::build(found, config, grid, &MemoryFiles::default());
    let errors = built.err().into_iter().flatten();
    errors.map(|error| error.code.into_owned()).collect()
}

/// The types whose sections merge with what they declare.
fn merging() -> impl Iterator<Item = &'static ModelType> {
    let merges = |model_type: &&ModelType| model_type.sections == SectionPolicy::Merge;
    CATALOGUE.iter().filter(merges)
}

#[test]
fn what_declarations_exclude_is_refused_and_what_they_include_is_not() {
    assert_eq!(merging().count(), 20);
    let mut tried = 0;
    for model_type in merging() {
        for parameter in &*model_type.parameters {
            let name = &*parameter.name;
            let invalid = [format!("invalid_parameter:{name}")];
            let mut wrong = vec![Value::Map([].into())];
            match &parameter.kind {
                ParameterKind::Number => {
                    wrong.extend(outside(parameter.range).into_iter().map(Value::Float));
                    let never = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
                    wrong.extend(never.map(Value::Float));
                    wrong.extend([Value::text("1"), Value::Bool(true)]);
                }
                ParameterKind::Integer => {
                    let outside = outside(parameter.range).into_iter();
                    // The ends are whole numbers, which are written as such.
                    let whole = |x: f64| format!("{x}").parse().expect("whole");
                    wrong.extend(outside.map(|x| Value::Int(whole(x))));
                    wrong.push(Value::Float(1.0));
                }
                ParameterKind::Choice(_) => wrong.push(Value::text("none of them")),
                ParameterKind::Flag => wrong.push(Value::text("yes")),
                ParameterKind::Text => wrong.push(Value::Int(1)),
                ParameterKind::Any => wrong.push(Value::text("nothing")),
                other => panic!("{name} is a {other:?}"),
            }
            for value in wrong {
                let shown = format!("{name} of {}: {value}", model_type.name);
                assert_eq!(refusals(model_type, name, value), invalid, "{shown}");
                tried += 1;
            }
            let null = refusals(model_type, name, Value::Null);
            let is_null = parameter.default == Some(Literal::Null);
            assert_eq!(null.is_empty(), is_null, "{name}: {null:?}");
            if let Some(default) = &parameter.default {
                let given = refusals(model_type, name, default.into());
                assert_eq!(given, [] as [&str; 0], "{name} of {}", model_type.name);
            }
        }
    }
    assert!(tried > 400, "{tried}");
}

#[test]
fn names_that_a_merging_type_does_not_have_are_refused() {
    for model_type in merging() {
        let entry = || Some(vec![("nothing".into(), Value::Int(1))]);
        let parameters = Some(needed(model_type));
        let with = |config: ModelConfig| {
            let parameters = config.parameters.clone().or_else(|| parameters.clone());
            built(
                model_type,
                &ModelConfig {
                    parameters,
                    ..config
                },
            )
        };
        let mut unknown = needed(model_type);
        unknown.push(("nothing".into(), Value::Int(1)));
        let none = ModelConfig::default;
        for (config, code) in [
            (
                ModelConfig {
                    parameters: Some(unknown),
                    ..none()
                },
                "unknown_parameter:nothing",
            ),
            (
                ModelConfig {
                    inputs: entry(),
                    ..none()
                },
                "unknown_input:nothing",
            ),
            (
                ModelConfig {
                    outputs: entry(),
                    ..none()
                },
                "unknown_output:nothing",
            ),
            (
                ModelConfig {
                    states: entry(),
                    ..none()
                },
                "unknown_state:nothing",
            ),
        ] {
            assert_eq!(with(config), [code], "{}", model_type.name);
        }
        assert_eq!(with(none()), [] as [&str; 0], "{}", model_type.name);
    }
}

#[test]
fn inputs_of_a_merging_type_add_or_have_one_source() {
    for model_type in merging() {
        for input in &*model_type.inputs {
            let place = format!("{} of {}", input.name, model_type.name);
            assert_ne!(input.adds_states, input.is_single, "{place}");
            let is_null = input.initial == Literal::Null;
            assert!(
                !(input.adds_states && is_null),
                "{place}: a sum is a number"
            );
        }
    }
}

#[test]
fn what_an_instance_adds_has_the_unit_that_its_type_says() {
    let names = |names: &[&str]| names.iter().copied().map(Value::text).collect();
    let line = [
        ("name", Value::text("l1")),
        ("from", Value::text("a")),
        ("to", Value::text("b")),
        ("length_km", Value::Float(0.1)),
        ("r_ohm_per_km", Value::Float(0.3)),
        ("x_ohm_per_km", Value::Float(0.1)),
        ("max_i_a", Value::Float(200.0)),
    ];
    let line = line.into_iter().map(|(key, value)| (key.into(), value));
    let line = Value::Map(line.collect());
    let feeder = vec![
        ("buses".into(), Value::List(names(&["a", "b"]))),
        ("lines".into(), Value::List([line].into())),
    ];
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
        resolution: 900,
        ticks: 1,
    };
    for (name, parameters, added) in [
        ("HeatValve", Vec::new(), (2, 2)),
        ("H2Valve", Vec::new(), (2, 2)),
        ("DistributionNetwork", feeder, (6, 6)),
    ] {
        let known = CATALOGUE.find(name).expect("in the catalogue");
        let config = ModelConfig {
            name: "E".to_owned(),
            model_type: name.to_owned(),
            parameters: Some(parameters),
            ..ModelConfig::default()
        };
        let built = shared::model::build(known.clone(), &config, grid, &MemoryFiles::default());
        let instance = built.unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let inputs = &instance.model_type.inputs[known.inputs.len()..];
        let published = &instance.published[known.published.len()..];
        assert_eq!((inputs.len(), published.len()), added, "{name}");
        for input in inputs {
            let unit = known.unit_of_added(&input.name);
            assert_eq!(unit, Some(&*input.unit), "{name}: {}", input.name);
        }
        for attribute in published {
            let unit = known.unit_of_added(&attribute.name);
            assert!(unit.is_some(), "{name}: {}", attribute.name);
        }
    }
}
