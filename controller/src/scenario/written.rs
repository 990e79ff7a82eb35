//! What a scenario is made of, as it is written: for those who read its result and run nothing. No data
//! file is opened and no program started.

use std::path::Path;

use shared::model::{ModelConfig, Registry, TypeRef};
use shared::time::TimeGrid;

use super::entries::{ConnectionEntry, ModelEntry, ScenarioFile, simulator_of};
use super::error::LoadError;
use super::problems::Problems;
use super::{judge, read, text};

/// A scenario as it is written.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) name: String,
    /// The simulated time.
    pub(crate) grid: Option<TimeGrid>,
    /// The models, in the order of the file.
    pub(crate) models: Vec<WrittenModel>,
    /// What flows between them: from model and attribute to model and input.
    pub(crate) connections: Vec<WrittenConnection>,
}

/// A connection as it is written.
#[derive(Debug)]
pub(crate) struct WrittenConnection {
    /// From model and attribute to model and input.
    pub(crate) ends: [(String, String); 2],
    /// It delivers what was valid a tick before.
    pub(crate) is_shifted: bool,
}

/// A model as it is written.
#[derive(Debug)]
pub(crate) struct WrittenModel {
    pub(crate) config: ModelConfig,
    /// Its type, unless that is a program.
    pub(crate) model_type: Option<TypeRef>,
}

impl Written {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// It cannot be read, or has no form of a scenario.
    pub(crate) fn read(path: &Path, catalogue: &Registry) -> Result<Self, LoadError> {
        let name = path.display().to_string();
        let text = text::read(path, &name)?;
        let mut problems = Problems::new(&name);
        let file = read(&text, catalogue, &mut problems).filter(|_| problems.errors() == 0);
        let written = file.map(|file| Self::of(&file, catalogue));
        let (written, _) = judge(written, problems, &text)?;
        Ok(written)
    }

    pub(super) fn of(file: &ScenarioFile, catalogue: &Registry) -> Self {
        let model = |entry: &ModelEntry| {
            let config = entry.config();
            let simulator = simulator_of(&config.model_type);
            let is_program = file.simulators.iter().any(|known| known.name == simulator);
            let model_type = catalogue.find(&config.model_type);
            WrittenModel {
                model_type: model_type.filter(|_| !is_program),
                config,
            }
        };
        let connection = |entry: &ConnectionEntry| {
            let (from, to) = (entry.from.as_ref()?, entry.to.as_ref()?);
            let end = |model: &str, attribute: &str| (model.to_owned(), attribute.to_owned());
            Some(WrittenConnection {
                ends: [
                    end(&from.model, &from.attribute),
                    end(&to.model, &to.attribute),
                ],
                is_shifted: entry.shifted == Some(true),
            })
        };
        let connections = file.connections.iter().flatten();
        Self {
            name: file.name.clone().unwrap_or_default(),
            grid: file.grid,
            models: file.models.iter().map(model).collect(),
            connections: connections.filter_map(connection).collect(),
        }
    }

    /// The model of this name.
    pub(crate) fn model(&self, name: &str) -> Option<&WrittenModel> {
        self.models.iter().find(|model| model.config.name == name)
    }
}
