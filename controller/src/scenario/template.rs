//! A scenario of which there are many variants: it is read once, and parameters get other values in each of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use shared::files::Files;
use shared::model::{ModelConfig, Registry, SectionPolicy};
use shared::time::TimeGrid;
use shared::value::Value;

use super::entries::{
    IndicatorEntry, ModelEntry, ScenarioFile, Varied, read_indicator, read_values,
};
use super::of_variant::WrittenOut;
use super::problems::{Position, Problems, listing, meant_key, suggestion};
use super::yaml::{self, Content, Scalar};
use super::{Graph, Hosting, LoadError, Problem, Written, assemble, judge, models, read, text};

/// A scenario of which there are many variants.
#[derive(Debug)]
pub(crate) struct Template {
    /// How messages call it.
    pub(crate) name: String,
    text: String,
    file: ScenarioFile,
    /// What was found while reading it.
    problems: Problems,
}

/// A parameter, and the value that it has in a variant.
#[derive(Clone, Debug)]
pub(crate) struct Assigned {
    /// The place of the model in the file.
    pub(crate) model: usize,
    pub(crate) key: Arc<str>,
    pub(crate) value: Value,
    /// Where the value is written.
    pub(crate) position: Position,
}

/// Where models are looked for and built from.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) types: &'a Registry,
    pub(crate) files: &'a dyn Files,
}

impl Template {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// It cannot be read, or is no scenario.
    pub(crate) fn read(path: &Path, types: &Registry) -> Result<Self, LoadError> {
        let name = path.display().to_string();
        let text = text::read(path, &name)?;
        let mut problems = Problems::new(&name);
        let read = read(&text, types, &mut problems);
        let Some(file) = read else {
            let (file, _) = judge(None, problems, &text)?;
            return Ok(file);
        };
        Ok(Self {
            name,
            text,
            file,
            problems,
        })
    }

    /// Whether the scenario says that values belong together one by one, if it says it.
    pub(crate) fn is_aligned(&self) -> Option<bool> {
        self.file.aligned.map(|(aligned, _)| aligned)
    }

    /// The result file of the scenario.
    pub(crate) fn result(&self) -> Option<&PathBuf> {
        self.file.monitor.file.as_ref()
    }

    /// The columns that are monitored.
    pub(crate) fn monitored(&self) -> impl Iterator<Item = &str> {
        self.file
            .monitor
            .items
            .iter()
            .map(|item| item.text.as_str())
    }

    /// Its simulated time.
    pub(crate) fn grid(&self) -> Option<TimeGrid> {
        self.file.grid
    }

    /// The parameters that have several values, each with the place of its model, in the order of the file.
    pub(crate) fn varied(&self) -> impl Iterator<Item = (usize, &Varied)> {
        let models = self.file.models.iter().enumerate();
        models.flat_map(|(place, model)| model.varied.iter().map(move |varied| (place, varied)))
    }

    /// The indicators of the scenario.
    pub(crate) fn indicators(&self) -> &[IndicatorEntry] {
        &self.file.indicators
    }

    /// What a model is called.
    pub(crate) fn model_name(&self, place: usize) -> &str {
        let model = self.file.models.get(place);
        model.and_then(|model| model.name.as_deref()).unwrap_or("?")
    }

    /// The entry of a model with these values.
    pub(crate) fn config(&self, place: usize, assigned: &[Assigned]) -> ModelConfig {
        self.entry(place, assigned).config()
    }

    fn entry(&self, place: usize, assigned: &[Assigned]) -> ModelEntry {
        let mut entry = self.file.models[place].clone();
        for own in assigned.iter().filter(|own| own.model == place) {
            entry.assign(&own.key, own.value.clone(), own.position);
        }
        entry
    }

    /// The model and the parameter that `Model.parameter` names, the first one of that name.
    ///
    /// # Errors
    /// What is wrong with the name.
    pub(crate) fn parameter(
        &self,
        written: &str,
        types: &Registry,
    ) -> Result<(usize, Arc<str>), String> {
        let parts = written.split_once('.');
        let parts = parts.filter(|(model, key)| !model.is_empty() && !key.is_empty());
        let Some((model, key)) = parts else {
            return Err(format!(
                "'{written}' is no parameter of a model; write Model.parameter, such as Store.max_energy"
            ));
        };
        let key = key.strip_prefix("parameter.").unwrap_or(key);
        let models = &self.file.models;
        let named = |name: &str| {
            models
                .iter()
                .position(|known| known.name.as_deref() == Some(name))
        };
        let Some(place) = named(model) else {
            let names: Vec<&str> = models.iter().filter_map(|m| m.name.as_deref()).collect();
            return Err(format!(
                "'{written}': there is no model '{model}'{}",
                suggestion(model, "models", &names)
            ));
        };
        let type_name = models[place].type_name.as_ref().map(|(name, _)| name);
        let model_type = type_name.and_then(|name| types.find(name));
        if let Some(model_type) = model_type.filter(|known| known.sections != SectionPolicy::Own) {
            let known: Vec<&str> = model_type.parameters.iter().map(|p| &*p.name).collect();
            if !known.contains(&key) {
                return Err(format!(
                    "'{written}': the type '{}' has no parameter '{key}'{}",
                    model_type.name,
                    listing(meant_key(key, &known), "parameters", &known)
                ));
            }
        }
        Ok((place, key.into()))
    }

    /// Reads an indicator of this scenario.
    pub(crate) fn indicator(&self, text: &str, problems: &mut Problems) -> Option<IndicatorEntry> {
        read_indicator(text, &self.file.names(), problems)
    }

    /// The scenario with these values, checked in full, and its warnings. The columns are those of the monitor, if they
    /// are wanted, and then these.
    ///
    /// # Errors
    /// All that is wrong with it at once, see [`LoadError`].
    pub(crate) fn with(
        &self,
        assigned: &[Assigned],
        columns: &Columns<'_>,
        ground: Ground<'_>,
        hosting: Option<&mut Hosting<'_>>,
    ) -> Result<(Graph, Vec<Problem>), LoadError> {
        let mut file = self.assigned(assigned);
        if !columns.monitored {
            file.monitor.items.clear();
        }
        file.indicators = columns.of.to_vec();
        file.has_indicators_in_rows = true;
        let mut problems = self.problems.clone();
        let base = models::Base {
            scenario: &self.name,
        };
        let graph = assemble::assemble(
            file,
            ground.types,
            ground.files,
            base,
            hosting,
            &mut problems,
        );
        let graph = graph.filter(|_| problems.errors() == 0);
        judge(graph, problems, &self.text)
    }

    /// What is wrong with a model that has these values, and what may surprise.
    pub(crate) fn check(
        &self,
        place: usize,
        assigned: &[Assigned],
        ground: Ground<'_>,
    ) -> Vec<Problem> {
        let entry = self.entry(place, assigned);
        let surroundings = models::Surroundings {
            grid: self.file.grid,
            catalogue: ground.types,
            simulators: &self.file.simulators,
            files: ground.files,
            base: models::Base {
                scenario: &self.name,
            },
        };
        let mut problems = Problems::new(&self.name);
        models::build(vec![entry], surroundings, &mut problems);
        let mut problems = problems.sorted();
        problems.quote(&self.text);
        problems.into_vec()
    }

    /// What the scenario with these values is made of, as it is written.
    pub(crate) fn written(&self, assigned: &[Assigned], types: &Registry) -> Written {
        Written::of(&self.assigned(assigned), types)
    }

    /// The scenario, of which variants are to be files of their own; `None` where it cannot be read.
    pub(crate) fn to_write_out(&self) -> Option<WrittenOut> {
        WrittenOut::of(&self.text)
    }

    fn assigned(&self, assigned: &[Assigned]) -> ScenarioFile {
        let mut file = self.file.clone();
        for own in assigned {
            if let Some(model) = file.models.get_mut(own.model) {
                model.assign(&own.key, own.value.clone(), own.position);
            }
        }
        file
    }
}

/// What a variant has a column of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns<'a> {
    /// All that is monitored.
    pub(crate) monitored: bool,
    /// The attributes of these.
    pub(crate) of: &'a [IndicatorEntry],
}

/// Reads values as a list in YAML has them, without its brackets, or as a range: `10,20,50`. Each has its place in the
/// text.
pub(crate) fn values_of(
    text: &str,
    name: &str,
    problems: &mut Problems,
) -> Option<Vec<(Value, Position)>> {
    let listed = format!("[{text}]");
    let mut node = if text.trim_start().starts_with("range(") {
        yaml::Node {
            position: Position { line: 1, column: 2 },
            content: Content::Text(text.trim().to_owned()),
        }
    } else {
        yaml::read(&listed, problems)?
    };
    if let Content::List(items) = &mut node.content
        && let [only] = items.as_slice()
        && let Content::Text(range) = &only.content
        && range.starts_with("range(")
    {
        node = only.clone();
    }
    let mut values = read_values(&node, name, problems)?;
    for (_, place) in &mut values {
        place.column = place.column.saturating_sub(1).max(1);
    }
    Some(values)
}

/// The value of a cell of a table, by the rules for plain scalars in YAML; what these take for something else is text.
pub(crate) fn cell_value(cell: &str) -> Value {
    match yaml::plain(cell.trim()) {
        Ok(Scalar::Null) => Value::Null,
        Ok(Scalar::Bool(flag)) => Value::Bool(flag),
        Ok(Scalar::Int(int)) => Value::Int(int),
        Ok(Scalar::Float(float)) => Value::Float(float),
        Ok(Scalar::Text(_) | Scalar::Timestamp(_)) | Err(_) => Value::text(cell),
    }
}
