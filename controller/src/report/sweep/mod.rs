//! The report of a sweep: what each parameter does to each indicator, at a glance.

mod effects;
mod page;
#[cfg(feature = "sinks")]
mod parquet;
mod pictures;
mod table;

pub(crate) use page::of;
pub(crate) use table::is_table;
