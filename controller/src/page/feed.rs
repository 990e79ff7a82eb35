//! What a run gives to the page: it hears what happens, and takes the rows.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};
use shared::model::Severity;
use shared::time::Tick;
use shared::value::Value;

use super::description::{Description, json_of, number_of};
use super::hub::{Hub, Present, Rows, lock};
use super::lights::Lights;
use super::nodes::Asking;
use crate::cluster::NodeAccess;
use crate::observers::Speed;
use crate::output::printable_line;
use crate::outputs::{Ending, Header, Sink};
use crate::places::WriteError;
use crate::run::{Event, Observer, Progress, Site};

/// The speed of a run is that over this time: a page shows what happens now.
const OF_LATE: Duration = Duration::from_secs(1);

/// Rows that are handed over together.
const BATCH: usize = 256;

/// Tells the page what happens in a run.
#[derive(Debug)]
pub struct Feed {
    hub: Arc<Hub>,
    speed: Speed,
    access: NodeAccess,
    /// Asks the nodes of the run that goes on how they are.
    asking: Option<Asking>,
}

impl Feed {
    pub(super) fn new(hub: Arc<Hub>, access: NodeAccess) -> Self {
        Self {
            hub,
            speed: Speed::over(OF_LATE),
            access,
            asking: None,
        }
    }

    fn place(&mut self, sites: &[Site<'_>]) {
        let mut present = self.hub.present();
        let names: Vec<String> = sites.iter().map(|site| site.name.to_owned()).collect();
        present.sites.set(names.clone());
        for model in &mut present.description.models {
            let has = |site: &Site<'_>| site.models.contains(&model.name.as_str());
            model.site = sites.iter().position(has).unwrap_or(0);
        }
        // Whoever has read the description before reads it again.
        present.placed += 1;
        drop(present);
        self.asking = Asking::start(&names, &self.access, &self.hub);
    }

    fn progress(&mut self, progress: &Progress<'_>) {
        let now = Instant::now();
        self.speed.note(now, progress.tick);
        let speed = self.speed.rate(now, progress.tick).unwrap_or(0.0);
        let mut present = self.hub.present();
        let pace = progress.pace;
        let phase = match pace {
            Some(pace) if pace.is_paused => "paused",
            _ => "running",
        };
        let waiting = progress.waiting.map(|waiting| {
            let (chain, root) = (
                printable_line(&waiting.words),
                printable_line(&waiting.root),
            );
            json!({"chain": chain, "root": root, "seconds": waiting.time.as_secs_f64()})
        });
        let pace = pace.filter(|pace| pace.rate.is_finite()).map(|pace| {
            let behind = pace.is_behind.then_some("the run does not keep its pace");
            json!({"rate": pace.rate, "behind": behind})
        });
        let tick = progress.tick;
        present.state.set(json!({
            "phase": phase,
            "tick": tick,
            "time": progress.grid.at(tick).to_string(),
            "status": null,
            "waiting": waiting,
            "pace": pace,
            "speed": speed,
        }));
        sample(&mut present, progress);
        present.sites.look(now, progress.newest);
    }

    fn status(&self, phase: &str, text: &str) {
        let mut present = self.hub.present();
        let start = present.description.start.clone();
        present.state.set(json!({
            "phase": phase, "tick": 0, "time": start, "status": printable_line(text),
            "waiting": null, "pace": null, "speed": 0.0,
        }));
    }

    fn notice(&self, model: Option<&str>, tick: Option<Tick>, severity: &str, text: &str) {
        self.hub.present().notice(model, tick, severity, text);
    }
}

/// Takes the newest values of what somebody looks at, and of what is recorded.
fn sample(present: &mut Present, progress: &Progress<'_>) {
    let watched = present.watched();
    if present.is_watched()
        && let Some(lights) = present.description.lights.shown(progress.newest)
        && lights != present.lights.what
    {
        present.lights.set(lights);
    }
    let Some(tick) = progress.tick.checked_sub(1) else {
        return;
    };
    let columns = present.columns().iter().zip(progress.newest.recorded());
    let recorded = columns.map(|(column, value)| (column.item.clone(), json_of(value)));
    let mut values: Map<String, Json> = recorded.collect();
    for (item, place) in watched {
        let Some(value) = progress.newest.of(place.model, place.facet) else {
            continue;
        };
        present
            .sampled
            .entry(item.clone())
            .or_default()
            .push(tick, number_of(&value));
        values.insert(item, json_of(&value));
    }
    present.values.set(json!({"tick": tick, "values": values}));
}

impl Observer for Feed {
    fn hear(&mut self, event: Event<'_>) {
        match event {
            Event::Begins(begins) => {
                let description = Description::of(begins.graph);
                self.hub.present().begin(description);
                self.speed = Speed::over(OF_LATE);
                self.status("starting", "the run begins");
            }
            Event::Problem(problem) => self.notice(None, None, "warning", &problem.to_string()),
            Event::Note(text) => self.notice(None, None, "note", text),
            Event::Status(text) => self.status("starting", text),
            Event::Placed(sites) => self.place(sites),
            Event::Notice(notice) => {
                let severity = match notice.severity {
                    Severity::Warning => "warning",
                    Severity::Note => "note",
                };
                self.notice(Some(notice.model), Some(notice.tick), severity, notice.text);
            }
            Event::Adjusted(adjusted) => {
                let line = json!({
                    "model": adjusted.model, "attribute": adjusted.name,
                    "tick": adjusted.tick, "value": json_of(&adjusted.value),
                });
                self.hub.present().adjusted.push(line);
            }
            Event::Holds(holding) => self.notice(None, None, "warning", &holding.to_string()),
            Event::GoesOn(interruption) => {
                self.notice(None, None, "note", &interruption.to_string());
            }
            Event::Progress(progress) => self.progress(progress),
            Event::Ended(outcome) => {
                self.asking = None;
                let mut present = self.hub.present();
                present.sites.rest();
                let rest = Lights::at_rest(&present.lights.what);
                present.lights.set(rest);
                let tick = outcome.rows;
                if let Json::Object(state) = &mut present.state.what {
                    state.insert("tick".to_owned(), json!(tick));
                }
            }
        }
    }
}

/// Takes the rows of a run for charts.
#[derive(Debug)]
pub struct FeedRows {
    hub: Arc<Hub>,
    rows: Arc<Mutex<Rows>>,
    /// Rows that have not been handed over, by column.
    batch: Vec<Vec<f64>>,
    taken: Tick,
}

impl FeedRows {
    pub(super) fn new(hub: Arc<Hub>) -> Self {
        Self {
            hub,
            rows: Arc::default(),
            batch: Vec::new(),
            taken: 0,
        }
    }

    fn hand_over(&mut self) {
        if self.batch.first().is_none_or(Vec::is_empty) {
            return;
        }
        lock(&self.rows).store.extend(&self.batch);
        for column in &mut self.batch {
            column.clear();
        }
    }
}

impl Sink for FeedRows {
    fn begin(&mut self, header: &Header) {
        self.rows = Arc::clone(&self.hub.present().rows);
        self.batch = vec![Vec::with_capacity(BATCH); header.columns.len()];
    }

    fn row(&mut self, tick: Tick, values: &[Value]) -> Result<(), WriteError> {
        for (column, value) in self.batch.iter_mut().zip(values) {
            column.push(number_of(value));
        }
        self.taken = tick + 1;
        if self
            .batch
            .first()
            .is_some_and(|column| column.len() >= BATCH)
        {
            self.hand_over();
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        self.hand_over();
        Ok(())
    }

    fn end(&mut self, _: Ending) -> Result<(), WriteError> {
        self.hand_over();
        Ok(())
    }

    fn rows(&self) -> Tick {
        self.taken
    }

    fn path(&self) -> PathBuf {
        "the page".into()
    }
}
