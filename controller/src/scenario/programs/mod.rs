//! Models that are other programs: their simulators are started while the scenario is read, and asked what they
//! have; then those that are connected to each other in a way that makes them take turns become one model of the
//! graph, a unit.

mod check;
mod hosting;
mod lights;
mod ranks;
mod relations;
mod requests;
mod slots;
mod start;
mod together;
mod unit;
mod wired;

pub use hosting::{Hosting, Hosts};

pub(crate) use check::{check_entities, notes, refuse_turns_elsewhere};
pub(crate) use relations::relations;
pub(crate) use slots::Slots;
pub(crate) use start::start;
pub(crate) use unit::{UnitMaker, UnitModel};
