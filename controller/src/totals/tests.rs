//! Totals against sums that are done by hand.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use shared::model::Role;
use tempfile::TempDir;

use super::{Totals, of, to_json, to_text};
use crate::results::Provenance;

const ENTRIES: &str = "
scenario: {name: hand, start_time: '2026-07-06 00:00:00', end_time: '2026-07-06 02:00:00', time_resolution: 1800}
models:
- {name: Sun, type: PV, parameters: {output_type: power}}
- {name: Homes, type: Load, parameters: {houses: 1, output_type: energy}, time_step_size: 2}
- {name: Prices, type: CSV, parameters: {file_path: nowhere.csv}}
- {name: Control, type: Controller_T1, parameters: {battery_active: ACTIVE}}
- {name: Store, type: Battery}
connections:
- {from: Sun.pv_gen, to: Control.pv_gen}
monitor: {file: hand.csv, items: [Sun.pv_gen]}
";

struct Case {
    folder: TempDir,
}

impl Case {
    fn new(csv: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("hand.csv"), csv).expect("written");
        Self { folder }
    }

    fn result(&self) -> PathBuf {
        self.folder.path().join("hand.csv")
    }

    fn scenario(&self, text: &str) -> PathBuf {
        let path = self.folder.path().join("hand.yaml");
        fs::write(&path, text).expect("written");
        path
    }

    fn totals_with(&self, scenario: &str) -> Totals {
        let known = Provenance::with(&self.result(), &self.scenario(scenario));
        of(&self.result(), &known.expect("a scenario")).expect("a result")
    }

    fn totals(&self) -> Totals {
        of(&self.result(), &Provenance::of(&self.result())).expect("a result")
    }
}

fn assert_near(is: f64, should_be: f64) {
    assert!((is - should_be).abs() < 1e-9, "{is} is not {should_be}");
}

fn has_note(totals: &Totals, part: &str) -> bool {
    totals.notes.iter().any(|note| note.contains(part))
}

/// Four rows of half an hour.
///
/// * Sun, kW: 4, 6, 2, 0. Made: 12 × 0.5 = 6 kWh.
/// * Homes, kWh a step of two rows: 2 (twice), 3 (twice). Used: 2 + 3 = 5 kWh, in rows 1, 1, 1.5, 1.5.
/// * Store, kW: 2, 1, -1, -2. In: 1.5, out: 1.5 kWh.
/// * The grid, kW: 0, 3, -0, -1. Sold 1.5, bought 0.5 kWh.
const HALF_HOURS: &str = "\
date,Sun.pv_gen,Homes.load_dem,Store.p_out,Control.dump,Store.soc
2026-07-06,4.0,2.0,2.0,0.0,50.0
2026-07-06 00:30:00,6.0,2.0,1.0,3.0,60.0
2026-07-06 01:00:00,2.0,3.0,-1.0,-0.0,55.0
2026-07-06 01:30:00,0.0,3.0,-2.0,-1.0,45.0
";

#[test]
fn a_balance_comes_to_what_it_comes_to_by_hand() {
    let case = Case::new(HALF_HOURS);
    let totals = case.totals_with(&ENTRIES.replace("ACTIVE", "true"));
    assert_near(totals.sums.made, 6.0);
    assert_near(totals.sums.used, 5.0);
    assert_eq!(totals.stored(), (1.5, 1.5));
    assert_eq!(totals.grid, Some((0.5, 1.5)));
    // 1 - 0.5 / 5, and 1 - 1.5 / 6.
    assert_near(totals.self_sufficiency().expect("known"), 0.9);
    assert_near(totals.self_consumption().expect("known"), 0.75);
    // Made 6, less used 5, less 0 stored, less 1 sold: nothing is left.
    assert_near(totals.unexplained, 0.0);
    // Up 10, down 5, down 10: 25 of the 200 % of a cycle.
    assert_near(totals.stores[0].cycles(), 0.125);
    assert_eq!(totals.stores[0].levels, Some((50.0, 45.0)));
    assert_near(totals.hours(), 2.0);
    assert_eq!(totals.notes, [""; 0]);
    let text = to_text(&totals);
    for line in [
        "4 rows from 2026-07-06 00:00:00 to 2026-07-06 02:00:00, 2.00 hours\n",
        "  made              6.000 kWh  Sun.pv_gen\n",
        "  used              5.000 kWh  Homes.load_dem\n",
        "  self-sufficiency     90.0 %\n",
        "  full cycles            0.12  Store.soc, 50.0 to 45.0 %\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    let json = to_json(&totals);
    assert_eq!(json["used"]["items"]["Homes.load_dem"], 5.0);
    assert_eq!(
        (&json["sold_kwh"], &json["money"]),
        (&1.5.into(), &().into())
    );
}

#[test]
fn without_a_scenario_attributes_are_known_by_their_names_and_that_is_said() {
    let totals = Case::new(HALF_HOURS).totals();
    assert_near(totals.sums.made, 6.0);
    // As kW: (2 + 2 + 3 + 3) × 0.5.
    assert_near(totals.sums.used, 5.0);
    // Some controllers exchange what others call spilled, and nobody knows which of them this is.
    assert_eq!((totals.grid, totals.self_sufficiency()), (None, None));
    assert!(
        has_note(&totals, "no record beside the result"),
        "{:?}",
        totals.notes
    );
    assert!(has_note(
        &totals,
        "'Homes.load_dem' is in kW or kWh per step"
    ));
}

#[test]
fn what_is_exchanged_is_what_is_left_where_no_item_says_it() {
    // Without a battery the controller gives no account of the grid: `dump` has no role.
    let csv = "\
date,Sun.pv_gen,Homes.load_dem,Store.p_out,Control.dump,Store.soc
2026-07-06 00:00:00,4.0,1.0,0.0,0,50
2026-07-06 01:00:00,0.0,1.0,0.0,0,50
";
    let case = Case::new(csv);
    let entries = ENTRIES
        .replace("ACTIVE", "false")
        .replace(", time_step_size: 2", "");
    let totals = case.totals_with(&entries);
    // 4 - 1 = 3 kWh are sold in the first hour, 1 is bought in the second.
    assert_eq!(totals.grid, Some((1.0, 3.0)));
    assert_near(totals.self_consumption().expect("known"), 0.25);
    assert_eq!(totals.left_out, ["Control.dump"]);
    assert!(has_note(&totals, "what made, used and stored leave"));
}

#[test]
fn what_is_not_monitored_is_named_and_nothing_is_made_up_for_it() {
    let case = Case::new("date,Homes.load_dem\n2026-07-06,2.0\n2026-07-06 00:30:00,2.0\n");
    let totals = case.totals_with(&ENTRIES.replace("ACTIVE", "true"));
    assert_near(totals.sums.used, 2.0);
    assert_eq!(totals.grid, None);
    assert_eq!(totals.self_sufficiency(), None);
    for item in [
        "'Sun.pv_gen' (made)",
        "'Control.dump' (exchanged)",
        "'Store.p_out' (stored)",
        "'Store.soc' (level)",
    ] {
        assert!(has_note(&totals, item), "{item}: {:?}", totals.notes);
    }
    assert!(!to_text(&totals).contains("self-"));
}

#[test]
fn what_does_not_add_up_is_said() {
    // 6 kWh are made and 1 is used in an hour, and the grid has nothing of it.
    let csv =
        "date,Sun.pv_gen,Homes.load_dem,Control.dump\n2026-07-06,6,1,0\n2026-07-06 01:00,6,1,0\n";
    let entries = ENTRIES.replace(", time_step_size: 2", "");
    let totals = Case::new(csv).totals_with(&entries.replace("ACTIVE", "true"));
    assert_near(totals.unexplained, 10.0);
    assert!(
        has_note(&totals, "made is 10.000 kWh more than"),
        "{:?}",
        totals.notes
    );
}

#[test]
fn units_are_brought_to_kilowatt_hours() {
    // A market: 2 MW and 3 MW for an hour each, at 40 and 50 € a MWh: 80 € and 150 €.
    let csv = "\
date,M.demand,M.market_clearing_price,M.market_results_summary
2026-07-06 00:00:00,2,40,{}
2026-07-06 01:00:00,3,50,{}
";
    let scenario = "
scenario: {name: m, start_time: '2026-07-06 00:00:00', end_time: '2026-07-06 02:00:00', time_resolution: 3600}
models:
- {name: M, type: Operator_Market}
connections: []
monitor: {items: [M.demand]}
";
    let totals = Case::new(csv).totals_with(scenario);
    assert_near(totals.sums.used, 5000.0);
    assert_eq!(totals.grid, Some((5000.0, 0.0)), "all of it is bought");
    let money = totals.money.as_ref().expect("a price");
    assert_near(money.paid, 230.0);
    assert_near(money.earned, 0.0);
    assert_eq!(totals.left_out, ["M.market_results_summary"]);
    assert!(to_text(&totals).contains("230.00 €  at M.market_clearing_price"));
}

#[test]
fn what_is_bought_and_sold_has_the_price_of_its_row() {
    // 2 kWh are bought at 0.3 €, 4 kWh are sold at 0.1 €.
    let csv = "\
date,Control.dump,Prices.grid_eur_kWh
2026-07-06 00:00:00,-2,0.3
2026-07-06 01:00:00,4,0.1
";
    let totals = Case::new(csv).totals_with(&ENTRIES.replace("ACTIVE", "true"));
    let money = totals.money.expect("a price");
    assert_near(money.paid, 0.6);
    assert_near(money.earned, 0.4);
    let two = csv.replace("Control.dump", "Prices.other_EUR_MWh");
    let totals = Case::new(&two).totals_with(&ENTRIES.replace("ACTIVE", "true"));
    assert!(totals.money.is_none() && has_note(&totals, "there are several prices"));
}

const BILLS: &str = "
scenario: {name: m, start_time: '2026-07-06 00:00:00', end_time: '2026-07-06 02:00:00', time_resolution: 3600}
models:
- {name: Street, type: DistributionNetwork, parameters: {buses: [a], lines: []}}
- {name: Homes, type: Load, parameters: {houses: 1, input_type: power, output_type: power}}
- {name: Hours, type: Tariff, parameters: {price: 0.3}}
- {name: Bill, type: EnergyAccount}
- {name: Other, type: EnergyAccount}
connections:
- {from: Homes.load_dem, to: Street.load_a}
- {from: Street.p_grid, to: Bill.p_import}
monitor: {items: [Homes.load_dem]}
";

#[test]
fn accounts_say_what_energy_costs() {
    let csv = "\
date,Bill.cost,Bill.revenue,Other.cost,Hours.price_buy,Bill.emissions
2026-07-06 00:00:00,0.6,0.0,1.0,0.3,0.8
2026-07-06 01:00:00,0.9,0.25,1,0.3,1.25
2026-07-06 02:00:00,,0.25,1,0.3,1.25
";
    let totals = Case::new(csv).totals_with(BILLS);
    assert_near(totals.entered(Role::Cost).expect("known"), 1.9);
    assert_near(totals.net_cost().expect("known"), 1.65);
    assert_eq!(totals.left_out, ["Hours.price_buy"]);
    assert!(has_note(
        &totals,
        "'Other.revenue' (revenue) is not in the result"
    ));
    assert!(!has_note(&totals, "emissions"), "{:?}", totals.notes);
    let text = to_text(&totals);
    for line in [
        "  cost        1.90 €  Bill.cost 0.90, Other.cost 1.00\n",
        "  revenue     0.25 €  Bill.revenue\n",
        "  net cost    1.65 €\n",
        "  emissions  1.25 kg  Bill.emissions\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    let accounts = &to_json(&totals)["accounts"];
    assert_eq!(accounts["net_cost_eur"], 1.65);
    assert_eq!(accounts["emissions_kg"], 1.25);
    assert_eq!(accounts["cost"]["Other.cost"], 1.0);
    let without = Case::new("date,Homes.load_dem\n2026-07-06,1\n").totals_with(BILLS);
    assert_eq!(to_json(&without)["accounts"], serde_json::Value::Null);
}

#[test]
fn with_an_account_nothing_is_paid_a_second_time() {
    let csv = "\
date,Street.p_grid,Bill.cost,Bill.revenue,Prices.grid_eur_kWh
2026-07-06 00:00:00,2,0.6,0,0.3
2026-07-06 01:00:00,2,1.2,0,0.3
";
    let scenario = BILLS.replace(
        "- {name: Other, type: EnergyAccount}",
        "- {name: Prices, type: CSV, parameters: {file_path: nowhere.csv}}",
    );
    let totals = Case::new(csv).totals_with(&scenario);
    assert!(totals.money.is_none());
    assert_eq!(totals.left_out, ["Prices.grid_eur_kWh"]);
    assert_near(totals.net_cost().expect("known"), 1.2);
}

#[test]
fn what_a_feeder_imports_is_bought_and_its_losses_are_used() {
    let csv = "\
date,Street.p_grid,Street.p_loss,Homes.load_dem
2026-07-06 00:00:00,2.5,0.5,2
2026-07-06 01:00:00,-1,0,-1
";
    let totals = Case::new(csv).totals_with(BILLS);
    assert_eq!(totals.grid, Some((2.5, 1.0)));
    assert_near(totals.unexplained, 0.0);
    assert_near(totals.sums.used, 1.5);
    let without = csv.replace("Street.p_grid", "Street.q_grid");
    let without = Case::new(&without).totals_with(BILLS);
    assert_eq!(
        without.grid,
        Some((2.5, 1.0)),
        "it is what the others leave"
    );
}

#[test]
fn conversion_is_neither_made_nor_used() {
    let scenario = "
scenario: {name: m, start_time: '2026-07-06 00:00:00', end_time: '2026-07-06 02:00:00', time_resolution: 3600}
models:
- {name: Control, type: Controller}
- {name: Split, type: Electrolyser}
- {name: Cell, type: FuelCell}
- {name: Net, type: ElectricityNetwork}
connections:
- {from: Control.flow2e, to: Split.p_set}
- {from: Cell.p_gen, to: Net.p_in}
- {from: Split.p_cons, to: Net.p_out}
monitor: {items: [Split.p_cons]}
";
    let csv = "\
date,Control.flow2e,Split.p_cons,Cell.p_gen,Net.p_tot,Net.p_loss,Control.dump
2026-07-06 00:00:00,9,10,0,-10,0,0
2026-07-06 01:00:00,0,0,4,4,0,0
";
    let totals = Case::new(csv).totals_with(scenario);
    assert_eq!(totals.converted(), (10.0, 4.0));
    assert_eq!((totals.sums.made, totals.sums.used), (0.0, 0.0));
    assert_eq!(totals.grid, Some((10.0, 4.0)));
    assert_near(totals.unexplained, 0.0);
    assert_eq!(
        totals.left_out,
        ["Control.flow2e"],
        "the electrolyser counts"
    );
    let text = to_text(&totals);
    for line in [
        "  into conversion    10.000 kWh  Split.p_cons\n",
        "  out of conversion   4.000 kWh  Cell.p_gen\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    let json = to_json(&totals);
    assert_eq!(json["converted"]["in_kwh"], 10.0);
    assert_eq!(json["converted"]["out"]["Cell.p_gen"], 4.0);
    // Without the network, what is exchanged is what conversion leaves.
    let alone = Case::new(&csv.replace("Net.p_tot", "Net.loading"));
    let alone = alone.totals_with(&scenario.replace("ElectricityNetwork", "GridConnection"));
    assert_eq!(alone.grid, Some((10.0, 4.0)));
}

#[test]
fn a_network_that_feeds_another_one_exchanges_nothing_with_the_grid() {
    let scenario = "
scenario: {name: m, start_time: '2026-07-06 00:00:00', end_time: '2026-07-06 02:00:00', time_resolution: 3600}
models:
- {name: House, type: ElectricityNetwork}
- {name: Fuse, type: GridConnection}
- {name: Street, type: ElectricityNetwork}
- {name: Homes, type: Load, parameters: {houses: 1, input_type: power, output_type: power}}
connections:
- {from: House.p_tot, to: Fuse.dump}
- {from: Fuse.residual, to: Street.p_in}
- {from: Homes.load_dem, to: House.p_out}
monitor: {items: [Street.p_tot]}
";
    let csv = "\
date,Street.p_tot,Street.p_loss,House.p_loss,Homes.load_dem
2026-07-06 00:00:00,-3,0,0,3
2026-07-06 01:00:00,-3,0,0,3
";
    let totals = Case::new(csv).totals_with(scenario);
    assert_eq!((totals.grid, totals.notes), (Some((6.0, 0.0)), Vec::new()));
    // Beside it, and not behind it, it counts, and is missed.
    let apart = scenario.replace("- {from: Fuse.residual, to: Street.p_in}\n", "");
    let totals = Case::new(csv).totals_with(&apart);
    assert_eq!(totals.grid, None);
    let why = "'House.p_tot' (exchanged) is not in the result, so nobody knows what is bought and sold; monitor it";
    assert!(has_note(&totals, why), "{:?}", totals.notes);
}

#[test]
fn programs_are_left_out_and_said() {
    let scenario = "
scenario: {name: m, start_time: '2026-07-06 00:00:00', end_time: '2026-07-06 02:00:00', time_resolution: 3600}
simulators: {Battery: {python: 'a:B'}}
models:
- {name: Store, type: Battery}
- {name: Homes, type: LoadEV}
connections: []
monitor: {items: [Store.p_out]}
";
    let case = Case::new("date,Store.p_out,Homes.load_EV\n2026-07-06,5,1\n2026-07-06 01:00,5,1\n");
    let totals = case.totals_with(scenario);
    assert_eq!(totals.left_out, ["Store.p_out"]);
    assert_eq!(totals.with(Role::Stored).count(), 0);
    assert_eq!(totals.grid, None, "nobody knows what the program takes");
    assert!(has_note(
        &totals,
        "'Store' is left out: of the program 'Battery'"
    ));
}

#[test]
fn an_attribute_counts_once_and_cells_without_a_number_are_counted() {
    let csv = "\
date,B.p_out,B.p_out_state,B.p_out
2026-07-06 00:00:00,1,1,1
2026-07-06 01:00:00,,,
2026-07-06 02:00:00,-3,-3,-3
";
    let totals = Case::new(csv).totals();
    assert_eq!(totals.stored(), (1.0, 3.0));
    assert!(
        has_note(&totals, "'B.p_out' has no number in 1 row"),
        "{:?}",
        totals.notes
    );
}

#[test]
fn the_guide_has_the_role_of_every_attribute() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/results.md");
    let guide = fs::read_to_string(guide).expect("there");
    let mut table = String::from("| type | attribute | is | unit |\n|---|---|---|---|\n");
    for known in models::CATALOGUE.iter() {
        for published in &*known.published {
            if let Some(role) = published.role {
                let (kind, name, unit) = (&known.name, &published.name, &published.unit);
                let _ = writeln!(table, "| `{kind}` | `{name}` | {role} | {unit} |");
            }
        }
    }
    assert!(
        guide.contains(&table),
        "docs/results.md should have\n{table}"
    );
}
