//! What the controller writes: the result file, progress, summary, and pages about model types.

mod cell;
mod console;
mod pages;
mod printable;
mod result_file;
mod summary;

pub(crate) use console::Console;
pub(crate) use pages::{list_types, show_type};
pub(crate) use printable::printable;
pub(crate) use result_file::{ResultFile, WriteError};
pub(crate) use summary::{NodeSummary, Summary};
