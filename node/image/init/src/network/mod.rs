//! The networks of the machine: each socket for a cable of Ethernet gets an address, and answers for the name of
//! the machine there.

pub mod dhcp;
mod interface;
pub mod link_local;
pub mod names;
mod rtnetlink;
mod tend;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use image::Settings;

use crate::said::say;
use interface::Interface;

pub use interface::Mac;

/// Where the system shows its interfaces.
const INTERFACES: &str = "/sys/class/net";

/// All interfaces, also those that are plugged in later.
#[derive(Debug)]
pub struct Networks {
    settings: Arc<Settings>,
    /// How many have an address.
    connected: Arc<AtomicUsize>,
    /// The interfaces that somebody looks after.
    known: BTreeMap<String, JoinHandle<()>>,
}

impl Networks {
    /// For a machine with these settings. The machine talks to itself from now on.
    pub fn new(settings: Settings) -> Self {
        if let Some(own) = Interface::find("lo")
            && let Err(error) = rtnetlink::switch_on(own.index)
        {
            say(format_args!("lo: {error}"));
        }
        Self {
            settings: Arc::new(settings),
            connected: Arc::default(),
            known: BTreeMap::new(),
        }
    }

    /// Looks for interfaces that have come or gone.
    pub fn look(&mut self) {
        self.known.retain(|_, thread| !thread.is_finished());
        for entry in fs::read_dir(INTERFACES).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if self.known.contains_key(&name) {
                continue;
            }
            let Some(interface) = Interface::find(&name).filter(Interface::is_ethernet) else {
                continue;
            };
            let (settings, connected) = (Arc::clone(&self.settings), Arc::clone(&self.connected));
            let tend = move || tend::tend(&interface, &settings, &connected);
            match thread::Builder::new().spawn(tend) {
                Ok(thread) => {
                    self.known.insert(name, thread);
                }
                Err(error) => say(format_args!("{name}: {error}")),
            }
        }
    }

    /// Whether the machine can be reached.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed) > 0
    }
}
