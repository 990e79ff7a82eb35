//! Who hears what happens in a run: the user at the terminal, and the report for people, programs and the
//! record beside the result.

mod hashing;
mod notices;
mod progress;
mod remarks;
mod report;
mod stalls;
mod terminal;

pub(crate) use progress::{CLEAR, REPORT_INTERVAL, Shown, Speed};
pub(crate) use remarks::Remarks;
pub(crate) use report::Report;
pub(crate) use terminal::Terminal;
