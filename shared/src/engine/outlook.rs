//! What a model has of the world outside of the simulation: its sockets, and values that somebody changes.

use std::collections::VecDeque;
use std::mem;

use crate::cable::{MAX_SOCKETS, Picture, Sight, SocketWish, Sockets};
use crate::ids::ModelId;
use crate::journal::{Adjustment, Entry, Outside, Sighting, What};
use crate::time::Tick;

/// What one step sees in the sockets of its model, and what it has the cables there show.
#[derive(Debug)]
pub struct Window {
    seen: Vec<Sight>,
    shown: Vec<Option<Picture>>,
}

impl Window {
    /// On so many sockets, in which there is nothing.
    pub fn new(sockets: usize) -> Self {
        Self {
            seen: vec![Sight::Gone; sockets],
            shown: vec![None; sockets],
        }
    }

    /// What is in a socket.
    pub fn sight(&self, socket: usize) -> Sight {
        self.seen.get(socket).copied().unwrap_or_default()
    }

    /// Puts something into a socket.
    pub fn set_sight(&mut self, socket: usize, sight: Sight) {
        if let Some(place) = self.seen.get_mut(socket) {
            *place = sight;
        }
    }

    /// What a step has the cable in a socket show.
    pub fn picture(&self, socket: usize) -> Option<Picture> {
        self.shown.get(socket).copied().flatten()
    }

    /// Has the cable in a socket show something.
    pub fn show(&mut self, socket: usize, picture: Picture) {
        if let Some(place) = self.shown.get_mut(socket) {
            *place = Some(picture);
        }
    }
}

/// Where sights come from.
#[derive(Debug)]
enum Origin {
    /// There is nothing to look at.
    Nowhere,
    /// Sockets that there are.
    Live(Box<dyn Sockets>),
    /// A record, of which so many have been taken.
    Recorded(Vec<Sighting>, usize),
}

/// The outlook of a model.
#[derive(Debug)]
pub(super) struct Outlook {
    origin: Origin,
    /// What cables are told is wanted.
    log: bool,
    pub(super) window: Window,
    /// The sights of the step before.
    before: Vec<Sight>,
    /// Values that are still to be changed, each from a tick on.
    adjustments: VecDeque<(Tick, Adjustment)>,
}

impl Outlook {
    /// Of a model that may have sockets, as the plan says.
    pub(super) fn new(wish: Option<&SocketWish>, outside: &Outside) -> Self {
        let devices = wish.map_or(0, |wish| wish.devices.len());
        let sockets = devices.min(MAX_SOCKETS);
        Self {
            origin: match &outside.recorded {
                Some(record) => Origin::Recorded(record.clone(), 0),
                None => Origin::Nowhere,
            },
            log: outside.log,
            window: Window::new(sockets),
            before: vec![Sight::Gone; sockets],
            adjustments: outside.adjusted.iter().cloned().collect(),
        }
    }

    /// Has a value changed from the next step on.
    pub(super) fn adjust(&mut self, adjustment: Adjustment) {
        self.adjustments.push_back((0, adjustment));
    }

    /// The next value that is to be changed for the step at a tick.
    pub(super) fn due(&mut self, tick: Tick) -> Option<Adjustment> {
        if self.adjustments.front()?.0 > tick {
            return None;
        }
        self.adjustments.pop_front().map(|(_, adjustment)| adjustment)
    }

    /// Whether there is nothing to look at.
    pub(super) fn is_dark(&self) -> bool {
        matches!(self.origin, Origin::Nowhere)
    }

    /// Looks at sockets that there are.
    pub(super) fn attach(&mut self, sockets: Box<dyn Sockets>) {
        self.origin = Origin::Live(sockets);
    }

    /// Takes what is there for the step at a tick.
    pub(super) fn look(&mut self, tick: Tick) {
        let Self {
            origin,
            window,
            before,
            ..
        } = self;
        match origin {
            Origin::Nowhere => {}
            Origin::Live(sockets) => {
                for (socket, sight) in window.seen.iter_mut().enumerate() {
                    *sight = sockets.sight(socket);
                }
            }
            Origin::Recorded(record, taken) => {
                window.seen.copy_from_slice(before);
                let due = record[*taken..].iter().take_while(|s| s.tick <= tick);
                for sighting in due {
                    *taken += 1;
                    window.set_sight(sighting.socket.into(), sighting.cable.into());
                }
            }
        }
    }

    /// Hands over what the step left, and notes what passed. Returns what there is to say of the sockets.
    pub(super) fn settle(
        &mut self,
        model: ModelId,
        tick: Tick,
        entries: &mut Vec<Entry>,
    ) -> Option<String> {
        let seen = &self.window.seen;
        let mut note = |what| entries.push(Entry { model, tick, what });
        let both = (0_u8..).zip(self.before.iter_mut().zip(seen));
        for (socket, (before, sight)) in both {
            if mem::replace(before, *sight).cable() != sight.cable() {
                let cable = sight.cable();
                note(What::Seen { socket, cable });
            }
        }
        let shown = (0_u8..).zip(self.window.shown.iter_mut().zip(seen));
        for (socket, (picture, sight)) in shown {
            let Some(picture) = picture.take() else {
                continue;
            };
            if let Origin::Live(sockets) = &mut self.origin {
                sockets.show(socket.into(), picture);
            }
            if self.log && sight.cable().is_some() {
                note(What::Told { socket, picture });
            }
        }
        match &mut self.origin {
            Origin::Live(sockets) => sockets.news(),
            Origin::Nowhere | Origin::Recorded(..) => None,
        }
    }

    /// The model has failed.
    pub(super) fn fail(&mut self) {
        if let Origin::Live(sockets) = &mut self.origin {
            sockets.fail();
        }
    }
}
