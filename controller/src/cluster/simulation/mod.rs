//! Sessions over a network and with a clock that are the test's own: real sessions, real engines, and
//! nothing that waits. A run with a day of outages takes milliseconds, and the same seed gives the same
//! run to the byte.
//!
//! A seed that fails is printed. `ILLUMINATOR_SEED=17 cargo test -p illuminator-controller simulation`
//! runs that one alone.

mod losses;
mod network;
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use engine::{Engine, Turn};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use session::{
    Advance, ControllerSession, End, Event, NodeSession, Outcome, Report, SessionError, Side, Stall,
};
use shared::files::MemoryFiles;
use shared::index::Index;
use shared::memory::{Account, Pool, SESSION_MEMORY};
use shared::model::build;
use shared::plan::{CONTROLLER, SiteId};
use shared::value::Value;
use shared::wire::{
    Channel, ConnectionError, LINK_TIMEOUT, MAX_FRAME, MAX_LINK_FRAME, Met, RECONNECT_AFTER,
    RECONNECT_TIMEOUT, Token,
};

use super::reconnect::PAUSE;
use super::upload::Upload;
use crate::placement::Plans;
use crate::placement::tests::cases::{Case, Collected, MIXER, SITES, TYPES, cases, plans};
use network::{Dice, Pipe};

/// A case, and what its network does.
struct World {
    start: Instant,
    now: Instant,
    dice: Dice,
    controller: ControllerSession,
    rows: Collected,
    plans: Plans,
    nodes: Vec<Node>,
    /// How many models there are.
    models: u64,
    /// What is on its way from one site to another, in the order of these: few, and looked at again and again.
    pipes: Vec<(Ends, Pipe)>,
    /// Calls that are under way: when they arrive, from where, and to where.
    calls: Vec<Call>,
    /// Who may call: from where, and to where.
    awaited: Vec<Ends>,
    faults: Faults,
    reports: Vec<Report>,
    /// How many blows there have been.
    blows: usize,
    /// Until then the disk takes nothing.
    slow_disk: Option<Instant>,
    /// Each time that the run stood still, as it was said first: when, and who was blocking whom.
    stalls: Vec<(Duration, Stall)>,
    /// When nodes are asked next to go on over another connection, those of which nothing was heard.
    reconnecting: BTreeMap<SiteId, Instant>,
    /// How often they did, and nodes with each other.
    reconnected: usize,
    /// Where the run is held, and since when all sites stand there.
    held: Option<(u64, Option<Instant>)>,
}

/// From where, and to where.
type Ends = (SiteId, SiteId);

/// A call from a site to another one, when it arrives, and how much had been received where it goes on with a link.
type Call = (Instant, SiteId, SiteId, Option<u64>);

struct Node {
    site: SiteId,
    session: NodeSession,
    state: State,
}

#[derive(Debug)]
enum State {
    Works,
    /// It neither reads nor writes until then, and its system goes on.
    Hangs(Instant),
    /// It has ended, and its last word may not have gone.
    Leaves(Result<(), SessionError>),
    Over(Result<(), SessionError>),
}

/// What happens to a run, in ms since its start.
#[derive(Clone, Debug, Default)]
struct Faults {
    /// Between the controller and this node nothing arrives for this time.
    outage: Option<(SiteId, Range<u64>)>,
    /// Between two nodes nothing arrives for this time.
    link_outage: Option<Range<u64>>,
    /// The connection of two nodes is cut at this time.
    link_cut: Option<u64>,
    /// This node is killed at this time.
    kill: Option<(SiteId, u64)>,
    /// This node hangs from this time on.
    hang: Option<(SiteId, u64)>,
    /// The controller is away for this time: its machine sleeps, or it was stopped.
    away: Option<Range<u64>>,
    /// No node reaches another one.
    no_links: bool,
    /// The run is held at every so many ticks, until all sites stand there, and for this many ms more.
    hold: Option<(u64, u64)>,
    /// What happens beside that, the next one last.
    blows: Vec<(u64, Blow)>,
    /// How much longer nodes are waited for where nothing is heard of any of them, and each of them.
    patience: Duration,
    graces: Vec<Duration>,
    /// The longest time until a system sends again after an outage, in ms, where that is longer than [`SOON`].
    late: usize,
}

/// Something that happens to a run.
#[derive(Clone, Copy, Debug)]
enum Blow {
    /// This node is killed.
    Kill(SiteId),
    /// It hangs for so many ms.
    Hang(SiteId, u64),
    /// The connection of two sites is cut.
    Cut(SiteId, SiteId),
    /// For so many ms nothing arrives from the one site at the other.
    Silence(SiteId, SiteId, u64),
    /// Likewise, and not back either.
    Outage(SiteId, SiteId, u64),
    /// The controller is away for so many ms.
    Away(u64),
    /// The rows cannot be taken for so many ms: the disk is slow.
    SlowDisk(u64),
}

/// How a run ended.
struct Ended {
    result: Result<(), End>,
    rows: Vec<Vec<Value>>,
    time: Duration,
    outcome: Outcome,
    reports: Vec<Report>,
    stalls: Vec<(Duration, Stall)>,
    nodes: Vec<State>,
    /// How many blows there have been.
    blows: usize,
    /// How often two sites went on over another connection.
    reconnected: usize,
}

/// Without a heartbeat for this long, the controller gives a node up.
const TIMEOUT: Duration = Duration::from_secs(10);

/// After an outage a system sends again within so many ms, where it keeps trying.
const SOON: usize = 1000;

/// No run lasts longer than this, by its own clock.
const LONGEST: Duration = Duration::from_secs(600);

/// The case of a seed.
fn case(seed: u64) -> Case {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let tree = cases().new_tree(&mut runner);
    tree.expect("there is always a case").current()
}

/// Runs a test with each seed, on all cores, or with the one that the user asks for.
fn with_seeds(count: u64, test: impl Fn(u64) + Sync) {
    let wanted = std::env::var("ILLUMINATOR_SEED").ok();
    let seeds = match wanted.and_then(|seed| seed.parse().ok()) {
        Some(seed) => seed..seed + 1,
        None => 0..count,
    };
    let next = AtomicU64::new(seeds.start);
    let run = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if !seeds.contains(&seed) {
                return;
            }
            let tested = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(seed)));
            assert!(tested.is_ok(), "it fails with ILLUMINATOR_SEED={seed}");
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(run);
        }
    });
}

fn channel(limit: usize, now: Instant) -> Channel {
    Channel::new(Met::unsecured(), limit, now)
}

impl World {
    fn new(case: &Case, seed: u64, faults: Faults) -> Self {
        let models = case.step_sizes.len();
        Self::of(plans(case), models, Collected::default(), seed, faults)
    }

    /// A run by these plans of so many models, of which there are these rows.
    fn of(plans: Plans, models: usize, rows: Collected, seed: u64, faults: Faults) -> Self {
        let mut dice = Dice::new(seed);
        let start = Instant::now();
        let own = &plans.sites[0];
        let files = MemoryFiles::default();
        let instances = own
            .models
            .iter()
            .map(|planned| build(&MIXER, &planned.config, own.grid, &files).expect("builds"));
        let engine = Engine::new(own, instances.collect(), &plans.items).expect("a sound plan");
        let sites: Vec<SiteId> = SiteId::nodes().take(SITES - 1).collect();
        let nodes = sites.iter().map(|site| {
            let models = plans.sites[site.place()].models.iter();
            let address = SocketAddr::from(([10, 0, 0, 1], 5000 + site.0));
            let models = models.map(|model| model.id).collect();
            (channel(MAX_FRAME, start), address, models)
        });
        let mut controller = ControllerSession::new(engine, nodes, TIMEOUT, start);
        controller.be_patient(faults.patience, faults.graces.iter().copied());
        let pool = Pool::new(SESSION_MEMORY);
        let nodes = sites.iter().map(|&site| {
            let account = Account::of(&pool, SESSION_MEMORY / SITES);
            Node {
                site,
                session: NodeSession::new(channel(MAX_FRAME, start), account, start),
                state: State::Works,
            }
        });
        let nodes = nodes.collect();
        // Slow and fast networks, and small and large buffers of the system.
        let (delay, room) = (1 + dice.throw(40), 64 << dice.throw(10));
        let mut world = Self {
            start,
            now: start,
            dice,
            controller,
            rows,
            plans,
            nodes,
            models: models as u64,
            pipes: Vec::new(),
            calls: Vec::new(),
            awaited: Vec::new(),
            faults,
            reports: Vec::new(),
            blows: 0,
            slow_disk: None,
            stalls: Vec::new(),
            reconnecting: BTreeMap::new(),
            reconnected: 0,
            held: None,
        };
        for site in sites {
            world.connect(CONTROLLER, site, delay, room);
        }
        world
    }

    fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    fn connect(&mut self, a: SiteId, b: SiteId, delay: usize, room: usize) {
        let outage = match &self.faults {
            Faults {
                outage: Some((site, time)),
                ..
            } if a == CONTROLLER && b == *site => Some(time.clone()),
            Faults {
                link_outage: Some(time),
                ..
            } if a != CONTROLLER => Some(time.clone()),
            _ => None,
        };
        for ends in [(a, b), (b, a)] {
            let late = self.faults.late.max(SOON);
            let mut pipe = Pipe::new(delay, room, late, self.now);
            if let Some(time) = &outage {
                pipe.fail_between(self.at(time.start), self.at(time.end));
            }
            match self.pipes.binary_search_by_key(&ends, |(ends, _)| *ends) {
                Ok(place) => self.pipes[place].1 = pipe,
                Err(place) => self.pipes.insert(place, (ends, pipe)),
            }
        }
    }

    /// Runs to the end of the run, and of all nodes.
    fn run(mut self) -> Ended {
        let plans = std::mem::replace(
            &mut self.plans,
            Plans {
                sites: Vec::new(),
                items: Vec::new(),
            },
        );
        let files = MemoryFiles::default();
        let mut uploads: Vec<Upload<'_>> = plans.sites[1..]
            .iter()
            .map(|plan| {
                Upload::new(&plan.models, &[], &files).unwrap_or_else(|_| panic!("no files"))
            })
            .collect();
        let mut was_away = false;
        let result = loop {
            self.have_faults();
            if self.is_away() || self.slow_disk.is_some_and(|until| self.now < until) {
                was_away = true;
            } else {
                if std::mem::take(&mut was_away) {
                    // Whoever drives a session reads what has come before it asks who is silent.
                    self.carry();
                }
                match self.turn_of_controller(&plans, &mut uploads) {
                    Ok(false) => {}
                    Ok(true) => break Ok(()),
                    Err(end) => break Err(end),
                }
            }
            self.turn_of_nodes();
            self.close();
            self.hold();
            if !self.carry() {
                self.go_on();
            }
            assert!(
                self.now.duration_since(self.start) < LONGEST,
                "the run stands still at {} rows",
                self.rows.rows.len()
            );
        };
        let time = self.now.duration_since(self.start);
        // What is there can still be written, whatever became of the run.
        let written = self.controller.finish_rows(&mut self.rows);
        written.expect("collecting cannot fail");
        Ended {
            result,
            time,
            rows: self.rows.rows,
            outcome: self.controller.into_outcome(),
            reports: self.reports,
            blows: self.blows,
            reconnected: self.reconnected,
            stalls: self.stalls,
            nodes: self.nodes.into_iter().map(|node| node.state).collect(),
        }
    }

    /// Looks that no site is beyond the release, and raises it in time.
    fn hold(&mut self) {
        let (Some((tick, since)), Some((ticks, pause))) = (self.held, self.faults.hold) else {
            return;
        };
        let nodes = self.nodes.iter().filter_map(|node| node.session.engine());
        let engines: Vec<&Engine> = nodes.chain([self.controller.engine()]).collect();
        assert!(engines.iter().all(|engine| engine.rows() <= tick));
        let end = engines[0].grid().ticks.min(tick);
        if engines.len() < SITES || engines.iter().any(|engine| engine.progress() < end) {
            return;
        }
        // A model steps at the release or after it, and not before it is raised.
        let steps: u64 = engines.iter().map(|engine| engine.steps()).sum();
        assert!(steps <= tick * self.models, "{steps} steps at {tick}");
        match since {
            None => self.held = Some((tick, Some(self.now))),
            Some(since) if self.now >= since + Duration::from_millis(pause) => {
                let tick = tick + ticks;
                let released = self.controller.release(tick);
                released.unwrap_or_else(|end| panic!("{end:?}"));
                self.held = Some((tick, None));
            }
            Some(_) => {}
        }
    }

    /// Whether the controller is away.
    fn is_away(&self) -> bool {
        let mut away = self.faults.away.iter();
        away.any(|time| (self.at(time.start)..self.at(time.end)).contains(&self.now))
    }

    /// Lets happen what is to happen by now.
    fn have_faults(&mut self) {
        while let Some((_, blow)) = self
            .faults
            .blows
            .pop_if(|(ms, _)| self.start + Duration::from_millis(*ms) <= self.now)
        {
            self.blows += 1;
            self.strike(blow);
        }
        for node in &mut self.nodes {
            if matches!(node.state, State::Hangs(until) if until <= self.now) {
                node.state = State::Works;
            }
        }
        let is_time = |ms: u64| self.now >= self.at(ms);
        let kill = self.faults.kill.filter(|(_, ms)| is_time(*ms));
        let hang = self.faults.hang.filter(|(_, ms)| is_time(*ms));
        let cut = self.faults.link_cut.filter(|ms| is_time(*ms));
        if (kill, hang, cut) == (None, None, None) {
            return;
        }
        for node in &mut self.nodes {
            if hang.is_some_and(|(site, _)| site == node.site) {
                node.state = State::Hangs(self.start + LONGEST);
            }
            if kill.is_some_and(|(site, _)| site == node.site) {
                node.state = State::Over(Ok(()));
            }
        }
        for ((from, to), pipe) in &mut self.pipes {
            let is_killed = kill.is_some_and(|(site, _)| site == *from || site == *to);
            let is_cut = cut.is_some() && *from != CONTROLLER && *to != CONTROLLER;
            if is_killed || is_cut {
                pipe.close(self.now);
            }
        }
    }

    fn strike(&mut self, blow: Blow) {
        let now = self.now;
        let for_ms = |ms: u64| now + Duration::from_millis(ms);
        let since = |start: Instant| u64::try_from((now - start).as_millis()).expect("short");
        match blow {
            Blow::Kill(site) => {
                self.nodes[node_place(site)].state = State::Over(Ok(()));
                for ((from, to), pipe) in &mut self.pipes {
                    if site == *from || site == *to {
                        pipe.close(now);
                    }
                }
            }
            Blow::Hang(site, ms) => {
                let state = &mut self.nodes[node_place(site)].state;
                if matches!(state, State::Works) {
                    *state = State::Hangs(for_ms(ms));
                }
            }
            Blow::Cut(a, b) => {
                let ends = [(a, b), (b, a)];
                let pipes = self.pipes.iter_mut();
                let cut = pipes.filter(|(known, _)| ends.contains(known));
                cut.for_each(|(_, pipe)| pipe.close(now));
            }
            Blow::Silence(from, to, ms) => {
                if let Some(pipe) = pipe_of(&mut self.pipes, (from, to)) {
                    pipe.fail_between(now, for_ms(ms));
                }
            }
            Blow::Outage(a, b, ms) => {
                self.strike(Blow::Silence(a, b, ms));
                self.strike(Blow::Silence(b, a, ms));
            }
            Blow::Away(ms) => {
                let begin = since(self.start);
                self.faults.away = Some(begin..begin + ms);
            }
            Blow::SlowDisk(ms) => self.slow_disk = Some(for_ms(ms)),
        }
    }

    /// Returns whether the run is over.
    fn turn_of_controller(
        &mut self,
        plans: &Plans,
        uploads: &mut [Upload<'_>],
    ) -> Result<bool, End> {
        if !self.controller.has_started() {
            for (site, upload) in SiteId::nodes().zip(uploads) {
                while let Some(channel) = self.controller.plan_channel(site) {
                    if !upload
                        .queue_next(channel)
                        .unwrap_or_else(|_| panic!("fits"))
                    {
                        self.controller.planned(site);
                    }
                }
            }
            if let Some((ticks, _)) = self.faults.hold {
                self.controller.release(ticks)?;
                self.held = Some((ticks, None));
            }
            self.controller.start(&plans.sites, Token([7; 16]))?;
        }
        for _ in 0..=self.dice.throw(3) {
            let turn = self.controller.advance(&mut self.rows, self.now);
            self.reports.extend(self.controller.take_reports());
            match turn? {
                Turn::Finished => return Ok(true),
                Turn::Blocked => break,
                Turn::Again => {}
            }
        }
        if self.now >= self.controller.deadline() {
            self.reconnect_with_nodes();
            self.controller.check(self.now)?;
            self.note_stall();
        }
        Ok(false)
    }

    /// Goes on over another connection with nodes of which nothing is heard, where there can be one.
    fn reconnect_with_nodes(&mut self) {
        for place in 0..self.nodes.len() {
            let site = self.nodes[place].site;
            let Some(channel) = self.controller.channel_of(site) else {
                continue;
            };
            let due = match self.reconnecting.get(&site) {
                Some(time) => *time <= self.now,
                None => channel.silent_for(self.now) >= RECONNECT_AFTER,
            };
            if !due {
                continue;
            }
            self.reconnecting.insert(site, self.now + PAUSE);
            if !self.reaches(CONTROLLER, site) {
                continue;
            }
            let there = channel_of(&mut self.nodes, site, CONTROLLER);
            let goes_on = match (self.controller.channel_of(site), there) {
                (Some(here), Some(there)) => go_on(here, there),
                _ => false,
            };
            if goes_on {
                self.reconnecting.remove(&site);
                self.begin_anew(CONTROLLER, site);
            } else {
                self.controller.cannot_read(site, ConnectionError::Closed);
            }
        }
    }

    /// Whether another connection between two sites could be made now.
    fn reaches(&self, a: SiteId, b: SiteId) -> bool {
        let works = |ends| {
            let mut pipes = self.pipes.iter();
            pipes.any(|(known, pipe)| *known == ends && pipe.works(self.now))
        };
        let mut nodes = self.nodes.iter();
        let is_there = |site| {
            site == CONTROLLER
                || nodes.any(|node| node.site == site && matches!(node.state, State::Works))
        };
        works((a, b)) && works((b, a)) && [a, b].into_iter().all(is_there)
    }

    /// Two sites go on over another connection.
    fn begin_anew(&mut self, a: SiteId, b: SiteId) {
        self.reconnected += 1;
        for ends in [(a, b), (b, a)] {
            if let Some(pipe) = pipe_of(&mut self.pipes, ends) {
                pipe.begin_anew(self.now);
            }
        }
    }

    /// Notes who is blocking whom, as soon as the run stands still.
    fn note_stall(&mut self) {
        let Some((stall, time)) = self.controller.stall(self.now) else {
            return;
        };
        let now = self.now - self.start;
        let since = now.saturating_sub(time);
        if self.stalls.last().is_none_or(|(said, _)| *said < since) {
            self.stalls.push((now, stall));
        }
    }

    fn turn_of_nodes(&mut self) {
        for place in 0..self.nodes.len() {
            for _ in 0..=self.dice.throw(3) {
                let node = &mut self.nodes[place];
                if !matches!(node.state, State::Works) {
                    break;
                }
                let turn = node.turn(self.now);
                let (site, events) = (node.site, node.session.take_events());
                for event in events {
                    match event {
                        Event::Call {
                            site: to, received, ..
                        } => {
                            let delay = self.dice.time(50);
                            self.calls.push((self.now + delay, site, to, received));
                        }
                        Event::Await { callers, .. } => {
                            let ends = callers.into_iter().map(|from| (from, site));
                            self.awaited.extend(ends);
                        }
                        Event::Failed => {}
                    }
                }
                match turn {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(end) => {
                        self.nodes[place].leave(end);
                        for (ends, pipe) in &mut self.pipes {
                            if ends.0 == site && ends.1 != CONTROLLER {
                                pipe.close(self.now);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Closes the connections of nodes whose last word has gone.
    fn close(&mut self) {
        for node in &mut self.nodes {
            let State::Leaves(end) = &mut node.state else {
                continue;
            };
            let channel = node.session.channel(Side::Controller);
            if channel.is_some_and(|channel| channel.unsent() > 0) {
                continue;
            }
            node.state = State::Over(std::mem::replace(end, Ok(())));
            if let Some(pipe) = pipe_of(&mut self.pipes, (node.site, CONTROLLER)) {
                pipe.close(self.now);
            }
        }
    }

    /// Carries bytes between all sites; returns whether there were any.
    fn carry(&mut self) -> bool {
        let mut has_moved = self.make_calls();
        let is_away = self.is_away();
        let Self {
            now,
            dice,
            controller,
            nodes,
            pipes,
            ..
        } = self;
        for ((from, to), pipe) in pipes {
            let (from, to) = (*from, *to);
            let sender = if from == CONTROLLER {
                controller.channel_to(to).filter(|_| !is_away)
            } else {
                channel_of(nodes, from, to)
            };
            if let Some(channel) = sender {
                has_moved |= pipe.send(channel, *now, dice);
            }
            let receiver = if to == CONTROLLER {
                controller.channel_from(from).filter(|_| !is_away)
            } else {
                channel_of(nodes, to, from)
            };
            let Some(channel) = receiver else {
                continue;
            };
            match pipe.deliver(channel, *now) {
                Ok(has_come) => has_moved |= has_come,
                Err(error) if to == CONTROLLER => {
                    let was_unheard = controller.unheard(*now).is_some();
                    controller.cannot_read(from, error);
                    let is_heard = was_unheard && controller.unheard(*now).is_none();
                    assert!(!is_heard, "{from:?} is heard by being lost");
                }
                Err(error) => {
                    let node = &mut nodes[node_place(to)];
                    if matches!(node.state, State::Leaves(_)) {
                        // Nobody hears its last word.
                        node.state = State::Over(Ok(()));
                    } else if let Err(error) = node.session.lost(side(from), error) {
                        node.leave(Err(error));
                    }
                    has_moved = true;
                }
            }
        }
        has_moved
    }

    /// Lets calls arrive that are due; returns whether there were any.
    fn make_calls(&mut self) -> bool {
        let now = self.now;
        let (awaited, no_links) = (&self.awaited, self.faults.no_links);
        // Who calls before the run is there waits for it.
        let due =
            |call: &mut Call| call.0 <= now && (no_links || awaited.contains(&(call.1, call.2)));
        let due: Vec<_> = self.calls.extract_if(.., due).collect();
        for &(at, from, to, received) in &due {
            if let Some(received) = received {
                self.reconnect_link(from, to, received);
                continue;
            }
            if self.faults.no_links {
                if at >= self.start + LINK_TIMEOUT {
                    let caller = &mut self.nodes[node_place(from)].session;
                    caller.link_failed(to, &"no link");
                } else {
                    // It takes as long as any call in vain.
                    self.calls.push((self.start + LINK_TIMEOUT, from, to, None));
                }
                continue;
            }
            let room = 64 << self.dice.throw(10);
            self.connect(from, to, 20, room);
            let called = &mut self.nodes[node_place(to)].session;
            called.link_arrived(from, channel(MAX_LINK_FRAME, now));
            let caller = &mut self.nodes[node_place(from)].session;
            caller.link_called(to, channel(MAX_LINK_FRAME, now));
        }
        !due.is_empty()
    }

    /// Goes on with a link over another connection, of which the caller has received so many bytes.
    fn reconnect_link(&mut self, from: SiteId, to: SiteId, received: u64) {
        let there = if self.reaches(from, to) {
            channel_of(&mut self.nodes, to, from)
        } else {
            None
        };
        let answer = there.and_then(|there| {
            let answer = there.bytes_received();
            there.rewind(received).then_some(answer)
        });
        let caller = &mut self.nodes[node_place(from)];
        if answer.is_some_and(|answer| caller.session.link_reconnected(to, answer)) {
            self.begin_anew(from, to);
        } else if matches!(caller.state, State::Works | State::Hangs(_)) {
            // A call in vain takes its time.
            let later = self.now + RECONNECT_TIMEOUT;
            self.calls.push((later, from, to, Some(received)));
        }
    }

    /// Goes on to the time when something happens next.
    fn go_on(&mut self) {
        let pipes = self.pipes.iter();
        let pipes = pipes.filter_map(|(_, pipe)| pipe.next_arrival());
        let working = self.nodes.iter();
        let working = working.filter(|node| matches!(node.state, State::Works));
        let deadlines = working.filter_map(|node| node.session.deadline());
        let calls = self.calls.iter().map(|call| call.0);
        let controller = match &self.faults.away {
            Some(time) if self.is_away() => self.at(time.end),
            _ => self.controller.deadline(),
        };
        let hanging = self.nodes.iter().filter_map(|node| match node.state {
            State::Hangs(until) => Some(until),
            _ => None,
        });
        let blow = self.faults.blows.last().map(|(ms, _)| self.at(*ms));
        let next = pipes
            .chain(deadlines)
            .chain(calls)
            .chain([controller])
            .chain(self.slow_disk)
            .chain(hanging)
            .chain(blow)
            .filter(|time| *time > self.now)
            .min();
        self.now = next.expect("the controller goes on some time");
    }
}

impl Node {
    /// Ends the session, and says why.
    fn leave(&mut self, end: Result<(), SessionError>) {
        let word = end.as_ref().err().and_then(SessionError::last_word);
        if let (Some(word), Some(channel)) = (word, self.session.channel(Side::Controller)) {
            channel.queue(&word).expect("a short message");
        }
        self.state = State::Leaves(end);
    }

    /// Returns whether there is more to do at once; an error is the end, be it a good one.
    fn turn(&mut self, now: Instant) -> Result<bool, Result<(), SessionError>> {
        let again = match self.session.advance(now).map_err(Err)? {
            Advance::Over => return Err(Ok(())),
            Advance::Wait => self.session.deadline().is_none(),
            Advance::Again => true,
            Advance::Build(plan) => {
                let (plan, files) = *plan;
                let account = self.session.engine_account();
                let engine = Engine::build(&plan, &TYPES, &files, account, &mut || true);
                let started = self.session.start(plan, files, engine, Vec::new());
                started.map_err(Err)?;
                true
            }
            Advance::Prepare(_) => panic!("no run has variants"),
        };
        self.session.beat(now).map_err(Err)?;
        Ok(again)
    }
}

/// Goes on over another connection; `false` where one side does not have any more what is missing at the other one.
fn go_on(a: &mut Channel, b: &mut Channel) -> bool {
    let (by_a, by_b) = (a.bytes_received(), b.bytes_received());
    b.rewind(by_a) && a.rewind(by_b)
}

/// What is on its way from one site to another, if they have been connected.
fn pipe_of(pipes: &mut [(Ends, Pipe)], ends: Ends) -> Option<&mut Pipe> {
    let known = pipes.iter_mut().find(|(known, _)| *known == ends);
    known.map(|(_, pipe)| pipe)
}

/// The channel of a node to another site, as long as it works.
fn channel_of(nodes: &mut [Node], of: SiteId, to: SiteId) -> Option<&mut Channel> {
    let node = nodes.get_mut(of.node()?)?;
    match node.state {
        State::Works => node.session.channel(side(to)),
        State::Leaves(_) if to == CONTROLLER => node.session.channel(Side::Controller),
        State::Hangs(_) | State::Leaves(_) | State::Over(_) => None,
    }
}

/// The place of a node among all nodes.
fn node_place(site: SiteId) -> usize {
    site.node().expect("the controller is none")
}

fn side(site: SiteId) -> Side {
    match site {
        CONTROLLER => Side::Controller,
        site => Side::Peer(site),
    }
}
