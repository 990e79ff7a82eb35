//! The memory of a process.

use std::fs;

/// The most memory that a process has had in use so far, in bytes, its program included; `None`
/// where the system does not say. The system counts this in steps of some hundred kilobytes.
pub fn peak_memory(pid: u32) -> Option<u64> {
    bytes_of(&format!("/proc/{pid}/status"), "VmHWM:")
}

/// The memory that a process has written to, in bytes, to the page: what it keeps, without the
/// parts of its program that it has got to so far. `None` where the system does not say.
pub fn own_memory(pid: u32) -> Option<u64> {
    bytes_of(&format!("/proc/{pid}/smaps_rollup"), "Anonymous:")
}

/// An entry of a file of the system, which has it in kilobytes.
fn bytes_of(path: &str, entry: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let amount = text.lines().find_map(|line| line.strip_prefix(entry))?;
    let kibibytes: u64 = amount.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
