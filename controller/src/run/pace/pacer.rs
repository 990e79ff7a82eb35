//! When which tick may be done. It has no clock: whoever asks says what time it is.

use std::time::{Duration, Instant};

use shared::time::Tick;

use super::{FASTEST, Paced, SLOWEST};
use crate::run::Control;

/// A run is behind its pace if a tick takes longer than this, and longer than a tick has. What it lost
/// beyond that is not made up for.
const PATIENCE: Duration = Duration::from_secs(1);

/// After it has kept its pace for this long, being behind is worth saying again.
const A_WHILE: Duration = Duration::from_secs(10);

/// Ticks that follow each other faster are released together, so that nobody hears of it more often.
const LEAST_GAP: Duration = Duration::from_millis(5);

/// Picoseconds of a nanosecond.
const NANOSECOND: i128 = 1000;

/// Says when which tick may be done, and notices who cannot keep up.
#[derive(Debug)]
pub(in crate::run) struct Pacer {
    /// Ticks in a second.
    rate: f64,
    /// From one tick to the next, in picoseconds.
    interval: i128,
    /// The ticks of the run.
    ticks: Tick,
    /// Nothing at or after this tick is done, whatever the pace is, as somebody else wants it.
    limit: Tick,
    /// Those before this one may be done.
    released: Tick,
    /// The release that the run has.
    told: Option<Tick>,
    /// This tick may be done from this time on, and those around it as long before and after it as the
    /// pace says. There is none before the first tick is done.
    anchor: Option<(Tick, Instant)>,
    is_paused: bool,
    /// When ticks were released.
    raised: Option<Instant>,
    /// When the time of the ticks to come was moved.
    moved: Option<Instant>,
    is_behind: bool,
    /// Since when the pace has been kept.
    kept_since: Option<Instant>,
}

/// How far a run is: the ticks before which all is done.
#[derive(Clone, Copy, Debug)]
pub(in crate::run) struct Done {
    /// Here, rows included.
    pub(in crate::run) here: Tick,
    /// On the nodes, as they said last.
    pub(in crate::run) nodes: Tick,
    /// How old that may be.
    pub(in crate::run) age: Duration,
}

/// What a look at the time came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::run) struct Look {
    /// The release that the run is to have now, if it has another one.
    pub(in crate::run) release: Option<Tick>,
    /// The run has fallen behind its pace, which is worth saying.
    pub(in crate::run) behind: Option<Late>,
}

/// Where a run is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::run) enum Late {
    /// There are rows to make here, or steps.
    Here,
    /// There are steps to make on nodes, of models for which nobody here waits.
    Nodes,
}

impl Pacer {
    /// A pace of so many ticks in a second, for a run that has so many. The first one may be done at
    /// once, and time counts from then on.
    pub(super) fn new(rate: f64, ticks: Tick) -> Self {
        Self {
            rate,
            interval: interval_of(rate),
            ticks,
            limit: Tick::MAX,
            released: if rate.is_finite() { 1 } else { ticks.max(1) },
            told: None,
            anchor: None,
            is_paused: false,
            raised: None,
            moved: None,
            is_behind: false,
            kept_since: None,
        }
    }

    /// The ticks before this one have no pace.
    pub(in crate::run) fn from(mut self, tick: Tick) -> Self {
        self.released = self.released.max(tick.min(self.ticks));
        self
    }

    /// The sites of the run begin anew, and know of no release.
    pub(in crate::run) fn begin_anew(&mut self, now: Instant) {
        self.told = None;
        if self.anchor.is_some() {
            // Nobody makes up for the time in which there were none.
            self.anchor = Some((self.released, now));
            self.kept_since = None;
        }
    }

    /// Whether it holds the run to anything.
    pub(in crate::run) fn is_limited(&self) -> bool {
        self.rate.is_finite() || self.is_paused
    }

    /// The pace as it is now.
    pub(in crate::run) fn paced(&self) -> Paced {
        Paced {
            rate: self.rate,
            is_paused: self.is_paused,
            is_behind: self.is_behind && !self.is_paused,
        }
    }

    /// Releases what is due, for a run that is this far. `is_busy` says that it has worked since the
    /// last look and not waited: only then can it be its fault that this look comes late.
    pub(in crate::run) fn look(&mut self, done: Done, now: Instant, is_busy: bool) -> Look {
        let mut behind = None;
        if !self.is_paused {
            if self.anchor.is_none() && done.here >= self.released {
                self.anchor = Some((self.released, now + self.time_of_ticks(1)));
            }
            behind = self.give_up_time(done, now, is_busy);
            self.release_due(now);
        }
        let release = self.released.min(self.limit);
        let is_new = self.told.replace(release) != Some(release);
        Look {
            release: is_new.then_some(release),
            behind,
        }
    }

    /// When to look next, unless somebody asks for something before.
    pub(in crate::run) fn deadline(&self) -> Option<Instant> {
        let due = self.due()?;
        // As long as the run is late each look moves the time of its next tick, which may stay as short a time ahead as the
        // one until that look: then whoever looked at each of them would do nothing else.
        Some(self.moved.map_or(due, |moved| due.max(moved + LEAST_GAP)))
    }

    /// When the next ticks may be released.
    fn due(&self) -> Option<Instant> {
        let (tick, time) = self.anchor?;
        if self.is_paused || self.released >= self.end() {
            return None;
        }
        let due = time + self.time_of_ticks(self.released.saturating_sub(tick));
        Some(
            self.raised
                .map_or(due, |raised| due.max(raised + LEAST_GAP)),
        )
    }

    /// Does what is asked of the pace; what does not concern it changes nothing.
    pub(in crate::run) fn obey(&mut self, control: Control, done: Tick, now: Instant) {
        match control {
            Control::Pause => self.pause(done),
            Control::Resume => self.resume(now),
            Control::Step => {
                self.pause(done);
                self.released = (self.released + 1).min(self.ticks.max(1));
            }
            Control::Faster => self.change(faster(self.rate), done, now),
            Control::Slower => self.change(slower(self.rate), done, now),
            Control::Release(tick) => self.allow(tick, now),
            // Whoever knows how long a tick is sets the rate.
            Control::Pace(_) | Control::Adjust(..) | Control::Stop => {}
        }
    }

    /// The ticks at or after which nothing is released any more.
    fn end(&self) -> Tick {
        self.ticks.min(self.limit)
    }

    /// Sets the limit. A run that stood there goes on from there.
    fn allow(&mut self, tick: Tick, now: Instant) {
        let stood = self.released >= self.limit;
        self.limit = tick;
        if stood && self.anchor.is_some() {
            self.anchor = Some((self.released, now));
        }
    }

    /// Holds the run once it has done the tick that it is at.
    fn pause(&mut self, done: Tick) {
        self.is_paused = true;
        self.released = self.released.min(done.saturating_add(1));
    }

    /// Goes on with the next tick at once, without making up for anything.
    fn resume(&mut self, now: Instant) {
        if std::mem::take(&mut self.is_paused) && self.anchor.is_some() {
            self.anchor = Some((self.released, now));
            self.kept_since = None;
        }
    }

    /// Changes the rate, of a run that is this far. The next tick comes as long after the last one as the new rate says.
    pub(super) fn change(&mut self, rate: f64, done: Tick, now: Instant) {
        if self.rate.is_infinite() && rate.is_finite() {
            // Everything was released.
            self.released = self.released.min(done.saturating_add(1));
            self.anchor = Some((self.released, now));
        }
        let next = self.anchor.map(|(tick, time)| {
            let due = time + self.time_of_ticks(self.released.saturating_sub(tick));
            due.checked_sub(self.time_of_ticks(1)).unwrap_or(now)
        });
        self.rate = rate;
        self.interval = interval_of(rate);
        let time = self.time_of_ticks(1);
        self.anchor = next.map(|last| (self.released, (last + time).max(now)));
    }

    /// Moves the time of all ticks to come where the run has lost more than may be made up for: a tick
    /// that is to be done takes too long, or nobody has looked. Returns where it is late, if that is new.
    fn give_up_time(&mut self, done: Done, now: Instant, is_busy: bool) -> Option<Late> {
        if self.rate.is_infinite() {
            return None;
        }
        let patience = PATIENCE.max(self.time_of_ticks(1));
        let nodes = done.nodes.saturating_add(self.ticks_in(done.age));
        let late = if nodes < done.here {
            Late::Nodes
        } else {
            Late::Here
        };
        let done = done.here.min(nodes);
        let is_waited_for = done < self.released.min(self.limit);
        let excess = if is_waited_for {
            self.overdue(done, now).saturating_sub(patience)
        } else if self.released < self.end() && self.overdue(self.released, now) > patience {
            self.overdue(self.released, now)
        } else {
            Duration::ZERO
        };
        if let Some((_, time)) = &mut self.anchor
            && !excess.is_zero()
        {
            *time += excess;
            self.moved = Some(now);
        }
        if !excess.is_zero() && (is_busy || is_waited_for) {
            self.kept_since = None;
            let was_behind = std::mem::replace(&mut self.is_behind, true);
            return (!was_behind).then_some(late);
        }
        let kept_since = *self.kept_since.get_or_insert(now);
        let a_while = A_WHILE.max(3 * patience);
        self.is_behind &= now.saturating_duration_since(kept_since) < a_while;
        None
    }

    /// Releases the ticks that are due, unless it has just released some.
    fn release_due(&mut self, now: Instant) {
        if self.due().is_none_or(|due| now < due) {
            return;
        }
        let Some((tick, time)) = self.anchor else {
            return;
        };
        let since = now.saturating_duration_since(time);
        // The tick of the anchor itself is due as soon as its time has come.
        let due = tick.saturating_add(self.ticks_in(since)).saturating_add(1);
        self.released = due.clamp(self.released, self.end());
        self.raised = Some(now);
    }

    /// How long ago a tick was due; nothing if that is still to come.
    fn overdue(&self, tick: Tick, now: Instant) -> Duration {
        let Some((anchor, time)) = self.anchor else {
            return Duration::ZERO;
        };
        if tick >= anchor {
            return now.saturating_duration_since(time + self.time_of_ticks(tick - anchor));
        }
        let since = now.saturating_duration_since(time);
        let still = time.saturating_duration_since(now);
        (since + self.time_of_ticks(anchor - tick)).saturating_sub(still)
    }

    /// How long so many ticks take, rounded up.
    fn time_of_ticks(&self, ticks: Tick) -> Duration {
        let time = (i128::from(ticks) * self.interval + NANOSECOND - 1) / NANOSECOND;
        Duration::from_nanos(u64::try_from(time).unwrap_or(u64::MAX))
    }

    /// How many ticks take this long.
    fn ticks_in(&self, time: Duration) -> Tick {
        if self.interval == 0 {
            return Tick::MAX;
        }
        let time = i128::try_from(time.as_nanos()).unwrap_or(i128::MAX / NANOSECOND);
        Tick::try_from(time * NANOSECOND / self.interval).unwrap_or(Tick::MAX)
    }
}

/// From one tick to the next, in picoseconds.
fn interval_of(rate: f64) -> i128 {
    // As many nanoseconds as a thousand ticks take. A rate has limits, so this is neither nothing nor
    // too much.
    let thousand = Duration::from_secs_f64(1000.0 / rate);
    i128::try_from(thousand.as_nanos()).unwrap_or(i128::MAX)
}

/// The next rate of the series 1, 2, 5, 10, and so on.
fn faster(rate: f64) -> f64 {
    if rate.is_infinite() {
        return rate;
    }
    let next = series().find(|next| *next > rate * 1.001);
    next.unwrap_or(FASTEST).min(FASTEST)
}

/// The one before in that series.
fn slower(rate: f64) -> f64 {
    let before = series().take_while(|before| *before < rate * 0.999);
    before.last().unwrap_or(SLOWEST).clamp(SLOWEST, FASTEST)
}

fn series() -> impl Iterator<Item = f64> {
    let decade = |exponent: i32| {
        // Written out, so that each is the float that its digits are.
        [1, 2, 5].map(|digit| format!("{digit}e{exponent}").parse().unwrap_or(FASTEST))
    };
    (-5..=6).flat_map(decade)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
