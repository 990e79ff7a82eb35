//! Variants side by side, on all cores here and on nodes, and what comes of them in their order.

use std::collections::{BTreeMap, VecDeque};
use std::iter::Peekable;
use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::design::{Variant, Variants};
use super::nodes::serve;
use super::variant::{Came, VariantError};
use super::{Study, SweepError};
use crate::cluster::VariantNode;

/// So many variants may be done before one that is not.
const AHEAD: u64 = 4096;

/// So often somebody looks how far it is.
const LOOK: Duration = Duration::from_millis(250);

/// What came of a variant.
pub(super) type Done = (Variant, Result<Came, VariantError>);

/// Who runs variants.
pub(super) struct Crew {
    /// So many side by side here; with 0, those only that no node can run, as long as there is a node.
    pub(super) jobs: usize,
    pub(super) nodes: Vec<VariantNode>,
}

/// What is new.
pub(super) enum News {
    /// A variant is done, the next one.
    Done(Done),
    /// The user should know this.
    Note(String),
    /// Time has passed.
    Nothing,
}

/// What those who run variants report.
enum Report {
    Done(Vec<Done>),
    Note(String),
    /// The variants cannot be read.
    Unreadable(SweepError),
}

/// Where those who run variants report.
#[derive(Clone)]
pub(super) struct Reports(SyncSender<Report>);

impl Reports {
    /// Variants are done. `false` where nobody wants to know.
    fn done(&self, done: Vec<Done>) -> bool {
        self.0.send(Report::Done(done)).is_ok()
    }

    /// The user should know this.
    pub(super) fn note(&self, text: String) {
        // Where nobody listens it is over.
        let _ = self.0.send(Report::Note(text));
    }

    fn unreadable(&self, error: SweepError) {
        let _ = self.0.send(Report::Unreadable(error));
    }
}

/// Who takes a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Here,
    Node,
}

/// What there is for somebody who runs variants.
pub(super) enum Next {
    /// One, or several.
    Variants(Vec<Variant>),
    /// Others are not done, and may leave some.
    Later,
    /// All are done.
    Over,
}

/// The variants that are to be run, for all who run some.
pub(super) struct Queue<'a> {
    state: Mutex<State<'a>>,
    moved: Condvar,
    /// Nobody takes another variant.
    over: AtomicBool,
    stop: &'a AtomicBool,
}

struct State<'a> {
    variants: Peekable<Variants<'a>>,
    /// How many of them nobody has taken.
    untaken: u64,
    /// Those that a node had when it was lost.
    left: VecDeque<Variant>,
    /// Those that no node can run.
    here: VecDeque<Variant>,
    /// Those that somebody has.
    open: usize,
    /// All variants before this one have been handed on.
    handed_on: u64,
    /// Those who run variants, here and on nodes.
    hands: u64,
    /// Nodes that are there.
    nodes: usize,
    /// This machine runs variants beside nodes.
    shares: bool,
}

impl<'a> Queue<'a> {
    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody takes another variant.
    pub(super) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.over.load(Ordering::Relaxed)
    }

    fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
        self.moved.notify_all();
    }

    /// The next variants for somebody at this place, so many at most.
    pub(super) fn next(&self, place: Place, most: usize, reports: &Reports) -> Next {
        if self.is_over() {
            return Next::Over;
        }
        let mut state = self.lock();
        match state.take_several(place, most) {
            Ok(variants) if !variants.is_empty() => {
                state.open += variants.len();
                Next::Variants(variants)
            }
            Ok(_) if state.is_done() => Next::Over,
            Ok(_) => Next::Later,
            Err(error) => {
                drop(state);
                self.end();
                reports.unreadable(error);
                Next::Over
            }
        }
    }

    /// Reports what came of variants by who took them, at once for all: whoever hears it is woken each time. `false` where
    /// nobody wants to know.
    pub(super) fn hand_in(&self, done: Vec<Done>, reports: &Reports) -> bool {
        if done.is_empty() {
            return true;
        }
        let count = done.len();
        let is_heard = reports.done(done);
        let mut state = self.lock();
        state.open -= count;
        if state.open == 0 {
            self.moved.notify_all();
        }
        is_heard
    }

    /// All variants before this one have been handed on.
    fn handed_on(&self, next: u64) {
        let mut state = self.lock();
        state.handed_on = next;
        // Whoever runs only what nodes cannot is not woken for each variant that they have run.
        if state.runs_here() {
            self.moved.notify_all();
        }
    }

    /// A variant goes back: to this machine, or to whoever takes it first.
    pub(super) fn give_back(&self, variant: Variant, place: Place) {
        let mut state = self.lock();
        state.open -= 1;
        match place {
            Place::Here => state.here.push_back(variant),
            Place::Node => state.left.push_back(variant),
        }
        self.moved.notify_all();
    }

    /// A node is there no more. Returns how many are.
    pub(super) fn node_is_gone(&self) -> usize {
        let mut state = self.lock();
        state.nodes -= 1;
        self.moved.notify_all();
        state.nodes
    }

    /// Waits for a moment, or until there may be something.
    fn wait(&self) {
        let mut state = self.lock();
        // The last one may have been handed in just now.
        if state.is_done() {
            return;
        }
        let waited = self.moved.wait_timeout(state, LOOK);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

impl State<'_> {
    /// Takes variants, so many at most, and no more than half of what each one who runs some would have of the rest: in the
    /// end nobody has many while others have none.
    fn take_several(&mut self, place: Place, most: usize) -> Result<Vec<Variant>, SweepError> {
        let share = self.untaken / (2 * self.hands);
        let share = usize::try_from(share).unwrap_or(usize::MAX);
        let are_left = !(self.here.is_empty() && self.left.is_empty());
        // What others have left has something about it, or is late.
        let wanted = if are_left { 1 } else { most.min(share) };
        let mut taken = Vec::new();
        loop {
            let Some(variant) = self.take(place)? else {
                return Ok(taken);
            };
            taken.push(variant);
            // What cannot be read is said once all before it is done.
            let is_readable = !matches!(self.variants.peek(), Some(Err(_)));
            if taken.len() >= wanted || !is_readable {
                return Ok(taken);
            }
        }
    }

    fn take(&mut self, place: Place) -> Result<Option<Variant>, SweepError> {
        if place == Place::Here {
            if let Some(variant) = self.here.pop_front() {
                return Ok(Some(variant));
            }
            if !self.runs_here() {
                return Ok(None);
            }
        }
        if let Some(variant) = self.left.pop_front() {
            return Ok(Some(variant));
        }
        let last = self.handed_on + AHEAD;
        let is_due = |next: &Result<Variant, _>| next.as_ref().map_or(true, |next| next.id <= last);
        let next = self.variants.next_if(is_due).transpose()?;
        self.untaken -= u64::from(next.is_some());
        Ok(next)
    }

    /// Whether this machine runs more than what nodes cannot.
    fn runs_here(&self) -> bool {
        self.nodes == 0 || self.shares
    }

    fn is_done(&mut self) -> bool {
        self.variants.peek().is_none()
            && self.left.is_empty()
            && self.here.is_empty()
            && self.open == 0
    }
}

/// Runs these variants, and hands on what comes of each, in their order, and all else that is new. Returns how many
/// each node has run.
///
/// # Errors
/// That of `take`, or the variants cannot be read.
pub(super) fn run(
    study: &Study,
    ids: Range<u64>,
    crew: Crew,
    stop: &AtomicBool,
    take: &mut dyn FnMut(News) -> Result<(), SweepError>,
) -> Result<Vec<(String, u64)>, SweepError> {
    let first = ids.start;
    // What no node can run, or is left when all of them are lost, has all cores.
    let jobs = if crew.jobs == 0 { cores() } else { crew.jobs };
    let queue = Queue {
        state: Mutex::new(State {
            untaken: ids.end - first,
            variants: study.design.variants(ids)?.peekable(),
            left: VecDeque::new(),
            here: VecDeque::new(),
            open: 0,
            handed_on: first,
            hands: (jobs + crew.nodes.len()) as u64,
            nodes: crew.nodes.len(),
            shares: crew.jobs > 0,
        }),
        moved: Condvar::new(),
        over: AtomicBool::new(false),
        stop,
    };
    let (reports, reported) = sync_channel(1024);
    let reports = Reports(reports);
    thread::scope(|scope| {
        for _ in 0..jobs {
            let (reports, queue) = (reports.clone(), &queue);
            scope.spawn(move || work(study, queue, stop, &reports));
        }
        let nodes: Vec<_> = crew
            .nodes
            .into_iter()
            .map(|node| {
                let (reports, queue) = (reports.clone(), &queue);
                scope.spawn(move || serve(node, study, queue, &reports))
            })
            .collect();
        drop(reports);
        let mut waiting: BTreeMap<u64, Done> = BTreeMap::new();
        let mut next = first;
        let result = loop {
            match reported.recv_timeout(LOOK) {
                Ok(Report::Done(done)) => {
                    waiting.extend(done.into_iter().map(|done| (done.0.id, done)));
                }
                Ok(Report::Unreadable(error)) => break Err(error),
                Ok(Report::Note(text)) => {
                    if let Err(error) = take(News::Note(text)) {
                        break Err(error);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(error) = take(News::Nothing) {
                        break Err(error);
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break Ok(()),
            }
            let mut handed = Ok(());
            while let (true, Some(variant)) = (handed.is_ok(), waiting.remove(&next)) {
                handed = take(News::Done(variant));
                next += 1;
            }
            if handed.is_err() {
                break handed;
            }
            queue.handed_on(next);
        };
        queue.end();
        // Whoever waits to report something is not waited for.
        drop(reported);
        let ran = nodes.into_iter().filter_map(|node| node.join().ok());
        let ran = ran.collect();
        result.map(|()| ran)
    })
}

/// Runs variants here until there is none.
fn work(study: &Study, queue: &Queue<'_>, stop: &AtomicBool, reports: &Reports) {
    let mut together = Together::at_most(study.most_together);
    loop {
        match queue.next(Place::Here, together.now(), reports) {
            Next::Variants(variants) => {
                let done = study.run_variants(variants, stop);
                together.adapt(done.iter().all(|(_, came)| came.is_ok()));
                if !queue.hand_in(done, reports) {
                    break;
                }
            }
            Next::Later => queue.wait(),
            Next::Over => break,
        }
    }
    // Whoever waits for others sees that they are gone.
    if stop.load(Ordering::Relaxed) {
        queue.end();
    }
}

/// How many variants go into one engine. Where one of them fails, all have run for nothing: so they are few then, and more
/// again as long as none does.
pub(super) struct Together {
    most: usize,
    now: usize,
}

impl Together {
    pub(super) fn at_most(most: usize) -> Self {
        Self { most, now: most }
    }

    /// Where none fails.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    pub(super) fn now(&self) -> usize {
        self.now
    }

    /// Some have run, and all were well or were not.
    pub(super) fn adapt(&mut self, were_well: bool) {
        self.now = if were_well {
            self.most.min(2 * self.now)
        } else {
            1
        };
    }
}

/// How many variants this machine runs side by side.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
