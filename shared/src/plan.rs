//! What one site has to do: its models, and what crosses its border.
//!
//! Names are resolved before a plan is made: a plan holds slot numbers. The declarations of the
//! types on both ends are the same, which the handshake has checked by their fingerprints.

use serde::{Deserialize, Serialize};

use crate::journal::Outside;
use crate::led::ValueLed;
use crate::memory::{block, items};
use crate::model::{InputSlot, ModelConfig, PublishedSlot};
use crate::time::{Tick, TimeGrid};
use crate::value::{Origin, Value};

pub use crate::ids::{ImportId, LocalId, ModelId, Position, SiteId, StreamId};

/// The site of the controller.
pub const CONTROLLER: SiteId = SiteId(0);

/// The most sites of a run, with that of the controller.
pub const MAX_SITES: u16 = 1024;

/// The most publications that a stream of scalars may be ahead of its reader on another site.
pub const WINDOW: u32 = 16384;

/// The number of values that may wait on a node for models that cannot step yet, all streams of
/// scalars together: 16 bytes each. The more streams there are, the smaller are their windows.
pub const NODE_WINDOW_VALUES: u32 = 64 * 1024;

/// The same for the controller, which has more memory.
pub const CONTROLLER_WINDOW_VALUES: u32 = 1024 * 1024;

/// The number of publications that a stream of more than scalars may be ahead of its reader on
/// another site, and the least for one of scalars.
pub const LARGE_VALUE_WINDOW: u32 = 32;

/// How far ahead streams of scalars to a site may be that carry so many values together: far enough
/// for long ways, and not so far that they take too much memory there.
pub fn scalar_window(site: SiteId, values: usize) -> u32 {
    let room = match site {
        CONTROLLER => CONTROLLER_WINDOW_VALUES,
        _ => NODE_WINDOW_VALUES,
    };
    let values = u32::try_from(values).unwrap_or(u32::MAX);
    (room / values.max(1)).clamp(LARGE_VALUE_WINDOW, WINDOW)
}

/// The most attributes of a stream: a publication has a byte for each at least.
pub const MAX_ATTRIBUTES: u32 = 64 * 1024;

/// The most lights of a site.
pub const MAX_LEDS: usize = 1024;

/// The part of a scenario that runs on one site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SitePlan {
    /// The site.
    pub site: SiteId,
    /// The simulated time.
    pub grid: TimeGrid,
    /// The tick from which on steps are made: 0, or where a run goes on that has lost a site. Then models have the memory
    /// of the steps before.
    pub from: Tick,
    /// The models of the site, in the order of their steps within a tick.
    pub models: Vec<PlannedModel>,
    /// Streams from other sites. Those from one site have the order of that site's exports.
    pub imports: Vec<Import>,
    /// Streams to other sites.
    pub exports: Vec<Export>,
}

impl SitePlan {
    /// Whether the plan keeps the limits that every plan of a controller keeps. To be asked where
    /// a plan comes from a peer: what is beyond them costs time or memory without end, or means
    /// nothing to a model.
    pub fn keeps_limits(&self) -> bool {
        let models = &mut self.models.iter();
        let imports = &mut self.imports.iter();
        let exports = &mut self.exports.iter();
        self.grid.is_in_calendar()
            && models.all(|model| model.config.time_step_size != Some(0))
            && self.has_possible_leds()
            && imports.all(|import| {
                import.from.0 < MAX_SITES
                    && import.window <= WINDOW
                    && import.attributes <= MAX_ATTRIBUTES
            })
            && exports.all(|export| export.to.0 < MAX_SITES && export.window <= WINDOW)
    }

    /// What the plan's streams take beside its models.
    pub fn streams_bytes(&self) -> usize {
        let slots = self
            .exports
            .iter()
            .map(|e| items::<PublishedSlot>(e.attributes.len()));
        items::<Import>(self.imports.len())
            + items::<Export>(self.exports.len())
            + slots.sum::<usize>()
    }

    /// Whether all lights are such as there are, and are not too many. That two have one place
    /// may be: a scenario can give a node several names.
    fn has_possible_leds(&self) -> bool {
        let leds = &mut self.models.iter().flat_map(|model| &model.leds);
        leds.clone().count() <= MAX_LEDS && leds.all(|led| led.kind.is_possible())
    }
}

/// A model on its site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedModel {
    /// The model.
    pub id: ModelId,
    /// Its entry in the scenario.
    pub config: ModelConfig,
    /// Its connected inputs.
    pub inputs: Vec<ConnectedInput>,
    /// The lights that show its values.
    pub leds: Vec<ValueLed>,
    /// What it has of the world outside of the simulation.
    pub outside: Outside,
    /// What it has become by the tick from which on steps are made, as `Engine::save`
    /// gives it; empty where that is the first one.
    pub saved: Vec<u8>,
}

impl PlannedModel {
    /// What it takes, with its place in the plan.
    pub fn bytes(&self) -> usize {
        let initial = |source: &Source| source.initial.as_ref().map_or(0, Value::heap_bytes);
        let inputs = self.inputs.iter().map(|input| {
            let sources = &input.sources;
            let names = input.names.iter().map(|name| block(name.len()));
            items::<Source>(sources.len())
                + sources.iter().map(initial).sum::<usize>()
                + items::<String>(input.names.len())
                + names.sum::<usize>()
        });
        // A vector of models that grows has room for twice as many.
        2 * items::<Self>(1)
            + self.config.heap_bytes()
            + items::<ConnectedInput>(self.inputs.len())
            + items::<ValueLed>(self.leds.len())
            + self.outside.heap_bytes()
            + block(self.saved.len())
            + inputs.sum::<usize>()
    }
}

/// A connected input. What `From` is says where values come from: for a site, which knows its own
/// models and streams, that is a [`Feed`]; before a scenario is cut into sites, a [`PublishedId`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectedInput<From = Feed> {
    /// The input.
    pub slot: InputSlot,
    /// How the values are combined: outputs are added, starting from integer zero; one state is
    /// passed as it is, several as a list.
    pub origin: Origin,
    /// What is connected, in the order in which it is combined. No attribute is there twice.
    pub sources: Vec<Source<From>>,
    /// The names of the models there, if the input tells its sources apart.
    pub names: Vec<String>,
}

/// One end of a connection, seen from its reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source<From = Feed> {
    /// Where the value comes from.
    pub from: From,
    /// Whether the reader gets what was valid one tick before.
    pub shifted: bool,
    /// The first value of a time-shifted connection; `None` for a direct one.
    pub initial: Option<Value>,
}

impl<From: Copy> ConnectedInput<From> {
    /// The same input with its values found in other places.
    pub fn found_at<To>(&self, place: impl Fn(From) -> To) -> ConnectedInput<To> {
        let source = |source: &Source<From>| Source {
            from: place(source.from),
            shifted: source.shifted,
            initial: source.initial.clone(),
        };
        ConnectedInput {
            slot: self.slot,
            origin: self.origin,
            sources: self.sources.iter().map(source).collect(),
            names: self.names.clone(),
        }
    }
}

/// An attribute that a model of a scenario publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedId {
    /// The model.
    pub model: ModelId,
    /// The attribute.
    pub slot: PublishedSlot,
}

/// Where a site finds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Feed {
    /// An attribute that a model of the site publishes.
    Local {
        /// The model.
        model: LocalId,
        /// The attribute.
        slot: PublishedSlot,
    },
    /// A value of a stream that arrives.
    Import {
        /// The stream.
        import: ImportId,
        /// The value.
        attribute: Position,
    },
}

/// A stream that arrives: everything that this site needs of one model elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The site that runs the model.
    pub from: SiteId,
    /// The model.
    pub model: ModelId,
    /// Number of attributes in the stream.
    pub attributes: u32,
    /// Publications that may wait here.
    pub window: u32,
}

/// A stream that leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// The site that reads it.
    pub to: SiteId,
    /// The model.
    pub model: LocalId,
    /// The attributes that it carries.
    pub attributes: Vec<PublishedSlot>,
    /// Publications that may be on their way or wait at the reader.
    pub window: u32,
    /// No model reads it, only the monitor: nobody waits for its values.
    pub lazy: bool,
}
