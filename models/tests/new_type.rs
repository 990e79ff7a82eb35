//! The type that docs/new-type.md adds is one that can be added so.

use std::fs;
use std::path::Path;

use shared::files::MemoryFiles;
use shared::model::{Memory, ModelConfig, build};
use shared::time::{TimeGrid, WallTime};
use shared::value::Value;

#[path = "new_type/meter.rs"]
mod meter;

#[test]
fn the_page_has_the_meter_as_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/new-type.md");
    let page = fs::read_to_string(path).expect("a file of the project");
    let code = include_str!("new_type/meter.rs");
    assert!(page.contains(&format!("```rust\n{code}```\n")));
}

#[test]
fn the_meter_adds_up_the_power_of_quarter_hours() {
    assert_eq!(meter::METER.check(), Ok(()));
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
        resolution: 900,
        ticks: 2,
    };
    let config = ModelConfig {
        parameters: Some(vec![("reading".into(), Value::Int(10))]),
        ..ModelConfig::default()
    };
    let meter = || build(&meter::METER, &config, grid, &MemoryFiles::default()).expect("sound");
    let mut instance = meter();
    let mut published = [None];
    for (tick, energy) in [(0, 11.0), (1, 12.0)] {
        let power = [Some(Value::Int(4))];
        instance.step(tick, &power, &mut published).expect("a step");
        assert_eq!(published[0], Some(Value::Float(energy)));
    }
    let mut bytes = Vec::new();
    assert!(instance.model.memory(&mut Memory::save(&mut bytes)));
    let (mut elsewhere, mut memory) = (meter(), Memory::restore(&bytes));
    assert!(elsewhere.model.memory(&mut memory) && memory.is_whole());
    let power = [Some(Value::Int(4))];
    elsewhere.step(2, &power, &mut published).expect("a step");
    assert_eq!(published[0], Some(Value::Float(13.0)));
}
