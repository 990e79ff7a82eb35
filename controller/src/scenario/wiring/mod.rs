//! From names to places: which model and attribute each connection, monitor item and light means, how
//! the values of several connections are combined, and in which order models step.

mod arrangement;
mod connection;
mod feeding;
mod initial;
mod leds;
mod loops;
mod monitor;
mod names;
mod order;
mod units;

pub(crate) use arrangement::{Arrangement, Feed, arrange};
pub(crate) use connection::{Connection, SourceKey, resolve_connections};
pub(crate) use feeding::Feeding;
pub(crate) use initial::{begins_with_source, first_value, initial_value};
pub(crate) use leds::resolve_leds;
pub(crate) use monitor::{find_indicators, find_items};
pub(crate) use names::Names;
pub(crate) use order::{direct_sources, find_order};
pub(crate) use units::Units;
