//! The signals with which a user ends a program: Ctrl-C, `kill`, and a terminal that is closed. And those
//! with which a terminal stops it for a while.

use std::io;

use async_signal::{Signal, Signals};

/// The signals that end what the program does. One that whoever started it had it ignore, as `nohup`
/// does with that of a closed terminal, stays ignored.
#[cfg(unix)]
pub(crate) fn that_end() -> io::Result<Signals> {
    unless_ignored([Signal::Int, Signal::Term, Signal::Hup])
}

/// The signals with which a terminal has a program stand still and go on.
#[cfg(unix)]
pub(crate) fn of_job_control() -> io::Result<Signals> {
    unless_ignored([Signal::Tstp, Signal::Cont])
}

#[cfg(unix)]
fn unless_ignored<const N: usize>(wanted: [Signal; N]) -> io::Result<Signals> {
    let ignored = ignored();
    Signals::new(
        wanted
            .into_iter()
            .filter(|signal| ignored & (1 << (*signal as u32 - 1)) == 0),
    )
}

/// The signal that ends what the program does: elsewhere there is Ctrl-C alone.
#[cfg(not(unix))]
pub(crate) fn that_end() -> io::Result<Signals> {
    Signals::new([Signal::Int])
}

/// The signals that are ignored, a bit for each. A system that does not tell has none.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}
