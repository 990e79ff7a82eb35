//! The engine: steps the models of one site.
//!
//! An engine steps a model as soon as everything is there that the model can want at its next tick.
//! There is no global tick and no barrier: what depends on nothing remote runs ahead, up to the
//! window of its readers. Order within a tick and the combination of values come from the plan, so
//! nothing depends on what arrives first.
//!
//! What a plan fixes is in its wiring, which never changes; what a run changes is in its state.
//!
//! An engine does no input or output: whoever drives it calls [`Engine::run`], carries the batches of
//! [`Engine::take_batch`] to the other sites and hands theirs to [`Engine::receive`].

mod ahead;
mod batch;
mod booking;
mod border;
mod build;
pub mod combine;
mod connecting;
mod cursor;
mod error;
mod exchange;
mod failure;
mod groups;
mod inputs;
mod known;
mod making;
mod outlook;
#[cfg(feature = "described")]
mod patience;
mod publications;
mod ready;
mod rows;
mod saved;
mod site;
mod state;
mod stepping;
#[cfg(test)]
mod tests;
mod waits;
mod wirer;
mod wiring;

pub use batch::BatchError;
pub use border::{FULL_BATCH, MAX_BATCH, MAX_PUBLICATION};
pub use build::EngineMaking;
pub use error::PlanError;
pub use exchange::Waiting;
pub use failure::Failure;
pub use outlook::Window;
pub use rows::{NoRows, Rows};
pub use site::Engine;
pub use stepping::Turn;
pub use waits::Wait;
