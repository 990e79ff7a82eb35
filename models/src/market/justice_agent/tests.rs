//! Agents on the test rig.

use super::*;
use crate::rig::Rig;
use proptest::prelude::*;
use shared::model::ModelConfig;

fn map(entries: &[(&str, Value)]) -> Value {
    let entries = entries.iter().map(|(key, v)| ((*key).into(), v.clone()));
    Value::Map(entries.collect())
}

fn config(social_parameters: Value, justice_step: Value) -> ModelConfig {
    ModelConfig {
        parameters: Some(vec![
            ("social_parameters".into(), social_parameters),
            ("justice_step".into(), justice_step),
            ("results_dir".into(), Value::text("out")),
        ]),
        ..ModelConfig::default()
    }
}

/// An agent that looks at a company A with a weight of 5 and at B with 0.5.
fn agent(justice_step: impl Into<Value>) -> Rig {
    let weights = map(&[
        ("A", map(&[("local", 2.into()), ("fair", 3.into())])),
        ("B", map(&[("local", 0.5.into())])),
    ]);
    Rig::new(&JUSTICE_AGENT, &config(weights, justice_step.into())).expect("buildable")
}

fn refusal(config: &ModelConfig) -> BuildError {
    let built = Rig::new(&JUSTICE_AGENT, config);
    built.err().expect("refused")
}

fn inputs(supplied: &[(&str, f64)], demand: f64) -> [(&'static str, Value); 2] {
    let mut results = Table::default();
    let names = supplied.iter().map(|(name, _)| Value::text(name));
    results.push(COMPANY, names.collect());
    let amounts = supplied.iter().map(|&(_, amount)| amount.into());
    results.push(SUPPLIED_CAPACITY, amounts.collect());
    [
        ("market_results", results.to_value()),
        ("demand", demand.into()),
    ]
}

fn betas(agent: &Rig) -> [f64; 2] {
    let scores = agent.value("beta_scores");
    ["A", "B"].map(|name| {
        let score = scores.get(name).and_then(Value::as_number);
        score.expect("a number").to_f64()
    })
}

#[test]
fn the_score_is_computed_at_its_step_and_then_stays() {
    let mut agent = agent(1);
    for (tick, score) in [(0, 0.into()), (1, 5.5.into()), (2, 5.5.into())] {
        let halves = inputs(&[("B", 60.0), ("A", 60.0)], 120.0);
        agent.step(&halves).expect("a step");
        assert_eq!(agent.value("justice_score"), score, "tick {tick}");
        assert_eq!(betas(&agent), [f64::from(tick + 1) / 2.0; 2]);
        let weights = map(&[("A", 5.into()), ("B", 0.5.into())]);
        assert_eq!(agent.value("alpha_scores"), weights);
        let contents: Vec<_> = agent.files().iter().map(|file| &file.content).collect();
        match tick {
            1 => {
                assert_eq!(agent.files()[0].path, "out/betascores_1.csv");
                assert_eq!(contents, [b"A,B\n1.0,1.0\n"]);
            }
            _ => assert_eq!(agent.files(), []),
        }
    }
}

#[test]
fn demand_that_is_not_served_goes_to_the_first_of_the_smallest() {
    let mut agent = agent(9);
    agent
        .step(&inputs(&[("A", 30.0), ("B", 30.0)], 120.0))
        .expect("a step");
    assert_eq!(betas(&agent), [0.75, 0.25]);
}

#[test]
fn a_stranger_takes_part_and_is_told_once() {
    let mut agent = agent(9);
    let with_stranger = inputs(&[("A", 30.0), ("B", 60.0), ("C", 15.0)], 120.0);
    agent.step(&with_stranger).expect("a step");
    assert_eq!(betas(&agent), [0.25, 0.5], "the rest is the stranger's");
    assert!(agent.notices()[0].starts_with("'C' is not in 'social_parameters'"));
    agent.step(&with_stranger).expect("a step");
    assert_eq!(agent.notices(), &[] as &[String]);
}

#[test]
fn a_step_without_demand_has_no_shares() {
    let mut agent = agent(9);
    let supplied = [("A", 30.0), ("B", 90.0)];
    agent.step(&inputs(&supplied, 120.0)).expect("a step");
    for (demand, told) in [(0.0, 1), (-5.0, 0)] {
        agent.step(&inputs(&supplied, demand)).expect("a step");
        assert_eq!(betas(&agent), [0.25, 0.75]);
        assert_eq!(agent.notices().len(), told);
    }
}

#[test]
fn a_score_that_never_comes_gives_a_warning() {
    for never in [Value::Int(-1), Value::Float(1.5), Value::Int(1000)] {
        assert!(agent(never).warnings()[0].contains("stays 0"));
    }
    for fine in [Value::Int(999), Value::Float(3.0), Value::Null] {
        assert_eq!(agent(fine).warnings(), &[] as &[String]);
    }
    let weights = map(&[("A", map(&[]))]);
    let every_second = ModelConfig {
        time_step_size: Some(2),
        ..config(weights, 3.into())
    };
    let missed = Rig::new(&JUSTICE_AGENT, &every_second).expect("buildable");
    assert!(missed.warnings()[0].starts_with("there is no step 3,"));
}

#[test]
fn weights_must_make_sense() {
    for (weights, code) in [
        (Value::Null, "missing_parameter:social_parameters"),
        (map(&[]), "invalid_parameter:social_parameters"),
        (5.into(), "invalid_parameter:social_parameters"),
        (
            map(&[("A", 5.into())]),
            "invalid_parameter:social_parameters",
        ),
        (
            map(&[("A", map(&[("local", true.into())]))]),
            "invalid_parameter:social_parameters",
        ),
        (
            map(&[("A", map(&[("a", i64::MAX.into()), ("b", 1.into())]))]),
            "invalid_parameter:social_parameters",
        ),
    ] {
        let error = refusal(&config(weights, Value::Null));
        assert_eq!(error.code, code, "{error}");
    }
    let code = refusal(&ModelConfig::default()).code;
    assert_eq!(code, "missing_parameter:social_parameters");
}

#[test]
fn results_must_be_complete_and_make_sense() {
    let [results, demand] = inputs(&[("A", 30.0), ("B", 90.0)], 120.0);
    let not_a_number = [results.clone(), ("demand", f64::NAN.into())];
    let null = [("market_results", Value::Null), demand.clone()];
    for (inputs, code) in [
        (inputs(&[("A", 1.0)], 1.0), "missing_result:B"),
        (
            inputs(&[("B", 1.0), ("B", 2.0)], 1.0),
            "duplicate_company:B",
        ),
        (
            inputs(&[("A", f64::NAN)], 1.0),
            "type_mismatch:market_results",
        ),
        (null, "type_mismatch:market_results"),
        (not_a_number, "type_mismatch:demand"),
    ] {
        let error = agent(0).step(&inputs).expect_err("refused");
        assert_eq!(error.code, code, "{error}");
    }
    let error = agent(0).step(&[results]).expect_err("no demand");
    assert_eq!(error.code, "missing_input:demand");
    let error = agent(0).step(&[demand]).expect_err("no results");
    assert_eq!(error.code, "missing_input:market_results");
}

#[test]
fn the_price_changes_nothing() {
    let mut agent = agent(0);
    let [results, demand] = inputs(&[("A", 30.0), ("B", 90.0)], 120.0);
    let price = ("market_clearing_price", Value::Null);
    agent.step(&[results, demand, price]).expect("a step");
    assert_eq!(agent.value("justice_score"), Value::Float(1.625));
}

proptest! {
    #[test]
    fn the_shares_of_a_step_add_up_to_one_or_more(
        supplied in (0.0_f64..500.0, 0.0_f64..500.0),
        demand in 1.0_f64..1000.0,
    ) {
        let mut agent = agent(0);
        let inputs = inputs(&[("A", supplied.0), ("B", supplied.1)], demand);
        agent.step(&inputs).expect("a step");
        let [a, b] = betas(&agent);
        let served = (supplied.0 + supplied.1) / demand;
        prop_assert!((a + b - served.max(1.0)).abs() < 1e-12 * served.max(1.0));
        let score = agent.float("justice_score");
        prop_assert!((score - (5.0 * a + 0.5 * b)).abs() < 1e-12 * score.max(1.0));
    }
}
