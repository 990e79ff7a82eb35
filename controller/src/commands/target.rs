//! What the user names on the command line: a scenario, whose nodes are meant, or a machine.

use std::path::Path;

use shared::files::WorkingDirectory;

use super::failure::Failure;
use crate::scenario::{self, Outline};

/// One target of a command.
#[derive(Debug)]
pub(crate) enum Target {
    /// A scenario.
    Scenario(Outline),
    /// Anything that is no file and not called like one.
    Named(String),
}

impl Target {
    /// Reads what was given on the command line.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let path = Path::new(text);
        let is_called_so = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"));
        if !is_called_so && !path.is_file() {
            return Ok(Self::Named(text.to_owned()));
        }
        // No program is started only to see which machines there are.
        let outline = scenario::outline(path, &models::CATALOGUE, &WorkingDirectory)?;
        Ok(Self::Scenario(outline))
    }

    /// Reads what was given for machines: a scenario has to name some.
    pub(crate) fn of_cluster(text: &str) -> Result<Self, Failure> {
        match Self::read(text)? {
            Self::Scenario(outline) if outline.machines().next().is_none() => {
                Err(Failure::NoNodes(text.to_owned()))
            }
            target => Ok(target),
        }
    }
}
