//! What is wrong with a scenario, or worth a warning, and where.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A place in a scenario file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// The beginning of a file.
    pub const START: Position = Position { line: 1, column: 1 };
}

/// `line:column`.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

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

/// One thing that is wrong with a scenario, or worth a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// Machine-readable category, such as `unknown_key` or `missing_parameter:max_p`.
    pub code: Cow<'static, str>,
    /// The scenario file as the user named it.
    pub file: Arc<str>,
    /// Where in the file.
    pub position: Position,
    /// Which object is concerned, what is wrong with it, and what would be right.
    pub message: String,
}

/// `file:line:column: error: message`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem {
            severity,
            file,
            position,
            message,
            ..
        } = self;
        write!(f, "{file}:{position}: {severity}: {message}")
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
    pub(super) fn new(file: &str) -> Self {
        Self {
            file: file.into(),
            list: Vec::new(),
        }
    }

    /// Adds an error.
    pub(super) fn error(
        &mut self,
        code: impl Into<Cow<'static, str>>,
        position: Position,
        message: impl Into<String>,
    ) {
        self.add(Severity::Error, code.into(), position, &message.into());
    }

    /// Adds a warning.
    pub(super) fn warning(
        &mut self,
        code: impl Into<Cow<'static, str>>,
        position: Position,
        message: impl Into<String>,
    ) {
        self.add(Severity::Warning, code.into(), position, &message.into());
    }

    fn add(
        &mut self,
        severity: Severity,
        code: Cow<'static, str>,
        position: Position,
        message: &str,
    ) {
        // Messages quote the file, and whatever stands there a problem takes one line.
        let message = message.replace(char::is_control, " ");
        let problem = Problem {
            severity,
            code,
            file: Arc::clone(&self.file),
            position,
            message,
        };
        self.list.push(problem);
    }

    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        let errors = |problem: &&Problem| problem.severity == Severity::Error;
        self.list.iter().filter(errors).count()
    }

    /// The problems in the order of the file.
    pub(super) fn sorted(mut self) -> Self {
        self.list.sort_by_key(|problem| problem.position);
        // An alias shows what is wrong with its anchor's content once for each use.
        self.list.dedup();
        self
    }

    /// The problems, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// The problems, in the order of the file.
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

/// One problem a line.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.iter().enumerate() {
            let separator = if i == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
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
}
