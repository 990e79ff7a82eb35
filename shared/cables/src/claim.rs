//! A model's side of its sockets.

use std::fmt;
use std::mem;
use std::sync::Arc;

use shared::cable::{MAX_SOCKETS, Picture, Sight, SocketState, SocketWish, Sockets};

use crate::found::{Found, Trouble};
use crate::picture::{FAILED, REST, pack};
use crate::roster::{InTheWay, Roster};
use crate::socket::Socket;
use crate::thread;

/// The sockets of a model.
pub(crate) struct Claim {
    roster: Arc<Roster>,
    places: Vec<Place>,
    /// The changes that have been gone through.
    changes: u32,
    /// What has to be said once; with a socket, as soon as there is something in it.
    complaints: Vec<(String, Option<Arc<Socket>>)>,
    has_failed: bool,
}

#[derive(Default)]
struct Place {
    /// None where it cannot be had.
    socket: Option<Arc<Socket>>,
    /// What was said of it last.
    said: Trouble,
}

/// What is said of a trouble, and what to do about it.
fn words(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::None => "",
        Trouble::NoPermission => {
            "no permission; the user of this process has to be in the group dialout (usermod -aG dialout \
             USER), as that of the node's service is"
        }
        Trouble::InUse => "in use by another program; end that one",
        Trouble::Unusable => "cannot be used: ",
        Trouble::Silent => {
            "silent; a board of the first version shows what it is told, and never says which cable it is"
        }
        Trouble::Strange => {
            "answers something else than boards do: their id, one character, or 01 to 05 for a byte"
        }
        Trouble::LargeId => {
            "its board has an id that models do not see: they know 0 to 9; give it another one"
        }
    }
}

impl Claim {
    pub(crate) fn new(roster: &Arc<Roster>, model: &str, wish: &SocketWish) -> Self {
        let mut complaints = Vec::new();
        let devices = wish.devices.iter().take(MAX_SOCKETS);
        let mut places: Vec<Place> = devices
            .map(|device| Place {
                socket: claim(roster, device, model)
                    .map_err(|(reason, other)| {
                        complaints.push(([device, ": ", &reason].concat(), other));
                    })
                    .ok(),
                said: Trouble::None,
            })
            .collect();
        for socket in places.iter().filter_map(|place| place.socket.as_ref()) {
            socket.set_misses(wish.misses);
            socket.want(REST);
        }
        if let Err(error) = thread::start(roster) {
            // What is said of all of them is enough.
            complaints = vec![(["no cables: ", &error.to_string()].concat(), None)];
            release(roster, &mut places);
        }
        Self {
            roster: Arc::clone(roster),
            places,
            changes: roster.changes().wrapping_sub(1),
            complaints,
            has_failed: false,
        }
    }

    fn socket(&self, socket: usize) -> Option<&Socket> {
        self.places.get(socket)?.socket.as_deref()
    }

    /// Has all cables show something.
    fn show_all(&self, picture: u64) {
        for place in &self.places {
            if place
                .socket
                .as_ref()
                .is_some_and(|socket| socket.want(picture))
            {
                self.roster.wake();
            }
        }
    }
}

/// All that it has would be a kilobyte of code in a node.
impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claim")
    }
}

fn claim(roster: &Roster, device: &str, model: &str) -> Result<Arc<Socket>, InTheWay> {
    if !names_port(device) {
        let reason = "no serial port; name devices such as ttyACM0 or serial/by-path/…";
        return Err((reason.into(), None));
    }
    let socket = roster.list().claim(device, model);
    socket.map_err(|(reason, other)| {
        let remedy = "; parameter 'sockets' has others";
        ([&reason, remedy].concat(), other)
    })
}

/// Whether a device may be opened at all. Some do things when they are: a watchdog restarts the machine.
fn names_port(device: &str) -> bool {
    let slash = device.bytes().rposition(|byte| byte == b'/');
    let name = &device[slash.map_or(0, |slash| slash + 1)..];
    let is_inside = !device.starts_with('/') && !device.contains("..");
    is_inside
        && (name.starts_with("tty") || name.starts_with("cu.") || device.starts_with("serial/"))
}

fn release(roster: &Roster, places: &mut [Place]) {
    for place in places {
        if let Some(socket) = place.socket.take() {
            roster.list().free(&socket);
        }
    }
}

impl Sockets for Claim {
    fn sight(&mut self, socket: usize) -> Sight {
        self.socket(socket)
            .map(Socket::found)
            .map_or(Sight::Gone, Found::sight)
    }

    fn show(&mut self, socket: usize, picture: Picture) {
        if self
            .socket(socket)
            .is_some_and(|socket| socket.want(pack(picture)))
        {
            self.roster.wake();
        }
    }

    fn news(&mut self) -> Option<String> {
        let changes = self.roster.changes();
        if changes == self.changes {
            return None;
        }
        let is_due = |(_, other): &(String, Option<Arc<Socket>>)| {
            let state = other.as_ref().map(|socket| socket.found().state());
            state != Some(SocketState::Empty)
        };
        if let Some(place) = self.complaints.iter().position(is_due) {
            return Some(self.complaints.swap_remove(place).0);
        }
        for Place { socket, said } in &mut self.places {
            let Some(socket) = socket else { continue };
            let found = socket.found();
            let trouble = found.trouble();
            if mem::replace(said, trouble) != trouble && trouble != Trouble::None {
                let mut news = [&socket.device, ": ", words(trouble)].concat();
                if let SocketState::Unusable(reason) = found.state() {
                    news.push_str(&reason);
                }
                return Some(news);
            }
        }
        self.changes = changes;
        None
    }

    fn fail(&mut self) {
        self.has_failed = true;
        self.show_all(FAILED);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.has_failed {
            self.show_all(REST);
        }
        release(&self.roster, &mut self.places);
    }
}
