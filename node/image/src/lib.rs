//! The SD card of a Raspberry Pi that is a node and nothing else.
//!
//! A [`Card`] has one partition with a FAT file system: the firmware of the Pi, a kernel, what it starts from
//! (the first process, the node, drivers), and one file for people, [`Settings`], that says which node it is.
//! Cards are made and written in memory, without rights and without programs of the system, so it is the same
//! on all systems. The Pi reads its partition and never writes it: [`read_file`]. What updates it has kept is behind that:
//! [`slots`].

mod card;
mod settings;
pub mod slots;

pub use card::{Card, CardError, read_file};
pub use settings::{FILE, LONGEST, Network, Settings, SettingsError, check_name};
