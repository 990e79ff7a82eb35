//! What an engine waits for.

use std::ops::Range;

use super::site::Engine;
use super::wiring::{GroupId, Provenance, Publisher, ReaderId};
use shared::index::Index;
use shared::plan::{LocalId, ModelId};
use shared::progress::Wait;
use shared::time::Tick;

impl Engine {
    /// What the engine waits for, after a [`Turn::Blocked`](super::Turn::Blocked): what the model
    /// lacks that could not step last, or another one if that has got it since.
    pub fn blocked_on(&self) -> Option<Wait> {
        if self.wiring.borders.is_empty() {
            return None;
        }
        let last = self
            .state
            .blocked
            .and_then(|place| self.waits_at(place).next());
        last.or_else(|| self.waits().next())
    }

    /// What the earliest step or row waits for that has not been made, of those that lack something of another
    /// site. What it waits for is earlier in the run, so whoever goes on from site to site comes to an end.
    pub fn earliest_wait(&self) -> Option<Wait> {
        self.waits().min_by_key(|wait| wait.tick)
    }

    /// What all models, and the monitor at the end, lack of other sites. Those that lack something
    /// of this one are not among them.
    pub fn waits(&self) -> impl Iterator<Item = Wait> + '_ {
        self.wiring.places().flat_map(|place| self.waits_at(place))
    }

    /// What the models of a group lack of other sites for their next steps, or the monitor for its next row.
    fn waits_at(&self, place: GroupId) -> impl Iterator<Item = Wait> + '_ {
        let group = self.wiring.groups.get(place);
        let monitor = self.wiring.monitor.as_ref().filter(|_| group.is_none());
        let row = monitor.and_then(|monitor| {
            let Range { start, end } = &monitor.readers;
            let readers = (start.place()..end.place()).map(ReaderId::at);
            self.lack(None, self.state.row, readers)
        });
        let members = group.into_iter().flat_map(|group| &group.members);
        let waits = members.filter_map(|&model| self.wait_of(model));
        waits.chain(row)
    }

    /// What a model lacks of another site for its next step.
    fn wait_of(&self, place: LocalId) -> Option<Wait> {
        let model = &self.wiring.models[place];
        let inputs = self.wiring.inputs[&model.inputs].iter();
        let connections = inputs.flat_map(|input| &self.wiring.connections[&input.connections]);
        let readers = connections.filter_map(|connection| match connection.from {
            Provenance::Read(reader, ..) => Some(reader),
            Provenance::Group(_) => None,
        });
        let tick = self.state.models[place].next;
        self.lack(Some(model.id), tick, readers)
            .or_else(|| self.lack_of_room(place))
    }

    fn lack(
        &self,
        model: Option<ModelId>,
        tick: Tick,
        mut readers: impl Iterator<Item = ReaderId>,
    ) -> Option<Wait> {
        if tick >= self.state.until {
            return None;
        }
        readers.find_map(|reader| {
            let cursor = &self.state.cursors[reader];
            let Publisher::Import {
                from,
                model: source,
                ..
            } = self.wiring.sources[cursor.source].publisher
            else {
                return None;
            };
            let is_there = self.state.publications[cursor.source].is_final_for(cursor);
            (!is_there).then_some(Wait {
                model,
                tick,
                site: from,
                source: Some(source),
            })
        })
    }

    fn lack_of_room(&self, place: LocalId) -> Option<Wait> {
        let model = &self.wiring.models[place];
        let tick = self.state.models[place].next;
        let &(border, _) = self.state.full_export(&self.wiring, model)?;
        (tick < self.state.until).then(|| Wait {
            model: Some(model.id),
            tick,
            site: self.wiring.borders[border].peer,
            source: None,
        })
    }
}
