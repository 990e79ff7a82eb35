//! What the user sees while a sweep goes on.

use std::time::{Duration, Instant};

use terminal::printer::Stream;

use super::words::line;
use crate::arguments;
use crate::output::{Kind, erase, say, show};
use crate::scenario::Severity;
use crate::sweep::{Event, Progress};

/// How often a line says how far a sweep is, where no terminal has one that changes.
const REPORT_INTERVAL: Duration = Duration::from_secs(10);

/// How often a line changes.
const CHANGE_INTERVAL: Duration = Duration::from_millis(200);

/// To the start of the line, which is emptied.
const CLEAR: &str = "\r\x1b[K";

/// How the user is told how far a sweep is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Nothing,
    /// A line that changes.
    Bar,
    /// A line from time to time.
    Lines,
}

/// Shows a sweep on standard error.
pub(super) struct Shown {
    quiet: bool,
    form: Form,
    last: Instant,
    has_bar: bool,
}

impl Shown {
    pub(super) fn new(arguments: &arguments::Sweep) -> Self {
        let form = match terminal::is_terminal(Stream::Error) {
            _ if arguments.quiet => Form::Nothing,
            true => Form::Bar,
            false if arguments.json => Form::Nothing,
            false => Form::Lines,
        };
        Self {
            quiet: arguments.quiet,
            form,
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
            Form::Nothing => return,
            Form::Bar => CHANGE_INTERVAL,
            Form::Lines => REPORT_INTERVAL,
        };
        if self.last.elapsed() < interval {
            return;
        }
        self.last = Instant::now();
        if self.form == Form::Bar {
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
