//! What a run writes: its rows, the files of its models, and where they go.

mod beside;
mod cell;
mod csv;
mod earlier;
mod errand;
mod growing;
#[cfg(feature = "sinks")]
mod influx;
mod journal;
mod mqtt;
#[cfg(feature = "sinks")]
mod parquet;
mod planned;
mod recorder;
mod secret;
mod side_files;
mod side_json;
mod sink;
mod table;

pub(crate) use beside::{deliveries, parquet_file};
pub(crate) use csv::CsvFile;
pub(crate) use growing::GrowingFile;
pub(crate) use journal::{JOURNAL_HEADER, Journal, STEP};
#[cfg(feature = "sinks")]
pub(crate) use parquet::{Key, ParquetRows, Title};
pub use planned::Output;
pub(crate) use planned::{Outputs, scenario_files};
pub(crate) use recorder::Recorder;
pub(crate) use side_files::SideFiles;
pub use sink::{Column, Ending, Header, Sink};
pub use table::Table;
