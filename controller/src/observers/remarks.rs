//! What there is to say of a scenario and its run, kept for programs.

use serde_json::{Value as Json, json};

use super::notices::clipped;
use crate::chain::chain;
use crate::run::ModelNotice;
use crate::scenario::{LoadError, Problem};
use shared::model::Severity;

/// More than this is only counted.
const MOST: usize = 1000;

/// Problems, warnings and notes, one by one.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    kept: Vec<Json>,
    left_out: usize,
}

impl Remarks {
    fn add(&mut self, remark: Json) {
        if self.kept.len() < MOST {
            self.kept.push(remark);
        } else {
            self.left_out += 1;
        }
    }

    /// Problems of a scenario that is loaded.
    pub(crate) fn problems<'a>(&mut self, problems: impl IntoIterator<Item = &'a Problem>) {
        for problem in problems {
            self.add(problem.to_json());
        }
    }

    /// Why a scenario cannot be loaded.
    pub(crate) fn load_error(&mut self, error: &LoadError) {
        match error {
            LoadError::Refused(problems) => self.problems(problems),
            LoadError::Unreadable { path, .. } => self.add(json!({
                "severity": "error",
                "code": "unreadable",
                "file": path.display().to_string(),
                "line": null,
                "column": null,
                "message": chain(error),
            })),
        }
    }

    /// Something about the run that a user should know.
    pub(crate) fn note(&mut self, text: &str) {
        self.add(json!({
            "severity": "note",
            "code": "note",
            "file": null,
            "line": null,
            "column": null,
            "message": text,
        }));
    }

    /// What a model says in mid-run.
    pub(crate) fn notice(&mut self, notice: &ModelNotice<'_>) {
        self.add(json!({
            "severity": match notice.severity {
                Severity::Warning => "warning",
                Severity::Note => "note",
            },
            "code": "model_notice",
            "file": null,
            "line": null,
            "column": null,
            "message": clipped(notice.text),
            "model": notice.model,
            "tick": notice.tick,
            "time": notice.time.to_string(),
        }));
    }

    /// What was kept, and how many there were beyond.
    pub(crate) fn to_json(&self) -> (Json, usize) {
        (self.kept.clone().into(), self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_limit_is_counted() {
        let mut remarks = Remarks::default();
        for number in 0..MOST + 3 {
            remarks.note(&number.to_string());
        }
        let (kept, left_out) = remarks.to_json();
        assert_eq!((kept.as_array().map(Vec::len), left_out), (Some(MOST), 3));
        assert_eq!(kept[0]["message"], "0");
    }
}
