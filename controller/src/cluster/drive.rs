//! A run: the controller's own models, its nodes, and what goes between them. What is said and when is
//! decided in [`ControllerSession`]; here are the sockets, the clock, the files and the user.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use async_signal::Signals;
use session::{ControllerSession, End, LossCause, Report, Stall};
use shared::engine::{Engine, Failure, Turn};
use shared::files::Files;
use shared::model::{Notice, WrittenFile};
use shared::plan::{CONTROLLER, SiteId, SitePlan};
use shared::wire::{FILE_PIECE, SiteReport, Token};
use smol::Timer;
use smol::stream::Stream;

use super::dial::all;
use super::error::ClusterError;
use super::node::{Node, NodeOutcome, Running, THIS_MACHINE};
use super::presence::Presence;
use super::upload::{Upload, UploadError};
use crate::exit::{RunError, WARNED};
use crate::output::{Console, Recorder, SideFiles};
use crate::places::WriteError;

/// How often progress is shown, and how soon an interrupt is seen.
const PULSE: Duration = Duration::from_millis(100);

/// How often rows are handed to the system while they are few.
const FLUSH_INTERVAL: Duration = Duration::from_secs(1);

/// A run in progress.
pub(crate) struct Drive<'a> {
    session: ControllerSession,
    /// The nodes, by site.
    nodes: Vec<Running>,
    file: &'a mut Recorder,
    side_files: SideFiles,
    console: &'a Console,
    /// A warning ends the run.
    strict: bool,
    /// When all nodes had their plans.
    started: Option<Instant>,
    presence: Presence,
    flushed: Instant,
}

/// What a run came to.
pub(crate) struct Outcome {
    pub(crate) side_files: SideFiles,
    /// When its steps began.
    pub(crate) started: Option<Instant>,
    pub(crate) nodes: Vec<NodeOutcome>,
    /// The pairs of sites whose values the controller passed on.
    pub(crate) relayed: Vec<(SiteId, SiteId)>,
    /// What the controller's own engine did.
    pub(crate) report: SiteReport,
    /// The earliest failure of a model.
    pub(crate) failure: Option<Failure>,
    pub(crate) error: Option<RunError>,
}

impl<'a> Drive<'a> {
    /// A run of an engine together with nodes, for which there are these plans.
    #[allow(clippy::too_many_arguments, reason = "a run has as many parts")]
    pub(crate) fn new(
        engine: Engine,
        nodes: Vec<Node>,
        plans: &[SitePlan],
        file: &'a mut Recorder,
        side_files: SideFiles,
        console: &'a Console,
        strict: bool,
        timeout: Duration,
    ) -> Self {
        let mut running = Vec::new();
        let mut channels = Vec::new();
        for (node, plan) in nodes.into_iter().zip(plans.iter().skip(1)) {
            let (socket, channel) = node.connection.into_parts();
            let models = plan.models.iter().map(|model| model.id);
            channels.push((channel, node.address, models.collect()));
            running.push(Running {
                name: node.name,
                models: node.models,
                socket,
                release: node.release,
                processor: node.processor,
            });
        }
        Self {
            session: ControllerSession::new(engine, channels, timeout, Instant::now()),
            nodes: running,
            file,
            side_files,
            console,
            strict,
            started: None,
            presence: Presence::new(),
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
            Ok(mut uploads) => self.turns(plans, &mut uploads, signals).await,
            Err(error) => Err(error),
        };
        let written = match &result {
            Ok(()) if self.session.failure().is_none() => self.file.finish(),
            // It is the file that cannot be written.
            _ if self.file.is_over() => Ok(()),
            // What is there can still be written, whatever became of the run.
            _ => self.write_the_rest(),
        };
        let kept = match &result {
            Ok(()) if self.session.failure().is_none() && written.is_ok() => Ok(()),
            _ => self.side_files.keep_before(self.file.rows()),
        };
        let written = written.and(kept).map_err(RunError::Output);
        if let (true, Err(error)) = (result.is_ok(), written) {
            result = Err(error);
        }
        let outcome = self.session.into_outcome();
        let nodes = self.nodes.into_iter().zip(outcome.nodes);
        let nodes = nodes.map(|(node, state)| node.close(state));
        Outcome {
            side_files: self.side_files,
            started: self.started,
            nodes: all(nodes).await,
            relayed: outcome.relayed,
            report: outcome.report,
            failure: outcome.failure,
            error: result.err(),
        }
    }

    fn write_the_rest(&mut self) -> Result<(), WriteError> {
        let rows = self.session.finish_rows(self.file);
        let rows = rows.map_err(|cause| self.file.error(cause));
        rows.and_then(|()| self.file.close())
    }

    fn uploads<'u>(
        &self,
        plans: &'u [SitePlan],
        paths: &'u [Vec<String>],
        files: &'u dyn Files,
    ) -> Result<Vec<Upload<'u>>, RunError> {
        let with_plans = self.nodes.iter().zip(&plans[1..]).zip(&paths[1..]);
        with_plans
            .map(|((node, plan), paths)| {
                Upload::new(plan, paths, files).map_err(|error| not_sent(&node.name, error).into())
            })
            .collect()
    }

    /// Steps, exchanges and waits until everything is done.
    async fn turns(
        &mut self,
        plans: &[SitePlan],
        uploads: &mut [Upload<'_>],
        signals: &mut Signals,
    ) -> Result<(), RunError> {
        let mut pulse = Timer::interval(PULSE);
        loop {
            if self.started.is_none() {
                self.upload(plans, uploads)?;
            }
            let turn = self.session.advance(self.file, Instant::now());
            // A file that a node wants written there may be why it ends.
            let has_news = self.take_reports()?;
            let turn = turn.map_err(|end| self.error_of(end))?;
            if turn == Turn::Finished && !has_news {
                return Ok(());
            }
            let again = turn != Turn::Blocked || has_news;
            std::future::poll_fn(|cx| self.poll(cx, again, &mut pulse, signals)).await?;
        }
    }

    /// Queues more of the plans, as much as the nodes take. Once all have theirs they start.
    fn upload(&mut self, plans: &[SitePlan], uploads: &mut [Upload<'_>]) -> Result<(), RunError> {
        for ((site, node), upload) in SiteId::nodes().zip(&self.nodes).zip(uploads) {
            while let Some(channel) = self.session.plan_channel(site)
                && channel.unsent() < FILE_PIECE
            {
                let more = upload.queue_next(channel);
                if !more.map_err(|error| not_sent(&node.name, error))? {
                    self.session.planned(site);
                }
            }
        }
        if self.session.is_planned() {
            let token = Token::random().map_err(RunError::System)?;
            let started = self.session.start(plans, token);
            started.map_err(|end| self.error_of(end))?;
            self.started = Some(Instant::now());
        }
        Ok(())
    }

    /// Waits until something arrives, unless there is more to do.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        again: bool,
        pulse: &mut Timer,
        signals: &mut Signals,
    ) -> Poll<Result<(), RunError>> {
        let mut ready = again;
        let mut beaten = false;
        while Pin::new(&mut *pulse).poll_next(cx).is_ready() {
            if Pin::new(&mut *signals).poll_next(cx).is_ready() {
                return Poll::Ready(Err(RunError::Interrupted));
            }
            beaten = true;
        }
        ready |= self.attend(cx, beaten);
        if beaten {
            self.beat()?;
        }
        ready |= self.session.has_room_again();
        if ready {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    /// Writes to the nodes and reads from them, without waiting; returns whether something came, or is
    /// wanted of here. `anew` asks the system again whether something has come: a process that was held
    /// up finds its pulses before what has arrived meanwhile.
    fn attend(&mut self, cx: &mut Context<'_>, anew: bool) -> bool {
        let mut ready = false;
        for (site, node) in SiteId::nodes().zip(&mut self.nodes) {
            if anew {
                node.socket.look_again();
            }
            if let Some(channel) = self.session.channel_to(site)
                && let Poll::Ready(Err(_)) = node.socket.poll_write(channel, cx)
            {
                self.session.cannot_write(site);
            }
            if let Some(channel) = self.session.channel_from(site)
                && let Poll::Ready(filled) = node.socket.poll_fill(channel, cx)
            {
                ready = true;
                if let Err(error) = filled {
                    self.session.cannot_read(site, error);
                }
            }
            let plan = self.session.plan_channel(site);
            ready |= plan.is_some_and(|channel| channel.unsent() < FILE_PIECE);
        }
        ready
    }

    /// What is done from time to time: progress, rows to the system, looking after the nodes, of which
    /// everything has been read that had come.
    fn beat(&mut self) -> Result<(), RunError> {
        self.presence.look();
        let waiting = self.standstill();
        let waiting = waiting.as_ref().map(|(what, time)| (what.as_str(), *time));
        self.console.show(self.session.engine().rows(), waiting);
        if self.flushed.elapsed() >= FLUSH_INTERVAL {
            self.flushed = Instant::now();
            self.file
                .flush()
                .map_err(|cause| RunError::Output(self.file.error(cause)))?;
        }
        for (site, node) in SiteId::nodes().zip(&mut self.nodes) {
            if let Some(channel) = self.session.channel_to(site) {
                node.socket.keep_trying(channel);
            }
        }
        let checked = self.session.check(Instant::now());
        checked.map_err(|end| self.error_of(end))
    }

    /// What the run waits for, and for how long it has, if it stands still.
    fn standstill(&mut self) -> Option<(String, Duration)> {
        let (stall, time) = self.session.stall(Instant::now())?;
        let what = match stall {
            Stall::NotReady(site) => format!("{} to be ready", self.name_of(site)),
            Stall::Waits(wait) => {
                let (site, tick) = (self.name_of(wait.site), wait.tick);
                match (wait.source, wait.model) {
                    (Some(source), _) => {
                        let source = self.console.name(source);
                        format!("'{source}' on {site} at tick {tick}")
                    }
                    (None, Some(model)) => {
                        let model = self.console.name(model);
                        format!("{site} to take what '{model}' has for it at tick {tick}")
                    }
                    (None, None) => site.to_owned(),
                }
            }
        };
        Some((what, time))
    }

    fn node(&self, site: SiteId) -> Option<&Running> {
        self.nodes.get(site.node()?)
    }

    fn name_of(&self, site: SiteId) -> &str {
        self.node(site).map_or(THIS_MACHINE, |node| &node.name)
    }

    /// Does what models, and the session, want done beside it. Returns whether the session is to go on
    /// with it at once.
    fn take_reports(&mut self) -> Result<bool, RunError> {
        let mut has_failed = false;
        for report in self.session.take_reports() {
            match report {
                Report::Notice(notice) => has_failed |= self.take_notice(notice),
                Report::File(site, written) => self.take_file(site, &written)?,
                Report::Relayed(from, to, reason) => self.console.note(&format!(
                    "{} and {} have no link to each other ({reason}); this machine passes their \
                     values on",
                    self.name_of(from),
                    self.name_of(to),
                )),
                Report::NoCommonKey(with, without) => self.console.note(&format!(
                    "{} has the cluster's key and {} has none, so that they have no link to each \
                     other; this machine passes their values on ('controller deploy' gives it to a \
                     node)",
                    self.name_of(with),
                    self.name_of(without),
                )),
            }
        }
        Ok(has_failed)
    }

    /// Shows what a model says. If warnings are errors, the run ends with it as with a failure, so with
    /// the same rows wherever the model ran; returns whether it does.
    fn take_notice(&mut self, notice: Notice) -> bool {
        if self.console.is_told(&notice) {
            return false;
        }
        self.console.notice(&notice);
        if self.strict {
            let Notice { model, tick, text } = notice;
            self.session.take_failure(Failure {
                model,
                tick,
                code: WARNED.to_owned(),
                message: text,
                inputs: Vec::new(),
            });
        }
        self.strict
    }

    fn take_file(&mut self, site: SiteId, written: &WrittenFile) -> Result<(), RunError> {
        if site != CONTROLLER
            && let Err(misplaced) = self.side_files.check(written)
        {
            let cause = LossCause::Confused(misplaced.to_string());
            return Err(self.error_of(End::Lost(site, cause)));
        }
        self.side_files.take(written).map_err(RunError::Output)
    }

    /// The error that this end is for the user.
    fn error_of(&mut self, end: End) -> RunError {
        let node = |site| self.name_of(site).to_owned();
        let error = match end {
            End::Rows(cause) => return RunError::Output(self.file.error(cause)),
            End::Lost(site, cause) => {
                let (cause, is_here) = match cause {
                    LossCause::Unfinished(wait) => {
                        let reader = wait.model.map_or("the monitor".to_owned(), |model| {
                            format!("model '{}'", self.console.name(model))
                        });
                        let source = wait.source.map_or("?", |source| self.console.name(source));
                        let text = format!(
                            "it says that it has finished, and {reader} still waits for values of \
                             '{source}' at tick {}",
                            wait.tick
                        );
                        (LossCause::Confused(text), true)
                    }
                    cause => (cause, false),
                };
                ClusterError::Lost {
                    node: node(site),
                    models: self.node(site).map_or(Vec::new(), |n| n.models.clone()),
                    progress: self.session.progress_of(site),
                    cause,
                    away: if is_here { None } else { self.presence.away() },
                }
            }
            End::LinkLost(loss) => ClusterError::LinkLost {
                node: node(loss.site),
                other: node(loss.other),
                progress: loss.progress,
                cause: loss.cause,
            },
            End::NotReady(site, model, errors) => {
                let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                ClusterError::NotReady {
                    node: node(site),
                    model: self.console.name(model).to_owned(),
                    message: errors.join("; "),
                }
            }
            End::TooLarge(site, cause) => ClusterError::TooLarge {
                node: node(site),
                cause,
            },
        };
        error.into()
    }
}

/// The error that a plan cannot be sent to a node.
fn not_sent(node: &str, error: UploadError) -> ClusterError {
    let node = node.to_owned();
    match error {
        UploadError::File(message) => ClusterError::File { node, message },
        UploadError::TooLarge(cause) => ClusterError::TooLarge { node, cause },
    }
}
