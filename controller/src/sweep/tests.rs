//! Variants that go together come to what they come to alone.

use std::fs;

use proptest::prelude::*;
use shared::files::MemoryFiles;
use shared::memory::Account;
use shared::value::Value;

use super::Options;
use super::blueprint::{Blueprint, TOGETHER};
use super::design::Variant;
use super::factor::Factor;
use super::study::{NEVER_STOPPED, Study};
use crate::placement::tests::cases::{Case, Collected, cases, expected_with, graph};

/// A sum that grows by `x` a step: it overflows earlier or later, or not at all. `Same` is played back.
const SCENARIO: &str = "
scenario: {name: sums, start_time: '2026-01-01 00:00:00', end_time: '2026-01-02 00:00:00', time_resolution: 900}
models:
- {name: Given, type: Constant, parameters: {x: 1}}
- {name: Same, type: Constant, parameters: {y: 2}}
- {name: Sum, type: Adder, inputs: {in2: 0}}
- {name: Last, type: Adder}
connections:
- {from: Given.x, to: Sum.in1}
- {from: Sum.out1, to: Last.in1}
- {from: Last.out1, to: Sum.in2, time_shifted: true}
- {from: Same.y, to: Last.in2}
monitor: {file: out.csv, items: [Last.out1]}
";

/// A value of `x` that fails in the middle, and one that begins with another kind of number.
const FAILS: Value = Value::Int(i64::MAX / 40);
const OTHER: Value = Value::Float(0.5);

/// What comes of variants with these values in one go, and of each alone, as they are shown.
fn came(study: &Study, values: &[Value]) -> (Vec<String>, Vec<String>) {
    let variants = values.iter().map(|x| Variant::of(vec![x.clone()]));
    let variants: Vec<Variant> = variants.collect();
    let shown = |variants: &[Variant]| {
        let all = study.evaluate(variants, &NEVER_STOPPED).into_iter();
        let all = all.map(|came| match came {
            Ok(numbers) => format!("{numbers:?}"),
            Err(why) => why.to_string(),
        });
        all.collect::<Vec<_>>()
    };
    let alone = variants.chunks(1).flat_map(&shown).collect();
    (shown(&variants), alone)
}

#[test]
fn whatever_happens_to_one_of_them_the_others_and_it_come_to_what_they_come_to_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scenario.yaml");
    fs::write(&path, SCENARIO).expect("written");
    let options = Options {
        set: vec!["Given.x=1".to_owned()],
        indicators: vec!["sum(Last.out1)".to_owned(), "last(Last.out1)".to_owned()],
        ..Options::default()
    };
    let study = Study::new(&path, &options, &mut |_| {}).expect("a study");
    assert_eq!(study.most_together, TOGETHER);
    for count in 1..=TOGETHER + 1 {
        let values: Vec<Value> = (1..).map(Value::Int).take(count).collect();
        let (together, alone) = came(&study, &values);
        assert_eq!(together, alone, "{count} variants");
        assert!(together.iter().all(|came| came.starts_with("[Some(")));
        for special in [FAILS, OTHER] {
            for place in [0, count / 2, count - 1] {
                let mut values = values.clone();
                values[place] = special.clone();
                let (together, alone) = came(&study, &values);
                assert_eq!(together, alone, "{special} at place {place} of {count}");
                let failed = together.iter().filter(|came| !came.starts_with('['));
                let failed: Vec<&String> = failed.collect();
                assert_eq!(failed.len(), usize::from(special == FAILS), "{failed:?}");
            }
        }
    }
}

/// The rows of so many variants in one engine; the first models of each variant have its seeds.
fn rows_together(case: &Case, seeds: &[Vec<i64>]) -> Vec<Vec<Value>> {
    let factors = (0..seeds[0].len()).map(|model| Factor {
        model,
        model_name: format!("M{model}"),
        key: "seed".into(),
        values: Vec::new(),
        option: None,
    });
    let factors: Vec<Factor> = factors.collect();
    let files = MemoryFiles::default();
    let blueprint = Blueprint::new(graph(case), &factors, &files).expect("a blueprint");
    let common = blueprint.common.times(seeds.len(), factors.len());
    let values: Vec<Value> = seeds.iter().flatten().copied().map(Value::Int).collect();
    let engine = common.engine(&values, &files, Account::unlimited());
    let mut engine = engine.expect("an engine");
    let mut rows = Collected::default();
    while engine.run(1000, &mut rows).expect("rows are taken") == engine::Turn::Again {}
    assert!(engine.is_finished());
    rows.rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_rows_of_variants_in_one_engine_are_those_of_each(
        case in cases(),
        seeds in prop::collection::vec(prop::collection::vec(0i64..1000, 8), 1..9),
        changed in 0usize..8,
    ) {
        let count = case.step_sizes.len();
        let changed = 1 + changed % count;
        let own: Vec<Vec<i64>> = seeds.iter().map(|all| all[..changed].to_vec()).collect();
        let alone = own.iter().map(|own| {
            let mut seeds = vec![7; count];
            seeds[..changed].copy_from_slice(own);
            expected_with(&case, &seeds)
        });
        let alone: Vec<_> = alone.collect();
        let ticks = alone[0].len();
        let side_by_side = (0..ticks).map(|tick| alone.iter().flat_map(|rows| rows[tick].clone()).collect());
        let side_by_side: Vec<Vec<Value>> = side_by_side.collect();
        prop_assert_eq!(rows_together(&case, &own), side_by_side);
    }
}
