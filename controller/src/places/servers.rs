//! Where rows go beside the result file: another file, and servers. What an address has to say.

use std::path::PathBuf;
use std::str::FromStr;

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

/// An `InfluxDB`, and where in it rows go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InfluxServer {
    /// Such as `http://localhost:8086`.
    pub(crate) url: String,
    pub(crate) bucket: Bucket,
    /// The file with what the server wants to know who writes.
    pub(crate) token_file: Option<PathBuf>,
}

/// Where in an `InfluxDB`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bucket {
    /// Version 1: the name of a database.
    Database(String),
    /// Version 2: an organisation, and a bucket of it.
    Bucket { org: String, bucket: String },
}

/// A server for MQTT, and what is said to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MqttServer {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Below it are the values; where there is none, it is made of the name of the scenario.
    pub(crate) topic: Option<String>,
    /// Below it Home Assistant looks for sensors.
    pub(crate) discovery: String,
    pub(crate) user: Option<String>,
    /// The file with the password of the user.
    pub(crate) password_file: Option<PathBuf>,
}

/// The topic of Home Assistant where nobody has chosen another one.
const DISCOVERY: &str = "homeassistant";

/// The port of MQTT without TLS.
const MQTT_PORT: u16 = 1883;

/// Topics longer than this are no topics.
const MAX_TOPIC: usize = 200;

impl Bucket {
    /// What a scenario or an address says of it.
    pub(crate) fn of(
        db: Option<&str>,
        org: Option<&str>,
        bucket: Option<&str>,
    ) -> Result<Self, String> {
        match (db, org, bucket) {
            (Some(db), None, None) => Ok(Self::Database(db.to_owned())),
            (None, Some(org), Some(bucket)) => Ok(Self::Bucket {
                org: org.to_owned(),
                bucket: bucket.to_owned(),
            }),
            _ => Err(
                "give 'db' for InfluxDB 1, or 'org' and 'bucket' for InfluxDB 2, and not both"
                    .to_owned(),
            ),
        }
    }
}

/// An address of the command line: `http://localhost:8086?db=NAME`, or with `?org=NAME&bucket=NAME`.
impl FromStr for InfluxServer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let url = influx_url(address)?;
        let (mut db, mut org, mut bucket) = (None, None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = match key {
                "db" => &mut db,
                "org" => &mut org,
                "bucket" => &mut bucket,
                other => {
                    return Err(format!(
                        "there may be 'db', or 'org' and 'bucket', not '{other}'"
                    ));
                }
            };
            if value.is_empty() || value.contains(['%', '+']) {
                return Err(format!(
                    "'{key}' needs a name; one with blanks or the like can be given under 'influx' in the scenario"
                ));
            }
            *place = Some(value);
        }
        Ok(Self {
            url,
            bucket: Bucket::of(db, org, bucket)
                .map_err(|remedy| format!("{remedy}: http://localhost:8086?db=NAME"))?,
            token_file: None,
        })
    }
}

/// The address of an `InfluxDB`, without a slash at its end.
pub(crate) fn influx_url(text: &str) -> Result<String, String> {
    let address = Address::of(text, &["http", "https"], "http://localhost:8086")?;
    if address.scheme == "https" {
        return Err(
            "there is no TLS here; give an http address in your own network, or of a proxy that adds it"
                .to_owned(),
        );
    }
    if address.user.is_some() {
        return Err(
            "an address is no place for a name and a password; put them into a file, see 'token_file'"
                .to_owned(),
        );
    }
    if text.contains('?') {
        return Err(
            "what follows the question mark has keys of its own: 'db', or 'org' and 'bucket'"
                .to_owned(),
        );
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// An address of MQTT: `mqtt://USER@HOST:PORT/TOPIC`, of which only the host is needed.
impl FromStr for MqttServer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = Address::of(text, &["mqtt", "mqtts"], "mqtt://localhost")?;
        if address.scheme == "mqtts" {
            return Err(
                "there is no TLS here; give an mqtt address in your own network".to_owned(),
            );
        }
        if address.user.is_some_and(|user| user.contains(':')) {
            return Err(
                "an address is no place for a password; put it into a file, see 'password_file'"
                    .to_owned(),
            );
        }
        let topic = address.path.trim_matches('/');
        let topic = (!topic.is_empty())
            .then(|| check_topic(topic))
            .transpose()?;
        Ok(Self {
            host: address.host.to_owned(),
            port: address.port.unwrap_or(MQTT_PORT),
            topic,
            discovery: DISCOVERY.to_owned(),
            user: address.user.map(str::to_owned),
            password_file: None,
        })
    }
}

impl MqttServer {
    /// For messages.
    pub(crate) fn shown(&self) -> String {
        format!("mqtt://{}:{}", self.host, self.port)
    }
}

/// A topic that something can be said below.
pub(crate) fn check_topic(text: &str) -> Result<String, String> {
    let is_empty = text.split('/').any(str::is_empty);
    if is_empty
        || text.len() > MAX_TOPIC
        || text.contains(['+', '#', '$'])
        || text.contains(char::is_control)
    {
        return Err(format!(
            "a topic has words with '/' between them, at most {MAX_TOPIC} bytes and none of '+', '#' and '$', \
             such as illuminator/house"
        ));
    }
    Ok(text.to_owned())
}

/// The parts of an address.
struct Address<'a> {
    scheme: &'a str,
    user: Option<&'a str>,
    /// Without brackets.
    host: &'a str,
    port: Option<u16>,
    /// What follows the first slash after the host.
    path: &'a str,
}

impl<'a> Address<'a> {
    /// Reads `SCHEME://USER@HOST:PORT/PATH`, of which user, port and path may be missing.
    fn of(text: &'a str, schemes: &[&str], example: &str) -> Result<Self, String> {
        // What stands before it may be a password.
        let shown = text.rfind('@').map_or(text, |at| &text[at..]);
        let wrong = || format!("'{shown}' is no address; write it as {example}");
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        if !schemes.contains(&scheme) {
            return Err(wrong());
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        let (host, port) = match place.strip_prefix('[') {
            Some(inside) => {
                let (host, port) = inside.split_once(']').ok_or_else(wrong)?;
                host.parse::<std::net::Ipv6Addr>().map_err(|_| wrong())?;
                (host, port)
            }
            None => place.split_at(place.find(':').unwrap_or(place.len())),
        };
        let port = match port.strip_prefix(':') {
            Some(number) => Some(number.parse().map_err(|_| wrong())?),
            None if port.is_empty() => None,
            None => return Err(wrong()),
        };
        let is_odd = |letter: char| letter.is_whitespace() || letter.is_control();
        if host.is_empty() || text.contains(is_odd) || host.contains(['?', '#', '%', '\\']) {
            return Err(wrong());
        }
        Ok(Self {
            scheme,
            user,
            host,
            port,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_say_where_and_what() {
        let one: InfluxServer = "http://localhost:8086?db=house".parse().expect("good");
        assert_eq!(one.url, "http://localhost:8086");
        assert_eq!(one.bucket, Bucket::Database("house".into()));
        let two: InfluxServer = "http://[::1]:8086/proxy/?org=lab&bucket=table"
            .parse()
            .expect("good");
        assert_eq!(two.url, "http://[::1]:8086/proxy");
        let mqtt: MqttServer = "mqtt://me@[::1]:1884/a/b".parse().expect("good");
        assert_eq!((mqtt.host.as_str(), mqtt.port), ("::1", 1884));
        assert_eq!(
            (mqtt.user.as_deref(), mqtt.topic.as_deref()),
            (Some("me"), Some("a/b"))
        );
        let plain: MqttServer = "mqtt://pi.local".parse().expect("good");
        assert_eq!(
            (plain.host.as_str(), plain.port, plain.topic),
            ("pi.local", 1883, None)
        );
    }

    #[test]
    fn addresses_that_cannot_be_used_are_refused_with_what_would_be_right() {
        for (text, said) in [
            ("localhost:8086?db=x", "http://"),
            ("", "http://localhost:8086"),
            ("http://?db=x", "is no address"),
            ("http://a:x?db=x", "is no address"),
            ("http://[a]?db=x", "is no address"),
            ("http://a b?db=x", "is no address"),
            ("https://a?db=x", "no TLS"),
            ("http://me:secret@a?db=x", "token_file"),
            ("http://me:secret@a:x?db=x", "is no address"),
            ("me:secret@a?db=x", "is no address"),
            ("http://a", "'org' and 'bucket'"),
            ("http://a?db=x&org=y", "not both"),
            ("http://a?org=y", "'org' and 'bucket'"),
            ("http://a?token=secret", "not 'token'"),
            ("http://a?db=", "needs a name"),
        ] {
            let error = text.parse::<InfluxServer>().expect_err(text);
            assert!(error.contains(said), "{text}: {error}");
            assert!(!error.contains("secret"), "{text}: {error}");
        }
        for (text, said) in [
            ("pi.local", "mqtt://"),
            ("mqtts://a", "no TLS"),
            ("mqtt://me:secret@a", "password_file"),
            ("mqtt://me:secret@a:x", "is no address"),
            ("mqtt://a/b//c", "a topic"),
            ("mqtt://a/b+c", "a topic"),
            ("mqtt://a?b", "is no address"),
            ("mqtt://a:70000", "is no address"),
        ] {
            let error = text.parse::<MqttServer>().expect_err(text);
            assert!(error.contains(said), "{text}: {error}");
            assert!(!error.contains("secret"), "{text}: {error}");
        }
    }
}
