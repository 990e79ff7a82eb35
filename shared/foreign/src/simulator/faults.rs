//! What is told of a simulator that went wrong.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use super::Simulator;
use crate::Fault;
use crate::process::Process;
use crate::said::shortened;
use crate::wire::Failed;

/// It says that it failed, or cannot do what it should.
pub(crate) const FAILED: &str = "simulator_failed";
/// What it says has no sense.
const NONSENSE: &str = "simulator_nonsense";
/// It is not there, or no longer.
pub(crate) const GONE: &str = "simulator_gone";

/// How long is waited for the end of a program whose connection has ended, to tell what came of it.
const LAST_MOMENT: Duration = Duration::from_millis(500);
/// The most lines of a failure that are shown.
const MAX_LINES: usize = 20;

impl Simulator {
    /// A fault with what it was asked last and its last words.
    pub(crate) fn fault(&self, code: &'static str, message: String) -> Fault {
        let asked = self.open.front().map(|asked| asked.text.clone());
        Fault {
            code: Cow::Borrowed(code),
            simulator: self.name.to_string(),
            message,
            request: asked,
            output: self.last_words(),
        }
    }

    /// What it said has no sense.
    pub(crate) fn nonsense(&self, message: String, request: Option<String>) -> Fault {
        let mut fault = self.fault(NONSENSE, message);
        fault.request = request.or(fault.request);
        fault
    }

    pub(super) fn failed(&self, failed: Failed, request: String) -> Fault {
        let Failed {
            exception,
            message,
            more,
        } = failed;
        let message = match (exception.as_str(), message.as_str()) {
            ("", "") => "it says that it failed, and not why".to_owned(),
            (exception, "") => format!("it failed: {exception}"),
            ("", message) => format!("it failed: {message}"),
            (exception, message) => format!("it failed: {exception}: {message}"),
        };
        let mut fault = self.fault(FAILED, message);
        fault.request = Some(request);
        // A traceback ends with what matters.
        let lines = more.iter().flat_map(|text| text.lines());
        let lines: Vec<&str> = lines
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
            .collect();
        let last = &lines[lines.len().saturating_sub(MAX_LINES)..];
        let lines = last.iter().map(|line| shortened(line).into_owned());
        fault.output.extend(lines);
        fault
    }

    /// The connection has ended.
    pub(super) fn gone(&mut self, why: Option<String>) -> Fault {
        if let Some(said) = self.own_words() {
            return self.fault(FAILED, said);
        }
        let process = self.process.as_mut();
        let status = process.and_then(|process| process.has_ended().then(|| process.end())?);
        let message = match (status, why) {
            (Some(status), _) => format!("its program has ended ({status})"),
            (None, Some(why)) => format!("its connection is lost: {why}"),
            (None, None) => "it has closed its connection".to_owned(),
        };
        self.fault(GONE, message)
    }

    /// What our script says of a class that it cannot serve; it ends then.
    fn own_words(&mut self) -> Option<String> {
        let process = self.process.as_mut()?;
        if process.wait(Instant::now() + LAST_MOMENT) {
            process.end();
        }
        process.own_words()
    }

    /// The fault of a simulator that fails before its first step: where it is our script, in its own words.
    pub(crate) fn refusal(&mut self, fault: Fault) -> Fault {
        match self.process.as_ref().filter(|process| process.is_script()) {
            Some(_) if fault.code == FAILED => match self.own_words() {
                Some(said) => self.fault(FAILED, said),
                None => fault,
            },
            _ => fault,
        }
    }

    fn last_words(&self) -> Vec<String> {
        self.process
            .as_ref()
            .map(Process::last_words)
            .unwrap_or_default()
    }
}
