//! What there is to say of a scenario and its run, kept for programs.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value as Json, json};
use shared::model::Notice;
use shared::time::TimeGrid;

use crate::chain::chain;
use crate::scenario::{LoadError, Problem};

/// More than this is only counted.
const MOST: usize = 1000;

/// Problems, warnings and notes, one by one. Copies of it are the same list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remarks(Rc<RefCell<List>>);

#[derive(Debug, Default)]
struct List {
    kept: Vec<Json>,
    left_out: usize,
}

impl Remarks {
    fn add(&self, remark: Json) {
        let mut list = self.0.borrow_mut();
        if list.kept.len() < MOST {
            list.kept.push(remark);
        } else {
            list.left_out += 1;
        }
    }

    /// Problems of a scenario that is loaded.
    pub(crate) fn problems<'a>(&self, problems: impl IntoIterator<Item = &'a Problem>) {
        for problem in problems {
            self.add(problem.to_json());
        }
    }

    /// Why a scenario cannot be loaded.
    pub(crate) fn load_error(&self, error: &LoadError) {
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
    pub(crate) fn note(&self, text: &str) {
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
    pub(crate) fn notice(&self, notice: &Notice, model: &str, grid: TimeGrid) {
        self.add(json!({
            "severity": "warning",
            "code": "model_notice",
            "file": null,
            "line": null,
            "column": null,
            "message": notice.text,
            "model": model,
            "tick": notice.tick,
            "time": grid.at(notice.tick).to_string(),
        }));
    }

    /// What was kept, and how many there were beyond.
    pub(crate) fn to_json(&self) -> (Json, usize) {
        let list = self.0.borrow();
        (list.kept.clone().into(), list.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_limit_is_counted() {
        let remarks = Remarks::default();
        for number in 0..MOST + 3 {
            remarks.clone().note(&number.to_string());
        }
        let (kept, left_out) = remarks.to_json();
        assert_eq!((kept.as_array().map(Vec::len), left_out), (Some(MOST), 3));
        assert_eq!(kept[0]["message"], "0");
    }
}
