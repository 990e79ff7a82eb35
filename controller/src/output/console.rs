//! What the user sees while a run goes on: how far it is, and what models say.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use shared::index::Table;
use shared::model::Notice;
use shared::plan::ModelId;
use shared::time::{Tick, TimeGrid};
use terminal::printer::Stream;

use super::notices::{Notices, clipped};
use super::progress::{Pace, Waiting, line};
use super::speech::{Kind, erase, say_after, show};
use super::{Remarks, count};

/// How often a line says how far a run is, where no terminal has a bar that moves.
const REPORT_INTERVAL: Duration = Duration::from_secs(10);

/// To the start of the line, which is emptied.
const CLEAR: &str = "\r\x1b[K";

/// How the user is told how far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Hidden,
    /// A line that changes.
    Bar,
    /// A line from time to time.
    Lines,
}

/// Shows how far a run is, and what its models say.
#[derive(Debug)]
pub(crate) struct Console {
    grid: TimeGrid,
    /// The names of the models, by their place in the scenario.
    names: Table<ModelId, String>,
    /// What models say and the user knows already.
    told: Vec<String>,
    quiet: bool,
    remarks: Remarks,
    progress: Progress,
    pace: RefCell<Pace>,
    /// When a line said how far the run is.
    reported: Cell<Instant>,
    notices: RefCell<Notices>,
}

impl Console {
    /// A console on standard error. A terminal shows a bar; elsewhere lines say how far the run is,
    /// unless a program reads the summary. What it is told is added to the remarks as well, shown or
    /// not.
    pub(crate) fn new(
        grid: TimeGrid,
        names: Table<ModelId, String>,
        told: Vec<String>,
        (quiet, for_program): (bool, bool),
        remarks: Remarks,
    ) -> Self {
        let progress = match (quiet, terminal::is_terminal(Stream::Error)) {
            (true, _) => Progress::Hidden,
            (false, true) => Progress::Bar,
            (false, false) if for_program => Progress::Hidden,
            (false, false) => Progress::Lines,
        };
        Self {
            grid,
            names,
            told,
            quiet,
            remarks,
            progress,
            pace: RefCell::default(),
            reported: Cell::new(Instant::now()),
            notices: RefCell::default(),
        }
    }

    /// Shows that everything before this tick is done, and what the run waits for, if anything.
    pub(crate) fn show(&self, tick: Tick, waiting: Waiting<'_>) {
        if self.progress == Progress::Hidden {
            return;
        }
        let now = Instant::now();
        let mut pace = self.pace.borrow_mut();
        pace.note(now, tick);
        let is_due = now.duration_since(self.reported.get()) >= REPORT_INTERVAL;
        match self.progress {
            Progress::Bar => {
                let said = pace.describe(self.grid, now, tick, waiting);
                // A terminal goes to its next line after its last column.
                let columns = terminal::width(Stream::Error) - 1;
                show(&format!("{CLEAR}{}", line(&said, self.grid, tick, columns)));
            }
            Progress::Lines if is_due => {
                self.reported.set(now);
                let said = pace.describe(self.grid, now, tick, waiting);
                say_after("", Kind::Plain, said.join(", ").trim_start());
            }
            Progress::Lines | Progress::Hidden => {}
        }
    }

    /// Takes the bar away, and says what was kept from the user.
    pub(crate) fn end(&self) {
        let left_out = self.notices.borrow().left_out();
        if left_out > 0 && !self.quiet {
            let what = count(left_out, "more warning");
            self.say(Kind::Note, &format!("{what} of models left out here"));
        } else if self.progress == Progress::Bar {
            erase(CLEAR);
        }
    }

    /// The name of a model.
    pub(crate) fn name(&self, model: ModelId) -> &str {
        self.names.get(model).map_or("?", String::as_str)
    }

    /// Prints what the user should know of the run.
    pub(crate) fn note(&self, text: &str) {
        self.remarks.note(text);
        if !self.quiet {
            self.say(Kind::Note, text);
        }
    }

    /// Whether a warning has told before the run what a model says.
    pub(crate) fn is_told(&self, notice: &Notice) -> bool {
        self.told.contains(&notice.text)
    }

    /// Prints what a model says, unless it says too much.
    pub(crate) fn notice(&self, notice: &Notice) {
        let notice = Notice {
            text: clipped(&notice.text),
            ..*notice
        };
        let name = self.name(notice.model);
        self.remarks.notice(&notice, name, self.grid);
        if self.quiet || !self.notices.borrow_mut().admit(Instant::now()) {
            return;
        }
        let Notice { tick, text, .. } = notice;
        let time = self.grid.at(tick);
        self.say(
            Kind::Warning,
            &format!("{name} at tick {tick} ({time}): {text}"),
        );
    }

    /// Prints a line in place of the bar, which comes back below it.
    fn say(&self, kind: Kind, text: &str) {
        let control = if self.progress == Progress::Bar {
            CLEAR
        } else {
            ""
        };
        say_after(control, kind, text);
    }
}
