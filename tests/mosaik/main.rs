//! `illuminator-bridge`: the model types as a simulator for mosaik.

mod command_line;
mod crowd;
mod guide;
mod mosaik;
mod nodes;
mod python;
mod requests;
mod vectors;
mod wire;

#[allow(dead_code, reason = "boards of a table, and numpy, have no part here")]
#[path = "../../models/tests/vectors/case.rs"]
mod case;
#[allow(dead_code, reason = "likewise")]
#[path = "../../models/tests/vectors/rules.rs"]
mod rules;
