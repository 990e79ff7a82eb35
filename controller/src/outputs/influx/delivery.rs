//! Batches on their way to an `InfluxDB`, in a thread that nobody waits for.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use shared::time::Tick;
use ureq::http::header::LOCATION;
use ureq::{Agent, Body};

use super::super::errand::{End, Errand};
use super::login::{Login, READ, refusal};
use crate::output::printable_line;
use crate::places::{Bucket, InfluxServer};

/// A batch is handed over when it has so many bytes.
pub(super) const BATCH: usize = 256 * 1024;

/// How much may wait, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Batches that may wait. What comes then is lost.
    pub(super) waiting: usize,
    /// The server has so long to answer.
    pub(super) answer: Duration,
}

/// 64 MiB of batches.
pub(super) const LIMITS: Limits = Limits {
    waiting: 256,
    answer: Duration::from_secs(5),
};

/// From one attempt to the next, while the server is away.
const PAUSE: Duration = Duration::from_millis(500);

/// Once the run is over: a server that is away has so long to come back, and one that answers to take the rest.
const RETURN: Duration = Duration::from_secs(2);
const REST: Duration = Duration::from_secs(30);

/// Lines for the server.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) lines: Vec<u8>,
    pub(super) rows: Tick,
}

/// What became of what was handed over.
#[derive(Debug, Default)]
pub(super) struct Delivered {
    pub(super) rows: Tick,
    /// Why others were not.
    pub(super) why: Option<String>,
}

/// The way to a server.
#[derive(Debug)]
pub(super) struct Delivery {
    /// Until the run is over.
    batches: Option<SyncSender<Batch>>,
    errand: Errand<Delivered>,
    patience: Duration,
}

/// Why a batch was not taken.
enum Refusal {
    /// It will not be taken later either.
    Lasting(String),
    Passing(String),
}

impl Delivery {
    /// Starts the thread.
    pub(super) fn to(
        server: &InfluxServer,
        login: Option<Login>,
        limits: Limits,
    ) -> io::Result<Self> {
        let (batches, filled) = sync_channel(limits.waiting);
        let poster = Poster::new(server, login, limits.answer);
        let errand = Errand::start("influx", move |end| {
            let courier = Courier {
                poster,
                end,
                delivered: Delivered::default(),
            };
            courier.carry(&filled)
        })?;
        Ok(Self {
            batches: Some(batches),
            errand,
            patience: REST + limits.answer,
        })
    }

    /// Hands a batch over. Where too many wait it comes back, unless it is a whole one: that is lost, which shows in the
    /// count of those that are not.
    pub(super) fn hand_over(&self, batch: Batch) -> Batch {
        let sent = self.batches.as_ref().map(|batches| batches.try_send(batch));
        match sent {
            Some(Err(TrySendError::Full(batch))) if batch.lines.len() < BATCH => batch,
            _ => Batch::default(),
        }
    }

    /// No more come.
    pub(super) fn over(&mut self) {
        self.batches = None;
        self.errand.tell_over();
    }

    /// What became of them, once that is known or it takes too long.
    pub(super) fn finish(mut self) -> Delivered {
        self.over();
        let told = self.errand.finish(self.patience);
        told.unwrap_or_else(|| Delivered {
            rows: 0,
            why: Some("it did not answer".to_owned()),
        })
    }
}

/// Carries batches to the server.
struct Courier {
    poster: Poster,
    end: End,
    delivered: Delivered,
}

impl Courier {
    fn carry(mut self, batches: &Receiver<Batch>) -> Delivered {
        for mut batch in batches {
            // A run with a pace hands over a row at a time; what waits goes together.
            while batch.lines.len() < BATCH
                && let Ok(more) = batches.try_recv()
            {
                batch.lines.extend_from_slice(&more.lines);
                batch.rows += more.rows;
            }
            if !self.deliver(&batch) {
                break;
            }
        }
        self.delivered
    }

    /// Has the server take a batch, again and again; `false` where it is too late for any.
    fn deliver(&mut self, batch: &Batch) -> bool {
        loop {
            match self.poster.post(&batch.lines) {
                Ok(()) => {
                    self.delivered.rows += batch.rows;
                    return self.end.has_time(REST);
                }
                Err(Refusal::Lasting(why)) => {
                    self.delivered.why = Some(why);
                    return self.end.has_time(REST);
                }
                Err(Refusal::Passing(why)) => {
                    self.delivered.why = Some(why);
                    if !self.end.has_time(RETURN) {
                        return false;
                    }
                    self.end.wait(PAUSE);
                }
            }
        }
    }
}

/// Says things to one server.
struct Poster {
    agent: Agent,
    url: String,
    query: Vec<(&'static str, String)>,
    login: Option<Login>,
}

impl Poster {
    fn new(server: &InfluxServer, login: Option<Login>, answer: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(answer))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .build();
        let (path, mut query) = match &server.bucket {
            Bucket::Database(db) => ("write", vec![("db", db.clone())]),
            Bucket::Bucket { org, bucket } => (
                "api/v2/write",
                vec![("org", org.clone()), ("bucket", bucket.clone())],
            ),
        };
        query.push(("precision", "ns".to_owned()));
        Self {
            agent: config.into(),
            url: format!("{}/{path}", server.url),
            query,
            login,
        }
    }

    fn post(&self, lines: &[u8]) -> Result<(), Refusal> {
        let mut request = self.agent.post(&self.url);
        for (key, value) in &self.query {
            request = request.query(key, value);
        }
        if let Some(login) = &self.login {
            request = request.header("Authorization", login.header());
        }
        let sent = request
            .content_type("text/plain; charset=utf-8")
            .send(lines);
        let mut answer = sent
            .map_err(|error| Refusal::Passing(printable_line(&error.to_string()).into_owned()))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let said = match answer.headers().get(LOCATION) {
            Some(other) if status.is_redirection() => {
                format!("go to {}", String::from_utf8_lossy(other.as_bytes()))
            }
            _ => body(answer.body_mut()),
        };
        let said = refusal(status.as_u16(), &said, self.login.as_ref());
        let why = format!("it answers {status}{said}");
        if status.is_server_error() || status.as_u16() == 429 {
            Err(Refusal::Passing(why))
        } else {
            Err(Refusal::Lasting(why))
        }
    }
}

/// The beginning of what a server says, as far as it comes.
fn body(body: &mut Body) -> String {
    let mut said = Vec::new();
    // What came before an error is worth to be told.
    let _ = body.as_reader().take(READ).read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}
