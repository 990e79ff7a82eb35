//! Real servers that speak as an `InfluxDB` does, asked for what they were told.

mod database;
mod login;
mod version_2;

use std::time::Duration;

use rig::{PATIENCE, Trial, wait_for};

use super::{has, scenario, table};
pub(super) use database::Database;

#[test]
fn an_influxdb_has_every_number_of_the_result_and_one_that_dies_costs_no_row_of_it() {
    if !has("influxd") {
        return;
    }
    let mut database = Database::start();
    let ticks = 5_000;
    let monitor = format!("influx: {{url: 'http://{}', db: house}}", database.address);
    let trial = Trial::new(&scenario(ticks, &monitor));
    let ended = trial.run(&[]);
    ended.assert(0, &["5,000 of 5,000 rows"]);
    assert!(!ended.stderr.contains("influx:"), "{}", ended.stderr);
    let csv = trial.csv().expect("a result");
    let (columns, rows) = table(&csv);
    let query = "db=house&epoch=s&q=SELECT+*+FROM+energy_metrics+WHERE+source='illuminator'";
    let answer = database.ask("GET", query);
    let (names, points) = table(&answer);
    assert_eq!(points.len(), rows.len());
    let number = |cell: &str| (!cell.is_empty()).then(|| cell.parse::<f64>().expect("a number"));
    // 2012-01-01 00:00:00, a second a row.
    let start = 1_325_376_000;
    let time = names
        .iter()
        .position(|name| *name == "time")
        .expect("a column");
    for (column, item) in columns.iter().enumerate().skip(1) {
        let field = names.iter().position(|name| name == item).expect("a field");
        for (tick, (row, point)) in rows.iter().zip(&points).enumerate() {
            assert_eq!(point[time].parse(), Ok(start + tick), "{item}");
            assert_eq!(
                number(point[field]),
                number(row[column]),
                "{item} at {tick}"
            );
        }
    }

    // The run goes on while its server dies, and says at its end what that cost.
    database.ask("POST", "db=house&q=DROP+MEASUREMENT+energy_metrics");
    let trial = Trial::new(&scenario(1_500, "dates: short"));
    let run = trial.start(&["--influx", &database.url(), "--pace", "500/s"]);
    wait_for("a row in the InfluxDB", || {
        (database.count("Cell.soc") > 0).then_some(())
    });
    database.kill();
    let output = run.finish_within(PATIENCE + Duration::from_secs(30));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("of 1,500 rows were not delivered to http://"),
        "{said}"
    );
    trial.assert_whole_loop(1_500);
}

#[test]
fn a_server_that_comes_back_in_the_middle_of_a_run_has_every_row_of_it() {
    if !has("influxd") {
        return;
    }
    let mut database = Database::start();
    let trial = Trial::new(&scenario(4_000, "dates: short"));
    let run = trial.start(&["--influx", &database.url(), "--pace", "500/s"]);
    let rows = |database: &Database| {
        let count = database.count("Cell.soc");
        (count > 0).then_some(count)
    };
    let before = wait_for("a row in the InfluxDB", || rows(&database));
    database.kill();
    database.restart();
    wait_for("more rows in it", || {
        rows(&database).filter(|count| *count > before)
    });
    let output = run.finish();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && !said.contains("influx:"),
        "{said}"
    );
    assert_eq!(database.count("Cell.soc"), 4_000);
    trial.assert_whole_loop(4_000);
}

#[test]
fn a_server_may_have_an_address_of_version_6() {
    if !has("influxd") {
        return;
    }
    let database = Database::start_at("[::1]:0");
    let trial = Trial::new(&scenario(50, "dates: short"));
    let ended = trial.run(&["--influx", &database.url()]);
    ended.assert(0, &["50 of 50 rows"]);
    assert!(!ended.stderr.contains("influx:"), "{}", ended.stderr);
    assert_eq!(database.count("Cell.soc"), 50);
}
