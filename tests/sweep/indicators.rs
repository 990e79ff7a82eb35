//! One row a variant instead of a file.

use super::Place;

/// The columns of a table, by name.
fn column(table: &str, name: &str) -> Vec<f64> {
    let header: Vec<&str> = table.lines().next().expect("a header").split(',').collect();
    let place = header.iter().position(|known| *known == name);
    let place = place.unwrap_or_else(|| panic!("no {name} in {header:?}"));
    let cells = table
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(place).expect("a cell"));
    cells.map(|cell| cell.parse().expect("a number")).collect()
}

#[test]
fn indicators_are_what_the_result_files_come_to() {
    let place = Place::with_power_balance(&|text| {
        text + "\nindicators:\n  lowest: min(Storage.soc)\n  spilled: sum(Control.dump)\n"
    });
    let options = [
        "scenario.yaml",
        "--set",
        "Storage.max_energy=30,90",
        "--indicators",
        "totals",
        "--indicators",
        "turbine=energy(Turbine.wind_gen)",
        "--indicators",
        "quantile(Storage.soc,0.25)",
        "--files",
        "-o",
        "table.csv",
    ];
    place
        .sweep(&options)
        .assert(0, &["2 variants in table.csv"]);
    let table = place.read("table.csv");
    assert!(
        table.starts_with("simulationID,Storage.parameter.max_energy,made [kWh],"),
        "{table}"
    );
    assert_eq!(column(&table, "Storage.parameter.max_energy"), [30.0, 90.0]);
    for variant in [1, 2] {
        let result = place.read(&format!("results/power-balance_{variant}.csv"));
        let own = |name: &str| column(&table, name)[variant - 1];
        let mut soc = column(&result, "Storage.soc");
        soc.sort_by(f64::total_cmp);
        assert_eq!(own("lowest [%]"), soc[0]);
        // 384 rows: between the 96th and the 97th, a quarter of the way back.
        let quantile = soc[95] + (soc[96] - soc[95]) * 0.75;
        let name = "\"quantile(Storage.soc";
        let place_of = table
            .lines()
            .next()
            .expect("a header")
            .split(',')
            .position(|c| c == name);
        assert!(place_of.is_some(), "{table}");
        let cells: Vec<&str> = table
            .lines()
            .nth(variant)
            .expect("a row")
            .split(',')
            .collect();
        let got: f64 = cells.last().expect("a cell").parse().expect("a number");
        assert!((got - quantile).abs() < 1e-12, "{got} {quantile}");
        let dump: f64 = column(&result, "Control.dump")
            .iter()
            .fold(0.0, |a, b| a + b);
        assert_eq!(own("spilled [kW]"), dump);
        let wind = column(&result, "Turbine.wind_gen");
        let wind: f64 = wind.iter().fold(0.0, |a, b| a + b * 1.0 * 900.0 / 3600.0);
        assert_eq!(own("turbine [kWh]"), wind);
        let name = format!("results/power-balance_{variant}.csv");
        let totals = place.controller(&["totals", &name, "--scenario", "scenario.yaml", "--json"]);
        totals.assert(0, &[]);
        let totals: serde_json::Value = serde_json::from_str(&totals.stdout).expect("JSON");
        let bought = totals["totals"]["bought_kwh"].as_f64().expect("a number");
        assert!((own("bought [kWh]") - bought).abs() < 1e-9 * bought);
    }
}

#[test]
fn a_table_becomes_a_page_that_shows_what_decides() {
    let place = Place::with_power_balance(&|text| text);
    let options = [
        "scenario.yaml",
        "--set",
        "Storage.max_energy=10,90",
        "--set",
        "Homes.houses=10,30,50",
        "--set",
        "Control.battery_active=true,false",
        "--indicators",
        "totals",
        "-o",
        "table.csv",
    ];
    place
        .sweep(&options)
        .assert(0, &["12 variants in table.csv"]);
    place.controller(&["report", "table.csv"]).assert(0, &[]);
    let page = place.read("table.html");
    assert!(page.contains("12 variants, in which 3 parameters had other values"));
    let bought = page
        .find("aria-label=\"what decides bought\"")
        .expect("a tornado");
    let bars = &page[bought..];
    let at = |name: &str| bars.find(name).unwrap_or_else(|| panic!("no {name}"));
    // Households buy most; the battery comes after its being there at all.
    assert!(at("Homes.houses") < at("Storage.max_energy"));
    assert!(
        bars.contains("10 → 50") && bars.contains("True → False"),
        "the ends of bars"
    );
    assert_eq!(page.matches("aria-label=\"bought over ").count(), 3);
    assert!(
        !page.contains("NaN"),
        "nothing is drawn of what is no number"
    );
}

#[test]
fn an_attribute_that_nobody_monitors_can_be_an_indicator() {
    let place = Place::with_power_balance(&|text| text.replace("  - Storage.soc\n", ""));
    let options = ["scenario.yaml", "--indicators", "end=last(Storage.soc)"];
    place
        .sweep(&options)
        .assert(0, &["1 variant in results/indicators.csv"]);
    let table = place.read("results/indicators.csv");
    assert!(table.starts_with("simulationID,end [%]\n1,"), "{table}");
}

#[test]
fn a_variant_that_fails_has_no_numbers_and_a_row() {
    let place = Place::with_power_balance(&|text| text);
    let options = [
        "scenario.yaml",
        "--set",
        "Homes.houses=1,-1,2",
        "--indicators",
        "max(Homes.load_dem)",
    ];
    place
        .sweep(&options)
        .assert(3, &["variant 2 (Homes.houses = -1)"]);
    let table = place.read("results/indicators.csv");
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!((rows.len(), rows[2]), (4, "2,-1,"));
}

#[test]
fn a_wrong_indicator_in_a_scenario_is_told_with_its_place() {
    let place = Place::with_power_balance(&|text| {
        text + "\nindicators:\n  lowest: smallest(Storage.soc)\n"
    });
    let said = "error: indicator 'lowest': there is no function 'smallest'";
    place
        .sweep(&["scenario.yaml"])
        .assert(2, &["scenario.yaml:", said]);
    place
        .controller(&["check", "scenario.yaml"])
        .assert(2, &[said]);
}
