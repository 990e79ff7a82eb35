//! Companies on the test rig.

use super::*;
use crate::rig::{Rig, with_parameters};
use proptest::prelude::*;
use shared::model::ModelConfig;

fn map(entries: &[(&str, Value)]) -> Value {
    let entries = entries.iter().map(|(key, v)| ((*key).into(), v.clone()));
    Value::Map(entries.collect())
}

fn plant(technology: &str, capacity: Value, cost: Value, availability: Value) -> Value {
    map(&[
        (TECHNOLOGY, Value::text(technology)),
        (CAPACITY, capacity),
        (COST, cost),
        (AVAILABILITY, availability),
    ])
}

fn manual_bid(capacity: impl Into<Value>, price: impl Into<Value>) -> Value {
    map(&[(BID_CAPACITY, capacity.into()), (BID_PRICE, price.into())])
}

fn list(items: &[Value]) -> Value {
    Value::List(items.into())
}

/// A company with these plants, which bids by hand where there are such bids.
fn config(plants: Value, manual: Option<Value>) -> ModelConfig {
    let automated = manual.is_none();
    let mut config = with_parameters(&[("company_name", Literal::text("Noordwind"))]);
    let parameters = config.parameters.as_mut().expect("given");
    parameters.push(("automated_bids".into(), automated.into()));
    parameters.push(("bids_manual".into(), manual.unwrap_or_default()));
    config.inputs = Some(vec![("portfolio".into(), plants)]);
    config
}

fn company(plants: &[Value]) -> Rig {
    let config = config(list(plants), None);
    Rig::new(&GENERATION_COMPANY_AGENT, &config).expect("buildable")
}

fn refusal(config: &ModelConfig) -> BuildError {
    let built = Rig::new(&GENERATION_COMPANY_AGENT, config);
    built.err().expect("refused")
}

/// A column of the bids that were made last.
fn column(company: &Rig, name: &str) -> Vec<Value> {
    let bids = Table::from_value(&company.value("bids")).expect("a table");
    bids.cells(name).expect("a column").to_vec()
}

fn wind() -> Value {
    plant("Wind", 310.into(), 18.into(), 0.47.into())
}

fn hydro_row(availability: Value) -> Value {
    map(&[
        ("date", Value::text("2030-01-01 00:00:00")),
        ("Run_of_river_cost", Value::text(" 22.5 ")),
        ("Run_of_river_availability", availability),
        ("Run_of_river_capacity", Value::text("2e2")),
    ])
}

#[test]
fn a_company_offers_what_is_available_at_cost() {
    let mut company = company(&[wind(), plant("Gas", 90.into(), 71.5.into(), 1.into())]);
    company.step(&[]).expect("a step");
    let bids = Table::from_value(&company.value("bids")).expect("a table");
    let expected = "Company,Technology,Capacity (MW),Cost (€/MWh),Availability,\
                    Available Capacity (MW),Bid Capacity (MW),Bid Price (€/MWh)\n\
                    Noordwind,Wind,310,18.0,0.47,145.7,145.7,18.0\n\
                    Noordwind,Gas,90,71.5,1.0,90.0,90.0,71.5\n";
    assert_eq!(String::from_utf8_lossy(&bids.to_csv()), expected);
    assert_eq!(company.value("profit"), Value::Int(0));
    assert_eq!(company.notices(), &[] as &[String]);
}

#[test]
fn a_row_replaces_the_plants_and_stays() {
    let mut company = company(&[wind()]);
    company.step(&[]).expect("a step");
    let row = hydro_row(Value::text("1"));
    company.step(&[("portfolio", row)]).expect("a step");
    assert!(company.notices()[0].ends_with("lacks 'Wind'"));
    for _ in 0..2 {
        assert_eq!(
            column(&company, TECHNOLOGY),
            [Value::text("Run_of_river")],
            "the last underscore divides"
        );
        assert_eq!(column(&company, CAPACITY), [Value::Float(200.0)]);
        assert_eq!(column(&company, BID_PRICE), [Value::Float(22.5)]);
        assert_eq!(column(&company, AVAILABILITY), [Value::Int(1)]);
        company.step(&[]).expect("a step");
        assert_eq!(company.notices(), &[] as &[String]);
    }
}

#[test]
fn the_availability_in_a_row_may_be_a_fraction() {
    let mut company = company(&[]);
    for (cell, availability, available) in [
        (Value::text("0.5"), Value::Float(0.5), 100.0),
        (Value::Float(0.25), Value::Float(0.25), 50.0),
        (Value::text("1.0"), Value::Int(1), 200.0),
        (Value::Float(-0.0), Value::Int(0), 0.0),
        (Value::Int(1), Value::Int(1), 200.0),
    ] {
        let inputs = [("portfolio", hydro_row(cell))];
        company.step(&inputs).expect("a step");
        assert_eq!(column(&company, AVAILABILITY), [availability]);
        assert_eq!(column(&company, BID_CAPACITY), [Value::Float(available)]);
    }
}

#[test]
fn a_row_without_time_keeps_its_first_column() {
    let mut company = company(&[]);
    let row = map(&[
        ("Tide_capacity", 10.into()),
        ("Tide_cost", 5.into()),
        ("Tide_availability", 1.into()),
        ("time", Value::text("2030-01-01 00:00:00")),
    ]);
    company.step(&[("portfolio", row)]).expect("a step");
    assert_eq!(column(&company, BID_CAPACITY), [Value::Float(10.0)]);
}

#[test]
fn cells_of_a_row_must_be_usable() {
    let row = |name: &str, cell: Value| map(&[("time", Value::Null), (name, cell)]);
    for (row, code) in [
        (
            row("Tide_capacity", Value::text("n/a")),
            "bad_value:Tide_capacity",
        ),
        (row("Tide_capacity", (-1).into()), "bad_value:Tide_capacity"),
        (row("Tide_cost", Value::text("inf")), "bad_value:Tide_cost"),
        (
            row("Tide_availability", Value::Null),
            "bad_value:Tide_availability",
        ),
        (row("Tide_price", 1.into()), "bad_column:Tide_price"),
        (row("Tide", 1.into()), "bad_column:Tide"),
        (row("Tide_cost", 1.into()), "missing_value:Tide_capacity"),
        (map(&[("time", Value::Null)]), "missing_input:portfolio"),
        (list(&[wind()]), "type_mismatch:portfolio"),
    ] {
        let error = company(&[])
            .step(&[("portfolio", row)])
            .expect_err("refused");
        assert_eq!(error.code, code, "{error}");
    }
}

#[test]
fn a_company_without_plants_needs_a_row() {
    assert!(!company(&[wind()]).requires("portfolio"));
    let mut empty = company(&[]);
    assert!(empty.requires("portfolio"));
    let error = empty.step(&[]).expect_err("nothing to bid");
    assert_eq!(error.code, "missing_input:portfolio");
}

#[test]
fn bids_by_hand_that_differ_from_what_is_available_are_told_once() {
    let manual = list(&[manual_bid(300, 20), manual_bid(0, -5)]);
    let plants = list(&[wind(), plant("Gas", 90.into(), 71.into(), 1.into())]);
    let config = config(plants, Some(manual));
    let mut company = Rig::new(&GENERATION_COMPANY_AGENT, &config).expect("buildable");
    company.step(&[]).expect("a step");
    assert_eq!(
        company.notices(),
        ["the company bids 300.0 MW and has 235.7 MW available"]
    );
    assert_eq!(column(&company, BID_CAPACITY), [300.into(), 0.into()]);
    assert_eq!(column(&company, BID_PRICE), [20.into(), (-5).into()]);
    company.step(&[]).expect("a step");
    assert_eq!(company.notices(), &[] as &[String]);
}

#[test]
fn bids_by_hand_must_be_there_and_make_sense() {
    let plants = || list(&[wind(), wind()]);
    for (manual, code) in [
        (Value::Null, "missing_parameter:bids_manual"),
        (1.into(), "invalid_parameter:bids_manual"),
        (list(&[1.into()]), "invalid_parameter:bids_manual"),
        (list(&[manual_bid(-1, 20)]), "invalid_parameter:bids_manual"),
        (
            list(&[manual_bid(1, f64::NAN)]),
            "invalid_parameter:bids_manual",
        ),
    ] {
        let error = refusal(&config(plants(), Some(manual)));
        assert_eq!(error.code, code, "{error}");
    }
    let too_few = config(plants(), Some(list(&[manual_bid(1, 20)])));
    let mut company = Rig::new(&GENERATION_COMPANY_AGENT, &too_few).expect("buildable");
    let error = company.step(&[]).expect_err("refused");
    assert_eq!(error.code, "missing_value:bids_manual");
    assert!(error.message.contains("1 bids for 2 plants"), "{error}");
}

#[test]
fn plants_must_be_complete_and_make_sense() {
    let odd = |name: &str, value: Value| {
        let Value::Map(fields) = wind() else {
            unreachable!("a record")
        };
        let mut fields = fields.to_vec();
        fields.retain(|(known, _)| **known != *name);
        fields.push((name.into(), value));
        list(&[wind(), Value::Map(fields.into())])
    };
    let no_cost = map(&[(TECHNOLOGY, Value::text("Wind")), (CAPACITY, 1.into())]);
    for (plants, code) in [
        (odd(CAPACITY, (-1).into()), "bad_value:portfolio"),
        (odd(COST, Value::text("18")), "bad_value:portfolio"),
        (odd(AVAILABILITY, f64::NAN.into()), "bad_value:portfolio"),
        (odd(TECHNOLOGY, 5.into()), "bad_value:portfolio"),
        (odd(COST, Value::Null), "missing_value:Cost (€/MWh)"),
        (odd("Zone", Value::text("NL")), "missing_value:Zone"),
        (odd(COMPANY, Value::text("x")), "bad_column:Company"),
        (list(&[no_cost]), "missing_value:Cost (€/MWh)"),
        (list(&[1.into()]), "type_mismatch:portfolio"),
        (5.into(), "type_mismatch:portfolio"),
    ] {
        let error = refusal(&config(plants, None));
        assert_eq!(error.code, code, "{error}");
    }
}

#[test]
fn a_plant_that_lacks_a_field_is_named_as_people_count_with_the_field_that_is_meant() {
    let short = map(&[
        (TECHNOLOGY, Value::text("Gas")),
        (CAPACITY, 1.into()),
        ("Cost", 70.into()),
        (AVAILABILITY, 1.into()),
    ]);
    let message = refusal(&config(list(&[wind(), short]), None)).message;
    let says = "plant 2 of 'portfolio' ('Gas') lacks 'Cost (€/MWh)'; it has 'Cost', did you mean";
    assert!(message.contains(says), "{message}");
}

#[test]
fn a_technology_that_stands_twice_gives_a_warning() {
    let gas = || plant("Gas", 90.into(), 71.into(), 1.into());
    let twice = company(&[gas(), wind(), gas(), gas()]);
    assert_eq!(twice.warnings().len(), 1);
    assert!(twice.warnings()[0].starts_with("'Gas' stands more than once"));
}

#[test]
fn whether_bids_are_automated_is_a_truth_value() {
    let mut config = config(list(&[wind()]), None);
    config.parameters.as_mut().expect("given")[1].1 = Value::text("no");
    assert_eq!(refusal(&config).code, "invalid_parameter:automated_bids");
}

#[test]
fn a_declared_profit_is_published_as_it_is() {
    for (profit, code) in [
        (Value::Float(12.5), None),
        (Value::Null, None),
        (Value::text("much"), Some("type_mismatch:profit")),
    ] {
        let mut config = config(list(&[wind()]), None);
        config.states = Some(vec![("profit".into(), profit.clone())]);
        match (Rig::new(&GENERATION_COMPANY_AGENT, &config), code) {
            (Ok(mut company), None) => {
                company.step(&[]).expect("a step");
                assert_eq!(company.value("profit"), profit);
            }
            (Err(error), code) => assert_eq!(Some(&*error.code), code),
            (Ok(_), Some(code)) => panic!("built, and should be {code}"),
        }
    }
}

#[test]
fn capacities_beyond_64_bits_stop_the_run() {
    let mut company = company(&[plant("Huge", i64::MAX.into(), 1.into(), 2.into())]);
    let error = company.step(&[]).expect_err("overflow");
    assert_eq!(error.code, "overflow:bids");
}

proptest! {
    #[test]
    fn a_list_in_the_scenario_and_a_row_make_the_same_bids(
        plants in prop::collection::vec((0.0_f64..500.0, -50.0_f64..300.0, 0.0_f64..1.0), 1..12),
    ) {
        let mut records = Vec::new();
        let mut row = vec![("time".to_owned(), Value::Null)];
        for (number, &(capacity, cost, availability)) in plants.iter().enumerate() {
            let name = format!("plant_{number}");
            records.push(plant(&name, capacity.into(), cost.into(), availability.into()));
            for (suffix, x) in
                [("capacity", capacity), ("cost", cost), ("availability", availability)]
            {
                row.push((format!("{name}_{suffix}"), Value::text(&x.to_string())));
            }
        }
        let row = row.into_iter().map(|(name, cell)| (name.into(), cell));
        let mut listed = company(&records);
        listed.step(&[]).expect("a step");
        let mut read = company(&[]);
        read.step(&[("portfolio", Value::Map(row.collect()))]).expect("a step");
        for name in [CAPACITY, COST, AVAILABLE_CAPACITY, BID_CAPACITY, BID_PRICE] {
            prop_assert_eq!(column(&listed, name), column(&read, name));
        }
    }
}
