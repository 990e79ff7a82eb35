//! What the system says about the machine, and what is asked of it for this process.

use std::fs;

use shared::value::parse_float;

/// What the machine calls itself; empty if it does not say.
pub(crate) fn name() -> String {
    let name = fs::read_to_string("/proc/device-tree/model").unwrap_or_default();
    // The device tree ends its strings with a zero byte.
    name.trim_end_matches(['\0', '\n'])
        .chars()
        .take(80)
        .collect()
}

/// The name of the machine in its networks; empty if it does not say.
pub(crate) fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

/// Temperature of the processor in °C.
pub(crate) fn temperature() -> Option<f32> {
    let text = fs::read_to_string("/sys/class/thermal/thermal_zone0/temp").ok()?;
    number(text.trim()).map(|thousandths| thousandths / 1000.0)
}

/// Load average of the last minute.
pub(crate) fn load() -> Option<f32> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    number(text.split(' ').next()?)
}

/// Reads a number as models do: what the standard library has for it would be there beside that.
#[expect(
    clippy::cast_possible_truncation,
    reason = "it is shown with a digit or two"
)]
fn number(text: &str) -> Option<f32> {
    parse_float(text).map(|number| number as f32)
}

/// Has the system keep to small pages for this process. Where huge ones are its default, a thread's
/// first touch of its stack may take two megabytes, which is more than all the rest of a node.
pub(crate) fn keep_pages_small() {
    // A system that does not know of huge pages refuses, and has none.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
