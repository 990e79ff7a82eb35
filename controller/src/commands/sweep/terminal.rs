//! What the user sees while a sweep goes on.

use std::time::{Duration, Instant};

use super::words::line;
use crate::arguments;
use crate::observers::{CLEAR, REPORT_INTERVAL, Shown};
use crate::output::{Kind, erase, say, show};
use crate::scenario::Severity;
use crate::sweep::{Event, Progress};

/// How often a line changes.
const CHANGE_INTERVAL: Duration = Duration::from_millis(200);

/// Shows a sweep on standard error.
pub(super) struct Terminal {
    quiet: bool,
    form: Shown,
    last: Instant,
    has_bar: bool,
}

impl Terminal {
    pub(super) fn new(arguments: &arguments::Sweep) -> Self {
        Self {
            quiet: arguments.quiet,
            form: Shown::new(arguments.quiet, arguments.json),
            last: Instant::now(),
            has_bar: false,
        }
    }

    pub(super) fn hear(&mut self, event: &Event<'_>) {
        match event {
            Event::Progress(progress) => self.report(*progress),
            Event::Note(_) if self.quiet => {}
            Event::Problem(problem) if self.quiet && problem.severity == Severity::Warning => {}
            Event::Note(text) => self.say(Kind::Note, text),
            Event::Problem(problem) => self.say(Kind::Plain, &format!("{problem:#}")),
            Event::Failed { variant, why } => self.say(Kind::Error, &format!("{variant}: {why}")),
        }
    }

    fn say(&mut self, kind: Kind, text: &str) {
        self.clear();
        say(kind, text);
    }

    fn report(&mut self, progress: Progress) {
        let interval = match self.form {
            Shown::Nothing => return,
            Shown::Bar => CHANGE_INTERVAL,
            Shown::Lines => REPORT_INTERVAL,
        };
        if self.last.elapsed() < interval {
            return;
        }
        self.last = Instant::now();
        if self.form == Shown::Bar {
            show(&format!("{CLEAR}{}", line(progress)));
            self.has_bar = true;
        } else {
            say(Kind::Plain, &line(progress));
        }
    }

    /// Takes the line that changes away.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.has_bar) {
            erase(CLEAR);
        }
    }
}
