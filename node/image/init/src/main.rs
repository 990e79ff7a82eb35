//! The first process of a Raspberry Pi that is a node and nothing else: brings up the hardware, reads from the
//! card which node this is, gives the machine its name and its addresses, and keeps the node running.
//!
//! It all is in memory: the card is read once, by way of its device, and never mounted. Nothing is written to it but an
//! update that is confirmed, into a slot that is not in use. So the plug may be pulled at any time. Nothing needs the
//! time of day.

mod light;
mod settled;
mod system;
mod watchdog;

use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use image::Settings;

use init::network::Networks;
use init::{Node, say};
use light::{Light, State};
use watchdog::Watchdog;

/// How often is looked after everything.
const TURN: Duration = Duration::from_millis(200);

fn main() -> ! {
    system::mount_all();
    say(format_args!(
        "Illuminator node, release {}",
        env!("CARGO_PKG_VERSION")
    ));
    system::load_drivers();
    let mut light = Light::default();
    light.show(State::Starting);
    let mut watchdog = Watchdog::default();
    let mut reader = system::CardReader::default();
    let mut serving: Option<Serving> = None;
    loop {
        watchdog.feed();
        let state = match &mut serving {
            Some(serving) => serving.look(),
            None => match reader.read() {
                Some(Ok((settings, card))) => {
                    serving = Some(Serving::new(settings, card));
                    State::Starting
                }
                Some(Err(())) => State::Fault,
                None => State::Starting,
            },
        };
        light.show(state);
        match &mut serving {
            Some(serving) => serving.node.attend(TURN),
            None => sleep(TURN),
        }
    }
}

/// What there is to do once it is known which node this is.
struct Serving {
    networks: Networks,
    node: Node,
}

impl Serving {
    fn new(settings: Settings, card: PathBuf) -> Self {
        system::set_name(&settings.name);
        Self {
            node: settled::node(&settings, card),
            networks: Networks::new(settings),
        }
    }

    fn look(&mut self) -> State {
        self.networks.look();
        if !self.node.look() {
            State::Fault
        } else if self.networks.is_connected() {
            State::Serving
        } else {
            State::Starting
        }
    }
}
