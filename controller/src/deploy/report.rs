//! What was done to a host, for the user.

use std::fmt;

use super::script;
use super::ssh::Said;
use super::words::reason;
use crate::output::printable;

/// One thing that was done to a host, or not.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It was done now.
    Did(String),
    /// It was so before.
    Kept(String),
    /// What the user should know.
    Note(String),
    /// It could not be done.
    Failed(String),
}

/// All that was done to a host.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) host: String,
    /// What `uname -m` says there; empty if it could not be asked.
    pub(super) processor: String,
    steps: Vec<Step>,
}

impl Report {
    pub(super) fn new(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            processor: String::new(),
            steps: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Takes over what a script said. A script that failed without saying why has its last words
    /// taken for it.
    pub(super) fn take(&mut self, said: &Said) {
        let answer = script::answer(&said.stdout);
        let lines = answer.unwrap_or_default().lines();
        self.steps.extend(lines.filter_map(read_step));
        let has_ended_well = said.succeeded && answer.is_some();
        if !has_ended_well && !self.has_failed() {
            let why = reason(&said.stderr, answer.map_or(&*said.stdout, |_| ""));
            self.add(Step::Failed(format!("the script ended early: {why}")));
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        let failed = |step: &Step| matches!(step, Step::Failed(_));
        self.steps.iter().any(failed)
    }
}

fn read_step(line: &str) -> Option<Step> {
    let (kind, text) = line.split_once(' ')?;
    let text = text.trim_end().to_owned();
    match kind {
        "did" => Some(Step::Did(text)),
        "kept" => Some(Step::Kept(text)),
        "note" => Some(Step::Note(text)),
        "failed" => Some(Step::Failed(text)),
        _ => None,
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        if !self.processor.is_empty() {
            write!(f, " ({})", printable(&self.processor))?;
        }
        for step in &self.steps {
            let (lead, text) = match step {
                Step::Did(text) | Step::Kept(text) => ("", text),
                Step::Note(text) => ("note: ", text),
                Step::Failed(text) => ("failed: ", text),
            };
            write!(f, "\n  {lead}{}", printable(text))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(stdout: &str, stderr: &str, succeeded: bool) -> Said {
        let (stdout, stderr) = (stdout.to_owned(), stderr.to_owned());
        Said {
            stdout,
            stderr,
            succeeded,
        }
    }

    #[test]
    fn a_report_has_a_line_a_step() {
        let mut report = Report::new("pi1");
        report.processor = "aarch64".to_owned();
        let stdout = "failed logins: 3\n\nilluminator answers:\nhello\ndid key: installed\nkept binary: \
                      already up to date\nnote x\u{1b}\n";
        report.take(&said(stdout, "", true));
        let lines =
            "pi1 (aarch64)\n  key: installed\n  binary: already up to date\n  note: x\\u{1b}";
        assert_eq!(report.to_string(), lines);
        assert!(!report.has_failed());
    }

    #[test]
    fn a_script_that_ends_without_a_word_has_failed() {
        let mut report = Report::new("pi1");
        report.take(&said("", "sudo: a password is required\n", false));
        assert!(report.has_failed());
        assert!(report.to_string().contains("a password is required"));
    }
}
