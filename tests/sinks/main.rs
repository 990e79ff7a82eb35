//! Where rows go beside the result file, as others find them there: Parquet read by `PyArrow`, an `InfluxDB`, a
//! server for MQTT and its subscribers.
//!
//! `ILLUMINATOR_REQUIRE_SERVERS` says that the servers must be there, `ILLUMINATOR_REQUIRE_MOSAIK` names a virtual
//! environment with `PyArrow`. Without them the tests are left out.

#![cfg(unix)]

mod influx;
mod mqtt;
mod parquet;
mod several;

use rig::loop_scenario;

/// Whether a server is there that a test wants. Where `ILLUMINATOR_REQUIRE_SERVERS` is set, it has to be.
fn has(program: &str) -> bool {
    rig::has(program, "ILLUMINATOR_REQUIRE_SERVERS")
}

/// [`loop_scenario`] with more in its section `monitor`.
fn scenario(ticks: u64, monitor: &str) -> String {
    let monitor = format!("monitor:\n  {monitor}\n");
    loop_scenario(ticks).replace("monitor:\n", &monitor)
}

/// The columns of a result, and its rows as they stand there.
fn table(csv: &str) -> (Vec<&str>, Vec<Vec<&str>>) {
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().expect("a header");
    (head, lines.collect())
}
