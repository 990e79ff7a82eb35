//! What a run came to.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value as Json, json};
use shared::wire::WaitedFor;

use crate::exit::RunError;

/// The summary of a run.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// The name of the scenario; `None` where it was refused.
    pub(crate) scenario: Option<String>,
    /// The result file; `None` where the scenario was refused.
    pub(crate) file: Option<PathBuf>,
    pub(crate) rows: u64,
    pub(crate) ticks: u64,
    pub(crate) wall_time: Duration,
    /// The controller's own part first, then the nodes. None where nothing ran.
    pub(crate) sites: Vec<NodeSummary>,
}

/// A number of things.
pub(crate) fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// What one site did.
#[derive(Debug)]
pub(crate) struct NodeSummary {
    /// `this machine`, or the address of the node.
    pub(crate) name: String,
    pub(crate) models: Vec<String>,
    pub(crate) steps: u64,
    /// Bytes from and to the controller.
    pub(crate) received: u64,
    pub(crate) sent: u64,
    pub(crate) waits: Vec<WaitedFor>,
}

impl Summary {
    /// For people. Empty where nothing ran.
    pub(crate) fn to_text(&self) -> String {
        let Self {
            rows,
            ticks,
            wall_time,
            sites,
            ..
        } = self;
        let (Some(file), false) = (&self.file, sites.is_empty()) else {
            return String::new();
        };
        let seconds = wall_time.as_secs_f64();
        let mut text = match rows {
            // A result file of another run is left alone.
            0 if *ticks > 0 => format!("no row of {ticks}, {seconds:.3} s\n"),
            _ => format!(
                "{rows} of {ticks} rows in {}, {seconds:.3} s, {:.0} ticks/s\n",
                file.display(),
                *rows as f64 / seconds.max(1e-9),
            ),
        };
        for site in sites {
            let NodeSummary {
                name,
                models,
                steps,
                received,
                sent,
                ..
            } = site;
            // Writing into a string cannot fail.
            let _ = write!(
                text,
                "  {name}: {}, {}",
                count(models.len() as u64, "model"),
                count(*steps, "step")
            );
            if *received + *sent > 0 {
                let _ = write!(text, ", {received} bytes from it and {sent} to it");
            }
            for wait in &site.waits {
                let whom = sites
                    .get(usize::from(wait.site))
                    .map_or("?", |site| &site.name);
                let _ = write!(text, ", waited {:.3} s for {whom}", wait.time.as_secs_f64());
            }
            text.push('\n');
        }
        text
    }

    /// For programs.
    pub(crate) fn to_json(&self, error: Option<&RunError>) -> Json {
        let name_of = |site: u16| self.sites.get(usize::from(site)).map(|site| &site.name);
        let sites: Vec<Json> = self
            .sites
            .iter()
            .map(|site| {
                let waits: Vec<Json> = site
                    .waits
                    .iter()
                    .map(|wait| json!({"for": name_of(wait.site), "seconds": wait.time.as_secs_f64()}))
                    .collect();
                json!({
                    "name": site.name,
                    "models": site.models,
                    "steps": site.steps,
                    "bytes_received": site.received,
                    "bytes_sent": site.sent,
                    "waits": waits,
                })
            })
            .collect();
        json!({
            "scenario": self.scenario,
            "file": self.file.as_ref().map(|file| file.display().to_string()),
            "rows": self.rows,
            "ticks": self.ticks,
            "seconds": self.wall_time.as_secs_f64(),
            "sites": sites,
            "error": error.map(|error| json!({
                "code": error.code(),
                "message": error.to_string(),
                "exit_code": error.exit_code(),
            })),
        })
    }
}
