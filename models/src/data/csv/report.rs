//! What is found in one file.

use std::borrow::Cow;

use shared::model::{Finding, StepError};

use super::rows::Rows;

/// The most errors of a file that are listed.
const LISTED: u64 = 10;

/// What is found in one file.
pub(super) struct Report {
    path: String,
    /// Whether a fault is one in any case, or only where `file_index` leads to the row.
    is_certain: bool,
    errors: u64,
    findings: Vec<Finding>,
}

impl Report {
    /// Nothing yet, of the file with this path; `is_certain`: whether a fault is one in any case.
    pub(super) fn new(path: &str, is_certain: bool) -> Self {
        Self {
            path: path.to_owned(),
            is_certain,
            errors: 0,
            findings: Vec::new(),
        }
    }

    /// The path of the file.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Adds an error in the line at hand. `at` is what is meant of the line, in bytes.
    pub(super) fn error(&mut self, rows: &Rows, at: (usize, usize), error: &StepError) {
        self.errors += 1;
        let message = error.message.strip_prefix(&format!("{}: ", rows.place()));
        let message = message.unwrap_or(&error.message);
        let (code, message) = if self.errors <= LISTED {
            (error.code.clone(), message.to_owned())
        } else if self.errors == LISTED + 1 {
            ("more_faults".into(), String::new())
        } else {
            return;
        };
        let finding = self.finding(rows, at, code, message);
        self.findings.push(Finding {
            is_error: self.is_certain,
            ..finding
        });
    }

    /// Adds a finding.
    pub(super) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// A warning about the line at hand.
    pub(super) fn finding(
        &self,
        rows: &Rows,
        (from, to): (usize, usize),
        code: Cow<'static, str>,
        message: String,
    ) -> Finding {
        let (line, text) = rows.line();
        let characters = |end: usize| text.get(..end).unwrap_or(text).chars().count();
        let column = characters(from);
        Finding {
            is_error: false,
            code,
            path: self.path.clone(),
            line,
            column: column + 1,
            length: characters(to).saturating_sub(column).max(1),
            text: text.to_owned(),
            message,
            notice: None,
        }
    }

    /// All of it, in the order in which it was found.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        let more = self.errors.saturating_sub(LISTED);
        let last = self.findings.iter_mut().find(|f| f.code == "more_faults");
        if let Some(last) = last {
            last.message = format!("here and further on there are {more} more faults");
        }
        self.findings
    }
}
