//! Programs that are started: how they are met, and how they end.

mod acting;
#[path = "../units/bench.rs"]
#[allow(
    dead_code,
    reason = "what units are tried with is more than programs need"
)]
mod bench;
mod endings;
mod python;
#[path = "../units/simulator.rs"]
#[allow(
    dead_code,
    reason = "what units are tried with is more than programs need"
)]
mod simulator;
mod starts;
