//! A server for MQTT, and its address.

use std::path::PathBuf;
use std::str::FromStr;

use super::address::Address;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_and_what() {
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
    fn one_that_cannot_be_used_is_refused_with_what_would_be_right() {
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
