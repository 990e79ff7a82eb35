//! A run: the controller's own host, its nodes, and what goes between them.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use async_signal::Signals;
use shared::files::Files;
use shared::host::{Failure, Host, Turn};
use shared::model::Notice;
use shared::plan::{CONTROLLER, SiteId, SitePlan};
use shared::time::Tick;
use shared::wire::{ALIVE_INTERVAL, FILE_PIECE, SiteReport, ToNode, Token};
use smol::Timer;
use smol::stream::Stream;

use super::dial::all;
use super::error::{ClusterError, LossCause};
use super::links::{Links, links_of, pairs};
use super::node::{Node, THIS_MACHINE};
use super::presence::Presence;
use super::upload::Upload;
use super::waiting::Motion;
use crate::exit::{RunError, WARNED};
use crate::output::{Console, Recorder, SideFiles};
use crate::places::WriteError;

/// Steps and rows between two looks at the network.
const BUDGET: usize = 4096;

/// How often progress is shown, and how soon an interrupt is seen.
const PULSE: Duration = Duration::from_millis(100);

/// How often rows are handed to the system while they are few.
const FLUSH_INTERVAL: Duration = Duration::from_secs(1);

/// A run in progress.
pub(crate) struct Drive<'a> {
    pub(super) host: Host,
    /// The nodes by site, from site 1 on. One is taken out while its messages are handled.
    pub(super) nodes: Vec<Option<Node>>,
    file: &'a mut Recorder,
    pub(super) side_files: SideFiles,
    pub(super) console: &'a Console,
    /// A warning ends the run.
    strict: bool,
    /// Without a sign of life for this long, a node is lost.
    pub(super) timeout: Duration,
    pub(super) failure: Option<Failure>,
    /// The tick of that failure, which the nodes are still to be told: once a turn, however many
    /// failures they report.
    pub(super) new_limit: Option<Tick>,
    pub(super) links: Links,
    report: SiteReport,
    /// When all nodes had their plans.
    started: Option<Instant>,
    pub(super) motion: Motion,
    pub(super) presence: Presence,
    /// The models here wait for a node to take what has been sent to it.
    is_full: bool,
    flushed: Instant,
}

/// What a run came to.
pub(crate) struct Outcome {
    pub(crate) side_files: SideFiles,
    /// When its steps began.
    pub(crate) started: Option<Instant>,
    pub(crate) nodes: Vec<Node>,
    /// The pairs of sites whose values the controller passed on.
    pub(crate) relayed: Vec<(SiteId, SiteId)>,
    /// What the controller's own host did.
    pub(crate) report: SiteReport,
    /// The earliest failure of a model.
    pub(crate) failure: Option<Failure>,
    pub(crate) error: Option<RunError>,
}

impl<'a> Drive<'a> {
    /// A run of a host together with nodes.
    pub(crate) fn new(
        host: Host,
        nodes: Vec<Node>,
        file: &'a mut Recorder,
        side_files: SideFiles,
        console: &'a Console,
        strict: bool,
        timeout: Duration,
    ) -> Self {
        Self {
            host,
            nodes: nodes.into_iter().map(Some).collect(),
            file,
            side_files,
            console,
            strict,
            timeout,
            failure: None,
            new_limit: None,
            links: Links::default(),
            report: SiteReport::default(),
            started: None,
            motion: Motion::new(),
            presence: Presence::new(),
            is_full: false,
            flushed: Instant::now(),
        }
    }

    /// Sends every node its plan, and runs to the end. The result file is complete afterwards as
    /// far as the run came.
    pub(crate) async fn run(
        mut self,
        plans: &[SitePlan],
        paths: &[Vec<String>],
        files: &dyn Files,
        signals: &mut Signals,
    ) -> Outcome {
        let mut result = match self.uploads(plans, paths, files) {
            Ok(mut uploads) => self.turns(&mut uploads, signals).await,
            Err(error) => Err(error.into()),
        };
        let written = match &result {
            Ok(()) if self.failure.is_none() => self.file.finish(),
            // It is the file that cannot be written.
            _ if self.file.is_over() => Ok(()),
            // What is there can still be written, whatever became of the run.
            _ => self.write_the_rest(),
        };
        let kept = match &result {
            Ok(()) if self.failure.is_none() && written.is_ok() => Ok(()),
            _ => self.side_files.keep_before(self.file.rows()),
        };
        let written = written.and(kept).map_err(RunError::Output);
        if let (true, Err(error)) = (result.is_ok(), written) {
            result = Err(error);
        }
        self.report.steps = self.host.steps();
        let mut nodes: Vec<Node> = self.nodes.into_iter().flatten().collect();
        all(nodes.iter_mut().map(Node::close)).await;
        let (report, failure) = (self.report, self.failure);
        Outcome {
            side_files: self.side_files,
            started: self.started,
            nodes,
            relayed: self.links.relayed.into_iter().collect(),
            report,
            failure,
            error: result.err(),
        }
    }

    fn write_the_rest(&mut self) -> Result<(), WriteError> {
        let rows = self.host.finish_rows(self.file);
        let rows = rows.map_err(|cause| self.file.error(cause));
        rows.and_then(|()| self.file.close())
    }

    fn uploads<'u>(
        &self,
        plans: &'u [SitePlan],
        paths: &'u [Vec<String>],
        files: &'u dyn Files,
    ) -> Result<Vec<Upload<'u>>, ClusterError> {
        let with_plans = self
            .nodes
            .iter()
            .flatten()
            .zip(&plans[1..])
            .zip(&paths[1..]);
        with_plans
            .map(|((node, plan), paths)| {
                Upload::new(plan, paths, files).map_err(|error| node.not_sent(error))
            })
            .collect()
    }

    /// Steps, exchanges and waits until everything is done.
    async fn turns(
        &mut self,
        uploads: &mut [Upload<'_>],
        signals: &mut Signals,
    ) -> Result<(), RunError> {
        let mut pulse = Timer::interval(PULSE);
        loop {
            for index in 0..self.nodes.len() {
                self.take_messages(index)?;
            }
            self.tell_limit()?;
            let turn = if self.upload(uploads)? {
                self.step()?
            } else {
                Turn::Blocked
            };
            if turn == Turn::Finished && self.nodes.iter().flatten().all(|n| n.report.is_some()) {
                return Ok(());
            }
            let before = (turn == Turn::Blocked).then(Instant::now);
            std::future::poll_fn(|cx| self.poll(cx, turn, &mut pulse, signals)).await?;
            if let Some(before) = before
                && let Some(wait) = self.host.blocked_on()
            {
                self.report.add_wait(wait.site, before.elapsed());
            }
        }
    }

    /// Queues more of the plans, as much as the nodes take. Once all have theirs they start
    /// together, so that none gets values before its plan; then it returns `true`.
    fn upload(&mut self, uploads: &mut [Upload<'_>]) -> Result<bool, RunError> {
        if self.started.is_some() {
            return Ok(true);
        }
        let mut complete = true;
        for (node, upload) in self.nodes.iter_mut().flatten().zip(uploads.iter_mut()) {
            while node.awaits_plan && node.connection.unsent() < FILE_PIECE {
                let queued = upload.queue_next(&mut node.connection);
                node.awaits_plan = queued.map_err(|error| node.not_sent(error))?;
            }
            complete &= !node.awaits_plan;
        }
        if complete {
            self.start(uploads)?;
        }
        Ok(complete)
    }

    /// Lets all nodes start.
    fn start(&mut self, uploads: &[Upload<'_>]) -> Result<(), RunError> {
        let nodes = self.nodes.iter().flatten();
        let addresses: Vec<SocketAddr> = nodes.map(|node| node.address).collect();
        let token = Token::random().map_err(RunError::System)?;
        self.plan_links(pairs(uploads.iter().map(Upload::plan)));
        for (node, upload) in self.nodes.iter_mut().flatten().zip(uploads) {
            let (site, wanted) = (upload.plan().site, &self.links.wanted);
            let links = links_of(site, wanted, &addresses, token, self.timeout);
            let queued = upload.queue_start(links, &mut node.connection);
            queued.map_err(|error| node.not_sent(error))?;
        }
        self.started = Some(Instant::now());
        Ok(())
    }

    /// Does what can be done here, and hands it out.
    fn step(&mut self) -> Result<Turn, RunError> {
        self.is_full = !self.nodes.iter().flatten().all(Node::has_room);
        if self.is_full {
            return Ok(Turn::Blocked);
        }
        let turn = self.host.run(BUDGET, self.file);
        let turn = turn.map_err(|cause| RunError::Output(self.file.error(cause)))?;
        self.take_note_of_own()?;
        self.tell_limit()?;
        self.hand_out()?;
        Ok(turn)
    }

    /// Waits until something arrives, unless there is more to do.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        turn: Turn,
        pulse: &mut Timer,
        signals: &mut Signals,
    ) -> Poll<Result<(), RunError>> {
        let mut ready = turn == Turn::Again;
        let mut beaten = false;
        while Pin::new(&mut *pulse).poll_next(cx).is_ready() {
            if Pin::new(&mut *signals).poll_next(cx).is_ready() {
                return Poll::Ready(Err(RunError::Interrupted));
            }
            self.beat(turn)?;
            beaten = true;
        }
        for node in self.nodes.iter_mut().flatten() {
            match attend(node, cx, beaten) {
                Poll::Ready(()) => ready = true,
                Poll::Pending if beaten && node.is_silent_for(self.timeout) => {
                    let silence = LossCause::Silent(self.timeout.as_secs());
                    let away = self.presence.away();
                    return Poll::Ready(Err(node.lost(silence, away).into()));
                }
                Poll::Pending => {}
            }
            if beaten && node.is_deaf_for(self.timeout) {
                let deaf = LossCause::Deaf(self.timeout.as_secs());
                let away = self.presence.away();
                return Poll::Ready(Err(node.lost(deaf, away).into()));
            }
            ready |= node.awaits_plan && node.connection.unsent() < FILE_PIECE;
        }
        ready |= self.has_room_again();
        if ready {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    /// Whether something that waited for a node to take what is sent to it can go on.
    fn has_room_again(&self) -> bool {
        let nodes = &mut self.nodes.iter().flatten();
        let is_released = |node: &Node| node.held_by.is_some_and(|site| self.has_room(site));
        nodes.clone().any(is_released) || (self.is_full && nodes.all(Node::has_room))
    }

    /// Whether more may be sent to a site before it has taken what waits.
    pub(super) fn has_room(&self, site: SiteId) -> bool {
        let node = usize::from(site).checked_sub(1);
        let node = node.and_then(|index| self.nodes.get(index)?.as_ref());
        node.is_none_or(Node::has_room)
    }

    /// What is done from time to time: progress, signs of life, rows to the system.
    fn beat(&mut self, turn: Turn) -> Result<(), RunError> {
        self.presence.look();
        let waiting = self.standstill(turn);
        let waiting = waiting.as_ref().map(|(what, time)| (what.as_str(), *time));
        self.console.show(self.host.rows(), waiting);
        if self.flushed.elapsed() >= FLUSH_INTERVAL {
            self.flushed = Instant::now();
            self.file
                .flush()
                .map_err(|cause| RunError::Output(self.file.error(cause)))?;
        }
        self.check_finished()?;
        self.check_links()?;
        for node in self.nodes.iter_mut().flatten() {
            node.connection.keep_trying();
            if node.connection.idle_for() >= ALIVE_INTERVAL {
                say(node, &ToNode::Alive)?;
            }
        }
        Ok(())
    }

    pub(super) fn name_of(&self, site: SiteId) -> String {
        let node = usize::from(site)
            .checked_sub(1)
            .and_then(|index| self.nodes.get(index)?.as_ref());
        node.map_or_else(|| THIS_MACHINE.to_owned(), |node| node.name.clone())
    }

    /// Shows what a model says. If warnings are errors, the run ends with it as with a failure, so with
    /// the same rows wherever the model ran.
    pub(super) fn take_notice(&mut self, notice: Notice) {
        if self.console.is_told(&notice) {
            return;
        }
        self.console.notice(&notice);
        if !self.strict {
            return;
        }
        let Notice { model, tick, text } = notice;
        self.take_failure(Failure {
            model,
            tick,
            code: WARNED.to_owned(),
            message: text,
            inputs: Vec::new(),
        });
    }

    /// What the controller's own models said and how they failed.
    fn take_note_of_own(&mut self) -> Result<(), RunError> {
        for notice in self.host.take_notices() {
            self.take_notice(notice);
        }
        for written in self.host.take_files() {
            self.side_files.take(&written)?;
        }
        if let Some(failure) = self.host.failure().cloned() {
            self.take_failure(failure);
        }
        Ok(())
    }

    /// Tells the nodes, once they have started, that there is an earlier end.
    fn tell_limit(&mut self) -> Result<(), RunError> {
        if self.started.is_none() {
            return Ok(());
        }
        let Some(tick) = self.new_limit.take() else {
            return Ok(());
        };
        let nodes = &mut self.nodes.iter_mut().flatten();
        nodes.try_for_each(|node| say(node, &ToNode::Limit(tick)))
    }

    /// Gives the nodes the records for them.
    fn hand_out(&mut self) -> Result<(), RunError> {
        for (index, node) in self.nodes.iter_mut().enumerate() {
            let Some(node) = node.as_mut() else {
                continue;
            };
            let site = SiteId::try_from(index + 1).unwrap_or(SiteId::MAX);
            let records = self.host.take_batch(site);
            if !records.is_empty() {
                say(
                    node,
                    &ToNode::Batch {
                        from: CONTROLLER,
                        records: &records,
                    },
                )?;
            }
            self.host.recycle(site, records);
            if !node.deaf {
                node.deaf = node.connection.write().is_err();
            }
        }
        Ok(())
    }
}

/// Writes to a node and reads from it, without waiting; ready when something came or it is gone.
/// `anew` asks the system again whether something has come: a process that was held up finds its
/// pulses before what has arrived meanwhile.
fn attend(node: &mut Node, cx: &mut Context<'_>, anew: bool) -> Poll<()> {
    if node.gone.is_some() {
        return Poll::Pending;
    }
    if anew {
        node.connection.look_again();
    }
    if !node.deaf {
        // The end of the connection comes after what the node said before, which may be why.
        node.deaf = matches!(node.connection.poll_write(cx), Poll::Ready(Err(_)));
    }
    if node.held_by.is_some() {
        // It is to wait as well: what it sends stays in the network.
        return Poll::Pending;
    }
    node.connection.poll_fill(cx).map(|filled| {
        node.gone = filled.err();
    })
}

/// Queues a message for a node, unless it takes none any more.
pub(super) fn say(node: &mut Node, message: &ToNode<'_>) -> Result<(), RunError> {
    if node.deaf || node.gone.is_some() {
        return Ok(());
    }
    let queued = node.connection.queue(message);
    queued.map_err(|cause| {
        ClusterError::TooLarge {
            node: node.name.clone(),
            cause,
        }
        .into()
    })
}
