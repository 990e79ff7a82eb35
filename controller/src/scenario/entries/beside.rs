//! Where rows go beside the result file, in the section `monitor`. The keys are those of this program: the
//! Python Illuminator has none of them.

use std::path::PathBuf;

use super::fields::Fields;
use super::written_file::written_file;
use crate::places::{Beside, Bucket, InfluxServer, MqttServer, check_topic, influx_url};
use crate::scenario::problems::{Position, Problems};
use crate::scenario::yaml::{Content, Node};

const INFLUX_KEYS: &[&str] = &["url", "db", "org", "bucket", "token_file"];
const MQTT_KEYS: &[&str] = &["url", "topic", "discovery", "password_file"];

/// Reads what there is of it.
pub(super) fn read_beside(fields: &Fields<'_>, problems: &mut Problems) -> Beside {
    let parquet = fields.text("parquet", problems);
    Beside {
        parquet: parquet.and_then(|(path, place)| written_file("parquet", path, place, problems)),
        influx: fields
            .get("influx")
            .map(|node| read_all_influx(node, problems))
            .unwrap_or_default(),
        mqtt: fields
            .get("mqtt")
            .and_then(|node| read_mqtt(node, problems)),
    }
}

/// One server, or a list of them.
fn read_all_influx(node: &Node, problems: &mut Problems) -> Vec<InfluxServer> {
    let nodes = match &node.content {
        Content::List(nodes) if !nodes.is_empty() => nodes,
        _ => std::slice::from_ref(node),
    };
    let read = nodes.iter().filter_map(|node| read_influx(node, problems));
    read.collect()
}

fn read_influx(node: &Node, problems: &mut Problems) -> Option<InfluxServer> {
    let fields = Fields::of(node, "'influx' of 'monitor'", INFLUX_KEYS, problems)?;
    fields.refuse_unknown(problems);
    let url = fields.required_text("url", problems);
    let url = url.and_then(|(url, place)| {
        right(
            influx_url(url),
            "url",
            "invalid_address",
            place,
            &fields,
            problems,
        )
    });
    let name = |key: &str, problems: &mut Problems| Some(fields.text(key, problems)?.0);
    let before = problems.errors();
    let (db, org) = (name("db", problems), name("org", problems));
    let bucket = Bucket::of(db, org, name("bucket", problems));
    let token_file = file("token_file", &fields, problems);
    if problems.errors() > before {
        return None;
    }
    let bucket = bucket.map_err(|remedy| {
        let message = format!("{}: {remedy}", fields.object);
        problems.error("invalid_choice", node.position, message);
    });
    Some(InfluxServer {
        url: url?,
        bucket: bucket.ok()?,
        token_file,
    })
}

fn read_mqtt(node: &Node, problems: &mut Problems) -> Option<MqttServer> {
    let fields = Fields::of(node, "'mqtt' of 'monitor'", MQTT_KEYS, problems)?;
    fields.refuse_unknown(problems);
    let url = fields.required_text("url", problems);
    let server = url.and_then(|(url, place)| {
        right(
            url.parse(),
            "url",
            "invalid_address",
            place,
            &fields,
            problems,
        )
    });
    let topic = read_topic("topic", &fields, problems);
    let discovery = read_topic("discovery", &fields, problems);
    let password_file = file("password_file", &fields, problems);
    let mut server: MqttServer = server?;
    server.topic = topic.or(server.topic);
    server.discovery = discovery.unwrap_or(server.discovery);
    server.password_file = password_file;
    if server.user.is_none()
        && let Some(place) = fields.place_of("password_file")
    {
        let message =
            "'password_file' of 'mqtt' is for a user, and 'url' names none; write mqtt://USER@HOST";
        problems.error("missing_user", place, message);
    }
    Some(server)
}

fn read_topic(key: &str, fields: &Fields<'_>, problems: &mut Problems) -> Option<String> {
    let (text, place) = fields.text(key, problems)?;
    right(
        check_topic(text),
        key,
        "invalid_topic",
        place,
        fields,
        problems,
    )
}

fn file(key: &str, fields: &Fields<'_>, problems: &mut Problems) -> Option<PathBuf> {
    Some(fields.text(key, problems)?.0.into())
}

/// What is right; what is wrong is reported with the key that it stands at.
fn right<T>(
    read: Result<T, String>,
    key: &str,
    code: &'static str,
    place: Position,
    fields: &Fields<'_>,
    problems: &mut Problems,
) -> Option<T> {
    let report = |wrong| {
        let message = format!("{}: {wrong}", fields.name_of(key));
        problems.error(code, place, message);
    };
    read.map_err(report).ok()
}
