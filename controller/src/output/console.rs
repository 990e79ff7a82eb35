//! What the user sees while a run goes on: a progress bar, where a terminal shows it, and what
//! models say.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use shared::model::Notice;
use shared::time::{Tick, TimeGrid};

use super::{Remarks, printable};

/// Shows how far a run is, and what its models say.
#[derive(Debug)]
pub(crate) struct Console {
    bar: ProgressBar,
    grid: TimeGrid,
    /// The names of the models, by their place in the scenario.
    names: Vec<String>,
    quiet: bool,
    remarks: Remarks,
}

impl Console {
    /// A console on standard error, with a bar if that is a terminal. What it is told is added to the
    /// remarks as well, shown or not.
    pub(crate) fn new(grid: TimeGrid, names: Vec<String>, quiet: bool, remarks: Remarks) -> Self {
        let target = if !quiet && std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(grid.ticks), target);
        let style = "{bar:30} {percent:>3} %  {msg}  {per_sec} left {eta}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Self {
            bar,
            grid,
            names,
            quiet,
            remarks,
        }
    }

    /// Shows that everything before this tick is done, and what the run waits for, if anything.
    pub(crate) fn show(&self, tick: Tick, waiting: Option<(&str, Duration)>) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_position(tick);
        let time = self.grid.at(tick);
        self.bar.set_message(match waiting {
            Some((what, time_waited)) => {
                format!(
                    "{time}  waiting {:.0} s for {what}",
                    time_waited.as_secs_f32()
                )
            }
            None => time.to_string(),
        });
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// The name of a model.
    pub(crate) fn name(&self, model: u32) -> &str {
        self.names.get(model as usize).map_or("?", String::as_str)
    }

    /// Prints what the user should know of the run, above the bar.
    pub(crate) fn note(&self, text: &str) {
        self.remarks.note(text);
        if !self.quiet {
            let text = printable(text);
            self.bar.suspend(|| eprintln!("note: {text}"));
        }
    }

    /// Prints what a model says, above the bar.
    pub(crate) fn notice(&self, notice: &Notice) {
        self.remarks
            .notice(notice, self.name(notice.model), self.grid);
        if self.quiet {
            return;
        }
        let Notice { model, tick, text } = notice;
        let (name, time) = (self.name(*model), self.grid.at(*tick));
        let text = printable(text);
        self.bar
            .suspend(|| eprintln!("warning: {name} at tick {tick} ({time}): {text}"));
    }
}
