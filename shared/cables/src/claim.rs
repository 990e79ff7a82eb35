//! A model's side of its sockets.

use std::fmt;
use std::path::{Component, Path};
use std::sync::Arc;

use shared::cable::{MAX_SOCKETS, Picture, Sight, SocketState, SocketWish, Sockets};

use crate::picture::{FAILED, REST, pack};
use crate::roster::Roster;
use crate::socket::Socket;

/// The sockets of a model.
pub(crate) struct Claim {
    roster: Arc<Roster>,
    places: Vec<Place>,
    /// The changes that have been gone through.
    changes: u32,
    /// What has to be said from the start.
    complaints: Vec<String>,
    has_failed: bool,
}

#[derive(Default)]
struct Place {
    /// None where it cannot be had.
    socket: Option<Arc<Socket>>,
    /// What was said of it last.
    said: Trouble,
}

/// What may be wrong with a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Trouble {
    #[default]
    None,
    NoPermission,
    InUse,
    Unusable,
    Silent,
    NotUnderstood,
    LargeId,
}

impl Trouble {
    fn of(socket: &Socket, state: &SocketState) -> Self {
        match state {
            SocketState::NoPermission => Self::NoPermission,
            SocketState::InUse => Self::InUse,
            SocketState::Unusable(_) => Self::Unusable,
            SocketState::Silent => Self::Silent,
            SocketState::NotUnderstood(_) => Self::NotUnderstood,
            SocketState::Cable { .. } if socket.sight() == Sight::Gone => Self::LargeId,
            SocketState::Empty | SocketState::Found | SocketState::Cable { .. } => Self::None,
        }
    }

    /// What to do about it.
    fn remedy(self) -> &'static str {
        match self {
            Self::None | Self::Unusable => "",
            Self::NoPermission => {
                "; the user of this process has to be in the group dialout (usermod -aG dialout USER), as \
                 that of the node's service is"
            }
            Self::InUse => "; end that one",
            Self::Silent => {
                "; a board of the first version shows what it is told, and never says which cable it is"
            }
            Self::NotUnderstood => {
                "; a board says its id, one character, or acknowledges bytes by 01 to 05"
            }
            Self::LargeId => {
                ", which models do not see: they know 0 to 9; give the board another id"
            }
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
                    .map_err(|reason| complaints.push([device, ": ", &reason].concat()))
                    .ok(),
                said: Trouble::None,
            })
            .collect();
        for socket in places.iter().filter_map(|place| place.socket.as_ref()) {
            socket.set_misses(wish.misses);
            socket.want(REST);
        }
        if let Err(error) = roster.start() {
            // What is said of all of them is enough.
            complaints = vec![["no cables: ", &error.to_string()].concat()];
            places.iter_mut().for_each(release);
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

fn claim(roster: &Roster, device: &str, model: &str) -> Result<Arc<Socket>, String> {
    if !names_port(device) {
        return Err("no serial port; name devices such as ttyACM0 or serial/by-path/…".into());
    }
    let socket = roster.list().claim(device, model);
    socket.map_err(|reason| [&reason, "; parameter 'sockets' has others"].concat())
}

/// Whether a device may be opened at all. Some do things when they are: a watchdog restarts the machine.
fn names_port(device: &str) -> bool {
    let path = Path::new(device);
    let is_inside = path
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    let name = device.rsplit('/').next().unwrap_or_default();
    is_inside
        && (["tty", "cu."].iter().any(|start| name.starts_with(start))
            || device.starts_with("serial/"))
}

fn release(place: &mut Place) {
    if let Some(socket) = place.socket.take() {
        socket.free();
    }
}

impl Sockets for Claim {
    fn sight(&mut self, socket: usize) -> Sight {
        self.socket(socket).map_or(Sight::Gone, Socket::sight)
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
        if changes == self.changes && self.complaints.is_empty() {
            return None;
        }
        if let Some(complaint) = self.complaints.pop() {
            return Some(complaint);
        }
        for Place { socket, said } in &mut self.places {
            let Some(socket) = socket else { continue };
            let facts = socket.facts();
            let trouble = Trouble::of(socket, &facts.state);
            if *said != trouble {
                *said = trouble;
                if trouble != Trouble::None {
                    let state = facts.state.to_string();
                    return Some([&socket.device, ": ", &state, trouble.remedy()].concat());
                }
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
        self.places.iter_mut().for_each(release);
    }
}
