//! What a run waits for, if nothing moves: who is blocking whom.

use std::time::{Duration, Instant};

use shared::plan::{ModelId, SiteId};
use shared::progress::Wait;
use shared::time::{NEVER, Tick};

/// Nothing moves if this long nothing has. By then every node has said that it has come to rest, as it does after
/// half of it ([`SETTLED`](shared::wire::SETTLED)).
const STANDSTILL: Duration = Duration::from_secs(1);

/// Why a run stands still: who waits for whom, down to the one that waits for nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stall {
    /// Those who wait, each with its site; the site of the next one is that for which the one before waits.
    pub waits: Vec<(SiteId, Wait)>,
    /// The site for which all of them wait in the end.
    pub site: SiteId,
    /// The model there; `None` where it is the site itself, or room there.
    pub model: Option<ModelId>,
    /// The tick that it is about.
    pub tick: Tick,
    /// Why it does not go on.
    pub cause: Cause,
}

/// Why somebody for whom others wait does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The node is still to say that its models are built.
    NotReady,
    /// The program that makes the step of the model has not answered.
    Program,
    /// The node has said nothing for this long.
    Silent(Duration),
    /// The node takes nothing of what is sent to it.
    TakesNothing,
    /// It has been in the middle of its steps for this long.
    Stepping(Duration),
    /// The step has been made, and its values are on their way.
    OnItsWay,
    /// The node is there, and has not made the step.
    Busy,
    /// It waits for one of those that wait for it, as they have said last: something is on its way.
    Circle,
    /// The node was asked how it is, and does not answer.
    NoAnswer,
    /// Nothing is known of the site.
    Unknown,
}

impl Cause {
    /// Whether it is over in a moment, as a rule: something better may be known soon.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::OnItsWay | Self::Busy | Self::Circle)
    }
}

impl Stall {
    /// Nobody can say for whom he waits; it is the site itself that does not go on.
    pub fn at(site: SiteId, tick: Tick, cause: Cause) -> Self {
        Self {
            waits: Vec::new(),
            site,
            model: None,
            tick,
            cause,
        }
    }

    /// Follows what sites wait for to the end, from the first wait at a site on. `of` says what a site waits for, or
    /// why it does not make the step at this tick.
    pub fn follow(
        from: SiteId,
        first: Wait,
        of: impl Fn(SiteId, Tick) -> Result<Wait, Cause>,
    ) -> Self {
        let mut waits = Vec::new();
        let (mut at, mut wait) = (from, first);
        loop {
            let (site, tick) = (wait.site, wait.tick);
            let end = |waits, model, cause| Self {
                waits,
                site,
                model,
                tick,
                cause,
            };
            if site == at {
                // For the program that makes its steps.
                return end(waits, wait.model, Cause::Program);
            }
            waits.push((at, wait));
            if waits.iter().any(|&(known, _)| known == site) {
                return end(waits, wait.source, Cause::Circle);
            }
            match of(site, tick) {
                Ok(next) => (at, wait) = (site, next),
                Err(cause) => return end(waits, wait.source, cause),
            }
        }
    }
}

/// How far a run is, and since when.
#[derive(Debug)]
pub(super) struct Motion {
    /// Rows, and the steps of the controller's own models.
    done: (u64, u64),
    since: Instant,
}

impl Motion {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            done: (0, 0),
            since: now,
        }
    }

    /// Whatever the run stood at before is no reason any more.
    pub(super) fn begin_anew(&mut self) {
        self.done = (NEVER, NEVER);
    }

    /// Takes note of how far the run is, and of when a node has made a step last; returns how long nothing has moved,
    /// if that is long.
    pub(super) fn look(
        &mut self,
        done: (u64, u64),
        moved: Option<Instant>,
        now: Instant,
    ) -> Option<Duration> {
        if done != self.done {
            self.done = done;
            self.since = now;
        }
        self.since = moved.map_or(self.since, |moved| moved.max(self.since));
        let time = now.saturating_duration_since(self.since);
        (time >= STANDSTILL).then_some(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::plan::CONTROLLER;

    fn wait(site: u16, source: u32) -> Wait {
        Wait {
            model: Some(ModelId(9)),
            tick: 17,
            site: SiteId(site),
            source: Some(ModelId(source)),
        }
    }

    #[test]
    fn a_chain_goes_down_to_the_site_that_waits_for_nobody() {
        let silent = Cause::Silent(Duration::from_secs(2));
        let found = Stall::follow(CONTROLLER, wait(1, 10), |site, tick| match site.0 {
            1 => Ok(wait(2, 20)),
            2 => Ok(wait(3, 30)),
            _ => Err(if tick == 17 { silent } else { Cause::Busy }),
        });
        let waits = [
            (SiteId(0), wait(1, 10)),
            (SiteId(1), wait(2, 20)),
            (SiteId(2), wait(3, 30)),
        ];
        assert_eq!(found.waits, waits);
        assert_eq!((found.site, found.model), (SiteId(3), Some(ModelId(30))));
        assert_eq!((found.tick, found.cause), (17, silent));
    }

    #[test]
    fn where_all_wait_for_each_other_the_chain_ends_where_it_has_been() {
        let ring = |site: SiteId, _| Ok(wait(3 - site.0, 20));
        let found = Stall::follow(CONTROLLER, wait(1, 10), ring);
        assert_eq!(found.waits.len(), 3);
        assert_eq!((found.site, found.cause), (SiteId(1), Cause::Circle));
        let back = Stall::follow(CONTROLLER, wait(1, 10), |_, _| Ok(wait(0, 20)));
        assert_eq!((back.site, back.cause), (CONTROLLER, Cause::Circle));
        assert!(back.cause.is_passing());
    }

    #[test]
    fn a_site_that_nobody_knows_ends_a_chain() {
        let found = Stall::follow(SiteId(1), wait(65_535, 4_000_000), |_, _| {
            Err(Cause::Unknown)
        });
        assert_eq!((found.site, found.waits.len()), (SiteId(65_535), 1));
    }

    #[test]
    fn a_model_that_waits_for_its_own_site_waits_for_its_program() {
        let own = |_, _| {
            Ok(Wait {
                model: Some(ModelId(4)),
                ..wait(1, 4)
            })
        };
        let found = Stall::follow(CONTROLLER, wait(1, 10), own);
        assert_eq!(found.waits, [(CONTROLLER, wait(1, 10))]);
        assert_eq!((found.site, found.model), (SiteId(1), Some(ModelId(4))));
        assert_eq!(found.cause, Cause::Program);
    }

    #[test]
    fn a_run_stands_still_since_it_last_moved_here_or_on_a_node() {
        let start = Instant::now();
        let mut motion = Motion::new(start);
        let minute = Duration::from_secs(60);
        assert_eq!(motion.look((0, 0), None, start + minute), Some(minute));
        assert_eq!(motion.look((0, 1), None, start + minute), None);
        let step = Some(start + minute + STANDSTILL / 2);
        assert_eq!(motion.look((0, 1), step, start + minute + STANDSTILL), None);
        let later = start + 2 * minute;
        let since = minute.saturating_sub(STANDSTILL / 2);
        assert_eq!(motion.look((0, 1), step, later), Some(since));
        motion.begin_anew();
        assert_eq!(motion.look((0, 1), step, start + 3 * minute), None);
        assert_eq!(motion.look((0, 1), step, start + 4 * minute), Some(minute));
    }
}
