//! What a model has of the world outside of the simulation: its sockets, and values that somebody changes.

use std::collections::VecDeque;
use std::mem;

use shared::cable::{MAX_SOCKETS, SocketView, SocketWish, Sockets, Window};
use shared::journal::{Entry, Outside, What};
use shared::model::Memory;
use shared::plan::ModelId;
use shared::time::{NEVER, Tick};

/// Where sights come from.
#[derive(Debug)]
enum Origin {
    /// There is nothing to look at.
    Nowhere,
    /// Sockets that there are.
    Live(Box<dyn Sockets>),
}

/// The outlook of a model.
#[derive(Debug)]
pub(super) struct Outlook {
    origin: Origin,
    /// Before this tick there is nothing but a record.
    recorded: Tick,
    /// What cables are told is wanted.
    log: bool,
    pub(super) window: Window,
    /// What there was in the step before, and what it was told last.
    before: Vec<SocketView>,
    /// What is still to come in, each from a tick on.
    comes: VecDeque<(Tick, What)>,
}

impl Outlook {
    /// Of a model that may have sockets, as the plan says.
    #[cold]
    pub(super) fn new(wish: Option<&SocketWish>, outside: &Outside) -> Self {
        let devices = wish.map_or(0, |wish| wish.devices.len());
        let sockets = devices.min(MAX_SOCKETS);
        Self {
            origin: Origin::Nowhere,
            recorded: outside.recorded,
            log: outside.log,
            window: Window::new(sockets),
            before: vec![SocketView::default(); sockets],
            comes: outside.comes.iter().copied().collect(),
        }
    }

    /// Takes what was in the sockets out, or puts it back: then what came before this tick has come.
    #[cold]
    pub(super) fn memory(&mut self, memory: &mut Memory<'_>, from: Tick) {
        for view in &mut self.before {
            let mut cable = view.sight.cable();
            memory.keep(&mut cable);
            view.sight = cable.into();
        }
        if memory.is_restored() {
            let gone = self.comes.partition_point(|(tick, _)| *tick < from);
            self.comes.drain(..gone);
        }
    }

    /// Has something come in with the next step, behind the record if there is one.
    pub(super) fn push(&mut self, what: What) {
        self.comes.push_back((self.recorded, what));
    }

    /// What comes in with the step at a tick, one after the other.
    pub(super) fn next(&mut self, tick: Tick) -> Option<What> {
        let (from, what) = *self.comes.front()?;
        if from > tick {
            return None;
        }
        self.comes.pop_front();
        Some(what)
    }

    /// Whether it lacks something to look at.
    pub(super) fn is_dark(&self) -> bool {
        self.recorded != NEVER && matches!(self.origin, Origin::Nowhere)
    }

    /// Looks at sockets that there are.
    pub(super) fn attach(&mut self, sockets: Box<dyn Sockets>) {
        self.origin = Origin::Live(sockets);
    }

    /// Takes what is in sockets that there are, or what was there before.
    pub(super) fn look(&mut self, tick: Tick) {
        let seen = self.window.seen.iter_mut().enumerate();
        for ((socket, sight), before) in seen.zip(&self.before) {
            *sight = match &mut self.origin {
                Origin::Live(sockets) if tick >= self.recorded => sockets.sight(socket),
                _ => before.sight,
            };
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
            let had = mem::replace(&mut before.sight, *sight);
            if had.cable() != sight.cable() {
                let cable = sight.cable();
                before.picture = None;
                note(What::Seen { socket, cable });
            }
        }
        let shown = self.window.shown.iter_mut().zip(&mut self.before);
        for (socket, (picture, view)) in (0_u8..).zip(shown) {
            let Some(picture) = picture.take() else {
                continue;
            };
            view.picture = Some(picture);
            if let Origin::Live(sockets) = &mut self.origin {
                sockets.show(socket.into(), picture);
            }
            if self.log && view.sight.cable().is_some() {
                note(What::Told { socket, picture });
            }
        }
        match &mut self.origin {
            Origin::Live(sockets) => sockets.news(),
            Origin::Nowhere => None,
        }
    }

    /// A socket, as it was in the newest step.
    pub(super) fn view(&self, socket: usize) -> Option<SocketView> {
        self.before.get(socket).copied()
    }

    /// The model has failed.
    pub(super) fn fail(&mut self) {
        if let Origin::Live(sockets) = &mut self.origin {
            sockets.fail();
        }
    }
}
