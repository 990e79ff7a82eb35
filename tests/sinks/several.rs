//! Several places at once, and one of them dead.

use std::net::TcpListener;

use rig::{MOSAIK, Trial, environment, wait_for};

use super::influx::Database;
use super::mqtt::Broker;
use super::parquet::assert_same;
use super::{has, scenario, table};

/// Where nobody listens.
fn nobody() -> String {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("an address").to_string()
}

fn has_all() -> bool {
    has("influxd") && has("mosquitto") && has("mosquitto_sub")
}

/// What a broker was told last of the level of the cell.
fn last_level(broker: &Broker, items: usize) -> String {
    let kept = broker.kept(2 * items + 1);
    let mut levels = kept
        .iter()
        .filter(|(topic, _)| topic.ends_with("/Cell/soc"));
    levels.next().expect("a level").1.clone()
}

#[test]
fn all_that_live_have_every_row_and_the_dead_are_named_each_once() {
    let Some(python) = environment(MOSAIK, &["pyarrow"]).filter(|_| has_all()) else {
        return;
    };
    let (one, other) = (Database::start(), Database::start());
    let broker = Broker::new();
    let _server = broker.start();
    let dead = nobody();
    let influx = format!(
        "influx: [{{url: 'http://{}', db: house}}, {{url: 'http://{dead}', db: house}}, {{url: 'http://{}', db: house}}]",
        one.address, other.address
    );
    let mqtt = format!("mqtt: {{url: '{}'}}", broker.url());
    let places = format!("{influx}\n  {mqtt}\n  parquet: all.parquet");
    let trial = Trial::new(&scenario(5_000, &places));
    let ended = trial.run(&[]);
    ended.assert(0, &["5,000 of 5,000 rows"]);
    let lost = format!("influx: 5,000 of 5,000 rows were not delivered to http://{dead}: ");
    let notes = ended.stderr.matches("not delivered").count();
    assert!(
        notes == 1 && ended.stderr.contains(&lost),
        "{}",
        ended.stderr
    );
    trial.assert_whole_loop(5_000);
    for database in [&one, &other] {
        assert_eq!(database.count("Cell.soc"), 5_000);
    }
    assert_same(&python, &trial.path("out.parquet"), &trial.path("out.csv"));
    let csv = trial.csv().expect("a result");
    let (columns, rows) = table(&csv);
    let level = columns.iter().position(|item| *item == "Cell.soc");
    let last = rows[rows.len() - 1][level.expect("a column")];
    assert_eq!(last_level(&broker, columns.len() - 1), last);

    // Options take the place of all that the scenario names, and dead places make no run that fails a good one.
    let (dead_one, dead_other) = (nobody(), nobody());
    let mqtt = format!("mqtt://{}", nobody());
    let options = [
        "--influx",
        &format!("http://{dead_one}?db=house"),
        "--influx",
        &format!("http://{dead_other}?db=house"),
        "--mqtt",
        &mqtt,
    ];
    let ended = trial.run(&options);
    ended.assert(0, &["5,000 of 5,000 rows"]);
    for said in [
        format!("influx: 5,000 of 5,000 rows were not delivered to http://{dead_one}: "),
        format!("influx: 5,000 of 5,000 rows were not delivered to http://{dead_other}: "),
        format!("mqtt: the last values were not delivered to {mqtt}: "),
    ] {
        assert!(
            ended.stderr.contains(&said),
            "no '{said}': {}",
            ended.stderr
        );
    }
    let failing = trial.run(&[&options[..], &["--parquet", "out.csv"]].concat());
    assert_eq!(failing.code, Some(2), "{failing:?}");
    trial.assert_whole_loop(5_000);
}

#[test]
fn a_run_that_is_interrupted_has_told_all_that_live_the_rows_that_it_has() {
    let Some(python) = environment(MOSAIK, &["pyarrow"]).filter(|_| has_all()) else {
        return;
    };
    let (database, dead) = (Database::start(), nobody());
    let trial = Trial::new(&scenario(1_000_000, "parquet: all.parquet"));
    let options = [
        "--influx",
        &database.url(),
        "--influx",
        &format!("http://{dead}?db=house"),
        "--pace",
        "200/s",
    ];
    let run = trial.start(&options);
    wait_for("a row in the InfluxDB", || {
        (database.count("Cell.soc") > 0).then_some(())
    });
    run.signal("INT");
    let output = run.finish();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    let rows = Trial::assert_loop_prefix(&trial.partial().expect("rows"));
    let lost = format!("rows were not delivered to http://{dead}: ");
    assert!(
        said.matches("not delivered").count() == 1 && said.contains(&lost),
        "{said}"
    );
    assert_eq!(database.count("Cell.soc"), rows);
    let parquet = trial.path("out.partial.parquet");
    assert_same(&python, &parquet, &trial.path("out.partial.csv"));
}
