//! A scenario that is ready to run.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use shared::files::{Files, WorkingDirectory};
use shared::model::Registry;

use super::{Graph, Hosting, LoadError, Problem, load_hosted, text};

/// A scenario that has been checked in full: what runs, and what there is to say of it.
#[derive(Debug)]
pub struct Scenario {
    pub(crate) graph: Graph,
    pub(crate) warnings: Vec<Problem>,
    /// The file that it was read from.
    pub(crate) path: Option<PathBuf>,
    /// How long that took.
    pub(crate) read_in: Duration,
}

impl Scenario {
    /// Reads and checks a scenario file, with the model types of the Illuminator and the data files that
    /// it names, relative to the working directory. The programs that it names are started on this machine; they
    /// end with the run, or with what this returns.
    ///
    /// # Errors
    /// All that is wrong with it at once, see [`LoadError`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        Self::load_with(path, &models::CATALOGUE, &WorkingDirectory)
    }

    /// Reads and checks a scenario file, with these model types, and data files from elsewhere.
    ///
    /// # Errors
    /// All that is wrong with it at once, see [`LoadError`].
    pub fn load_with(
        path: impl AsRef<Path>,
        types: &Registry,
        files: &dyn Files,
    ) -> Result<Self, LoadError> {
        Hosting::here(false, |hosting| {
            Self::load_hosted(path, types, files, Some(hosting))
        })
    }

    /// Reads and checks a scenario file, with somebody who starts the programs that it names.
    ///
    /// # Errors
    /// All that is wrong with it at once, see [`LoadError`].
    pub fn load_hosted(
        path: impl AsRef<Path>,
        types: &Registry,
        files: &dyn Files,
        hosting: Option<&mut Hosting<'_>>,
    ) -> Result<Self, LoadError> {
        let (path, begun) = (path.as_ref(), Instant::now());
        let name = path.display().to_string();
        let text = text::read(path, &name)?;
        let (graph, warnings) = load_hosted(&name, &text, types, files, hosting)?;
        Ok(Self {
            graph,
            warnings,
            path: Some(path.to_owned()),
            read_in: begun.elapsed(),
        })
    }

    /// Reads and checks a scenario from text, with these model types, and data files from elsewhere.
    /// `name` stands for the file in messages.
    ///
    /// # Errors
    /// All that is wrong with it at once, see [`LoadError`].
    pub fn from_text(
        name: &str,
        text: &str,
        types: &Registry,
        files: &dyn Files,
    ) -> Result<Self, LoadError> {
        let begun = Instant::now();
        let loaded = Hosting::here(false, |hosting| {
            load_hosted(name, text, types, files, Some(hosting))
        });
        let (graph, warnings) = loaded?;
        Ok(Self {
            graph,
            warnings,
            path: None,
            read_in: begun.elapsed(),
        })
    }

    /// A scenario that a program has put together itself, with the means of [`shared`]. Whoever does that
    /// answers for all that is checked elsewhere.
    pub fn of_graph(graph: Graph) -> Self {
        Self {
            graph,
            warnings: Vec::new(),
            path: None,
            read_in: Duration::ZERO,
        }
    }

    /// The models and what flows between them.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// What runs and may surprise, in the order of the file.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }
}
