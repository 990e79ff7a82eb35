//! The engine of a site, and what can be asked of it.

use std::mem;

use super::state::State;
use super::wiring::Wiring;
use shared::cable::{SocketWish, Sockets};
use shared::journal::{Entry, What};
use shared::model::{AttributeSlot, Facet, Notice, WrittenFile};
use shared::plan::{LocalId, ModelId};
use shared::progress::Failure;
use shared::time::{Tick, TimeGrid};
use shared::value::Value;

/// Steps the models of one site.
#[derive(Debug)]
pub struct Engine {
    /// What the plan fixes.
    pub(super) wiring: Wiring,
    /// What the run changes.
    pub(super) state: State,
}

impl Engine {
    /// Lowers the end: nothing at or after this tick is to be done any more. What lies before it
    /// still is.
    pub fn limit(&mut self, tick: Tick) {
        self.state.limit(tick);
    }

    /// Sets the release: nothing at or after this tick is done until a later call raises it. At first
    /// there is none. What has been done beyond it stays.
    ///
    /// Where all sites of a run have the same release, none is ahead of it, however large windows are: it
    /// takes their place while a run is held.
    pub fn release(&mut self, tick: Tick) {
        self.state.release = tick;
        self.state.until = self.state.horizon.min(tick);
        // Whoever was held looks again.
        for place in self.wiring.places() {
            self.state.ready.insert(place);
        }
    }

    /// Whether everything before the end is done.
    pub fn is_finished(&self) -> bool {
        let State { horizon, row, .. } = self.state;
        let models = &mut self.state.models.iter();
        let has_rows = self.wiring.monitor.is_some() || self.wiring.row_of.is_some();
        models.all(|model| model.next >= horizon) && (!has_rows || row >= horizon)
    }

    /// The earliest failure so far.
    pub fn failure(&self) -> Option<&Failure> {
        self.state.failure.as_ref()
    }

    /// What the models said since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        mem::take(&mut self.state.notices)
    }

    /// What passed between models and the world outside since the last call, in the order of the steps.
    pub fn take_entries(&mut self) -> Vec<Entry> {
        mem::take(&mut self.state.entries)
    }

    /// The models that want to look at sockets, and have none yet.
    pub fn wished_sockets(&self) -> Vec<(LocalId, SocketWish)> {
        let models = self.state.models.enumerate();
        let dark = models.filter(|(_, own)| own.outlook.as_ref().is_some_and(|o| o.is_dark()));
        dark.filter_map(|(model, own)| Some((model, own.instance.sockets.clone()?)))
            .collect()
    }

    /// Gives a model the sockets that it wants to look at. To be called before the first step.
    pub fn attach(&mut self, model: LocalId, sockets: Box<dyn Sockets>) {
        let own = self.state.models.get_mut(model);
        if let Some(outlook) = own.and_then(|own| own.outlook.as_mut()) {
            outlook.attach(sockets);
        }
    }

    /// The files that the models asked for since the last call, in the order of the steps. A turn
    /// ends early where they hold [`MAX_SIDE_FILE`](shared::model::MAX_SIDE_FILE) and more.
    pub fn take_files(&mut self) -> Vec<WrittenFile> {
        self.state.file_bytes = 0;
        mem::take(&mut self.state.files)
    }

    /// Steps made so far.
    pub fn steps(&self) -> u64 {
        self.state.steps
    }

    /// What an attribute of a model has come to; `None` before there is a value.
    pub fn attribute(&self, model: LocalId, attribute: AttributeSlot) -> Option<&Value> {
        let model = self.wiring.models.get(model)?;
        let (seen, published) = self.state.values[&model.values].split_at(model.seen);
        let value = match attribute {
            AttributeSlot::Published(slot) => published.get(slot.index()),
            AttributeSlot::Input(slot) => seen.get(slot.index()),
        };
        value?.as_ref()
    }

    /// What something of a model has come to, as a number: NaN where it is none, or is not there.
    #[cold]
    pub fn look(&self, model: ModelId, facet: Facet) -> f64 {
        let own = self.place_of(model);
        let number = own.and_then(|place| match facet {
            Facet::Attribute(attribute) => {
                let number = self.attribute(place, attribute)?.as_number()?;
                Some(number.to_f64())
            }
            Facet::Socket(socket) => {
                let outlook = self.state.models.get(place)?.outlook.as_ref()?;
                Some(outlook.view(socket.into())?.to_number())
            }
        });
        number.unwrap_or(f64::NAN)
    }

    /// Has something come in from outside with the next step of a model; `false` where this site has no such
    /// model, or nothing can come to it.
    pub fn come(&mut self, model: ModelId, what: What) -> bool {
        let place = self.place_of(model);
        let own = place.and_then(|place| self.state.models.get_mut(place));
        let Some(outlook) = own.and_then(|own| own.outlook.as_mut()) else {
            return false;
        };
        outlook.push(what);
        true
    }

    /// The place of a model of the scenario among those of this site.
    pub fn place_of(&self, model: ModelId) -> Option<LocalId> {
        let mut models = self.wiring.models.enumerate();
        models
            .find(|(_, known)| known.id == model)
            .map(|(place, _)| place)
    }

    /// Rows handed out so far.
    pub fn rows(&self) -> Tick {
        self.state.row
    }

    /// The simulated time.
    pub fn grid(&self) -> TimeGrid {
        self.wiring.grid
    }

    /// The tick before which every model has stepped.
    pub fn progress(&self) -> Tick {
        let horizon = self.state.horizon;
        let models = self.state.models.iter();
        let ticks = models.map(|model| model.next.min(horizon));
        ticks.min().unwrap_or(horizon)
    }
}
