//! What the controller writes: the result file, progress, summary, pages about model types, and the
//! schema of scenario files.

mod attribute_rows;
mod cell;
mod console;
mod duration;
mod made_from;
mod notices;
mod pages;
mod printable;
mod progress;
mod recorder;
mod remarks;
mod result_file;
#[cfg(test)]
mod scenario_page;
mod schema;
mod side_files;
mod speech;
mod summary;

pub(crate) use console::Console;
pub(crate) use duration::duration;
pub(crate) use made_from::MadeFrom;
pub(crate) use pages::{library, list_types, show_type};
pub(crate) use printable::{printable, printable_line};
pub(crate) use recorder::Recorder;
pub(crate) use remarks::Remarks;
pub(crate) use result_file::{ResultFile, ResultSink, claim};
pub(crate) use schema::schema;
pub(crate) use side_files::{SideFiles, SideFolder};
pub(crate) use speech::{Kind, answer, answer_line, catch_panics, finish, say, say_line};
pub(crate) use summary::{NodeSummary, Summary, count};
