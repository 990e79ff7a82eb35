//! A run: the controller's own models, its nodes, and what goes between them. What is said and when is
//! decided in [`ControllerSession`]; here are the sockets, the clock, the files and the user.

mod pacing;

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use engine::{Engine, Rows, Turn};
use scratch::Scratch;
use session::{ControllerSession, End, LossCause, Report};
use shared::files::Files;
use shared::index::Table;
use shared::journal::{Adjustment, Entry, What};
use shared::model::Facet;
use shared::model::{Notice, Severity, WrittenFile};
use shared::plan::{CONTROLLER, ModelId, SiteId, SitePlan};
use shared::progress::Failure;
use shared::time::{Tick, TimeGrid};
use shared::value::Value;
use shared::wire::{ConnectionError, FILE_PIECE, SiteReport};
use smol::Timer;
use smol::channel::Receiver;
use smol::future::poll_fn;
use smol::stream::Stream;

use super::control::{Control, Controls};
use super::error::{RunError, WARNED};
use super::event::{
    Adjusted, Event, Holding, ModelNotice, Newest, Observers, Progress, SiteProgress,
};
use super::outcome::Interruption;
use super::pace::Pacing;
use super::recovery::{Asides, Heard, Lost, Seen};
use super::silence::{Grace, Silence};
use super::words::{EndOfRun, Words, not_sent};
use crate::adjusting::Adjustables;
use crate::chain::chain;
use crate::cluster::{
    Node, NodeOutcome, Pass, Presence, Reconnecting, Running, Standstill, Upload, all,
};
use crate::outputs::{Ending, Journal, Recorder, SideFiles};
use crate::places::WriteError;

/// How often observers hear of progress, nodes are looked after, and what is asked of the run is done.
const UPKEEP_INTERVAL: Duration = Duration::from_millis(50);

/// How often rows are handed to the system while they are few.
const FLUSH_INTERVAL: Duration = Duration::from_secs(1);

/// Says that steps which were put off may be made.
pub(super) type Answers = Pin<Box<Receiver<()>>>;

/// A run in progress, from where its sites begin until it is over, or has lost one of them.
pub(super) struct Drive<'e, 'a, 'o> {
    session: ControllerSession,
    /// The nodes, by site.
    nodes: Vec<Running>,
    edges: &'e mut Edges<'a, 'o>,
    /// What the run can go on without, where it ends for want of it.
    lost: Option<Lost>,
    /// When all nodes had their plans.
    started: Option<Instant>,
    /// Changes that were asked for before.
    early: Vec<(ModelId, Adjustment)>,
    presence: Presence,
    flushed: Instant,
    /// How the nodes are waited for of which nothing is heard, by site.
    graces: Vec<Grace>,
    /// Nothing is heard of one.
    silence: Option<Silence>,
    /// That is why the run cannot go on with it.
    is_unheard: bool,
    /// Connections that were interrupted, and work again.
    interruptions: Vec<Interruption>,
    /// With what the sessions are gone on with over other connections, and what is done for that, by site.
    pass: Pass,
    reconnecting: Vec<Reconnecting>,
}

/// What a run has to do with beside its sites.
pub(super) struct Edges<'a, 'o> {
    pub(super) rows: &'a mut Recorder,
    pub(super) side_files: &'a mut SideFiles,
    pub(super) journal: &'a mut Journal,
    pub(super) observers: &'a mut Observers<'o>,
    pub(super) controls: &'a mut Controls<'o>,
    /// When the first steps of the run began.
    pub(super) begun: Option<Instant>,
    /// How long who is away is waited for at most.
    pub(super) patience: Duration,
    /// What holds the run to its pace, if it has one.
    pub(super) pacing: Option<Pacing>,
    /// What says that steps which were put off may be made, if there are models whose steps can be.
    pub(super) answers: Option<Answers>,
    /// The names of the models, by their place in the scenario.
    pub(super) names: &'a Table<ModelId, String>,
    /// What can be changed while it goes on.
    pub(super) adjustables: &'a Adjustables,
    /// What has been heard of the models.
    pub(super) heard: Heard,
    /// What is known of the rows, where they may have to be compared.
    pub(super) seen: Option<Seen>,
    /// Where is kept what is wanted for going on after a loss, if the run can.
    pub(super) kept: Option<Scratch>,
    /// What came from outside in an earlier run comes again, and nothing else.
    pub(super) is_replay: bool,
    /// What models say and warnings have said before, word for word.
    pub(super) announced: &'a [String],
    /// A warning ends the run.
    pub(super) strict: bool,
}

/// What is newest here. What is asked for and runs elsewhere is on the list of what nodes are to be asked.
#[derive(Debug)]
struct Known<'a> {
    session: &'a ControllerSession,
    newest: &'a [Value],
    wanted: RefCell<Vec<(ModelId, Facet)>>,
}

impl Newest for Known<'_> {
    fn recorded(&self) -> &[Value] {
        self.newest
    }

    fn of(&self, model: ModelId, facet: Facet) -> Option<Value> {
        if self.session.is_elsewhere(model) {
            self.wanted.borrow_mut().push((model, facet));
        }
        self.session.newest(model, facet)
    }

    fn site(&self, site: SiteId) -> SiteProgress {
        SiteProgress {
            tick: self.session.progress_of(site),
            wait: self.session.wait_of(site),
        }
    }
}

/// The rows, with the first of which the journal begins: whoever finds both knows that they belong together.
struct RowsAndJournal<'a> {
    rows: &'a mut Recorder,
    journal: &'a mut Journal,
    seen: &'a mut Option<Seen>,
}

impl Rows for RowsAndJournal<'_> {
    fn row(&mut self, tick: Tick, values: &mut [Value]) -> io::Result<()> {
        if tick == 0
            && let Err(error) = self.journal.begin()
        {
            return Err(self.rows.refuse(error));
        }
        if let Some(seen) = self.seen {
            seen.note(values);
        }
        self.rows.row(tick, values)
    }
}

/// How a run ended, or was held up.
pub(super) struct Driven {
    /// When all was done and written. Programs and nodes may take a moment to say goodbye.
    pub(super) ended: Instant,
    pub(super) nodes: Vec<NodeOutcome>,
    /// The pairs of sites whose values the controller passed on.
    pub(super) relayed: Vec<(SiteId, SiteId)>,
    /// What the controller's own engine did.
    pub(super) report: SiteReport,
    /// The earliest failure of a model.
    pub(super) failure: Option<Failure>,
    pub(super) error: Option<RunError>,
    /// What was lost, where the error is that the run cannot go on without it.
    pub(super) lost: Option<Lost>,
    /// Nothing had been heard of it since then, where that was told.
    pub(super) silent_since: Option<Instant>,
    /// Nothing was heard of it to the end, and it has not answered calls either.
    pub(super) is_unheard: bool,
    pub(super) interruptions: Vec<Interruption>,
    /// The tick before which there are all rows.
    pub(super) rows: Tick,
}

impl Edges<'_, '_> {
    /// Takes what came of steps that were made again: what was not heard of before. Of the entries those are left that are
    /// not written.
    pub(super) fn take_again(
        &mut self,
        asides: &mut Asides,
        grid: TimeGrid,
    ) -> Result<(), RunError> {
        for notice in asides.notices.drain(..) {
            self.take_notice(&notice, grid);
        }
        for written in asides.files.drain(..) {
            self.side_files.take(&written)?;
        }
        let written = self.journal.written();
        asides.entries.retain(|entry| entry.tick >= written);
        Ok(())
    }

    /// Tells that the run holds at a tick, for want of a node or a bridge.
    pub(super) fn tell_hold(&mut self, cause: &str, tick: Tick, is_bridge: bool) {
        self.observers.tell(Event::Holds(&Holding {
            cause,
            tick,
            patience: self.patience,
            is_bridge,
        }));
    }

    /// All steps before a tick were made again, and these entries came of it.
    pub(super) fn repeat(&mut self, entries: Vec<Entry>, to: Tick) -> Result<(), RunError> {
        self.journal.forget();
        for entry in entries {
            self.journal.take(entry);
        }
        // What is made again next begins with that tick.
        self.journal.write_before(to)?;
        Ok(())
    }

    /// Tells what a model says, unless it has been told. Returns whether no warning had said it before the run.
    fn take_notice(&mut self, notice: &Notice, grid: TimeGrid) -> bool {
        if self.announced.contains(&notice.text) {
            return false;
        }
        if !self.heard.is_new(notice) {
            return true;
        }
        self.observers.tell(Event::Notice(&ModelNotice {
            model: self.names.get(notice.model).map_or("?", String::as_str),
            tick: notice.tick,
            time: grid.at(notice.tick),
            severity: notice.severity,
            text: &notice.text,
        }));
        true
    }

    /// All is done, or cannot be: what there is of the rows, and of what belongs to them, is written.
    pub(super) fn conclude(&mut self, is_complete: bool) -> Result<(), WriteError> {
        let written = if self.rows.is_over() {
            // It is the file that cannot be written.
            Ok(())
        } else if is_complete {
            self.rows.end(Ending::Complete)
        } else {
            self.rows.end(Ending::Partial)
        };
        let kept = if is_complete && written.is_ok() {
            Ok(())
        } else {
            self.side_files.keep_before(self.rows.rows())
        };
        let noted = self.journal.end(self.rows.rows());
        written.and(kept).and(noted)
    }
}

impl<'e, 'a, 'o> Drive<'e, 'a, 'o> {
    /// A run of an engine together with nodes, for which there are these plans.
    pub(super) fn new(
        engine: Engine,
        nodes: Vec<Node>,
        plans: &[SitePlan],
        timeout: Duration,
        graces: Vec<Grace>,
        pass: Pass,
        edges: &'e mut Edges<'a, 'o>,
    ) -> Self {
        let mut running = Vec::new();
        let mut channels = Vec::new();
        for (node, plan) in nodes.into_iter().zip(plans.iter().skip(1)) {
            let address = node.address;
            let (node, channel) = node.into_running();
            let models = plan.models.iter().map(|model| model.id);
            channels.push((channel, address, models.collect()));
            running.push(node);
        }
        let mut session = ControllerSession::new(engine, channels, timeout, Instant::now());
        session.be_patient(edges.patience, graces.iter().map(|grace| grace.time));
        Self {
            session,
            reconnecting: running.iter().map(|_| Reconnecting::default()).collect(),
            nodes: running,
            pass,
            edges,
            lost: None,
            started: None,
            early: Vec::new(),
            presence: Presence::new(),
            flushed: Instant::now(),
            graces,
            silence: None,
            is_unheard: false,
            interruptions: Vec::new(),
        }
    }

    /// Sends every node its plan, and runs to the end, or until something is lost. The rows for which everything was
    /// there have been made afterwards.
    pub(super) async fn run(
        mut self,
        plans: &[SitePlan],
        paths: &[Vec<String>],
        files: &dyn Files,
    ) -> Driven {
        let mut result = match self.uploads(plans, paths, files) {
            Ok(mut uploads) => self.turns(plans, &mut uploads).await,
            Err(error) => Err(error),
        };
        let is_complete = result.is_ok() && self.session.failure().is_none();
        // What is there can still be written, whatever became of the run.
        let rest = if is_complete || self.edges.rows.is_over() {
            Ok(())
        } else {
            self.make_the_rest()
        };
        let lost = self.lost.filter(|_| result.is_err() && rest.is_ok());
        let silence = self.silence.take();
        let silence = silence.filter(|silence| lost == Some(Lost::Node(silence.site)));
        let written = match lost {
            None => rest.and(self.edges.conclude(is_complete)),
            Some(_) => Ok(()),
        };
        if let (true, Err(error)) = (result.is_ok(), written) {
            result = Err(RunError::Output(error));
        }
        // Whoever shows the newest values has the last ones then, however short the run was.
        self.tell_progress();
        let (ended, rows) = (Instant::now(), self.session.engine().rows());
        let outcome = self.session.into_outcome();
        let nodes = self.nodes.into_iter().zip(outcome.nodes);
        let nodes = nodes.map(|(node, state)| node.close(state));
        Driven {
            ended,
            nodes: all(nodes).await,
            relayed: outcome.relayed,
            report: outcome.report,
            failure: outcome.failure,
            error: result.err(),
            lost,
            silent_since: silence.map(|silence| silence.since),
            is_unheard: self.is_unheard,
            interruptions: self.interruptions,
            rows,
        }
    }

    /// Makes the rows for which everything is there.
    fn make_the_rest(&mut self) -> Result<(), WriteError> {
        let rows = self.session.finish_rows(&mut RowsAndJournal {
            rows: self.edges.rows,
            journal: self.edges.journal,
            seen: &mut self.edges.seen,
        });
        rows.map_err(|cause| self.edges.rows.error(cause))
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
                Upload::new(&plan.models, paths, files)
                    .map_err(|error| not_sent(&node.name, error).into())
            })
            .collect()
    }

    /// Steps, exchanges and waits until everything is done.
    async fn turns(
        &mut self,
        plans: &[SitePlan],
        uploads: &mut [Upload<'_>],
    ) -> Result<(), RunError> {
        let mut upkeep = Timer::interval(UPKEEP_INTERVAL);
        poll_fn(|cx| Poll::Ready(self.take_controls(cx))).await?;
        // Before any site can begin.
        poll_fn(|cx| Poll::Ready(self.keep_pace(cx))).await?;
        loop {
            if self.started.is_none() {
                self.upload(plans, uploads)?;
            }
            if let Some(pacing) = &mut self.edges.pacing {
                pacing.begin_turn();
            }
            let mut rows = RowsAndJournal {
                rows: self.edges.rows,
                journal: self.edges.journal,
                seen: &mut self.edges.seen,
            };
            let turn = self.session.advance(&mut rows, Instant::now());
            // A file that a node wants written there may be why it ends.
            let has_news = self.take_reports()?;
            let turn = turn.map_err(|end| self.error_of(end))?;
            if turn == Turn::Finished && !has_news {
                return Ok(());
            }
            let again = turn != Turn::Blocked || has_news;
            poll_fn(|cx| self.poll(cx, again, &mut upkeep)).await?;
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
            let started = self.session.start(plans, self.pass.token);
            started.map_err(|end| self.error_of(end))?;
            let now = Instant::now();
            self.started = Some(now);
            self.edges.begun.get_or_insert(now);
            self.adjust()?;
        }
        Ok(())
    }

    /// Waits until something arrives, unless there is more to do.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        again: bool,
        upkeep: &mut Timer,
    ) -> Poll<Result<(), RunError>> {
        let mut ready = again;
        let mut is_due = false;
        while Pin::new(&mut *upkeep).poll_next(cx).is_ready() {
            is_due = true;
        }
        if is_due || self.is_paced() {
            // Not in each turn of a run without a pace: to look for a signal is to ask the system.
            ready |= self.take_controls(cx)?;
            ready |= self.keep_pace(cx)?;
        }
        ready |= self.take_answers(cx);
        ready |= self.attend(cx, is_due);
        if is_due {
            self.keep_up()?;
        }
        ready |= self.session.has_room_again();
        if ready {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    /// Looks whether programs have answered that make the steps of models here.
    fn take_answers(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(answers) = &mut self.edges.answers else {
            return false;
        };
        let mut any = false;
        while let Poll::Ready(Some(())) = answers.as_mut().poll_next(cx) {
            any = true;
        }
        if any {
            self.session.retry();
        }
        any
    }

    /// Does what is asked of the run by now; returns whether that was anything.
    fn take_controls(&mut self, cx: &mut Context<'_>) -> Result<bool, RunError> {
        let mut any = false;
        while let Poll::Ready(control) = self.edges.controls.poll(cx) {
            any = true;
            match control {
                Control::Stop => return Err(RunError::Interrupted),
                Control::Adjust(..) if self.edges.is_replay => {
                    let note = "this run replays a journal, and nothing else changes its values";
                    self.edges.observers.tell(Event::Note(note));
                }
                Control::Adjust(model, adjustment) => {
                    self.edges.heard.ask(model, adjustment);
                    self.early.push((model, adjustment));
                    self.adjust()?;
                }
                other => self.change_pace(other)?,
            }
        }
        Ok(any)
    }

    /// Has values changed, once the sites have started: before that, they take no notice.
    fn adjust(&mut self) -> Result<(), RunError> {
        if self.started.is_none() {
            return Ok(());
        }
        for (model, adjustment) in std::mem::take(&mut self.early) {
            let adjusted = self.session.adjust(model, adjustment);
            adjusted.map_err(|end| self.error_of(end))?;
        }
        Ok(())
    }

    /// Writes to the nodes and reads from them, without waiting; returns whether something came, or is
    /// wanted of here. `anew` asks the system again whether something has come: a process that was held
    /// up finds its timer due before what has arrived meanwhile.
    fn attend(&mut self, cx: &mut Context<'_>, anew: bool) -> bool {
        let mut ready = false;
        for (site, place) in SiteId::nodes().zip(0..self.nodes.len()) {
            ready |= self.reconnect(site, place, cx);
            if self.reconnecting[place].is_asking() {
                continue;
            }
            let node = &mut self.nodes[place];
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

    /// Goes on with an attempt to have another connection to a node; returns whether something has come of it.
    fn reconnect(&mut self, site: SiteId, place: usize, cx: &mut Context<'_>) -> bool {
        let Some(channel) = self.session.channel_of(site) else {
            return false;
        };
        let socket = &mut self.nodes[place].socket;
        let reconnected = self.reconnecting[place].poll(channel, socket, &self.pass, cx);
        reconnected.unwrap_or_else(|_| {
            self.session.cannot_read(site, ConnectionError::Closed);
            true
        })
    }

    /// What is done from time to time: progress, rows to the system, looking after the nodes, of which
    /// everything has been read that had come.
    fn keep_up(&mut self) -> Result<(), RunError> {
        if let Some(away) = self.presence.look() {
            self.tell_away(away);
        }
        let wanted = self.tell_progress();
        let asked = self.session.look(&wanted);
        asked.map_err(|end| self.error_of(end))?;
        // Where a site is lost, what lies behind the rows happens in another way.
        let settled = self.progress().min(self.session.engine().rows());
        self.edges.journal.write_before(settled)?;
        self.edges.heard.settle_before(settled);
        if let Some(news) = self.edges.kept.as_ref().and_then(Scratch::news) {
            self.edges.observers.tell(Event::Note(&news));
        }
        // Whoever holds the run to a pace wants to see each row.
        if self.is_paced() || self.flushed.elapsed() >= FLUSH_INTERVAL {
            self.flushed = Instant::now();
            self.edges.rows.flush()?;
            self.edges.journal.flush()?;
        }
        let now = Instant::now();
        for ((site, node), reconnecting) in SiteId::nodes()
            .zip(&mut self.nodes)
            .zip(&mut self.reconnecting)
        {
            if let Some(channel) = self.session.channel_to(site) {
                node.socket.keep_trying(channel);
                if self.started.is_some() {
                    reconnecting.look(node, channel, &self.pass, now);
                }
            }
        }
        let checked = self.session.check(now);
        checked.map_err(|end| self.error_of(end))?;
        self.look_for_silence();
        Ok(())
    }

    /// Tells that the run holds where nothing is heard of a node, and that it goes on where everything is heard again.
    fn look_for_silence(&mut self) {
        let now = Instant::now();
        let Some((site, cause)) = self.session.unheard(now) else {
            if let Some(silence) = self.silence.take()
                && let Some(node) = silence.site.node().and_then(|n| self.nodes.get(n))
            {
                let begun = self.edges.begun.unwrap_or(now);
                let interruption = silence.end(&node.name, begun);
                self.edges.observers.tell(Event::GoesOn(&interruption));
                self.interruptions.push(interruption);
            }
            return;
        };
        if self.silence.is_some() {
            return;
        }
        let grace = site.node().and_then(|n| self.graces.get(n));
        let (progress, away) = (self.session.progress_of(site), self.presence.away());
        let end = self.words().end(End::Lost(site, cause), progress, away);
        let EndOfRun::Cluster(error) = end else {
            return;
        };
        let cause = chain(&error);
        let tick = self.session.engine().rows();
        let is_bridge = grace.is_some_and(|grace| grace.is_bridge);
        self.edges.tell_hold(&cause, tick, is_bridge);
        self.silence = Some(Silence {
            site,
            cause,
            tick,
            since: now,
        });
    }

    /// Tells how far the run is. Returns what somebody wants to see of nodes, who have to be asked for it.
    fn tell_progress(&mut self) -> Vec<(ModelId, Facet)> {
        let waiting = self.standstill();
        let engine = self.session.engine();
        let newest = Known {
            session: &self.session,
            newest: self.edges.rows.newest(),
            wanted: RefCell::default(),
        };
        self.edges.observers.tell(Event::Progress(&Progress {
            grid: engine.grid(),
            tick: engine.rows(),
            started: self.started,
            waiting: waiting.as_ref(),
            pace: self.edges.pacing.as_ref().map(Pacing::paced),
            newest: &newest,
        }));
        newest.wanted.into_inner()
    }

    /// Whether something holds the run to a pace now.
    fn is_paced(&self) -> bool {
        let pacing = self.edges.pacing.as_ref();
        pacing.is_some_and(Pacing::is_limited)
    }

    /// The tick before which all models have stepped, wherever they run, as far as that is known.
    fn progress(&self) -> Tick {
        let nodes = SiteId::nodes().zip(&self.nodes);
        let nodes = nodes.map(|(site, _)| self.session.progress_of(site));
        nodes.fold(self.session.engine().progress(), Tick::min)
    }

    /// Who is blocking whom, if the run stands still.
    fn standstill(&mut self) -> Option<Standstill> {
        let (stall, time) = self.session.stall(Instant::now())?;
        let tick = self.session.engine().rows();
        Some(self.words().standstill(&stall, time, tick))
    }

    fn words(&self) -> Words<'_> {
        Words {
            nodes: &self.nodes,
            models: self.edges.names,
        }
    }

    /// Does what models, and the session, want done beside it. Returns whether the session is to go on
    /// with it at once.
    fn take_reports(&mut self) -> Result<bool, RunError> {
        let mut has_failed = false;
        for report in self.session.take_reports() {
            match report {
                Report::Notice(notice) => has_failed |= self.take_notice(notice),
                Report::Entry(entry) => self.take_entry(entry),
                Report::File(site, written) => self.take_file(site, &written)?,
                Report::Relayed(from, to, reason) => {
                    let note = self.words().relayed(from, to, &reason);
                    self.edges.observers.tell(Event::Note(&note));
                }
                Report::NoCommonKey(with, without) => {
                    let note = self.words().no_common_key(with, without);
                    self.edges.observers.tell(Event::Note(&note));
                }
            }
        }
        Ok(has_failed)
    }

    /// Takes what came from outside, or went there.
    fn take_entry(&mut self, entry: Entry) {
        self.edges.heard.enter(&entry);
        if let What::Adjusted(adjustment) = &entry.what
            && let Some((model, name)) =
                self.edges.adjustables.names(entry.model, adjustment.target)
        {
            self.edges.observers.tell(Event::Adjusted(&Adjusted {
                model,
                name,
                tick: entry.tick,
                value: adjustment.number().to_value().unwrap_or_default(),
            }));
        }
        self.edges.journal.take(entry);
    }

    /// Tells what a model says. If warnings are errors, the run ends with it as with a failure, so with
    /// the same rows wherever the model ran; returns whether it does.
    fn take_notice(&mut self, notice: Notice) -> bool {
        let grid = self.session.engine().grid();
        let counts = self.edges.take_notice(&notice, grid);
        let ends = counts && self.edges.strict && notice.severity == Severity::Warning;
        if ends {
            self.session.take_failure(Failure {
                model: notice.model,
                tick: notice.tick,
                code: WARNED.to_owned(),
                message: notice.text,
                inputs: Vec::new(),
            });
        }
        ends
    }

    fn take_file(&mut self, site: SiteId, written: &WrittenFile) -> Result<(), RunError> {
        if site != CONTROLLER
            && let Err(misplaced) = self.edges.side_files.check(written)
        {
            let cause = LossCause::Confused(misplaced.to_string());
            return Err(self.error_of(End::Lost(site, cause)));
        }
        Ok(self.edges.side_files.take(written)?)
    }

    /// The error that this end is for the user.
    fn error_of(&mut self, end: End) -> RunError {
        self.lost = Lost::of(&end);
        if let End::Lost(site, LossCause::Silent(_)) = end {
            self.is_unheard = true;
            // Nobody waits for its farewell.
            self.session.cannot_read(site, ConnectionError::Closed);
        }
        let (progress, away) = match &end {
            End::Lost(site, _) => (self.session.progress_of(*site), self.presence.away()),
            _ => (0, None),
        };
        match self.words().end(end, progress, away) {
            EndOfRun::Rows(cause) => RunError::Output(self.edges.rows.error(cause)),
            EndOfRun::Cluster(error) => error.into(),
        }
    }
}
