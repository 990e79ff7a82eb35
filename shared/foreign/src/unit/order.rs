//! Who has to wait for whom in a unit.

use std::collections::BTreeSet;

use super::feed::Source;
use super::layout::{Layout, delay};
use super::moment::Delay;
use super::reach::Reach;
use super::rhythm::Rhythm;
use crate::InsideConnection;

impl Layout {
    /// Notes who has to wait for whom.
    pub(super) fn order(&mut self, pairs: &[(usize, usize, &InsideConnection)]) {
        let count = self.members.len();
        let (mut direct, mut linked) = (Reach::new(count), Reach::new(count));
        for &(from, to, inside) in pairs {
            match delay(inside) {
                Delay::Shifted => {}
                Delay::Direct => {
                    direct.add(from, to, 0);
                    linked.add(from, to, 0);
                }
                Delay::Weak => {
                    linked.add(from, to, 0);
                    linked.add(to, from, 0);
                }
            }
        }
        direct.close();
        linked.close();
        let group = |member| {
            (0..=member).find(|&first| {
                first == member || (linked.has(first, member) && linked.has(member, first))
            })
        };
        let groups: Vec<usize> = (0..count).filter_map(group).collect();
        for (place, member) in self.members.iter_mut().enumerate() {
            member.group = groups[place];
            let others = (0..count).filter(|&other| other != place);
            let (same, before): (Vec<usize>, Vec<usize>) = others
                .filter(|&other| linked.has(other, place))
                .partition(|&other| groups[other] == groups[place]);
            member.earlier = same
                .into_iter()
                .filter(|&other| direct.has(other, place))
                .collect();
            member.before = before;
        }
        for feed in &mut self.feeds {
            if let Source::Inside(inside) = &mut feed.source {
                inside.is_same_group = groups[inside.member] == groups[feed.to];
            }
        }
        self.note_triggers();
    }

    /// Notes whose steps may come to trigger whose.
    fn note_triggers(&mut self) {
        let count = self.members.len();
        let mut triggers = Reach::new(count);
        let mut outside: BTreeSet<(usize, Rhythm)> = BTreeSet::new();
        for feed in self.feeds.iter().filter(|feed| feed.is_trigger) {
            match &feed.source {
                Source::Inside(inside) => {
                    let ticks = u64::from(inside.delay == Delay::Shifted);
                    triggers.add(inside.member, feed.to, ticks);
                }
                Source::Outside { rhythm, .. } => {
                    outside.insert((feed.to, *rhythm));
                }
            }
        }
        triggers.close();
        for (place, member) in self.members.iter_mut().enumerate() {
            let by = (0..count).filter_map(|other| Some((other, triggers.ticks(other, place)?)));
            member.triggered_by = by.collect();
            let from = outside.iter().filter_map(|&(first, rhythm)| {
                let ticks = if first == place {
                    Some(0)
                } else {
                    triggers.ticks(first, place)
                };
                Some((rhythm, ticks?))
            });
            member.triggered_from_outside = from.collect();
        }
    }
}
