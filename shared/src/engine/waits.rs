//! What an engine waits for.

use serde::{Deserialize, Serialize};

use super::cursor::Reader;
use super::member::Member;
use super::{Engine, Source};
use crate::plan::SiteId;
use crate::time::Tick;

/// A model that cannot step, and what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// The model's place in the scenario file; `None` for the monitor.
    pub model: Option<u32>,
    /// The tick that it would step at.
    pub tick: Tick,
    /// The site that it waits for.
    pub site: SiteId,
    /// The model there whose values it lacks; `None` where it waits for room in the window of
    /// that site.
    pub source: Option<u32>,
}

impl Engine {
    /// What the engine waits for, after a [`Turn::Blocked`](super::Turn::Blocked): what the model
    /// lacks that could not step last, or another one if that has got it since.
    pub fn blocked_on(&self) -> Option<Wait> {
        if self.links.is_empty() {
            return None;
        }
        let last = self.blocked.and_then(|number| self.wait_of(number));
        last.or_else(|| self.waits().next())
    }

    /// What all models, and the monitor at the end, lack of other sites. Those that lack something
    /// of this one are not among them.
    pub fn waits(&self) -> impl Iterator<Item = Wait> + '_ {
        (0..=self.members.len()).filter_map(|number| self.wait_of(number))
    }

    /// What a member lacks of another site for its next step, or for its next row the monitor.
    fn wait_of(&self, number: usize) -> Option<Wait> {
        let Some(member) = self.members.get(number) else {
            let watch = self.watch.as_ref()?;
            return self.lack(None, watch.tick, &self.readers[watch.readers.clone()]);
        };
        let readers = &self.readers[member.readers.clone()];
        self.lack(Some(member.id), member.next, readers)
            .or_else(|| self.lack_of_room(member))
    }

    fn lack(&self, model: Option<u32>, tick: Tick, readers: &[Reader]) -> Option<Wait> {
        if tick >= self.until {
            return None;
        }
        readers.iter().find_map(|reader| {
            let Source::Import {
                from,
                model: source,
                ..
            } = self.sources[reader.history]
            else {
                return None;
            };
            let is_there = self.histories[reader.history].is_final_for(reader);
            (!is_there).then_some(Wait {
                model,
                tick,
                site: from,
                source: Some(source),
            })
        })
    }

    fn lack_of_room(&self, member: &Member) -> Option<Wait> {
        let full = |&&(link, stream): &&(usize, usize)| {
            let links = &self.links;
            !links[link].exports[stream].has_room()
        };
        let (link, _) = member.exports.iter().find(full)?;
        (member.next < self.until).then(|| Wait {
            model: Some(member.id),
            tick: member.next,
            site: self.links[*link].peer,
            source: None,
        })
    }
}
