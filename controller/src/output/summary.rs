//! What a run came to.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value as Json, json};
use shared::plan::SiteId;
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
    /// The pairs of sites that had no link to each other.
    pub(crate) relayed: Vec<(SiteId, SiteId)>,
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
    /// Bytes to other nodes.
    pub(crate) linked: u64,
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
            relayed,
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
                linked,
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
            if *linked > 0 {
                let _ = write!(text, ", {linked} bytes from it to other nodes");
            }
            for wait in &site.waits {
                let (whom, seconds) = (self.name_of(wait.site), wait.time.as_secs_f64());
                let _ = write!(text, ", waited {seconds:.3} s for {whom}");
            }
            text.push('\n');
        }
        for &(a, b) in relayed {
            let (a, b) = (self.name_of(a), self.name_of(b));
            let _ = writeln!(text, "  {a} and {b} had no link: their values passed here");
        }
        text
    }

    fn name_of(&self, site: SiteId) -> &str {
        let site = self.sites.get(usize::from(site));
        site.map_or("?", |site| &site.name)
    }

    /// For programs.
    pub(crate) fn to_json(&self, error: Option<&RunError>) -> Json {
        let relayed = self.relayed.iter();
        let relayed: Vec<Json> = relayed
            .map(|&(a, b)| json!([self.name_of(a), self.name_of(b)]))
            .collect();
        let sites: Vec<Json> = self
            .sites
            .iter()
            .map(|site| {
                let waits: Vec<Json> = site
                    .waits
                    .iter()
                    .map(|wait| json!({"for": self.name_of(wait.site), "seconds": wait.time.as_secs_f64()}))
                    .collect();
                json!({
                    "name": site.name,
                    "models": site.models,
                    "steps": site.steps,
                    "bytes_received": site.received,
                    "bytes_sent": site.sent,
                    "bytes_to_nodes": site.linked,
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
            "relayed": relayed,
            "error": error.map(|error| json!({
                "code": error.code(),
                "message": error.to_string(),
                "exit_code": error.exit_code(),
            })),
        })
    }
}
