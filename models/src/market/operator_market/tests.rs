//! Markets on the test rig.

use super::*;
use crate::parts::market_table::{AVAILABLE_CAPACITY, BID_CAPACITY, BID_PRICE, COST, TECHNOLOGY};
use crate::rig::{Rig, with_parameters};
use proptest::prelude::*;
use shared::model::{MAX_SIDE_FILE, ModelConfig};

/// What a plant has and bids: available and bid capacity, cost and price.
type Plant<'a> = (&'a str, f64, f64, f64, f64);

/// A table with the bids of a company.
fn bids(company: &str, plants: &[Plant<'_>]) -> Value {
    let mut table = Table::default();
    table.push(COMPANY, vec![Value::text(company); plants.len()]);
    let names = plants.iter().map(|plant| Value::text(plant.0));
    table.push(TECHNOLOGY, names.collect());
    let mut push = |name: &str, number: fn(&Plant<'_>) -> f64| {
        table.push(
            name,
            plants.iter().map(|plant| number(plant).into()).collect(),
        );
    };
    push(AVAILABLE_CAPACITY, |plant| plant.1);
    push(BID_CAPACITY, |plant| plant.2);
    push(COST, |plant| plant.3);
    push(BID_PRICE, |plant| plant.4);
    table.to_value()
}

/// A bid of everything that is available, at cost.
fn at_cost(name: &str, capacity: f64, cost: f64) -> Plant<'_> {
    (name, capacity, capacity, cost, cost)
}

fn market(parameters: &[(&str, Literal)]) -> Rig {
    let mut all = vec![("results_dir", Literal::text("out"))];
    all.extend_from_slice(parameters);
    Rig::new(&OPERATOR_MARKET, &with_parameters(&all)).expect("buildable")
}

fn clear(market: &mut Rig, tables: &[Value], demand: f64) {
    let inputs = [
        ("bids", Value::List(tables.into())),
        ("demand", Value::Float(demand)),
    ];
    market.step(&inputs).expect("a step");
}

/// A column of the settlement.
fn settled(market: &Rig, name: &str) -> Vec<f64> {
    let table = Table::from_value(&market.value("market_results_summary")).expect("a table");
    let numbers = table.numbers(name).expect("numbers");
    numbers.into_iter().map(Number::to_f64).collect()
}

#[test]
fn the_last_accepted_bid_sets_the_price_of_all() {
    let mut market = market(&[]);
    let north = bids("North", &[at_cost("Gas", 60.0, 80.0)]);
    let south = bids("South", &[at_cost("Wind", 50.0, 40.0)]);
    clear(&mut market, &[north, south], 70.0);
    assert_eq!(market.value("market_clearing_price"), Value::Float(80.0));
    assert_eq!(market.value("demand"), Value::Float(70.0));
    assert_eq!(settled(&market, SUPPLIED_CAPACITY), [20.0, 50.0]);
    assert_eq!(settled(&market, REVENUE), [1600.0, 4000.0]);
    assert_eq!(settled(&market, TOTAL_COSTS), [1600.0, 2000.0]);
    assert_eq!(settled(&market, PROFIT), [0.0, 2000.0]);
    assert_eq!(market.notices(), &[] as &[String]);
}

#[test]
fn each_step_writes_its_two_files() {
    let mut market = market(&[]);
    let north = bids("North, west", &[at_cost("Gas", 60.0, 80.0)]);
    for tick in 0..2 {
        clear(&mut market, std::slice::from_ref(&north), 70.0);
        let [all_bids, summary] = market.files() else {
            panic!("two files, not {:?}", market.files())
        };
        assert_eq!(all_bids.path, format!("out/all_bids_sorted_{tick}.csv"));
        assert_eq!(
            summary.path,
            format!("out/market_resukts_summary_{tick}.csv")
        );
        assert_eq!(
            String::from_utf8_lossy(&summary.content),
            "Company,Supplied Capacity (MW),Revenue (€),Total Costs (€),Profit (€)\n\
             \"North, west\",60.0,0.0,4800.0,-4800.0\n"
        );
    }
}

#[test]
fn files_can_be_left_out() {
    let mut market = market(&[("write_results", Literal::Bool(false))]);
    clear(
        &mut market,
        &[bids("North", &[at_cost("Gas", 60.0, 80.0)])],
        7.0,
    );
    assert_eq!(market.files(), []);
}

#[test]
fn a_file_over_the_limit_stops_the_run() {
    let long = "x".repeat(MAX_SIDE_FILE);
    let inputs = [
        ("bids", bids("North", &[at_cost(&long, 60.0, 80.0)])),
        ("demand", Value::Int(1)),
    ];
    let error = market(&[]).step(&inputs).expect_err("too large");
    assert_eq!(error.code, "file_too_large:out/all_bids_sorted_0.csv");
}

#[test]
fn scarcity_has_the_price_that_is_given_and_is_told_once() {
    let north = bids("North", &[at_cost("Gas", 60.0, 80.0)]);
    for (given, price) in [(None, 0.0), (Some(3000.0), 3000.0)] {
        let given = given.map(|price| ("scarcity_price", Literal::Float(price)));
        let mut market = market(given.as_slice());
        clear(&mut market, std::slice::from_ref(&north), 70.0);
        assert_eq!(market.value("market_clearing_price"), Value::Float(price));
        assert!(market.notices()[0].starts_with("the bids, 60.0 MW, do not cover"));
        clear(&mut market, std::slice::from_ref(&north), 70.0);
        assert_eq!(market.notices(), &[] as &[String]);
        clear(&mut market, std::slice::from_ref(&north), 60.0);
        assert_eq!(market.value("market_clearing_price"), Value::Float(80.0));
    }
}

#[test]
fn reserve_plants_replace_what_was_supplied_unless_they_are_to_be_added() {
    // 100 MW are sold and 40 delivered; the reserve has 30 and 50 MW.
    let over = bids(
        "Over",
        &[
            ("Coal", 40.0, 100.0, 20.0, 10.0),
            ("Oil", 30.0, 30.0, 90.0, 90.0),
            ("Peat", 50.0, 50.0, 95.0, 95.0),
        ],
    );
    // 60 MW are missing: the oil's 30 replace the 40 of coal. Then 70 are: the peat's 50.
    let mut kept = market(&[]);
    clear(&mut kept, std::slice::from_ref(&over), 100.0);
    assert_eq!(settled(&kept, SUPPLIED_CAPACITY), [50.0]);
    assert_eq!(settled(&kept, TOTAL_COSTS), [800.0 + 2700.0 + 4750.0]);
    assert!(kept.notices()[0].contains("'add_reserve: true'"));
    clear(&mut kept, std::slice::from_ref(&over), 100.0);
    assert_eq!(kept.notices(), &[] as &[String]);

    let mut added = market(&[("add_reserve", Literal::Bool(true))]);
    clear(&mut added, &[over], 100.0);
    assert_eq!(settled(&added, SUPPLIED_CAPACITY), [100.0]);
    assert_eq!(settled(&added, TOTAL_COSTS), [800.0 + 2700.0 + 2850.0]);
    assert_eq!(added.notices(), &[] as &[String]);
}

#[test]
fn the_last_demand_stays_and_the_declared_one_may_be_zero() {
    let config = ModelConfig {
        states: Some(vec![("demand".into(), Value::Int(0))]),
        ..ModelConfig::default()
    };
    let mut market = Rig::new(&OPERATOR_MARKET, &config).expect("buildable");
    assert!(!market.requires("demand"));
    let north = [("bids", bids("North", &[at_cost("Gas", 60.0, 80.0)]))];
    market.step(&north).expect("a step");
    assert_eq!(market.value("demand"), Value::Float(0.0));
    assert_eq!(market.value("market_clearing_price"), Value::Float(0.0));
    assert_eq!(settled(&market, SUPPLIED_CAPACITY), [0.0]);

    let [table] = north.clone();
    market.step(&[table, ("demand", 5.into())]).expect("a step");
    market.step(&north).expect("a step");
    assert_eq!(market.value("demand"), Value::Float(5.0));
}

#[test]
fn without_any_demand_there_is_no_market() {
    let mut market = market(&[]);
    assert!(market.requires("demand"));
    let north = bids("North", &[at_cost("Gas", 60.0, 80.0)]);
    let error = market.step(&[("bids", north.clone())]).expect_err("none");
    assert_eq!(error.code, "missing_input:demand");
    let nan = [("bids", north), ("demand", Value::Float(f64::NAN))];
    assert_eq!(
        market.step(&nan).expect_err("nan").code,
        "type_mismatch:demand"
    );

    let config = ModelConfig {
        states: Some(vec![("demand".into(), Value::text("much"))]),
        ..ModelConfig::default()
    };
    let error = Rig::new(&OPERATOR_MARKET, &config).err().expect("refused");
    assert_eq!(error.code, "missing_state:demand");
}

#[test]
fn bids_that_cannot_be_settled_are_refused() {
    let gas = at_cost("Gas", 60.0, 80.0);
    let north = || bids("North", &[gas]);
    let list = |tables: &[Value]| Value::List(tables.into());
    let mixed = {
        let tables = [north(), bids("South", &[gas])];
        let tables = tables.map(|table| Table::from_value(&table).expect("a table"));
        Table::stacked(&tables).to_value()
    };
    let mut no_technology = Table::default();
    no_technology.push(COMPANY, vec![Value::text("North")]);
    for (bids, code) in [
        (list(&[north(), north()]), "duplicate_company:North"),
        (mixed, "mixed_companies:bids"),
        (bids("North", &[]), "type_mismatch:bids"),
        (Value::Map([].into()), "type_mismatch:bids"),
        (list(&[north(), Value::Null]), "type_mismatch:bids"),
        (no_technology.to_value(), "type_mismatch:bids"),
        (
            bids("North", &[("Gas", 60.0, -1.0, 80.0, 80.0)]),
            "type_mismatch:bids",
        ),
        (
            bids("North", &[("Gas", 60.0, 60.0, 80.0, f64::NAN)]),
            "type_mismatch:bids",
        ),
    ] {
        let inputs = [("bids", bids), ("demand", Value::Int(10))];
        let error = market(&[]).step(&inputs).expect_err("refused");
        assert_eq!(error.code, code, "{error}");
    }
}

#[test]
fn a_folder_must_have_a_name() {
    let config = with_parameters(&[("results_dir", Literal::text(""))]);
    let error = Rig::new(&OPERATOR_MARKET, &config).err().expect("refused");
    assert_eq!(error.code, "invalid_parameter:results_dir");
}

#[test]
fn bids_of_one_price_are_taken_in_the_order_in_which_they_come_in() {
    // Twenty of 10 MW at the price at which the demand of 75 MW ends, and five cheaper ones behind.
    let dear: Vec<String> = (0..20).map(|plant| format!("dear {plant}")).collect();
    let cheap: Vec<String> = (0..5).map(|plant| format!("cheap {plant}")).collect();
    let of = |names: &[String], cost| -> Value {
        let plants: Vec<Plant<'_>> = names.iter().map(|name| at_cost(name, 10.0, cost)).collect();
        bids(&names[0], &plants)
    };
    let tables = [
        of(&dear[..11], 80.0),
        of(&dear[11..], 80.0),
        of(&cheap, 40.0),
    ];
    let mut forwards = market(&[]);
    clear(&mut forwards, &tables, 75.0);
    assert_eq!(settled(&forwards, SUPPLIED_CAPACITY), [25.0, 0.0, 50.0]);
    let [first, second, third] = tables;
    let mut backwards = market(&[]);
    clear(&mut backwards, &[third, second, first], 75.0);
    assert_eq!(settled(&backwards, SUPPLIED_CAPACITY), [50.0, 25.0, 0.0]);
}

/// Companies of plants, each with capacity, cost, and how much of the capacity is available.
fn companies() -> impl Strategy<Value = Vec<Vec<(f64, f64, f64)>>> {
    let plant = (0.0_f64..200.0, -20.0_f64..150.0, 0.0_f64..=1.0);
    prop::collection::vec(prop::collection::vec(plant, 1..12), 1..6)
}

/// The tables of companies that bid everything they have, or what they do not have.
fn tables(companies: &[Vec<(f64, f64, f64)>], honest: bool) -> Vec<Value> {
    let table = |(number, plants): (usize, &Vec<(f64, f64, f64)>)| {
        let names: Vec<String> = (0..plants.len()).map(|plant| plant.to_string()).collect();
        let plants: Vec<Plant<'_>> = names
            .iter()
            .zip(plants)
            .map(|(name, &(capacity, cost, share))| {
                let available = if honest { capacity } else { capacity * share };
                (name.as_str(), available, capacity, cost, cost)
            })
            .collect();
        bids(&format!("company {number}"), &plants)
    };
    companies.iter().enumerate().map(table).collect()
}

fn is_close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

proptest! {
    #[test]
    fn never_more_is_dispatched_than_is_offered_or_demanded(
        companies in companies(),
        demand in -10.0_f64..3000.0,
        honest: bool,
    ) {
        let tables = Value::List(tables(&companies, honest).into());
        let book = Book::collect(&tables).expect("a book");
        let clearing = Clearing::new(&book.bids, Number::Float(demand), Number::ZERO);
        let accepted: f64 = clearing.accepted.iter().map(|amount| amount.to_f64()).sum();
        let offered: f64 = book.bids.iter().map(|bid| bid.offered.to_f64()).sum();
        prop_assert!(is_close(accepted, demand.clamp(0.0, offered.max(0.0))));
        prop_assert!(is_close(accepted, clearing.total.to_f64()));
        for (bid, amount) in book.bids.iter().zip(&clearing.accepted) {
            prop_assert!((0.0..=bid.offered.to_f64()).contains(&amount.to_f64()));
            prop_assert!(!clearing.is_covered || bid.price <= clearing.price);
        }
        for bid in &book.bids[clearing.accepted.len()..] {
            prop_assert!(bid.price >= clearing.price || demand <= 0.0);
        }
    }

    #[test]
    fn all_accepted_bids_get_the_one_price_and_the_accounts_add_up(
        companies in companies(),
        demand in 1.0_f64..3000.0,
    ) {
        let mut market = market(&[
            ("scarcity_price", Literal::Int(500)),
            ("add_reserve", Literal::Bool(true)),
        ]);
        clear(&mut market, &tables(&companies, true), demand);
        let price = market.float("market_clearing_price");
        let supplied = settled(&market, SUPPLIED_CAPACITY);
        let revenue = settled(&market, REVENUE);
        let costs = settled(&market, TOTAL_COSTS);
        let profit = settled(&market, PROFIT);
        let offered: f64 = companies.iter().flatten().map(|plant| plant.0).sum();
        prop_assert!(is_close(supplied.iter().sum(), demand.min(offered)));
        for company in 0..companies.len() {
            prop_assert!(is_close(revenue[company], price * supplied[company]));
            prop_assert!(is_close(profit[company], revenue[company] - costs[company]));
            let has: f64 = companies[company].iter().map(|plant| plant.0).sum();
            prop_assert!(supplied[company] <= has * (1.0 + 1e-9));
            // Whoever bids at cost loses nothing.
            prop_assert!(profit[company] >= -1e-6);
        }
    }

    #[test]
    fn a_company_with_an_added_reserve_supplies_no_more_than_it_sold_or_has(
        companies in companies(),
        demand in 1.0_f64..3000.0,
    ) {
        let book = Book::collect(&Value::List(tables(&companies, false).into())).expect("a book");
        let clearing = Clearing::new(&book.bids, Number::Float(demand), Number::ZERO);
        for company in 0..companies.len() {
            let own = |bid: &&book::Bid| bid.company == company;
            let sold: f64 = book
                .bids
                .iter()
                .zip(&clearing.accepted)
                .filter(|(bid, _)| own(bid))
                .map(|(_, amount)| amount.to_f64())
                .sum();
            let has: f64 = book.bids.iter().filter(own).map(|bid| bid.available.to_f64()).sum();
            let account = settle(&book, &clearing, company, true);
            let supplied = account.supplied.to_f64();
            prop_assert!(supplied <= sold.min(has) * (1.0 + 1e-9) + 1e-9);
            prop_assert!(!account.is_overwritten);
        }
    }

    #[test]
    fn the_order_of_the_companies_changes_no_price(
        companies in companies(),
        demand in 1.0_f64..3000.0,
    ) {
        let mut forwards = market(&[]);
        let mut tables = tables(&companies, true);
        clear(&mut forwards, &tables, demand);
        let mut backwards = market(&[]);
        tables.reverse();
        clear(&mut backwards, &tables, demand);
        prop_assert_eq!(
            forwards.value("market_clearing_price"),
            backwards.value("market_clearing_price")
        );
    }
}
