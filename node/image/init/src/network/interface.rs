//! An interface as the system shows it.

use std::fs;
use std::path::PathBuf;

use super::INTERFACES;

/// The address of a device of Ethernet.
pub type Mac = [u8; 6];

/// What the system calls Ethernet.
const ETHERNET: &str = "1";

/// An interface.
#[derive(Clone, Debug)]
pub(super) struct Interface {
    pub(super) name: String,
    pub(super) index: u32,
    pub(super) mac: Mac,
}

impl Interface {
    /// The interface of this name, if it is there.
    pub(super) fn find(name: &str) -> Option<Self> {
        let read = |what| fs::read_to_string(folder(name).join(what)).ok();
        Some(Self {
            name: name.to_owned(),
            index: read("ifindex")?.trim().parse().ok()?,
            mac: parse_mac(&read("address")?)?,
        })
    }

    pub(super) fn is_ethernet(&self) -> bool {
        self.says("type", ETHERNET)
    }

    /// Whether it is still the same device.
    pub(super) fn is_there(&self) -> bool {
        self.says("ifindex", &self.index.to_string())
    }

    /// Whether there is a cable, with something at its other end. One that is off does not say.
    pub(super) fn has_carrier(&self) -> bool {
        self.says("carrier", "1")
    }

    fn says(&self, what: &str, expected: &str) -> bool {
        let said = fs::read_to_string(folder(&self.name).join(what));
        said.is_ok_and(|said| said.trim() == expected)
    }
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(INTERFACES).join(name)
}

fn parse_mac(text: &str) -> Option<Mac> {
    let mut mac = Mac::default();
    let mut parts = text.trim().split(':');
    for byte in &mut mac {
        *byte = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    parts.next().is_none().then_some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_devices_are_read() {
        assert_eq!(
            parse_mac("b8:27:eb:00:01:ff\n"),
            Some([0xb8, 0x27, 0xeb, 0, 1, 0xff])
        );
        for wrong in ["", "b8:27", "b8:27:eb:00:01:ff:00", "x8:27:eb:00:01:ff"] {
            assert_eq!(parse_mac(wrong), None, "{wrong}");
        }
    }
}
