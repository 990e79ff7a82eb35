//! From a tree to typed entries: which keys a scenario has, and what their values have to be. What
//! the names in it mean is not looked at here.

mod beside;
mod colour;
mod connect;
mod connection;
mod fields;
mod file;
mod grid;
mod indicator;
mod led;
mod limits;
mod model;
mod monitor;
mod reference;
mod simulator;
mod strip;
mod values;
mod varied;
mod written_file;

pub use connect::Connect;
pub use monitor::Dates;

pub(crate) use colour::colour_names;
pub(crate) use connect::check_host;
pub(crate) use connection::ConnectionEntry;
pub(crate) use file::ScenarioFile;
pub(crate) use indicator::{IndicatorEntry, read_indicator};
pub(crate) use led::{LED_KEYS, LedEntry};
pub(crate) use model::{Given, ModelEntry, SECTIONS};
pub(crate) use reference::{Reference, simulator_of};
pub(crate) use simulator::SimulatorEntry;
pub(crate) use strip::PALETTES;
pub(crate) use varied::{Varied, read_values};
