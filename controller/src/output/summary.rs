//! What a run came to.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value as Json, json};
use shared::index::Index;
use shared::plan::SiteId;
use shared::time::WallTime;
use shared::wire::WaitedFor;

use super::Remarks;
use crate::exit::RunError;
use crate::places::{Place, Target, WriteError, write_whole};

/// The summary of a run.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// The name of the scenario; `None` where it was refused.
    pub(crate) scenario: Option<String>,
    /// Where the result is to be; `None` where the run was refused before that was known.
    target: Option<Target>,
    /// When the run was asked for, in UTC.
    pub(crate) started: Option<WallTime>,
    /// The scenario, then its data files.
    pub(crate) made_from: Vec<Json>,
    /// What there was to say.
    pub(crate) remarks: Remarks,
    /// The result has taken its place.
    pub(crate) settled: bool,
    pub(crate) rows: u64,
    pub(crate) ticks: u64,
    /// From being asked to the first step: reading, starting and reaching nodes, sending plans.
    pub(crate) start_up: Duration,
    /// From the first step to the end.
    pub(crate) wall_time: Duration,
    /// The controller's own part first, then the nodes. None where nothing ran.
    pub(crate) sites: Vec<NodeSummary>,
    /// The pairs of sites that had no link to each other.
    pub(crate) relayed: Vec<(SiteId, SiteId)>,
}

/// A number of things.
pub(crate) fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(number))
}

/// A number as people read it: `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What one site did.
#[derive(Debug)]
pub(crate) struct NodeSummary {
    /// `this machine`, or the address of the node.
    pub(crate) name: String,
    /// The version of its program, and its processor.
    pub(crate) release: String,
    pub(crate) processor: String,
    pub(crate) models: Vec<String>,
    /// Whether the number of steps is what the site says at its end, and not what it said before it
    /// was lost.
    pub(crate) is_final: bool,
    pub(crate) steps: u64,
    /// Bytes from and to the controller.
    pub(crate) received: u64,
    pub(crate) sent: u64,
    /// Bytes to other nodes.
    pub(crate) linked: u64,
    pub(crate) waits: Vec<WaitedFor>,
}

impl Summary {
    /// Takes note of where the result is to be.
    pub(crate) fn describe(&mut self, target: &Target) {
        self.target = Some(target.clone());
    }

    /// Where the rows are that a run has left which did not come to its end.
    fn partial(&self) -> Option<PathBuf> {
        let place = self.target.as_ref()?.place()?;
        let partial = place.partial();
        (!self.settled && self.rows > 0 && partial.exists()).then_some(partial)
    }

    /// Writes the record of the run beside the result, or beside the rows that were kept. A run that
    /// left neither has none.
    pub(crate) fn record(&self, error: Option<&RunError>) -> Result<(), WriteError> {
        let place = self.target.as_ref().and_then(Target::place);
        let Some(path) = (match (place, self.settled) {
            (Some(place), true) => Some(place.record()),
            (place, _) => place
                .filter(|_| self.partial().is_some())
                .map(Place::partial_record),
        }) else {
            return Ok(());
        };
        let text = format!("{:#}\n", self.to_json(error));
        write_whole(&path, text.as_bytes()).map_err(|cause| WriteError::new(&path, cause))
    }

    /// How many rows there are, where, and how long they took.
    fn rows_to_text(&self, target: &Target) -> String {
        let (rows, ticks) = (grouped(self.rows), grouped(self.ticks));
        let (start_up, seconds) = (self.start_up.as_secs_f64(), self.wall_time.as_secs_f64());
        let place = match (target, self.partial()) {
            (_, Some(partial)) => format!("in {}", partial.display()),
            (target, None) if !self.settled && (self.rows == 0 || target.place().is_some()) => {
                return format!("no row of {ticks}, {seconds:.3} s (start-up {start_up:.3} s)\n");
            }
            (Target::Stdout, _) => "on standard output".to_owned(),
            (target, None) => format!("in {}", target.shown().display()),
        };
        let rate = u128::from(self.rows) * 1_000_000_000 / self.wall_time.as_nanos().max(1);
        let rate = grouped(u64::try_from(rate).unwrap_or(u64::MAX));
        format!(
            "{rows} of {ticks} rows {place}, {seconds:.3} s, {rate} ticks/s (start-up {start_up:.3} s)\n"
        )
    }

    /// What became of the result of an earlier run.
    fn earlier_to_text(&self, target: &Target) -> String {
        match target.place() {
            Some(place) if !self.settled && place.path().exists() => {
                format!("  {} is left as it was\n", place.shown().display())
            }
            _ => String::new(),
        }
    }

    /// For people. Empty where nothing ran.
    pub(crate) fn to_text(&self) -> String {
        let Self { sites, relayed, .. } = self;
        let (Some(target), false) = (&self.target, sites.is_empty()) else {
            return String::new();
        };
        let mut text = self.rows_to_text(target);
        text.push_str(&self.earlier_to_text(target));
        for site in sites {
            let NodeSummary {
                name,
                models,
                is_final,
                steps,
                received,
                sent,
                linked,
                ..
            } = site;
            // Writing into a string cannot fail.
            let _ = write!(
                text,
                "  {name}: {}, {}{}",
                count(models.len() as u64, "model"),
                if *is_final { "" } else { "at least " },
                count(*steps, "step")
            );
            if *received + *sent > 0 {
                let _ = write!(
                    text,
                    ", {} bytes from it and {} to it",
                    grouped(*received),
                    grouped(*sent)
                );
            }
            if *linked > 0 {
                let _ = write!(text, ", {} bytes from it to other nodes", grouped(*linked));
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
        let site = self.sites.get(site.place());
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
                    "release": site.release,
                    "processor": site.processor,
                    "models": site.models,
                    "steps": site.steps,
                    "bytes_received": site.received,
                    "bytes_sent": site.sent,
                    "bytes_to_nodes": site.linked,
                    "waits": waits,
                })
            })
            .collect();
        let (problems, left_out) = self.remarks.to_json();
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "started": self.started.map(|time| time.to_string().replace(' ', "T") + "Z"),
            "made_from": self.made_from,
            "scenario": self.scenario,
            "file": self.target.as_ref().map(|target| target.shown().display().to_string()),
            "partial": self.partial().map(|partial| partial.display().to_string()),
            "rows": self.rows,
            "ticks": self.ticks,
            "start_up_seconds": self.start_up.as_secs_f64(),
            "seconds": self.wall_time.as_secs_f64(),
            "sites": sites,
            "relayed": relayed,
            "problems": problems,
            "problems_left_out": left_out,
            "error": error.map(RunError::to_json),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (35_040, "35,040"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
