//! What there is to say of a run once it is over: its summary for people and for programs, and its record
//! beside the result.

use std::fmt::Write;
use std::time::{Instant, SystemTime};

use serde_json::{Value as Json, json};
use shared::time::WallTime;
use shared::wire::WaitedFor;

use super::hashing::{Beginning, Hashing};
use super::remarks::Remarks;
use super::stalls::Stalls;
use crate::made_from::MadeFrom;
use crate::output::{count, grouped, printable_line};
use crate::places::{Place, Target, WriteError, write_whole};
use crate::run::{Event, Interruption, Observer, Outcome, SiteOutcome, Takeover};
use crate::scenario::{Graph, LoadError, Programs};

/// Keeps what happens in a run.
#[derive(Debug)]
pub(crate) struct Report {
    /// When the run was asked for, in UTC.
    started: Option<WallTime>,
    /// Files are hashed, because somebody will be told of them.
    hashes: bool,
    /// There is to be a record.
    records: bool,
    /// Their hashes, while they are being made.
    hashing: Option<Hashing>,
    /// The files that the result is made from, with their hashes.
    made_from: MadeFrom,
    remarks: Remarks,
    stalls: Stalls,
    /// Once the run has ended; `None` where the scenario was refused.
    outcome: Option<Outcome>,
}

impl Report {
    /// Nothing has happened. `tells` says that somebody will be told of the run, and `records` that there is to be a
    /// record of it; where neither is so, there is nothing to hash.
    pub(crate) fn new(tells: bool, records: bool) -> Self {
        Self {
            started: now(),
            hashes: tells || records,
            records,
            hashing: None,
            made_from: MadeFrom::default(),
            remarks: Remarks::default(),
            stalls: Stalls::default(),
            outcome: None,
        }
    }

    /// The scenario is refused.
    pub(crate) fn refused(&mut self, error: &LoadError) {
        self.remarks.load_error(error);
    }

    /// Writes the record of the run, if there is to be one, in which there is this of its error. A run that left no rows
    /// has none.
    pub(crate) fn record(&self, error: &Json) -> Result<(), WriteError> {
        let outcome = self.outcome.as_ref().filter(|_| self.records);
        let Some((outcome, path)) = outcome.and_then(|outcome| Some((outcome, outcome.record()?)))
        else {
            return Ok(());
        };
        let text = format!("{:#}\n", self.json(error));
        let written = write_whole(&path, text.as_bytes()).and_then(|()| outcome.forget_beginning());
        written.map_err(|cause| WriteError::new(&path, cause))
    }

    /// The record of a run that goes on.
    fn beginning(&self, place: &Place, graph: &Graph) -> Beginning {
        let content = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "started": self.started.map(in_utc),
            "scenario": graph.name,
            "ticks": graph.grid.ticks,
            "error": {
                "code": "unfinished",
                "message": "the run goes on, or has ended without a word",
            },
        });
        Beginning {
            partial: place.partial(),
            record: place.partial_record(),
            content,
        }
    }

    /// For people. Empty where nothing ran.
    pub(crate) fn text(&self) -> String {
        let outcome = self.outcome.as_ref().filter(|o| !o.sites.is_empty());
        outcome.map_or_else(String::new, text_of)
    }

    /// For programs, with what they are told of the error.
    pub(crate) fn json(&self, error: &Json) -> Json {
        let nothing = Outcome::default();
        let outcome = self.outcome.as_ref().unwrap_or(&nothing);
        let relayed = outcome.relayed.iter();
        let relayed: Vec<Json> = relayed
            .map(|&(a, b)| json!([outcome.name_of(a), outcome.name_of(b)]))
            .collect();
        let sites = outcome.sites.iter().map(|site| site_to_json(site, outcome));
        let (problems, left_out) = self.remarks.to_json();
        let mut json = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "started": self.started.map(in_utc),
            "made_from": self.made_from.to_json(),
            "scenario": self.outcome.as_ref().map(|outcome| &outcome.scenario),
            "file": outcome.file().map(|file| file.display().to_string()),
            "partial": outcome.partial().map(|partial| partial.display().to_string()),
            "rows": outcome.rows,
            "ticks": outcome.ticks,
            "start_up_seconds": outcome.start_up.as_secs_f64(),
            "seconds": outcome.wall_time.as_secs_f64(),
            "sites": sites.collect::<Vec<_>>(),
            "relayed": relayed,
            "interruptions": outcome.interruptions.iter().map(interruption_to_json).collect::<Vec<_>>(),
            "stalls": self.stalls.to_json(),
            "stalls_left_out": self.stalls.left_out(),
            "problems": problems,
            "problems_left_out": left_out,
            "error": error,
        });
        if outcome.resumed > 0 {
            json["resumed"] = json!(outcome.resumed);
        }
        json
    }
}

impl Observer for &mut Report {
    fn hear(&mut self, event: Event<'_>) {
        match event {
            Event::Begins(begins) if self.hashes => {
                let place = begins.place.filter(|_| self.records);
                let beginning = place.map(|place| self.beginning(place, begins.graph));
                self.hashing = Some(Hashing::files(begins.files.to_vec(), beginning));
            }
            Event::Problem(problem) => self.remarks.problems([problem]),
            Event::Note(text) => self.remarks.note(text),
            Event::Notice(notice) => self.remarks.notice(notice),
            Event::Ended(outcome) => {
                self.outcome = Some(outcome.clone());
                self.made_from = self
                    .hashing
                    .take()
                    .map_or_else(MadeFrom::default, Hashing::finish);
            }
            Event::Progress(progress) => self.stalls.note(Instant::now(), progress),
            // The journal has what was changed.
            Event::Begins(_)
            | Event::Status(_)
            | Event::Placed(_)
            | Event::Adjusted(_)
            | Event::Holds(_)
            | Event::GoesOn(_) => {}
        }
    }
}

/// The time in UTC, as far as the calendar goes.
fn now() -> Option<WallTime> {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()?;
    let epoch = WallTime::parse("1970-01-01 00:00:00")?;
    Some(epoch.plus(i64::try_from(since.as_secs()).ok()?))
}

fn in_utc(time: WallTime) -> String {
    time.to_string().replace(' ', "T") + "Z"
}

fn site_to_json(site: &SiteOutcome, outcome: &Outcome) -> Json {
    let wait = |wait: &WaitedFor| json!({"for": outcome.name_of(wait.site), "seconds": wait.time.as_secs_f64()});
    json!({
        "name": site.name,
        "release": site.release,
        "processor": site.processor,
        "models": site.models,
        "programs": site.programs.iter().map(programs_to_json).collect::<Vec<_>>(),
        "steps": site.steps,
        "bytes_received": site.received,
        "bytes_sent": site.sent,
        "bytes_to_nodes": site.linked,
        "waits": site.waits.iter().map(wait).collect::<Vec<_>>(),
    })
}

fn interruption_to_json(interruption: &Interruption) -> Json {
    let takeover = |takeover: &Takeover| {
        let Takeover { from, by, models } = takeover;
        json!({"from": from, "by": by, "models": models})
    };
    json!({
        "cause": interruption.cause,
        "node": interruption.node,
        "tick": interruption.tick,
        "after_seconds": interruption.since.as_secs_f64(),
        "held_seconds": interruption.held.as_secs_f64(),
        "ticks_computed_again": interruption.again,
        "computing_seconds": interruption.computing.as_secs_f64(),
        "takeovers": interruption.takeovers.iter().map(takeover).collect::<Vec<_>>(),
    })
}

fn programs_to_json(programs: &Programs) -> Json {
    let models = programs.models.iter().map(|(name, _)| name);
    json!({"models": models.collect::<Vec<_>>(), "run_by": programs.run_by})
}

/// A run for people.
fn text_of(outcome: &Outcome) -> String {
    let mut text = rows_to_text(outcome);
    if outcome.resumed > 0 {
        let compared = outcome.compared;
        let (resumed, rows) = (grouped(outcome.resumed), count(compared, "row"));
        let are = if compared == 1 { "is" } else { "are" };
        let how = if compared == outcome.resumed {
            format!("{rows} {are} from an earlier run, and the same")
        } else {
            format!("{rows} of {resumed} from an earlier run {are} the same")
        };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "  {how} when computed again");
    }
    text.push_str(&earlier_to_text(outcome));
    for site in &outcome.sites {
        let SiteOutcome {
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
            let (received, sent) = (grouped(*received), grouped(*sent));
            let _ = write!(text, ", {received} bytes from it and {sent} to it");
        }
        if *linked > 0 {
            let _ = write!(text, ", {} bytes from it to other nodes", grouped(*linked));
        }
        for wait in &site.waits {
            let (whom, seconds) = (outcome.name_of(wait.site), wait.time.as_secs_f64());
            let _ = write!(text, ", waited {seconds:.3} s for {whom}");
        }
        text.push('\n');
        for programs in &site.programs {
            let _ = writeln!(text, "    {}", printable_line(&programs.to_string()));
        }
    }
    for interruption in &outcome.interruptions {
        let (tick, held) = (grouped(interruption.tick), interruption.held.as_secs_f64());
        let lost = interruption
            .node
            .as_deref()
            .unwrap_or("the link between two nodes");
        let _ = write!(text, "  lost {lost} at tick {tick}, held for {held:.1} s");
        for Takeover { from, by, models } in &interruption.takeovers {
            let _ = write!(text, "; {by} ran {} of {from} then", models.join(", "));
        }
        text.push('\n');
    }
    for &(a, b) in &outcome.relayed {
        let (a, b) = (outcome.name_of(a), outcome.name_of(b));
        let _ = writeln!(text, "  {a} and {b} had no link: their values passed here");
    }
    text
}

/// How many rows there are, where, and how long they took.
fn rows_to_text(outcome: &Outcome) -> String {
    let Outcome {
        start_up,
        wall_time,
        settled,
        ..
    } = *outcome;
    let (rows, ticks) = (grouped(outcome.rows), grouped(outcome.ticks));
    let (start_up, seconds) = (start_up.as_secs_f64(), wall_time.as_secs_f64());
    let place = match (&outcome.target, outcome.partial()) {
        (_, Some(partial)) => format!("in {}", partial.display()),
        (Some(target), None) if !settled && (outcome.rows == 0 || target.place().is_some()) => {
            return format!("no row of {ticks}, {seconds:.3} s (start-up {start_up:.3} s)\n");
        }
        (Some(Target::Stdout), _) => "on standard output".to_owned(),
        (Some(target), None) => format!("in {}", target.shown().display()),
        (None, None) => "taken".to_owned(),
    };
    let rate = u128::from(outcome.rows) * 1_000_000_000 / wall_time.as_nanos().max(1);
    let rate = grouped(u64::try_from(rate).unwrap_or(u64::MAX));
    format!(
        "{rows} of {ticks} rows {place}, {seconds:.3} s, {rate} ticks/s (start-up {start_up:.3} s)\n"
    )
}

/// What became of the result of an earlier run.
fn earlier_to_text(outcome: &Outcome) -> String {
    match outcome.target.as_ref().and_then(Target::place) {
        Some(place) if !outcome.settled && place.path().exists() => {
            format!("  {} is left as it was\n", place.shown().display())
        }
        _ => String::new(),
    }
}
