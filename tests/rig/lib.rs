//! Runs the real binaries for tests: nodes as processes of their own on loopback, and the
//! controller with an end to its patience. And plays their part where a test needs a peer that
//! does not behave.

#![allow(clippy::missing_panics_doc, reason = "a test that cannot go on panics")]

mod bridge;
mod conformance;
mod crowd;
mod dice;
mod disk;
mod guide;
mod lan;
mod memory;
mod namespace;
mod peer;
mod process;
mod proxy;
mod python;
mod recorder;
mod samples;
mod terminal;
mod trial;
mod wait;

pub use bridge::{Bridge, bridge_binary};
pub use conformance::{Scenario, conformance_folder, difference, placed, scenarios};
pub use crowd::{CROWD_NODES, crowd_drive, crowd_scenario};
pub use dice::Dice;
pub use disk::Disk;
pub use guide::{BEFORE, Block, blocks_in, blocks_of, path_with, run_page};
pub use lan::Lan;
pub use memory::{own_memory, peak_memory};
pub use namespace::{Namespace, ip, run_tool, where_possible};
pub use peer::{FakeNode, Peer, type_ids, wait_for_heartbeats};
pub use process::{
    Node, Run, binary_is_native, controller, controller_binary, controller_in, has, node_binary,
    run_bounded, workspace,
};
pub use proxy::Proxy;
pub use python::{MOSAIK, REFERENCE, environment, models_alone, python};
pub use recorder::{Recorder, Recording};
pub use samples::{HOMES, LOOP_START, TABLE_JOURNAL, loop_scenario, quarters, table_on};
pub use terminal::Terminal;
pub use trial::{Ended, Trial, assert_serves, grouped};
pub use wait::{PATIENCE, wait_for, wait_within};
