//! A real `InfluxDB`, asked for what it was told.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use rig::{PATIENCE, Run, Trial, wait_for};
use tempfile::TempDir;

use super::{has, scenario, table};

/// An `InfluxDB` of version 1 with a database `house`.
struct Database {
    server: Run,
    address: String,
    _folder: TempDir,
}

impl Database {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let mut command = Command::new("influxd");
        command.args(["-config", "/dev/null"]);
        for (name, value) in [
            ("HTTP_BIND_ADDRESS", "127.0.0.1:0"),
            ("BIND_ADDRESS", "127.0.0.1:0"),
            ("REPORTING_DISABLED", "true"),
            ("MONITOR_STORE_ENABLED", "false"),
        ] {
            command.env(format!("INFLUXDB_{name}"), value);
        }
        for name in ["META_DIR", "DATA_DIR", "DATA_WAL_DIR"] {
            command.env(format!("INFLUXDB_{name}"), folder.path().join(name));
        }
        let stderr = File::create(&log).expect("created");
        let server = Run::start_with_streams(&mut command, Stdio::null(), stderr.into());
        let address = wait_for("an InfluxDB that listens", || {
            let log = fs::read_to_string(&log).ok()?;
            let line = log
                .lines()
                .find(|line| line.contains("Listening on HTTP"))?;
            let (_, address) = line.split_once(" addr=")?;
            Some(address.split_whitespace().next()?.to_owned())
        });
        let database = Self {
            server,
            address,
            _folder: folder,
        };
        database.ask("POST", "q=CREATE+DATABASE+house");
        database
    }

    fn url(&self) -> String {
        format!("http://{}?db=house", self.address)
    }

    /// What it answers, as CSV.
    fn ask(&self, method: &str, query: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        let request = format!(
            "{method} /query?{query} HTTP/1.0\r\nHost: influx\r\nAccept: application/csv\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.contains(" 200 "), "{answer}");
        body.to_owned()
    }

    /// How many points there are of a field.
    fn count(&self, field: &str) -> u64 {
        let query = format!("db=house&q=SELECT+COUNT(%22{field}%22)+FROM+energy_metrics");
        let answer = self.ask("GET", &query);
        let last = answer
            .lines()
            .nth(1)
            .and_then(|line| line.rsplit(',').next());
        last.map_or(0, |count| count.parse().expect("a number"))
    }
}

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
    database.server.signal("KILL");
    wait_for("the end of the server", || {
        database.server.is_over().then_some(())
    });
    let output = run.finish_within(PATIENCE + Duration::from_secs(30));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("of 1,500 rows were not delivered to http://"),
        "{said}"
    );
    trial.assert_whole_loop(1_500);
}
