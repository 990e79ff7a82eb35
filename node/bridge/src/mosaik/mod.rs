//! The model types of the Illuminator as a simulator for mosaik.
//!
//! From the outside in: `serve` has it all from the start to a signal, `connections` is the table of those who
//! are connected, `connection` reads what one of them says and writes the answers. What is answered is decided in
//! `session`, with `settings` (what `init` said), `description` (what is said of the types), `creation` (how
//! models are made), `arrivals` (what a step brings to their inputs) and `clock` (mosaik's time). The models run
//! in this process (`here`) or, between a feeder and a taker, on nodes (`cluster`).

mod arrivals;
mod clock;
mod cluster;
mod connection;
mod connections;
mod creation;
mod description;
mod entity;
mod here;
mod places;
mod refusal;
mod serve;
mod serving;
mod session;
mod settings;
mod telling;

pub(crate) use serve::{run, serve};
