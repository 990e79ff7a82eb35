//! The page of a command: opened before what it shows, and there until somebody ends it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::env;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use async_signal::Signals;
use smol::Timer;
use smol::channel::{Receiver, Sender, bounded};
use smol::future::or;
use smol::stream::{self, Stream, StreamExt};

use crate::output::say_line;
use crate::page::{Page, PageOptions, Restart};
use crate::places::WriteError;
use crate::results::ResultError;
use crate::run::{Control, Outcome, RunError};
use crate::signals;

/// In a demonstration, from the end of a run to the beginning of the next one.
const BREATH: Duration = Duration::from_secs(3);

/// A page, and what its viewers want.
pub(super) struct Served {
    pub(super) page: Page,
    /// What a viewer wants in place of the run that goes on.
    wanted: (Sender<Restart>, Receiver<Restart>),
    /// Runs follow each other.
    again: Cell<bool>,
    /// Values that viewers want in place of those of the scenario.
    values: RefCell<BTreeMap<String, f64>>,
    /// The runs that there have been.
    runs: Cell<u64>,
    /// What somebody does to end the program, from the run on: between it and the wait for the next one as well.
    signals: RefCell<Option<Signals>>,
}

impl Served {
    /// Serves a page, and says where.
    pub(super) fn open(options: &PageOptions, opens_browser: bool) -> Result<Self, RunError> {
        let page = Page::open(options).map_err(|cause| {
            let place = options
                .listen
                .map_or_else(|| "127.0.0.1".to_owned(), |at| at.to_string());
            RunError::Output(WriteError::new(
                format!("the page at {place}").as_ref(),
                cause,
            ))
        })?;
        say_line!(Note, "the page is at {}", page.address());
        if opens_browser && is_somebody_there() {
            // Where no browser can be started, the address is there to be read.
            let _ = open::that_detached(page.address());
        }
        Ok(Self {
            page,
            wanted: bounded(1),
            again: Cell::new(false),
            values: RefCell::default(),
            runs: Cell::new(0),
            signals: RefCell::default(),
        })
    }

    /// Has results to compare with.
    pub(super) fn compare(&self, results: &[PathBuf]) -> Result<(), ResultError> {
        results
            .iter()
            .try_for_each(|result| self.page.compare(result))
    }

    /// Serves the page until somebody ends the program.
    pub(super) fn stay(self) -> Result<(), RunError> {
        let mut signals = signals::that_end().map_err(RunError::System)?;
        smol::block_on(signals.next());
        drop(self.page);
        Ok(())
    }

    /// Hears from now on whether somebody ends the program.
    pub(super) fn hear_signals(&self) -> Result<(), RunError> {
        let signals = signals::that_end().map_err(RunError::System)?;
        self.signals.replace(Some(signals));
        Ok(())
    }

    /// What viewers want of the run that goes on.
    pub(super) fn controls(&self) -> impl Stream<Item = Control> + use<> {
        self.page.controls(self.wanted.0.clone())
    }

    /// Tells viewers how a run has ended, and waits until one of them wants another one. Returns false where somebody ends
    /// the program, or nothing has run.
    pub(super) fn wants_another(&self, result: Result<&Outcome, &RunError>) -> bool {
        if self.page.runs() == self.runs.replace(self.page.runs()) {
            return false;
        }
        self.page.end(result);
        if let Ok(wanted) = self.wanted.1.try_recv() {
            self.take(wanted);
            return true;
        }
        if matches!(result, Err(RunError::Interrupted)) && !self.page.has_stopped_run() {
            return false;
        }
        let is_fine = result.is_ok();
        say_line!(
            Note,
            "the page stays at {} until Ctrl-C",
            self.page.address()
        );
        let mut signals = stream::iter(self.signals.take()).flatten();
        let ended = async {
            signals.next().await;
            false
        };
        let restarted = async {
            let wanted = self.page.restart().await;
            self.take(wanted);
            true
        };
        let again = async {
            Timer::after(BREATH).await;
            if !(is_fine && self.again.get()) {
                smol::future::pending::<()>().await;
            }
            true
        };
        smol::block_on(or(ended, or(restarted, again)))
    }

    /// Values that viewers want in place of those of the scenario.
    pub(super) fn values(&self) -> BTreeMap<String, f64> {
        self.values.borrow().clone()
    }

    fn take(&self, wanted: Restart) {
        self.values.replace(wanted.parameters);
        if let Some(again) = wanted.again {
            self.again.set(again);
        }
    }
}

/// Whether somebody sits before this machine who would see a browser.
fn is_somebody_there() -> bool {
    let has = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_screen =
        !cfg!(all(unix, not(target_os = "macos"))) || has("DISPLAY") || has("WAYLAND_DISPLAY");
    std::io::stderr().is_terminal() && has_screen && !has("SSH_CONNECTION")
}
