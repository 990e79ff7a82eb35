//! The folder that the side files of a model go to.

use shared::model::{
    Build, BuildError, FilesWritten, Literal, Parameter, ParameterSlot, Step, StepError,
};

use crate::parts::market_table::Table;

/// The parameter `results_dir`, which a type declares that writes side files: each step one of each
/// of these names at most.
pub(crate) const fn results_dir(
    default: &'static str,
    files: &'static [&'static str],
) -> Parameter {
    Parameter::write_folder(
        "results_dir",
        files,
        "folder of the side files, made where it is not there; relative to the working directory",
    )
    .with_default(Literal::text(default))
}

/// Where tables are written, each step to files of its own.
pub(crate) struct ResultsFolder {
    path: String,
}

impl ResultsFolder {
    /// The folder that a parameter names.
    pub(crate) fn new(build: &Build<'_>, slot: ParameterSlot) -> Result<Self, BuildError> {
        let path = build.text(slot).to_owned();
        if path.is_empty() {
            return Err(BuildError::invalid_parameter(
                "results_dir",
                "parameter 'results_dir' is empty; write '.' for the working directory",
            ));
        }
        Ok(Self { path })
    }

    /// Asks for the file `<name>_<tick>.csv` in the folder; the type has announced the name.
    pub(crate) fn write(
        &self,
        step: &mut Step<'_>,
        name: &str,
        table: &Table,
    ) -> Result<(), StepError> {
        let path = FilesWritten::path(&self.path, name, step.tick());
        step.write_file(path, table.to_csv())
    }
}
