//! Runs the real binaries for tests: nodes as processes of their own on loopback, and the
//! controller with an end to its patience.

#![allow(clippy::missing_panics_doc, reason = "a test that cannot go on panics")]

mod conformance;
mod process;

pub use conformance::{Scenario, conformance_folder, difference, scenarios};
pub use process::{Node, Run, controller, controller_in, node_binary, run_bounded, workspace};
