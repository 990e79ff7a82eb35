//! Where rows go beside the result file: another file, and servers. What an address has to say.

mod address;
mod influx;
mod mqtt;

use std::path::PathBuf;

pub use influx::InfluxServer;
pub(crate) use influx::{Bucket, influx_url};
pub use mqtt::MqttServer;
pub(crate) use mqtt::check_topic;

/// Where rows go beside the result file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// To a Parquet file.
    pub parquet: Option<PathBuf>,
    /// To these `InfluxDB`s.
    pub influx: Vec<InfluxServer>,
    /// To an MQTT server.
    pub mqtt: Option<MqttServer>,
}
