//! Models that are other programs: classes in Python, and simulators for the co-simulation framework mosaik.
//!
//! A [`Host`] starts such programs and tells what they say of themselves; once it is known what is connected to
//! what, it makes a model type of each *unit*: one program, or several that have to take turns. Its instances step
//! like those of any other type, except that a step is put off until the program has answered
//! ([`Step::put_off`](shared::model::Step::put_off)).
//!
//! Everything that is said to a program is mosaik's protocol ([`wire`]). A class of the Illuminator is served by a
//! script of ours that speaks it as well.

// Whatever is printed is printed by the programs that use this.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod description;
mod fault;
mod host;
mod lasting;
mod local;
mod process;
pub mod remote;
mod request;
mod running;
mod said;
mod simulator;
mod unit;
pub mod wire;
mod wiring;

pub use description::{
    Entity, EntityAttribute, EntityType, Role, SimulatorDescription, SimulatorKind,
};
pub use fault::Fault;
pub use host::Host;
pub use lasting::Lasting;
pub use local::LocalHost;
pub use process::kill_programs;
pub use request::{EntityRequest, ExtraCall, Program, SimulatorRequest};
pub use wiring::{
    InsideConnection, RelationGraph, Spot, UnitWiring, WiredInput, WiredPublished, WiredSource,
};
