//! The pace of a run, and what is said of those who cannot keep it.

use std::task::Context;
use std::time::{Duration, Instant};

use shared::plan::SiteId;
use shared::time::{NEVER, Tick};
use shared::wire::ALIVE_INTERVAL;

use super::Drive;
use crate::output::duration;
use crate::run::control::Control;
use crate::run::error::RunError;
use crate::run::event::Event;
use crate::run::pace::{Done, Late};

impl Drive<'_, '_, '_> {
    /// Releases the ticks that are due, and sees to it that the run is woken for the next ones. Returns
    /// whether there is something to do.
    pub(super) fn keep_pace(&mut self, cx: &mut Context<'_>) -> Result<bool, RunError> {
        loop {
            let done = self.done();
            let Some(pacing) = &mut self.edges.pacing else {
                return Ok(false);
            };
            let look = pacing.look(done);
            if let Some(late) = look.behind {
                self.tell_behind(late, done.here);
            }
            if let Some(tick) = look.release {
                let released = self.session.release(tick);
                released.map_err(|end| self.error_of(end))?;
                return Ok(true);
            }
            let pacing = self.edges.pacing.as_mut();
            if !pacing.is_some_and(|pacing| pacing.is_due(cx)) {
                return Ok(false);
            }
        }
    }

    /// Does what is asked of the pace. A run without one has a release only.
    pub(super) fn change_pace(&mut self, control: Control) -> Result<(), RunError> {
        let done = self.done().here;
        let grid = self.session.engine().grid();
        match (&mut self.edges.pacing, control) {
            (Some(pacing), Control::Pace(pace)) => {
                if let Err(invalid) = pacing.set(pace, grid, done) {
                    self.edges.observers.tell(Event::Note(&invalid.to_string()));
                }
            }
            (Some(pacing), _) => pacing.obey(control, done),
            (None, Control::Release(tick)) => {
                let released = self.session.release(tick);
                released.map_err(|end| self.error_of(end))?;
            }
            (None, _) => {}
        }
        Ok(())
    }

    /// Tells of a time in which nothing was done, which a pace does not make up for.
    pub(super) fn tell_away(&mut self, away: Duration) {
        let pacing = self.edges.pacing.as_ref();
        let was_idle = pacing.is_some_and(|pacing| !pacing.was_busy_for(away));
        if was_idle && self.started.is_some() {
            let note = format!(
                "nothing was done for {}, as this machine slept or the program was stopped; the run goes \
                 on from where it was",
                duration(away)
            );
            self.edges.observers.tell(Event::Note(&note));
        }
    }

    /// How far the run is.
    fn done(&self) -> Done {
        let engine = self.session.engine();
        let nodes = self.unfinished_nodes().map(|(tick, _)| tick);
        Done {
            here: engine.rows().min(engine.progress()),
            nodes: nodes.min().unwrap_or(NEVER),
            // One is due, and the one before may have been said just before a step.
            age: 2 * ALIVE_INTERVAL,
        }
    }

    /// How far each node is that has something to do, and what it is called.
    fn unfinished_nodes(&self) -> impl Iterator<Item = (Tick, &str)> {
        let nodes = SiteId::nodes().zip(&self.nodes);
        let nodes = nodes.filter(|(site, _)| !self.session.has_finished(*site));
        nodes.map(|(site, node)| (self.session.progress_of(site), &*node.name))
    }

    /// Tells that the run is behind its pace, and who is late.
    fn tell_behind(&mut self, late: Late, here: Tick) {
        let Some(pacing) = &self.edges.pacing else {
            return;
        };
        if self.session.failure().is_some() {
            // What is left to do before the failure has no pace.
            return;
        }
        let pace = pacing.paced();
        let slowest = self.unfinished_nodes().min_by_key(|(tick, _)| *tick);
        let stall = self.session.waits_for(Instant::now());
        let reason = match (late, stall, slowest) {
            (Late::Nodes, _, Some((tick, node))) => format!("waiting for {node} at tick {tick}"),
            (_, Some(stall), _) => {
                let standstill = self.words().standstill(&stall, Duration::ZERO, here);
                standstill.words
            }
            _ => format!("the models on this machine take longer, at tick {here}"),
        };
        let note = format!("the run is behind its pace of {pace}: {reason}");
        self.edges.observers.tell(Event::Note(&note));
    }
}
