//! What a run has heard of its models, so that it comes again as it came, and is told once.

use std::collections::BTreeMap;

use scratch::{Cursor, Log, Lost, Scratch};
use shared::index::Table;
use shared::journal::{Adjustment, Entry, What};
use shared::model::Notice;
use shared::plan::ModelId;
use shared::time::Tick;

/// A place among what a model has said: the tick, and which one it is at that tick.
type Said = (Tick, u32);

/// The most entries of a part; those of one tick are never in two of them.
const PART: usize = 16 * 1024;

/// What a run has heard.
#[derive(Debug)]
pub(crate) struct Heard {
    /// What came in from the world outside.
    entries: Entries,
    /// Changes that somebody has asked for, and no step has begun with yet, as far as is known.
    asked: Vec<(ModelId, Adjustment)>,
    /// The newest that each model has said.
    newest: Table<ModelId, Said>,
    /// Likewise since the run went on last.
    current: Table<ModelId, Said>,
}

/// What came in from the world outside, in the order of ticks.
#[derive(Debug)]
struct Entries {
    /// Those that none can come before any more, where they are kept.
    kept: Option<Log<Entry>>,
    /// The others.
    waiting: BTreeMap<Tick, Vec<Entry>>,
    /// How many were kept when the run went on last.
    settled: u64,
}

/// What comes in while steps are made again, part by part.
#[derive(Debug)]
pub(crate) struct Entering {
    entries: Option<Log<Entry>>,
    next: Cursor,
    /// The first one of the next part.
    first: Option<Entry>,
    to: Tick,
}

/// What comes in before a tick, up to which steps can be made with it.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) entries: Vec<Entry>,
    pub(crate) until: Tick,
}

#[cfg(test)]
impl Part {
    /// Nothing comes in before this tick.
    pub(crate) fn of(until: Tick) -> Self {
        let entries = Vec::new();
        Self { entries, until }
    }
}

impl Heard {
    /// Nothing of so many models. What comes in is kept there; not at all where the run cannot go on after a loss.
    pub(crate) fn nothing(models: usize, scratch: Option<&Scratch>) -> Self {
        Self {
            entries: Entries {
                kept: scratch.map(Log::new),
                waiting: BTreeMap::new(),
                settled: 0,
            },
            asked: Vec::new(),
            newest: vec![(0, 0); models].into(),
            current: vec![(0, 0); models].into(),
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
        if entry.what.comes_in() && self.entries.kept.is_some() {
            let waiting = self.entries.waiting.entry(entry.tick);
            waiting.or_default().push(*entry);
        }
    }

    /// All models have stepped before this tick: none of these entries comes any more.
    pub(crate) fn settle_before(&mut self, tick: Tick) {
        let Entries { kept, waiting, .. } = &mut self.entries;
        let Some(kept) = kept else {
            return;
        };
        while let Some(first) = waiting.first_entry()
            && *first.key() < tick
        {
            for entry in first.remove() {
                kept.push(&entry);
            }
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

    /// What came before a tick for which there are all rows: since the run went on last, or since the first step.
    pub(crate) fn entering(&mut self, to: Tick, from_start: bool) -> Entering {
        self.settle_before(to);
        let Entries { kept, settled, .. } = &self.entries;
        Entering {
            entries: kept.clone(),
            next: Cursor::at(if from_start { 0 } else { *settled }),
            first: None,
            to,
        }
    }

    /// The run goes on from a snapshot of this tick. Returns what somebody has asked for and is not in it: what
    /// no step before that tick began with comes with the first one of its model.
    pub(crate) fn begin_again(&mut self, tick: Tick) -> Vec<(ModelId, What)> {
        self.repeat();
        self.settle_before(tick);
        self.entries.settled = self.entries.kept.as_ref().map_or(0, Log::len);
        let later = std::mem::take(&mut self.entries.waiting).into_values();
        let later = later.flatten().filter_map(|entry| match entry.what {
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

impl Entering {
    /// The next part, up to the tick at most to which there are entries.
    ///
    /// # Errors
    /// They cannot be read any more.
    pub(crate) fn next(&mut self) -> Result<Part, Lost> {
        let mut entries = Vec::from_iter(self.first.take());
        let until = loop {
            let next = match &self.entries {
                Some(kept) => kept.next(&mut self.next)?,
                None => None,
            };
            let Some(entry) = next else {
                break self.to;
            };
            let newest = entries.last().map(|entry: &Entry| entry.tick);
            if entries.len() >= PART && newest < Some(entry.tick) {
                self.first = Some(entry);
                break entry.tick;
            }
            entries.push(entry);
        };
        Ok(Part { entries, until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::journal::Adjustable;
    use shared::model::{InputSlot, Severity};

    /// A scratch that has everything in a file, and two models.
    fn heard() -> Heard {
        let scratch = Scratch::with_memory(vec![std::env::temp_dir()], 0);
        Heard::nothing(2, Some(&scratch))
    }

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

    /// All that comes in before a tick, and the ends of the parts.
    fn before(heard: &mut Heard, tick: Tick, from_start: bool) -> (Vec<Entry>, Vec<Tick>) {
        let mut entering = heard.entering(tick, from_start);
        let (mut all, mut ends) = (Vec::new(), Vec::new());
        while ends.last() != Some(&tick) {
            let mut part = entering.next().expect("it is kept");
            all.append(&mut part.entries);
            ends.push(part.until);
        }
        (all, ends)
    }

    #[test]
    fn what_a_model_says_again_is_no_news() {
        let mut heard = heard();
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
        let mut heard = heard();
        for value in [1.0, 2.0, 3.0] {
            heard.ask(ModelId(1), change(value));
        }
        heard.enter(&adjusted(4, 1.0));
        heard.enter(&adjusted(7, 2.0));
        let came = vec![adjusted(4, 1.0)];
        assert_eq!(before(&mut heard, 5, false), (came.clone(), vec![5]));
        let again = heard.begin_again(5);
        let again: Vec<What> = again.into_iter().map(|(_, what)| what).collect();
        assert_eq!(again, [2.0, 3.0].map(|value| What::Adjusted(change(value))));
        assert_eq!(before(&mut heard, 5, true), (came, vec![5]));
        assert_eq!(before(&mut heard, 5, false), (vec![], vec![5]));
        // They are asked for until a step begins with them.
        heard.enter(&adjusted(5, 2.0));
        let again = heard.begin_again(6);
        assert_eq!(again, [(ModelId(1), What::Adjusted(change(3.0)))]);
        let all = vec![adjusted(4, 1.0), adjusted(5, 2.0)];
        assert_eq!(before(&mut heard, 6, true), (all, vec![6]));
    }

    #[test]
    fn what_comes_in_has_the_order_of_ticks_and_comes_part_by_part() {
        let mut heard = heard();
        // Two at each tick, some of which come late, and more of one tick than go into a part.
        let ticks = 10_000;
        for tick in (0..ticks).map(|tick: Tick| tick ^ 3) {
            heard.enter(&adjusted(tick, 1.0));
            heard.enter(&adjusted(tick, 2.0));
            heard.settle_before(tick.saturating_sub(8));
            assert!(heard.entries.waiting.len() <= 16);
        }
        (0..2 * PART).for_each(|_| heard.enter(&adjusted(ticks, 3.0)));
        heard.enter(&adjusted(ticks + 1, 4.0));
        let (all, ends) = before(&mut heard, ticks + 2, false);
        assert_eq!(ends, [PART as Tick / 2, ticks + 1, ticks + 2]);
        assert_eq!(all.len() as Tick, 2 * ticks + 2 * PART as Tick + 1);
        let expected = (0..ticks).flat_map(|tick| [adjusted(tick, 1.0), adjusted(tick, 2.0)]);
        assert!(
            all.iter()
                .copied()
                .zip(expected)
                .all(|(came, was)| came == was)
        );
    }

    #[test]
    fn where_a_run_cannot_go_on_nothing_is_kept() {
        let mut heard = Heard::nothing(2, None);
        heard.enter(&adjusted(4, 1.0));
        assert!(heard.entries.waiting.is_empty());
    }
}
