//! What a run has heard of its models since the newest snapshot, so that it comes again as it came, and is told once.

use shared::index::Table;
use shared::journal::{Adjustment, Entry, What};
use shared::model::Notice;
use shared::plan::ModelId;
use shared::time::Tick;

/// A place among what a model has said: the tick, and which one it is at that tick.
type Said = (Tick, u32);

/// What a run has heard since the newest snapshot.
#[derive(Debug)]
pub(crate) struct Heard {
    /// What passed between models and the world outside, but for what cables were told.
    entries: Vec<Entry>,
    /// Changes that somebody has asked for, and no step has begun with yet, as far as is known.
    asked: Vec<(ModelId, Adjustment)>,
    /// The newest that each model has said.
    newest: Table<ModelId, Said>,
    /// Likewise since the run went on last.
    current: Table<ModelId, Said>,
    /// The entries before the snapshot, where the run may have to begin with the first step again.
    early: Option<Vec<Entry>>,
}

/// The most entries that are kept from before the snapshot: 4 MB.
const EARLY: usize = 100_000;

impl Heard {
    /// Nothing of so many models. `from_start`: the run may have to begin with the first step again.
    pub(crate) fn nothing(models: usize, from_start: bool) -> Self {
        Self {
            entries: Vec::new(),
            asked: Vec::new(),
            newest: vec![(0, 0); models].into(),
            current: vec![(0, 0); models].into(),
            early: from_start.then(Vec::new),
        }
    }

    /// Takes note of what somebody asks for.
    pub(crate) fn ask(&mut self, model: ModelId, adjustment: Adjustment) {
        self.asked.push((model, adjustment));
    }

    /// Takes note of what passed between a model and the world outside.
    pub(crate) fn enter(&mut self, entry: &Entry) {
        if let What::Adjusted(adjustment) = entry.what {
            let mut asked = self.asked.iter();
            let place = asked.position(|asked| *asked == (entry.model, adjustment));
            place.map(|place| self.asked.remove(place));
        }
        if entry.what.comes_in() {
            self.entries.push(*entry);
        }
    }

    /// Whether what a model says has not been said before.
    pub(crate) fn is_new(&mut self, notice: &Notice) -> bool {
        let (Some(current), Some(newest)) = (
            self.current.get_mut(notice.model),
            self.newest.get_mut(notice.model),
        ) else {
            return true;
        };
        *current = match *current {
            (tick, count) if tick == notice.tick => (tick, count + 1),
            _ => (notice.tick, 1),
        };
        let is_new = *current > *newest;
        *newest = (*newest).max(*current);
        is_new
    }

    /// What comes now has been said before.
    pub(crate) fn repeat(&mut self) {
        self.current.iter_mut().for_each(|said| *said = (0, 0));
    }

    /// What came before a tick, in the order of ticks.
    pub(crate) fn entries_before(&self, tick: Tick) -> Vec<Entry> {
        let before = self.entries.iter().filter(|entry| entry.tick < tick);
        let mut before: Vec<Entry> = before.copied().collect();
        before.sort_by_key(|entry| entry.tick);
        before
    }

    /// Likewise since the first step; `None` where they are not known any more.
    pub(crate) fn all_before(&self, tick: Tick) -> Option<Vec<Entry>> {
        let mut all = self.early.clone()?;
        all.append(&mut self.entries_before(tick));
        Some(all)
    }

    /// The run goes on from a snapshot of this tick. Returns what somebody has asked for and is not in it: what
    /// no step before that tick began with comes with the first one of its model.
    pub(crate) fn begin_again(&mut self, tick: Tick) -> Vec<(ModelId, What)> {
        self.repeat();
        let before = self.entries_before(tick);
        self.early = self.early.take().map(|early| [early, before].concat());
        self.early.take_if(|early| early.len() > EARLY);
        let later = self.entries.drain(..).filter(|entry| entry.tick >= tick);
        let later = later.filter_map(|entry| match entry.what {
            What::Adjusted(adjustment) => Some((entry.model, adjustment)),
            _ => None,
        });
        let mut again: Vec<(ModelId, Adjustment)> = later.collect();
        again.append(&mut self.asked);
        self.asked.clone_from(&again);
        let again = again.into_iter();
        again
            .map(|(model, adjustment)| (model, What::Adjusted(adjustment)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::journal::Adjustable;
    use shared::model::{InputSlot, Severity};

    fn notice(tick: Tick) -> Notice {
        Notice {
            model: ModelId(1),
            tick,
            severity: Severity::Note,
            text: String::new(),
        }
    }

    fn change(value: f64) -> Adjustment {
        let target = Adjustable::Input(InputSlot::from(0));
        Adjustment { target, value }
    }

    fn adjusted(tick: Tick, value: f64) -> Entry {
        Entry {
            model: ModelId(1),
            tick,
            what: What::Adjusted(change(value)),
        }
    }

    #[test]
    fn what_a_model_says_again_is_no_news() {
        let mut heard = Heard::nothing(2, true);
        let mut new = |tick| heard.is_new(&notice(tick));
        assert!(new(0) && new(0) && new(3));
        heard.begin_again(0);
        let mut new = |tick| heard.is_new(&notice(tick));
        assert_eq!(
            [0, 0, 3, 3, 5].map(&mut new),
            [false, false, false, true, true]
        );
    }

    #[test]
    fn what_somebody_asked_for_is_not_lost_with_the_steps_that_had_it() {
        let mut heard = Heard::nothing(2, true);
        for value in [1.0, 2.0, 3.0] {
            heard.ask(ModelId(1), change(value));
        }
        heard.enter(&adjusted(4, 1.0));
        heard.enter(&adjusted(7, 2.0));
        assert_eq!(heard.entries_before(5), [adjusted(4, 1.0)]);
        let again = heard.begin_again(5);
        let again: Vec<What> = again.into_iter().map(|(_, what)| what).collect();
        assert_eq!(again, [2.0, 3.0].map(|value| What::Adjusted(change(value))));
        assert_eq!(heard.all_before(5), Some(vec![adjusted(4, 1.0)]));
        // They are asked for until a step begins with them.
        heard.enter(&adjusted(5, 2.0));
        let again = heard.begin_again(6);
        assert_eq!(again, [(ModelId(1), What::Adjusted(change(3.0)))]);
        let all = vec![adjusted(4, 1.0), adjusted(5, 2.0)];
        assert_eq!(heard.all_before(6), Some(all));
    }
}
