//! The cables that a unit holds.

use shared::cable::{CableId, Sight, SocketWish};
use shared::model::{Build, Memory, Step};
use shared::value::Value;

use super::{CONNECTIONS, MISSES};

/// The sockets of a unit, and what they hold.
#[derive(Debug)]
pub(super) struct Sockets {
    held: Vec<Held>,
    /// So many times in a row silent, and a cable is held no more.
    misses: u8,
    /// The ids of the cables, as they are published.
    connections: Value,
}

/// What stands for a cable where there is none: no character of one.
const NO_CABLE: u8 = 0;

/// What a socket holds.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    cable: Option<CableId>,
    /// How often in a row it has been silent.
    misses: u8,
}

impl Sockets {
    /// Has the steps look at these devices.
    pub(super) fn new(build: &mut Build<'_>, devices: Vec<String>) -> Self {
        let misses = match *build.parameter(MISSES) {
            Value::Int(misses) => u8::try_from(misses).ok(),
            _ => None,
        };
        let misses = misses.expect("checked to be an integer from 1 to 255");
        let held = vec![Held::default(); devices.len()];
        if !devices.is_empty() {
            build.look_at(SocketWish { devices, misses });
        }
        Self {
            held,
            misses,
            connections: Value::List([].into()),
        }
    }

    /// The cables that are held, by socket.
    pub(super) fn cables(&self) -> impl Iterator<Item = Option<CableId>> {
        self.held.iter().map(|held| held.cable)
    }

    /// Takes what a step sees, and publishes what is held then.
    pub(super) fn look(&mut self, step: &mut Step<'_>) {
        let mut has_changed = false;
        for (socket, held) in self.held.iter_mut().enumerate() {
            let before = held.cable;
            held.take(step.sight(socket), self.misses);
            has_changed |= held.cable != before;
        }
        if has_changed {
            self.connections = self.ids();
        }
        step.publish(CONNECTIONS, self.connections.clone());
    }

    /// The cables that are held, and how often each has been silent.
    pub(super) fn memory(&mut self, memory: &mut Memory<'_>) {
        let bytes = |held: &Held| [held.cable.map_or(NO_CABLE, u8::from), held.misses];
        let kept: Option<Vec<u8>> = memory.keep_made(|| self.held.iter().flat_map(bytes).collect());
        let Some(kept) = kept else { return };
        let (kept, []) = kept.as_chunks() else {
            return memory.spoil();
        };
        if kept.len() != self.held.len() || kept.iter().any(|&[_, misses]| misses >= self.misses) {
            return memory.spoil();
        }
        for (held, &[cable, misses]) in self.held.iter_mut().zip(kept) {
            *held = Held {
                cable: CableId::new(cable),
                misses,
            };
        }
        self.connections = self.ids();
    }

    /// The ids of the cables, each once, at the first of its sockets.
    fn ids(&self) -> Value {
        let mut cables: Vec<CableId> = Vec::with_capacity(self.held.len());
        for cable in self.held.iter().filter_map(|held| held.cable) {
            if !cables.contains(&cable) {
                cables.push(cable);
            }
        }
        let text = |cable: &CableId| Value::text(&cable.to_string());
        Value::List(cables.iter().map(text).collect())
    }
}

impl Held {
    fn take(&mut self, sight: Sight, limit: u8) {
        match sight {
            Sight::Cable(cable) => {
                *self = Self {
                    cable: Some(cable),
                    misses: 0,
                };
            }
            Sight::Silent if self.cable.is_some() && self.misses + 1 < limit => self.misses += 1,
            Sight::Silent | Sight::Gone => *self = Self::default(),
        }
    }
}
