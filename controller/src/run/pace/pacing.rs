//! The clock of a pace.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::{Duration, Instant};

use smol::Timer;

use super::pacer::{Done, Look, Pacer};
use super::{InvalidPace, Pace, Paced};
use crate::run::Control;
use shared::time::{Tick, TimeGrid};

/// Holds a run to its pace.
#[derive(Debug)]
pub(in crate::run) struct Pacing {
    pacer: Pacer,
    timer: Timer,
    /// When the turn began after which nobody has looked at the time yet.
    turn: Option<Instant>,
    /// How long the last turn took.
    busy: Duration,
}

impl Pacing {
    pub(in crate::run) fn new(pacer: Pacer) -> Self {
        Self {
            pacer,
            timer: Timer::never(),
            turn: None,
            busy: Duration::ZERO,
        }
    }

    /// The sites of the run begin anew, see [`Pacer::begin_anew`].
    pub(in crate::run) fn begin_anew(&mut self) {
        self.pacer.begin_anew(Instant::now());
        (self.turn, self.busy) = (None, Duration::ZERO);
    }

    /// The pace as it is now.
    pub(in crate::run) fn paced(&self) -> Paced {
        self.pacer.paced()
    }

    /// Whether the last turn took most of this time: then it was no time in which nothing was done.
    pub(in crate::run) fn was_busy_for(&self, time: Duration) -> bool {
        self.busy > time / 2
    }

    /// The run goes on to its next turn.
    pub(in crate::run) fn begin_turn(&mut self) {
        self.turn = Some(Instant::now());
    }

    /// Looks at the time, see [`Pacer::look`].
    pub(in crate::run) fn look(&mut self, done: Done) -> Look {
        let now = Instant::now();
        let turn = self.turn.take();
        if let Some(began) = turn {
            self.busy = now.saturating_duration_since(began);
        }
        self.pacer.look(done, now, turn.is_some())
    }

    /// Whether it is time for another look; if not, the run is woken then.
    pub(in crate::run) fn is_due(&mut self, cx: &mut Context<'_>) -> bool {
        match self.pacer.deadline() {
            Some(deadline) => self.timer.set_at(deadline),
            None => self.timer = Timer::never(),
        }
        Pin::new(&mut self.timer).poll(cx).is_ready()
    }

    /// Whether it holds the run to anything now.
    pub(in crate::run) fn is_limited(&self) -> bool {
        self.pacer.is_limited()
    }

    /// Sets another pace, for a run that is this far.
    ///
    /// # Errors
    /// It is too fast or too slow for the length of a tick.
    pub(in crate::run) fn set(
        &mut self,
        pace: Pace,
        grid: TimeGrid,
        done: Tick,
    ) -> Result<(), InvalidPace> {
        self.pacer.change(pace.rate(grid)?, done, Instant::now());
        Ok(())
    }

    /// Does what is asked of the pace of a run that is this far.
    pub(in crate::run) fn obey(&mut self, control: Control, done: Tick) {
        self.pacer.obey(control, done, Instant::now());
    }
}
