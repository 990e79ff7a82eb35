//! Data files and the formats of their time stamps: the first line is the format, the second one the
//! delimiter, the rest is the file.

#![no_main]

use engine::{Engine, NoRows, Turn};
use libfuzzer_sys::fuzz_target;
use shared::files::MemoryFiles;
use shared::journal::Outside;
use shared::memory::{Account, Pool, SESSION_MEMORY};
use shared::model::ModelConfig;
use shared::plan::{ModelId, PlannedModel, SiteId, SitePlan};
use shared::time::{TimeGrid, WallTime};
use shared::value::Value;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
    let mut line = || std::str::from_utf8(parts.next().unwrap_or_default()).unwrap_or_default();
    let (format, delimiter) = (line(), line());
    let content = parts.next().unwrap_or_default();
    for send_row in [false, true] {
        let mut files = MemoryFiles::default();
        files.insert("a.csv".to_owned(), content.to_vec());
        run(format, delimiter, send_row, &files);
    }
});

fn run(format: &str, delimiter: &str, send_row: bool, files: &MemoryFiles) {
    let parameters = [
        ("file_path", Value::text("a.csv")),
        ("date_format", Value::text(format)),
        ("delimiter", Value::text(delimiter)),
        ("send_row", Value::Bool(send_row)),
    ];
    let parameters = parameters.map(|(key, value)| (key.into(), value));
    let config = ModelConfig {
        name: "Meter".to_owned(),
        model_type: "CSV".to_owned(),
        parameters: Some(parameters.into()),
        ..ModelConfig::default()
    };
    let plan = SitePlan {
        from: 0,
        site: SiteId(1),
        grid: TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
            resolution: 900,
            ticks: 20,
        },
        models: vec![PlannedModel {
            saved: Vec::new(),
            id: ModelId(0),
            config,
            inputs: Vec::new(),
            leds: Vec::new(),
            outside: Outside::default(),
        }],
        imports: Vec::new(),
        exports: Vec::new(),
    };
    let account = Account::of(&Pool::new(SESSION_MEMORY), SESSION_MEMORY);
    let engine = Engine::build(&plan, &models::CATALOGUE, files, account, &mut || true);
    let Ok(mut engine) = engine else { return };
    while engine.run(100, &mut NoRows).expect("no rows to write") == Turn::Again {}
    assert!(engine.is_finished(), "it depends on nothing");
}
