//! Variants of a scenario: runs in one process that differ in values of parameters, on any site.
//!
//! [`Common`] is what the variants of a scenario have in common, and makes the engine of each, or of several. What no value has an
//! influence on is a [`Trace`], which is played back in each of them. How each model comes about, and what is made of the
//! rows, is said in `shared::variant`.

mod common;
mod copies;
mod trace;

pub use common::{Common, NotMade};
pub use trace::{Trace, append_value, take_value};
