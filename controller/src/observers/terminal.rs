//! What the user sees while a run goes on: what there is to say of it, how far it is, and what models
//! say.

use std::time::{Duration, Instant};

use shared::model::Severity;
use shared::time::TimeGrid;
use terminal::printer::Stream;

use super::notices::{Notices, clipped};
use super::progress::{CLEAR, REPORT_INTERVAL, Shown, Speed, line, waiting_words};
use crate::output::{Kind, count, erase, printable_line, say_after, show};
use crate::run::{Adjusted, Event, ModelNotice, Observer, Progress, Site};
use crate::scenario::{Graph, Problem};

/// What the keys do.
const KEYS: &str =
    "keys: space pauses and goes on, enter makes one step, + and - change the pace, q ends";

/// Shows a run on standard error.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// Nothing but errors is shown.
    quiet: bool,
    /// Warnings before the run are errors, and so not shown here.
    strict: bool,
    progress: Shown,
    /// There is a bar in the last line.
    has_bar: bool,
    /// The name of the scenario, and its simulated time.
    scenario: Option<(String, TimeGrid)>,
    speed: Speed,
    /// What keys do, if there are any.
    keys: Option<&'static str>,
    /// When a line said how far the run is.
    reported: Instant,
    /// When a line of its own, or that one, said who is blocking whom.
    complained: Option<Instant>,
    notices: Notices,
}

impl Terminal {
    /// A terminal shows a bar; elsewhere lines say how far the run is, unless a program reads the
    /// summary.
    pub(crate) fn new(quiet: bool, strict: bool, for_program: bool) -> Self {
        Self {
            quiet,
            strict,
            progress: Shown::new(quiet, for_program),
            has_bar: false,
            scenario: None,
            speed: Speed::default(),
            keys: None,
            reported: Instant::now(),
            complained: None,
            notices: Notices::default(),
        }
    }

    /// It names the keys that change the pace, where there are keys.
    pub(crate) fn with_keys(mut self, has_keys: bool) -> Self {
        self.keys = has_keys.then_some(KEYS);
        self
    }

    fn begin(&mut self, graph: &Graph) {
        self.scenario = Some((graph.name.clone(), graph.grid));
        self.reported = Instant::now();
    }

    /// Shows where the models run.
    fn place(&self, sites: &[Site<'_>]) {
        if self.quiet {
            return;
        }
        if let Some((name, grid)) = &self.scenario {
            let (name, ticks) = (printable_line(name), count(grid.ticks, "tick"));
            let text = format!("{name}: {ticks} of {} s", grid.resolution);
            self.say(Kind::Plain, &text);
        }
        for site in sites.iter().filter(|site| !site.models.is_empty()) {
            let text = format!("  {}: {}", site.name, site.models.join(", "));
            self.say(Kind::Plain, &text);
            for programs in &site.programs {
                self.say(
                    Kind::Plain,
                    &format!("    {}", printable_line(&programs.to_string())),
                );
            }
        }
        if let Some(keys) = self.keys {
            self.say(Kind::Plain, keys);
        }
    }

    fn problem(&self, problem: &Problem) {
        if !self.quiet && !self.strict {
            self.say(Kind::Plain, &format!("{problem:#}"));
        }
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            self.say(Kind::Note, text);
        }
    }

    /// Shows how far the run is, and what it waits for, if anything.
    fn progress(&mut self, progress: &Progress<'_>) {
        let Progress {
            grid,
            tick,
            waiting,
            pace,
            ..
        } = *progress;
        let now = Instant::now();
        self.speed.note(now, tick);
        if self.progress == Shown::Nothing {
            return;
        }
        let describe =
            |waiting: Option<(&str, Duration)>| self.speed.describe(grid, now, tick, waiting, pace);
        let whole = describe(waiting.map(|it| (&*it.words, it.time)));
        // A new reason to wait is said at once, but not one after the other.
        let is_new = waiting.is_some() && is_due(self.complained, now);
        if self.progress == Shown::Lines {
            if is_new || is_due(Some(self.reported), now) {
                self.reported = now;
                self.complained = waiting.map(|_| now).or(self.complained);
                self.say(Kind::Plain, whole.join(", ").trim_start());
            }
            return;
        }
        // A terminal goes to its next line after its last column.
        let columns = terminal::width(Stream::Error) - 1;
        let mut bar = line(&whole, grid, tick, columns);
        if let Some(waiting) = waiting
            && !bar.contains(&waiting.words)
        {
            let short = describe(Some((&waiting.root, waiting.time)));
            bar = line(&short, grid, tick, columns);
            if is_new {
                self.complained = Some(now);
                self.say(Kind::Note, &waiting_words(&waiting.words, waiting.time));
            }
        }
        self.has_bar = true;
        show(&format!("{CLEAR}{bar}"));
    }

    /// Shows what a model says, unless it says too much.
    fn notice(&mut self, notice: &ModelNotice<'_>) {
        if self.quiet || !self.notices.admit(Instant::now()) {
            return;
        }
        let ModelNotice {
            model,
            tick,
            time,
            severity,
            text,
        } = *notice;
        let text = clipped(text);
        let text = format!("{model} at tick {tick} ({time}): {text}");
        let kind = match severity {
            Severity::Warning => Kind::Warning,
            Severity::Note => Kind::Note,
        };
        self.say(kind, &text);
    }

    /// Takes the bar away, and says what was kept from the user.
    fn end(&self) {
        let left_out = self.notices.left_out();
        if left_out > 0 && !self.quiet {
            let what = count(left_out, "more warning");
            self.say(Kind::Note, &format!("{what} of models left out here"));
        } else if self.has_bar {
            erase(CLEAR);
        }
    }

    /// Prints a line in place of the bar, which comes back below it.
    fn say(&self, kind: Kind, text: &str) {
        let control = if self.has_bar { CLEAR } else { "" };
        say_after(control, kind, text);
    }
}

/// Whether it has been long enough since a line for another one.
fn is_due(last: Option<Instant>, now: Instant) -> bool {
    last.is_none_or(|last| now.duration_since(last) >= REPORT_INTERVAL)
}

impl Observer for Terminal {
    fn hear(&mut self, event: Event<'_>) {
        match event {
            Event::Begins(begins) => self.begin(begins.graph),
            Event::Problem(problem) => self.problem(problem),
            Event::Note(text) | Event::Status(text) => self.note(text),
            Event::Placed(sites) => self.place(sites),
            Event::Notice(notice) => self.notice(notice),
            Event::Progress(progress) => self.progress(progress),
            Event::Adjusted(adjusted) => {
                let Adjusted {
                    model,
                    name,
                    tick,
                    value,
                } = adjusted;
                self.note(&format!("{model}.{name} is {value} from tick {tick} on"));
            }
            Event::Holds(holding) => self.note(&holding.to_string()),
            Event::GoesOn(interruption) => self.note(&interruption.to_string()),
            Event::Ended(_) => self.end(),
        }
    }
}
