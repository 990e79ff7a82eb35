//! What holds for every type of the catalogue.

use models::CATALOGUE;
use shared::files::MemoryFiles;
use shared::model::{ModelConfig, ModelType, ParameterKind};
use shared::time::{TimeGrid, WallTime};

/// What nodes of this protocol have compared with: a controller that has other ones is refused by them.
const FINGERPRINTS: &[(&str, u32)] = &[
    ("CSV", 0xba29_4b4a),
    ("Constant", 0xba3e_aa22),
    ("Adder", 0x866c_2a55),
    ("Dummy", 0x7271_4c22),
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
