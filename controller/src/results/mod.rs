//! Reading result files back: rows, what the columns are, and reductions that keep every peak.
//!
//! ```
//! use controller::results::{Table, reduce};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("out.csv");
//! # std::fs::write(&path, "date,A.x\n2012-01-01,1\n2012-01-01 00:15:00,5\n2012-01-01 00:30:00,2\n")?;
//! let table = Table::open(&path)?;
//! assert_eq!((&*table.columns[0].model, table.values[0][1]), ("A", 5.0));
//!
//! let all = reduce(&table.times, &table.values[0], table.times[0], i64::MAX, 1);
//! assert_eq!((all[0].low, all[0].high), (1.0, 5.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod column;
mod error;
mod moment;
mod provenance;
mod reader;
mod record;
mod reduce;
mod table;

pub use column::Column;
pub(crate) use column::{describe, role_in, unit_of};
pub use error::ResultError;
pub use moment::parse_moment;
pub(crate) use provenance::Provenance;
pub use reader::{Reader, Row};
pub(crate) use record::Record;
pub use reduce::{Bucket, Reduction, reduce};
pub use shared::variant::Measure;
pub use table::Table;

#[cfg(test)]
mod tests;
