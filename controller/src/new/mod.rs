//! Scenarios to begin with: examples of the project, which are in this program, made ready to run in a folder.

mod choices;
mod example;
mod write;

use terminal::spelling::nearest;

pub(crate) use choices::CHOICES;
pub(crate) use example::Example;
pub(crate) use write::write;

/// The names of the choices.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    CHOICES.iter().map(|choice| choice.name)
}

/// The choice of this name; otherwise the name that was probably meant.
pub(crate) fn find(name: &str) -> Result<&'static Example, Option<&'static str>> {
    let found = CHOICES.iter().find(|choice| choice.name == name);
    found.ok_or_else(|| nearest(name, names()))
}
