//! What is wrong with a scenario, or worth a warning, and where.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::excerpt::Excerpt;
use super::lines::lines;
use super::position::Position;

/// Whether a problem keeps the scenario from running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The scenario is refused.
    Error,
    /// The scenario runs, but perhaps not as its author thinks.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

/// One thing that is wrong with a scenario or with a file that it names, or worth a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// Machine-readable category, such as `unknown_key` or `missing_parameter:max_p`.
    pub code: Cow<'static, str>,
    /// The file that it is about, as the user named it: the scenario, or a file that it names.
    pub file: Arc<str>,
    /// Where in the file.
    pub position: Position,
    /// Which object is concerned, what is wrong with it, and what would be right.
    pub message: String,
    /// The line at the position, where it is at hand.
    pub excerpt: Option<Excerpt>,
}

impl Problem {
    /// For programs: `severity`, `code`, `file`, `line`, `column` and `message`.
    pub fn to_json(&self) -> Json {
        json!({
            "severity": self.severity.to_string(),
            "code": self.code,
            "file": &*self.file,
            "line": self.position.line,
            "column": self.position.column,
            "message": self.message,
        })
    }
}

/// `file:line:column: error: message`; with `{:#}` the line itself follows, with a mark below.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem {
            severity,
            file,
            position,
            message,
            excerpt,
            ..
        } = self;
        write!(f, "{file}:{position}: {severity}: {message}")?;
        match excerpt {
            Some(excerpt) if f.alternate() => write!(f, "\n{}", excerpt.shown(*position)),
            _ => Ok(()),
        }
    }
}

/// All problems of one scenario file.
#[derive(Clone, Debug)]
pub struct Problems {
    file: Arc<str>,
    list: Vec<Problem>,
}

impl Problems {
    /// No problems yet, in the file with this name.
    pub(crate) fn new(file: &str) -> Self {
        Self {
            file: file.into(),
            list: Vec::new(),
        }
    }

    /// Adds an error.
    pub(crate) fn error(
        &mut self,
        code: impl Into<Cow<'static, str>>,
        position: Position,
        message: impl Into<String>,
    ) {
        self.add_here(Severity::Error, code.into(), position, message.into());
    }

    /// Adds a warning.
    pub(crate) fn warning(
        &mut self,
        code: impl Into<Cow<'static, str>>,
        position: Position,
        message: impl Into<String>,
    ) {
        self.add_here(Severity::Warning, code.into(), position, message.into());
    }

    fn add_here(
        &mut self,
        severity: Severity,
        code: Cow<'static, str>,
        position: Position,
        message: String,
    ) {
        self.add(Problem {
            severity,
            code,
            file: Arc::clone(&self.file),
            position,
            message,
            excerpt: None,
        });
    }

    /// Adds a problem that may be about another file than the scenario.
    pub(crate) fn add(&mut self, mut problem: Problem) {
        // Messages quote the file, and whatever stands there a problem takes one line.
        problem.message = problem.message.replace(char::is_control, " ");
        self.list.push(problem);
    }

    /// Adds the lines of the scenario that its problems are about.
    pub(crate) fn quote(&mut self, text: &str) {
        let lines: Vec<&str> = lines(text.strip_prefix('\u{feff}').unwrap_or(text)).collect();
        let mut last: Option<(usize, Arc<str>)> = None;
        for problem in &mut self.list {
            let number = problem.position.line;
            if problem.file != self.file || problem.excerpt.is_some() {
                continue;
            }
            // Problems of one line share it: a scenario may be one line of any length.
            let line = match &last {
                Some((known, line)) if *known == number => Arc::clone(line),
                // What is in line 0 stands elsewhere.
                _ => match number.checked_sub(1).and_then(|at| lines.get(at)) {
                    Some(line) => Arc::from(*line),
                    None => continue,
                },
            };
            last = Some((number, Arc::clone(&line)));
            problem.excerpt = Excerpt::at(line, problem.position);
        }
    }

    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        let errors = |problem: &&Problem| problem.severity == Severity::Error;
        self.list.iter().filter(errors).count()
    }

    /// The problems of the scenario in its order, then those of other files, file by file.
    pub(crate) fn sorted(mut self) -> Self {
        let scenario = Arc::clone(&self.file);
        self.list.sort_by(|a, b| {
            let place = |p: &Problem| (p.file != scenario, Arc::clone(&p.file), p.position);
            place(a).cmp(&place(b))
        });
        // An alias shows what is wrong with its anchor's content once for each use.
        self.list.dedup();
        self
    }

    /// The problems, in the order of the file, those of the scenario first.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// The problems, in the order of the file, those of the scenario first.
    pub fn into_vec(self) -> Vec<Problem> {
        self.list
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One problem a line; with `{:#}` each is followed by the line that it is about.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.iter().enumerate() {
            let separator = if i == 0 { "" } else { "\n" };
            f.write_str(separator)?;
            problem.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_takes_one_line_whatever_it_quotes() {
        let mut problems = Problems::new("home.yaml");
        problems.error("x", Position::START, "no model 'a\nb\u{1b}'");
        assert_eq!(
            problems.to_string(),
            "home.yaml:1:1: error: no model 'a b '"
        );
    }

    #[test]
    fn problems_are_shown_in_the_order_of_the_file_with_the_place_first() {
        let mut problems = Problems::new("home.yaml");
        problems.warning("later", Position { line: 9, column: 1 }, "b");
        problems.error("first", Position { line: 2, column: 5 }, "a");
        assert_eq!(problems.errors(), 1);
        assert_eq!(
            problems.sorted().to_string(),
            "home.yaml:2:5: error: a\nhome.yaml:9:1: warning: b"
        );
    }

    #[test]
    fn problems_of_other_files_come_after_those_of_the_scenario() {
        let mut problems = Problems::new("home.yaml");
        problems.add(Problem {
            severity: Severity::Warning,
            code: "gap".into(),
            file: "data/load.csv".into(),
            position: Position { line: 3, column: 7 },
            message: "no row for 00:30".to_owned(),
            excerpt: Some(Excerpt {
                line: "2012-01-01 00:45:00,5".into(),
                length: 1,
            }),
        });
        problems.error("first", Position { line: 9, column: 5 }, "a");
        let problems = problems.sorted();
        assert_eq!(
            problems.to_string(),
            "home.yaml:9:5: error: a\ndata/load.csv:3:7: warning: no row for 00:30"
        );
        assert_eq!(
            problems.into_vec()[1].to_json().to_string(),
            r#"{"severity":"warning","code":"gap","file":"data/load.csv","line":3,"column":7,"message":"no row for 00:30"}"#
        );
    }
}
