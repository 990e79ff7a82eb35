//! Why a program cannot be used, or went wrong.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use shared::model::StepError;

/// Something went wrong with a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Machine-readable category. `simulator_gone` is the end of the program, or that it does not answer before the
    /// run; `simulator_failed` and `simulator_nonsense` are things that it says, or a program that is not there;
    /// `unknown_model`, `unknown_parameter`, `unknown_method`, `unknown_entity` and `unknown_attribute` are names that
    /// it does not have; `wiring` is a unit that there cannot be.
    pub code: Cow<'static, str>,
    /// The simulator, as the scenario calls it.
    pub simulator: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// The request that it was asked, as it went over the wire; shortened where it is long.
    pub request: Option<String>,
    /// The last lines that the program wrote to its standard error.
    pub output: Vec<String>,
}

/// What is wrong, with what the program was asked and what it wrote last, each on lines of its own; with `{:#}` all in
/// one line.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (more, first, next) = if f.alternate() {
            ("; ", " ", " | ")
        } else {
            ("\n  ", "\n    ", "\n    ")
        };
        write!(f, "simulator '{}': {}", self.simulator, self.message)?;
        if let Some(request) = &self.request {
            write!(f, "{more}it was asked: {request}")?;
        }
        let Some((line, others)) = self.output.split_first() else {
            return Ok(());
        };
        write!(f, "{more}its last words:{first}{line}")?;
        others.iter().try_for_each(|line| write!(f, "{next}{line}"))
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for StepError {
    fn from(fault: Fault) -> Self {
        Self::new(fault.code.clone(), fault.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_on_several_lines_or_on_one() {
        let mut fault = Fault {
            code: "simulator_gone".into(),
            simulator: "Sun".to_owned(),
            message: "its program has ended".to_owned(),
            request: None,
            output: Vec::new(),
        };
        let short = "simulator 'Sun': its program has ended";
        assert_eq!([format!("{fault}"), format!("{fault:#}")], [short, short]);
        fault.request = Some("[0, 1, []]".to_owned());
        fault.output = vec!["no module".to_owned(), "bye".to_owned()];
        assert_eq!(
            format!("{fault}"),
            format!(
                "{short}\n  it was asked: [0, 1, []]\n  its last words:\n    no module\n    bye"
            )
        );
        assert_eq!(
            format!("{fault:#}"),
            format!("{short}; it was asked: [0, 1, []]; its last words: no module | bye")
        );
    }
}
