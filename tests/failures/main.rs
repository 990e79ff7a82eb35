//! What a run comes to when something fails: exit code, message, and the result file, which holds
//! whole rows and none but right ones; and whether the nodes serve the next run.

mod commands;
mod data;
mod dialling;
mod disks;
mod links;
mod losses;
mod models;
mod neighbours;
mod nodes;
mod outages;
mod places;
mod results;
mod stalls;
mod unreachable;
mod versions;

/// More steps than any test waits for.
const FOREVER: u64 = 60_000_000;
