//! The sinks beside the result file.

#[cfg(not(feature = "sinks"))]
use std::io;

use shared::time::TimeGrid;

#[cfg(feature = "sinks")]
use super::influx::Influx;
use super::mqtt::Mqtt;
#[cfg(feature = "sinks")]
use super::parquet::ParquetFile;
use super::sink::Sink;
use crate::places::{Beside, InfluxServer, Target, WriteError};
use crate::scenario::Graph;

/// The Parquet file in this place.
pub(crate) fn parquet_file(target: &Target) -> Result<Option<Box<dyn Sink>>, WriteError> {
    #[cfg(feature = "sinks")]
    {
        let file = target.place().map(ParquetFile::claim).transpose()?;
        Ok(file.map(|file| Box::new(file) as Box<dyn Sink>))
    }
    #[cfg(not(feature = "sinks"))]
    {
        let cause = io::Error::other("this program is built without Parquet");
        Err(WriteError::new(target.shown(), cause))
    }
}

/// The ways to servers: those that are asked for, else those of the scenario. What is wrong with one is the error.
pub(crate) fn deliveries(
    graph: &Graph,
    asked: &Beside,
    with_scenario: bool,
) -> Result<Vec<Box<dyn Sink>>, String> {
    let none = Beside::default();
    let of_scenario = if with_scenario {
        &graph.monitor.beside
    } else {
        &none
    };
    let influx = [&asked.influx, &of_scenario.influx];
    let influx = influx.into_iter().find(|servers| !servers.is_empty());
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    for server in influx.into_iter().flatten() {
        sinks.push(influx_db(server, graph.grid).map_err(|wrong| format!("influx: {wrong}"))?);
    }
    if let Some(server) = asked.mqtt.as_ref().or(of_scenario.mqtt.as_ref()) {
        let mqtt = Mqtt::new(server, &graph.name).map_err(|wrong| format!("mqtt: {wrong}"))?;
        sinks.push(Box::new(mqtt));
    }
    Ok(sinks)
}

#[cfg(feature = "sinks")]
fn influx_db(server: &InfluxServer, grid: TimeGrid) -> Result<Box<dyn Sink>, String> {
    Ok(Box::new(Influx::new(server, &grid)?))
}

#[cfg(not(feature = "sinks"))]
fn influx_db(_: &InfluxServer, _: TimeGrid) -> Result<Box<dyn Sink>, String> {
    Err("this program is built without InfluxDB".to_owned())
}
