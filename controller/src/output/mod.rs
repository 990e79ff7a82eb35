//! What the controller writes: the result file, progress, summary, pages about model types, and the
//! schema of scenario files.

mod answer;
mod cell;
mod console;
mod made_from;
mod pages;
mod printable;
mod recorder;
mod remarks;
mod result_file;
#[cfg(test)]
mod scenario_page;
mod schema;
mod side_files;
mod summary;

pub(crate) use answer::{answer, answer_line, is_lost};
pub(crate) use console::Console;
pub(crate) use made_from::MadeFrom;
pub(crate) use pages::{library, list_types, show_type};
pub(crate) use printable::printable;
pub(crate) use recorder::Recorder;
pub(crate) use remarks::Remarks;
pub(crate) use result_file::{ResultFile, ResultSink, claim};
pub(crate) use schema::schema;
pub(crate) use side_files::{SideFiles, SideFolder};
pub(crate) use summary::{NodeSummary, Summary, count};
