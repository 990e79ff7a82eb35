//! A run: the controller's own host, its nodes, and what goes between them.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use async_signal::{Signal, Signals};
use shared::files::Files;
use shared::host::{Failure, Host, Turn};
use shared::plan::{CONTROLLER, SiteId, SitePlan};
use shared::wire::{ALIVE_INTERVAL, SiteReport, ToController, ToNode, decode};
use smol::Timer;
use smol::stream::Stream;

use super::error::{ClusterError, LossCause};
use super::node::{Node, THIS_MACHINE};
use super::reach::all;
use crate::exit::RunError;
use crate::output::{Console, ResultFile, WriteError};

/// Steps and rows between two looks at the network.
const BUDGET: usize = 4096;

/// How often progress is shown, and how soon an interrupt is seen.
const PULSE: Duration = Duration::from_millis(100);

/// How often rows are handed to the system while they are few.
const FLUSH_INTERVAL: Duration = Duration::from_secs(1);

/// A run in progress.
pub(crate) struct Drive<'a> {
    host: Host,
    /// The nodes by site, from site 1 on. One is taken out while its messages are handled.
    nodes: Vec<Option<Node>>,
    file: &'a mut ResultFile,
    console: &'a Console,
    /// Without a sign of life for this long, a node is lost.
    timeout: Duration,
    failure: Option<Failure>,
    report: SiteReport,
    blocked_since: Option<Instant>,
    flushed: Instant,
}

/// What a run came to.
pub(crate) struct Outcome {
    pub(crate) nodes: Vec<Node>,
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
        file: &'a mut ResultFile,
        console: &'a Console,
        timeout: Duration,
    ) -> Self {
        Self {
            host,
            nodes: nodes.into_iter().map(Some).collect(),
            file,
            console,
            timeout,
            failure: None,
            report: SiteReport::default(),
            blocked_since: None,
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
    ) -> Outcome {
        let started = self.start(plans, paths, files).await;
        let mut result = match started {
            Ok(()) => self.turns().await,
            Err(error) => Err(error.into()),
        };
        let written = match &result {
            Ok(()) if self.failure.is_none() => self.file.finish(),
            Err(RunError::Output(_)) => Ok(()),
            // What is there can still be written, whatever became of the run.
            _ => self.write_the_rest(),
        };
        if let (true, Err(error)) = (result.is_ok(), written) {
            result = Err(RunError::Output(error));
        }
        self.report.steps = self.host.steps();
        let mut nodes: Vec<Node> = self.nodes.into_iter().flatten().collect();
        all(nodes.iter_mut().map(Node::close)).await;
        let (report, failure) = (self.report, self.failure);
        Outcome {
            nodes,
            report,
            failure,
            error: result.err(),
        }
    }

    fn write_the_rest(&mut self) -> Result<(), WriteError> {
        let rows = self.host.finish_rows(self.file);
        let written = rows.and_then(|()| self.file.flush());
        written.map_err(|cause| self.file.error(cause))
    }

    async fn start(
        &mut self,
        plans: &[SitePlan],
        paths: &[Vec<String>],
        files: &dyn Files,
    ) -> Result<(), ClusterError> {
        let nodes = self.nodes.iter_mut().flatten();
        let with_plans = nodes.zip(&plans[1..]).zip(&paths[1..]);
        let sent =
            all(with_plans.map(|((node, plan), paths)| node.send_plan(plan, paths, files))).await;
        sent.into_iter().collect()
    }

    /// Steps, exchanges and waits until everything is done.
    async fn turns(&mut self) -> Result<(), RunError> {
        let mut signals = Signals::new([Signal::Int, Signal::Term]).map_err(RunError::System)?;
        let mut pulse = Timer::interval(PULSE);
        let mut last = Turn::Again;
        loop {
            for index in 0..self.nodes.len() {
                self.take_messages(index)?;
            }
            let turn = self.host.run(BUDGET, self.file);
            let turn = turn.map_err(|cause| RunError::Output(self.file.error(cause)))?;
            self.take_note_of_own()?;
            self.hand_out()?;
            if turn == Turn::Finished && self.nodes.iter().flatten().all(|n| n.report.is_some()) {
                return Ok(());
            }
            if (turn, last) == (Turn::Blocked, Turn::Again) {
                self.blocked_since = Some(Instant::now());
            }
            last = turn;
            let before = (turn == Turn::Blocked).then(Instant::now);
            std::future::poll_fn(|cx| self.poll(cx, turn, &mut pulse, &mut signals)).await?;
            if let (Some(before), Some(wait)) = (before, self.host.blocked_on()) {
                self.report.add_wait(wait.site, before.elapsed());
            }
        }
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
        while Pin::new(&mut *pulse).poll_next(cx).is_ready() {
            if Pin::new(&mut *signals).poll_next(cx).is_ready() {
                return Poll::Ready(Err(RunError::Interrupted));
            }
            if let Err(error) = self.beat(turn) {
                return Poll::Ready(Err(error));
            }
        }
        for node in self
            .nodes
            .iter_mut()
            .flatten()
            .filter(|node| node.gone.is_none())
        {
            let written = node.connection.poll_write(cx);
            match (written, node.connection.poll_fill(cx)) {
                (Poll::Ready(Err(error)), _) | (_, Poll::Ready(Err(error))) => {
                    // What it said before is still to be read.
                    node.gone = Some(error);
                    ready = true;
                }
                (_, Poll::Ready(Ok(()))) => ready = true,
                (_, Poll::Pending) => {}
            }
        }
        if ready {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    /// What is done from time to time: progress, signs of life, rows to the system.
    fn beat(&mut self, turn: Turn) -> Result<(), RunError> {
        let wait = self.host.blocked_on().filter(|_| turn == Turn::Blocked);
        let waiting = wait.map(|wait| self.name_of(wait.site));
        let since = self
            .blocked_since
            .map_or(Duration::ZERO, |since| since.elapsed());
        let waiting = waiting
            .as_deref()
            .filter(|_| since > FLUSH_INTERVAL)
            .map(|site| (site, since));
        self.console.show(self.host.rows(), waiting);
        if self.flushed.elapsed() >= FLUSH_INTERVAL {
            self.flushed = Instant::now();
            self.file
                .flush()
                .map_err(|cause| RunError::Output(self.file.error(cause)))?;
        }
        for node in self.nodes.iter_mut().flatten() {
            if node.report.is_none() && node.connection.silent_for() > self.timeout {
                return Err(node.lost(LossCause::Silent(self.timeout.as_secs())).into());
            }
            if node.connection.idle_for() >= ALIVE_INTERVAL {
                say(node, &ToNode::Alive)?;
            }
        }
        Ok(())
    }

    fn name_of(&self, site: SiteId) -> String {
        let node = usize::from(site)
            .checked_sub(1)
            .and_then(|index| self.nodes.get(index)?.as_ref());
        node.map_or_else(|| THIS_MACHINE.to_owned(), |node| node.name.clone())
    }

    /// Handles what a node has said.
    fn take_messages(&mut self, index: usize) -> Result<(), RunError> {
        let Some(mut node) = self.nodes[index].take() else {
            return Ok(());
        };
        let result = self.handle_all(&mut node, index);
        let result = result.map_err(|cause| RunError::from(node.lost(cause)));
        self.nodes[index] = Some(node);
        result?
    }

    fn handle_all(
        &mut self,
        node: &mut Node,
        index: usize,
    ) -> Result<Result<(), RunError>, LossCause> {
        let site = SiteId::try_from(index + 1).unwrap_or(SiteId::MAX);
        let Node {
            name,
            connection,
            progress,
            wait,
            report,
            gone,
            ..
        } = node;
        let confused = |what: &dyn std::fmt::Display| LossCause::Confused(what.to_string());
        while let Some(content) = connection.next_frame().map_err(|error| confused(&error))? {
            match decode(content).map_err(|error| confused(&error))? {
                ToController::Batch {
                    to: CONTROLLER,
                    records,
                } => {
                    self.host
                        .receive(site, records)
                        .map_err(|error| confused(&error))?;
                }
                ToController::Batch { to, records } => {
                    let receiver = self
                        .nodes
                        .get_mut(usize::from(to) - 1)
                        .and_then(Option::as_mut);
                    let receiver = receiver.ok_or_else(|| confused(&"a batch for nobody"))?;
                    if let Err(error) = say(
                        receiver,
                        &ToNode::Batch {
                            from: site,
                            records,
                        },
                    ) {
                        return Ok(Err(error));
                    }
                }
                ToController::Alive {
                    progress: tick,
                    wait: lacks,
                } => {
                    (*progress, *wait) = (tick, lacks);
                }
                ToController::Notice(notice) => self.console.notice(&notice),
                ToController::Failed(failure) => {
                    if let Err(error) = self.take_failure(failure) {
                        return Ok(Err(error));
                    }
                }
                ToController::Finished(done) => *report = Some(done),
                ToController::Ready => {}
                ToController::NotReady { model, errors } => {
                    let model = self.console.name(model).to_owned();
                    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                    let (node, message) = (name.clone(), errors.join("; "));
                    return Ok(Err(ClusterError::NotReady {
                        node,
                        model,
                        message,
                    }
                    .into()));
                }
                ToController::Refused(refusal) => return Err(LossCause::Refused(refusal)),
                ToController::Leaving => return Err(LossCause::Stopped),
                ToController::Welcome { .. } => return Err(confused(&"a second welcome")),
            }
        }
        match gone.take() {
            Some(error) if report.is_none() => Err(LossCause::Connection(error)),
            Some(error) => {
                *gone = Some(error);
                Ok(Ok(()))
            }
            None => Ok(Ok(())),
        }
    }

    /// What the controller's own models said and how they failed.
    fn take_note_of_own(&mut self) -> Result<(), RunError> {
        for notice in self.host.take_notices() {
            self.console.notice(&notice);
        }
        match self.host.failure().cloned() {
            Some(failure) => self.take_failure(failure),
            None => Ok(()),
        }
    }

    /// The earliest failure counts. What lies before it is still done, everywhere, so that the rows
    /// up to it are the same wherever the model ran.
    fn take_failure(&mut self, failure: Failure) -> Result<(), RunError> {
        let order = |failure: &Failure| (failure.tick, failure.model);
        if self
            .failure
            .as_ref()
            .is_some_and(|known| order(known) <= order(&failure))
        {
            return Ok(());
        }
        let tick = failure.tick;
        self.failure = Some(failure);
        self.host.limit(tick);
        self.nodes
            .iter_mut()
            .flatten()
            .try_for_each(|node| say(node, &ToNode::Limit(tick)))
    }

    /// Gives the nodes the records for them.
    fn hand_out(&mut self) -> Result<(), RunError> {
        for (index, node) in self.nodes.iter_mut().enumerate() {
            let Some(node) = node.as_mut().filter(|node| node.gone.is_none()) else {
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
            if let Err(error) = node.connection.write() {
                node.gone = Some(error);
            }
        }
        Ok(())
    }
}

/// Queues a message for a node.
fn say(node: &mut Node, message: &ToNode<'_>) -> Result<(), RunError> {
    let queued = node.connection.queue(message);
    queued.map_err(|cause| {
        ClusterError::TooLarge {
            node: node.name.clone(),
            cause,
        }
        .into()
    })
}
