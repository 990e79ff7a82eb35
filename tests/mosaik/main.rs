//! `illuminator-bridge`: the model types as a simulator for mosaik.

mod command_line;
mod crowd;
mod mosaik;
mod nodes;
mod python;
mod requests;
mod vectors;
mod wire;

#[path = "../../models/tests/vectors/case.rs"]
mod case;
#[path = "../../models/tests/vectors/rules.rs"]
mod rules;
