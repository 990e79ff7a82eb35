//! A node of a run, as its controller knows it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::looks::Looks;
use super::loss::LossCause;
use super::stall::Cause;
use shared::plan::{ModelId, SiteId};
use shared::progress::Wait;
use shared::time::Tick;
use shared::wire::{
    ALIVE_INTERVAL, Channel, ConnectionError, FrameError, SETTLED, SILENCE_GRACE, SiteReport,
    Standing, ToNode,
};

/// Bytes that may wait for a node. With more, whoever sends values for it waits: the models here,
/// and other nodes whose values pass here.
const MAX_UNSENT: usize = 4 * 1024 * 1024;

/// A node of a run, as its controller knows it.
#[derive(Debug)]
pub struct NodeState {
    pub(super) channel: Channel,
    pub(super) address: SocketAddr,
    /// The models that run there.
    pub(super) models: Vec<ModelId>,
    /// What it said last about itself.
    pub progress: Tick,
    /// Steps of its models, as it said last.
    pub steps: u64,
    pub(super) wait: Option<Wait>,
    /// When it made its last step, as far as it has said.
    pub(super) moved: Option<Instant>,
    /// For how long it had made none when it said so.
    still: Duration,
    /// What it did, once it has finished.
    pub report: Option<SiteReport>,
    pub(super) finished: Option<Instant>,
    /// Parts of its plan are still to be sent.
    pub(super) awaits_plan: bool,
    /// Its models are built.
    pub(super) is_ready: bool,
    /// Its messages wait until this site takes what has been sent to it for it.
    pub(super) held_by: Option<SiteId>,
    /// What somebody looks at there.
    pub(super) looks: Looks,
    /// So much longer than the others it is waited for where nothing is heard of it.
    pub(super) grace: Duration,
    /// For how long something has waited for it of which it has taken nothing, this machine having been
    /// there to see it.
    stalled: Duration,
    /// Nothing can be written to it any more; what it said before may still be unread.
    pub(super) is_write_closed: bool,
    /// Its connection is of no use any more; what it said before may still be unread.
    pub(super) gone: Option<ConnectionError>,
}

impl NodeState {
    pub(super) fn new(channel: Channel, address: SocketAddr, models: Vec<ModelId>) -> Self {
        Self {
            channel,
            address,
            models,
            progress: 0,
            steps: 0,
            wait: None,
            moved: None,
            still: Duration::ZERO,
            report: None,
            finished: None,
            awaits_plan: true,
            is_ready: false,
            held_by: None,
            looks: Looks::default(),
            grace: Duration::ZERO,
            stalled: Duration::ZERO,
            is_write_closed: false,
            gone: None,
        }
    }

    /// The channel to it.
    pub fn into_channel(self) -> Channel {
        self.channel
    }

    /// Whether something can still be said to it.
    pub fn is_there(&self) -> bool {
        self.gone.is_none()
    }

    /// Whether it is to make further steps of a model.
    pub(super) fn is_stepping(&self, model: ModelId) -> bool {
        self.is_ready && self.report.is_none() && self.models.contains(&model)
    }

    /// Whether it is to make further steps of a model, or will be once it has built it: what is sent to it until then
    /// waits for that.
    pub(super) fn takes_changes_of(&self, model: ModelId) -> bool {
        self.report.is_none() && self.models.contains(&model)
    }

    /// It says where its models stand.
    pub(super) fn stand(&mut self, standing: Standing, now: Instant) {
        if standing.steps != self.steps {
            self.moved = now.checked_sub(standing.still);
        }
        (self.progress, self.steps) = (standing.progress, standing.steps);
        (self.wait, self.still) = (standing.wait, standing.still);
    }

    /// What it waits for, if that is no moment's wait, or else why it does not make the step at this tick.
    pub(super) fn wait_or_cause(&self, tick: Tick, now: Instant) -> Result<Wait, Cause> {
        let silent = self.channel.silent_for(now);
        let is_heard = self.finished.is_none() && self.held_by.is_none();
        if is_heard && silent >= 2 * ALIVE_INTERVAL {
            return Err(Cause::Silent(silent));
        }
        if !self.is_ready {
            return Err(Cause::NotReady);
        }
        if self.finished.is_some() || self.progress > tick {
            // What it waits for now comes after that.
            return Err(Cause::OnItsWay);
        }
        if let Some(wait) = self.wait.filter(|_| self.still >= SETTLED) {
            return Ok(wait);
        }
        Err(if is_heard && silent >= ALIVE_INTERVAL {
            Cause::Silent(silent)
        } else if self.stalled >= ALIVE_INTERVAL {
            Cause::TakesNothing
        } else {
            Cause::Busy
        })
    }

    /// Whether it has made no step for so long, as far as it has said.
    pub(super) fn stands_for(&self, time: Duration, now: Instant) -> bool {
        let since = self.moved.map(|moved| now.saturating_duration_since(moved));
        self.still >= time && since.is_none_or(|since| since >= time)
    }

    pub(super) fn finish(&mut self, report: SiteReport, now: Instant) {
        self.report = Some(report);
        self.finished = Some(now);
    }

    /// Why nothing has been heard of it for this long, if that is so.
    pub(super) fn unheard_for(&self, time: Duration, now: Instant) -> Option<LossCause> {
        let seconds = time.as_secs();
        if self.is_silent_for(time, now) {
            return Some(LossCause::Silent(seconds));
        }
        self.is_stalled_for(time)
            .then_some(LossCause::Stalled(seconds))
    }

    /// Whether there is a heartbeat to wait for, and none has come for this long, and as much longer
    /// as it may take on its way.
    fn is_silent_for(&self, timeout: Duration, now: Instant) -> bool {
        let is_heard = self.finished.is_none() && self.held_by.is_none();
        is_heard && self.channel.silent_for(now) > timeout + SILENCE_GRACE
    }

    /// Takes note of whether what waits for it is taken. The last look was this long ago; of a time in
    /// which this machine was away, little is counted. While the node builds its models it takes nothing.
    pub(super) fn look_at_backlog(&mut self, since: Duration, now: Instant) {
        let is_taking = self.awaits_plan || self.is_ready;
        if is_taking && self.channel.unsent() > 0 && self.channel.idle_for(now) >= since {
            self.stalled += since.min(ALIVE_INTERVAL);
        } else {
            self.stalled = Duration::ZERO;
        }
    }

    /// Whether something waits for it, and it has taken nothing for this long.
    fn is_stalled_for(&self, timeout: Duration) -> bool {
        self.stalled > timeout + SILENCE_GRACE
    }

    /// Whether more may be sent to it before it has taken what waits.
    pub(super) fn has_room(&self) -> bool {
        self.is_write_closed || self.channel.unsent() <= MAX_UNSENT
    }

    /// Queues a message, unless it takes none any more.
    pub(super) fn say(&mut self, message: &ToNode<'_>) -> Result<(), FrameError> {
        if self.is_write_closed || self.gone.is_some() {
            return Ok(());
        }
        self.channel.queue(message)
    }
}
