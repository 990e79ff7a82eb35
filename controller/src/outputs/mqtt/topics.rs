//! What the values of a run are called in MQTT, and what Home Assistant is told of them.

use std::collections::BTreeSet;

use serde_json::json;
use shared::value::Kind;

use super::super::sink::{Column, Header};
use crate::places::MqttServer;

/// What is published of a run.
#[derive(Debug)]
pub(super) struct Topics {
    /// Whether there are values to come: `online` or `offline`.
    pub(super) availability: String,
    /// One a column.
    pub(super) sensors: Vec<Sensor>,
}

/// A column, as a sensor.
#[derive(Debug)]
pub(super) struct Sensor {
    /// Where its values go.
    pub(super) topic: String,
    /// Where Home Assistant looks for it, and what it finds there.
    pub(super) discovery: String,
    pub(super) described: String,
}

impl Topics {
    /// The topics of a scenario with this name.
    pub(super) fn of(scenario: &str, header: &Header, server: &MqttServer) -> Self {
        let device = format!("illuminator_{}", word(scenario));
        let above = server.topic.clone();
        let above = above.unwrap_or_else(|| format!("illuminator/{}", word(scenario)));
        let availability = format!("{above}/availability");
        let mut taken = BTreeSet::new();
        let mut sensors = Vec::new();
        for (place, column) in header.columns.iter().enumerate() {
            let mut object = format!("{}_{}", word(&column.model), word(&column.attribute));
            let mut topic = format!(
                "{above}/{}/{}",
                level(&column.model),
                level(&column.attribute)
            );
            // Names that differ in such letters only, and items that are there twice.
            let mut end = String::new();
            while !taken.insert(format!("{object}{end}")) {
                end = format!("{end}_{}", place + 1);
            }
            object += &end;
            topic += &end;
            let id = format!("{device}_{object}");
            let mut described = json!({
                "name": format!("{} {}", column.model, column.attribute),
                "unique_id": id,
                "state_topic": topic,
                "availability_topic": availability,
                "device": {
                    "identifiers": [device],
                    "name": scenario,
                    "manufacturer": "Illuminator Cluster",
                    "sw_version": env!("CARGO_PKG_VERSION"),
                },
            });
            if column.kind == Kind::Number {
                described["state_class"] = json!("measurement");
                if let Some(unit) = unit(column) {
                    described["unit_of_measurement"] = json!(unit);
                }
            }
            sensors.push(Sensor {
                discovery: format!("{}/sensor/{device}/{object}/config", server.discovery),
                described: described.to_string(),
                topic,
            });
        }
        Self {
            availability,
            sensors,
        }
    }
}

/// The unit of a column, where it has one.
fn unit(column: &Column) -> Option<&str> {
    column
        .unit
        .as_deref()
        .filter(|unit| *unit != "-" && !unit.is_empty())
}

/// A name in the letters that Home Assistant takes.
pub(super) fn word(name: &str) -> String {
    let letter = |letter: char| match letter {
        letter if letter.is_ascii_alphanumeric() || letter == '-' => letter,
        _ => '_',
    };
    name.chars().map(letter).collect()
}

/// A name as one level of a topic.
fn level(name: &str) -> String {
    let letter = |letter: char| match letter {
        '/' | '+' | '#' | '$' => '_',
        letter if letter.is_control() => '_',
        letter => letter,
    };
    name.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::sink::header;
    use super::*;
    use serde_json::Value as Json;
    use shared::time::{TimeGrid, WallTime};

    fn topics(names: &[&str], address: &str) -> Topics {
        let grid = TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
            resolution: 60,
            ticks: 10,
        };
        let mut header = header(grid, names);
        header.columns[0].unit = Some("kWh".into());
        Topics::of("a house, 2", &header, &address.parse().expect("an address"))
    }

    #[test]
    fn a_sensor_has_a_topic_a_unit_and_a_device() {
        let topics = topics(&["Store.soc", "Store.mod"], "mqtt://localhost");
        assert_eq!(topics.availability, "illuminator/a_house__2/availability");
        let sensor = &topics.sensors[0];
        assert_eq!(sensor.topic, "illuminator/a_house__2/Store/soc");
        assert_eq!(
            sensor.discovery,
            "homeassistant/sensor/illuminator_a_house__2/Store_soc/config"
        );
        let described: Json = serde_json::from_str(&sensor.described).expect("JSON");
        assert_eq!(described["state_topic"], "illuminator/a_house__2/Store/soc");
        assert_eq!(described["unit_of_measurement"], "kWh");
        assert_eq!(described["device"]["name"], "a house, 2");
        let without: Json = serde_json::from_str(&topics.sensors[1].described).expect("JSON");
        assert!(without.get("unit_of_measurement").is_none());
    }

    #[test]
    fn names_stay_apart_and_lead_nowhere_else() {
        let topics = topics(
            &["A.x+y", "A.x#y", "A.a/b", "A.x y"],
            "mqtt://localhost/mine",
        );
        let all: Vec<&str> = topics
            .sensors
            .iter()
            .map(|sensor| sensor.topic.as_str())
            .collect();
        assert_eq!(
            all,
            ["mine/A/x_y", "mine/A/x_y_2", "mine/A/a_b", "mine/A/x y_4"]
        );
        let places: BTreeSet<&str> = topics
            .sensors
            .iter()
            .map(|sensor| sensor.discovery.as_str())
            .collect();
        assert_eq!(places.len(), 4);
    }
}
