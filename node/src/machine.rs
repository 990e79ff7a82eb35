//! What the system says about the machine.

use std::fs;

/// What the machine calls itself; empty if it does not say.
pub(crate) fn name() -> String {
    let name = fs::read_to_string("/proc/device-tree/model").unwrap_or_default();
    // The device tree ends its strings with a zero byte.
    name.trim_end_matches(['\0', '\n'])
        .chars()
        .take(80)
        .collect()
}

/// Temperature of the processor in °C.
pub(crate) fn temperature() -> Option<f32> {
    let text = fs::read_to_string("/sys/class/thermal/thermal_zone0/temp").ok()?;
    text.trim()
        .parse::<f32>()
        .ok()
        .map(|thousandths| thousandths / 1000.0)
}

/// Load average of the last minute.
pub(crate) fn load() -> Option<f32> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok()
}
