//! The newest values of a run, for MQTT and for Home Assistant, which finds them there.

mod packet;
mod publisher;
mod topics;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use shared::time::Tick;
use shared::value::Value;

use super::errand::Errand;
use super::secret::secret;
use super::sink::{Ending, Header, Sink};
use crate::places::{MqttServer, WriteError};
use publisher::{Newest, Publisher};
use topics::{Topics, word};

/// The variable of the environment with the password.
const PASSWORD: &str = "MQTT_PASSWORD";

/// The server is waited for no longer than this once the run is over.
const PATIENCE: Duration = Duration::from_secs(15);

/// The newest values on their way to a server: ten times a second those that are new, and the last ones at the
/// end. The run does not wait for it and does not fail by it.
pub(crate) struct Mqtt {
    server: MqttServer,
    password: Option<String>,
    scenario: String,
    newest: Newest,
    /// What the server was not told, is why.
    errand: Option<Errand<Option<String>>>,
    /// Why there is no thread.
    failure: Option<String>,
    rows: Tick,
}

impl Mqtt {
    /// The way to this server, for a scenario with this name.
    ///
    /// # Errors
    /// What is wrong with what is asked for.
    pub(crate) fn new(server: &MqttServer, scenario: &str) -> Result<Self, String> {
        Ok(Self {
            server: server.clone(),
            password: match server.user {
                Some(_) => secret(server.password_file.as_deref(), PASSWORD)?,
                None => None,
            },
            scenario: scenario.to_owned(),
            newest: Newest::default(),
            errand: None,
            failure: None,
            rows: 0,
        })
    }

    fn start(&self, header: &Header) -> std::io::Result<Errand<Option<String>>> {
        let client = format!(
            "illuminator-{}-{}",
            word(&self.scenario),
            std::process::id()
        );
        let topics = Topics::of(&self.scenario, header, &self.server);
        let (server, password) = (self.server.clone(), self.password.clone());
        let newest = Arc::clone(&self.newest);
        Errand::start("mqtt", move |end| {
            let publisher = Publisher {
                server,
                client,
                password,
                topics,
                newest,
                end,
            };
            publisher.publish()
        })
    }
}

impl Sink for Mqtt {
    fn begin(&mut self, header: &Header) {
        match self.start(header) {
            Ok(errand) => self.errand = Some(errand),
            Err(cause) => self.failure = Some(format!("there is no thread for it: {cause}")),
        }
    }

    fn row(&mut self, tick: Tick, values: &[Value]) -> Result<(), WriteError> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.len() == values.len() {
            newest.clone_from_slice(values);
        } else {
            *newest = values.to_vec();
        }
        self.rows = tick + 1;
        Ok(())
    }

    fn end(&mut self, _: Ending) -> Result<(), WriteError> {
        Ok(())
    }

    fn over(&mut self) {
        if let Some(errand) = &self.errand {
            errand.tell_over();
        }
    }

    fn finish(&mut self) -> Vec<String> {
        let why = match self.errand.take() {
            Some(errand) => {
                let ended = errand.finish(PATIENCE);
                ended.unwrap_or_else(|| Some("it did not answer".to_owned()))
            }
            None => self.failure.take(),
        };
        let server = self.server.shown();
        let note = |why| format!("mqtt: the last values were not delivered to {server}: {why}");
        why.map(note).into_iter().collect()
    }

    fn rows(&self) -> Tick {
        self.rows
    }

    fn path(&self) -> PathBuf {
        self.server.shown().into()
    }
}

#[cfg(test)]
mod tests;
