//! What a run writes: its rows, the files of its models, and where they go.

mod cell;
mod csv;
mod growing;
mod journal;
mod planned;
mod recorder;
mod side_files;
mod sink;
mod table;

pub(crate) use csv::CsvFile;
pub(crate) use journal::{JOURNAL_HEADER, Journal, STEP};
pub use planned::Output;
pub(crate) use planned::{Outputs, scenario_files};
pub(crate) use recorder::Recorder;
pub(crate) use side_files::SideFiles;
pub use sink::{Column, Ending, Header, Sink};
pub use table::Table;
