//! What holds for every type of the catalogue.

use models::CATALOGUE;
use shared::files::MemoryFiles;
use shared::model::{ModelConfig, ModelType, ParameterKind};
use shared::time::{TimeGrid, WallTime};

fn names(model_type: &ModelType) -> impl Iterator<Item = (&'static str, &'static str)> {
    let parameters = model_type.parameters.iter();
    let used = parameters.filter(|p| p.kind != ParameterKind::Unused);
    let inputs = model_type.inputs.iter();
    let published = model_type.published.iter();
    used.map(|p| (p.name, p.meaning))
        .chain(inputs.map(|i| (i.name, i.meaning)))
        .chain(published.map(|p| (p.name, p.meaning)))
}

#[test]
fn every_type_is_found_by_its_name() {
    for model_type in CATALOGUE {
        let found = models::find(model_type.name).expect("in the catalogue");
        assert!(std::ptr::eq(found, *model_type), "{}", model_type.name);
    }
    assert!(models::find("battery").is_none(), "case matters");
}

#[test]
fn every_type_is_documented_with_all_its_names() {
    for model_type in CATALOGUE {
        let (summary, details) = (model_type.summary(), model_type.details());
        assert!(summary.ends_with('.'), "{}: {summary}", model_type.name);
        for (name, meaning) in names(model_type) {
            let place = format!("{name} of {}", model_type.name);
            assert!(details.contains(&format!("`{name}`")), "{place}");
            assert!(!meaning.is_empty(), "{place}");
        }
    }
}

#[test]
fn what_a_type_never_publishes_is_nothing_that_it_publishes() {
    for model_type in CATALOGUE {
        for published in model_type.published {
            let name = published.name;
            assert!(!model_type.never_published.contains(&name), "{name}");
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
    for model_type in CATALOGUE {
        let files = MemoryFiles::default();
        let built = shared::model::build(model_type, &ModelConfig::default(), grid, &files);
        for error in built.err().into_iter().flatten() {
            let code = &error.code;
            assert!(code.starts_with("missing_parameter"), "{code}: {error}");
        }
    }
}
