//! What the page knows: the run writes it, viewers read it. Neither waits for the other longer than it takes to
//! copy a few values.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use shared::time::Tick;

use super::description::{DescribedColumn, Description, Place};
use super::sampled::Sampled;
use super::sites::Sites;
use super::store::Store;
use super::versioned::Versioned;

/// The most lines of a log that are kept for viewers to come.
const MAX_LINES: usize = 1000;

/// The most runs that are kept to compare with.
const MAX_PAST: usize = 8;

/// The most viewers that are known, and things that one of them may look at.
const MAX_WATCHES: usize = 64;
const MAX_WATCHED: usize = 256;

/// What nobody has asked for so long is not looked at any more.
const FORGOTTEN: Duration = Duration::from_secs(10);

/// The numbers of results that were read from files begin here; those of runs are smaller.
const FILES: u64 = 1_000_000;

/// What is known, for all who have a part in the page.
#[derive(Debug)]
pub(super) struct Hub {
    present: Mutex<Present>,
    /// Commands are taken.
    pub(super) takes_commands: bool,
}

/// The run that goes on or is over, and those before.
#[derive(Debug, Default)]
pub(super) struct Present {
    /// Counts runs.
    pub(super) run: u64,
    pub(super) mode: &'static str,
    pub(super) description: Description,
    pub(super) sites: Sites,
    /// Counts how often it became known where models run.
    pub(super) placed: u64,
    pub(super) rows: Arc<Mutex<Rows>>,
    pub(super) past: Vec<Past>,
    /// What is told of the present, each with a count of its changes.
    pub(super) state: Versioned,
    pub(super) values: Versioned,
    pub(super) lights: Versioned,
    pub(super) notices: Vec<Json>,
    pub(super) adjusted: Vec<Json>,
    pub(super) end: Option<Json>,
    /// What viewers look at beside what is recorded.
    watches: BTreeMap<String, Watch>,
    pub(super) sampled: BTreeMap<String, Sampled>,
    /// A viewer has ended the run.
    pub(super) is_stopped: bool,
    /// The controller ends.
    pub(super) is_closing: bool,
}

/// The rows of a run, and what they are called.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) items: Vec<String>,
    pub(super) store: Store,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            store: Store::new(0),
        }
    }
}

/// A run that is over.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) run: u64,
    pub(super) title: String,
    pub(super) rows: Arc<Mutex<Rows>>,
}

/// What one viewer looks at.
#[derive(Debug)]
struct Watch {
    items: Vec<(String, Place)>,
    seen: Instant,
}

impl Hub {
    pub(super) fn new(takes_commands: bool) -> Self {
        let present = Present {
            mode: "live",
            ..Present::default()
        };
        Self {
            present: Mutex::new(present),
            takes_commands,
        }
    }

    pub(super) fn present(&self) -> MutexGuard<'_, Present> {
        // What is in it is of use even if somebody has panicked in mid-change.
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `/api/run` answers.
    pub(super) fn run_json(&self) -> Json {
        let present = self.present();
        let Description {
            title,
            start,
            resolution,
            ticks,
            models,
            connections,
            columns,
            ..
        } = &present.description;
        let others = present
            .past
            .iter()
            .map(|past| json!({"id": past.run, "title": past.title}));
        json!({
            "id": present.run,
            "title": title,
            "mode": present.mode,
            "release": env!("CARGO_PKG_VERSION"),
            "control": self.takes_commands,
            "start": start,
            "resolution": resolution,
            "ticks": ticks,
            "sites": present.sites.names.iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
            "models": models,
            "connections": connections,
            "columns": columns,
            "others": others.collect::<Vec<_>>(),
        })
    }
}

/// Locks rows, as [`Hub::present`] does.
pub(super) fn lock(rows: &Mutex<Rows>) -> MutexGuard<'_, Rows> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Present {
    /// Another run begins; the one before can be compared with it.
    pub(super) fn begin(&mut self, description: Description) {
        if self.run > 0 && !self.rows_are_empty() {
            let title = format!("run {} of {}", self.run, self.description.title);
            self.past.push(Past {
                run: self.run,
                title,
                rows: Arc::clone(&self.rows),
            });
            let runs = self.past.iter().filter(|past| past.run < FILES);
            if runs.count() > MAX_PAST
                && let Some(oldest) = self.past.iter().position(|past| past.run < FILES)
            {
                self.past.remove(oldest);
            }
        }
        self.run += 1;
        let items = description.columns.iter().map(|column| column.item.clone());
        let items: Vec<String> = items.collect();
        self.rows = Arc::new(Mutex::new(Rows {
            store: Store::new(items.len()),
            items,
        }));
        self.description = description;
        self.sites.set(Vec::new());
        self.notices.clear();
        self.adjusted.clear();
        self.sampled.clear();
        self.end = None;
        self.is_stopped = false;
        self.values.set(Json::Null);
        self.lights.set(Json::Null);
        let places = &self.description.places;
        for watch in self.watches.values_mut() {
            watch
                .items
                .retain_mut(|(item, place)| match find(places, item) {
                    Some(found) => {
                        *place = found;
                        true
                    }
                    None => false,
                });
        }
    }

    /// Adds a result to compare with: it goes by the name of its file, and by its whole path where another one has that
    /// name.
    pub(super) fn add_past(&mut self, file: &Path, rows: Rows) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let is_taken = self.past.iter().any(|past| past.title == name);
        let title = if is_taken {
            file.display().to_string()
        } else {
            name.into_owned()
        };
        let run = FILES + self.past.len() as u64;
        let rows = Arc::new(Mutex::new(rows));
        self.past.push(Past { run, title, rows });
    }

    fn rows_are_empty(&self) -> bool {
        lock(&self.rows).store.rows() == 0
    }

    /// Adds a line to the log, for all viewers.
    pub(super) fn notice(
        &mut self,
        model: Option<&str>,
        tick: Option<Tick>,
        severity: &str,
        text: &str,
    ) {
        if self.notices.len() < MAX_LINES {
            self.notices.push(json!({
                "model": model, "tick": tick, "severity": severity, "text": text,
            }));
        }
    }

    /// Takes what a viewer wants to look at. What is not there is left out.
    pub(super) fn watch(&mut self, viewer: &str, items: &[String]) {
        if self.watches.len() >= MAX_WATCHES && !self.watches.contains_key(viewer) {
            return;
        }
        let places = &self.description.places;
        let found = items.iter().take(MAX_WATCHED).filter_map(|item| {
            let recorded = self
                .description
                .columns
                .iter()
                .any(|column| column.item == *item);
            let place = find(places, item).filter(|_| !recorded)?;
            Some((item.clone(), place))
        });
        let watch = Watch {
            items: found.collect(),
            seen: Instant::now(),
        };
        self.watches.insert(viewer.to_owned(), watch);
    }

    /// A viewer is still there.
    pub(super) fn see(&mut self, viewer: &str) {
        if let Some(watch) = self.watches.get_mut(viewer) {
            watch.seen = Instant::now();
        }
    }

    /// What somebody looks at beside what is recorded, each once.
    pub(super) fn watched(&mut self) -> BTreeMap<String, Place> {
        let now = Instant::now();
        self.watches
            .retain(|_, watch| now.duration_since(watch.seen) < FORGOTTEN);
        let all = self.watches.values().flat_map(|watch| &watch.items);
        all.cloned().collect()
    }

    /// Whether somebody looks at all.
    pub(super) fn is_watched(&self) -> bool {
        !self.watches.is_empty()
    }

    /// The rows of a run that goes on or is over.
    pub(super) fn rows_of(&self, run: Option<u64>) -> Option<Arc<Mutex<Rows>>> {
        if run.is_none_or(|run| run == self.run) {
            return Some(Arc::clone(&self.rows));
        }
        let past = self.past.iter().find(|past| Some(past.run) == run);
        past.map(|past| Arc::clone(&past.rows))
    }

    /// What is recorded.
    pub(super) fn columns(&self) -> &[DescribedColumn] {
        &self.description.columns
    }
}

fn find(places: &[(String, Place)], item: &str) -> Option<Place> {
    let found = places.iter().find(|(name, _)| name == item);
    found.map(|(_, place)| *place)
}
