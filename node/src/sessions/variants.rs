//! Variants of a scenario: whole runs, side by side on all processors that the node may use.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use ::engine::variant::{Common, Trace, append_value};
use ::engine::{Engine, PlanError, Rows, Turn};
use ::session::{Asked, NodeSession, SessionError};
use shared::files::{Files, MemoryFiles};
use shared::memory::{Account, items};
use shared::model::{Registry, Severity};
use shared::plan::PlannedModel;
use shared::time::{Tick, TimeGrid};
use shared::value::Value;
use shared::variant::{Outcome, TRACE, Tallies, TallyPlan, VariantsPlan};

use crate::inbox::{Event, Sender};

/// Steps in one go: between two of them the session may end.
const BUDGET: usize = 64 * 1024;

/// Rows go in pieces of about so many bytes.
const PIECE: usize = 48 * 1024;

/// So many bytes of rows may wait until variants do.
const MAX_ROWS: usize = 2 * 1024 * 1024;

/// No more variants than that are run side by side.
const MAX_WORKERS: usize = 64;

/// The threads that run variants.
pub(super) struct Workers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// What the trace takes.
    _account: Account,
}

/// What they have in common.
struct Shared {
    /// The engines that variants may go into, and how many go into each.
    engines: Vec<(usize, Common)>,
    grid: TimeGrid,
    tallies: TallyPlan,
    /// The rows themselves are wanted as well.
    rows: bool,
    state: Mutex<State>,
    moved: Condvar,
    /// The session is over.
    over: AtomicBool,
    session: Sender,
}

/// What waits for them, and what comes of it.
#[derive(Default)]
struct State {
    asked: VecDeque<Asked>,
    done: VecDeque<Done>,
    /// Bytes of rows among it.
    bytes: usize,
}

/// What came of variants in one engine.
enum Done {
    Rows(u64, Vec<u8>),
    Came(Asked, Box<Outcome>, u64),
}

impl Workers {
    /// Threads for the variants of a plan. What they take beside each of them is booked on the account.
    pub(super) fn start(
        (models, plan, mut files): (Vec<PlannedModel>, VariantsPlan, MemoryFiles),
        types: &Registry,
        mut account: Account,
        session: &Sender,
    ) -> Result<Self, PlanError> {
        let trace = {
            let mut content = files.open(TRACE).map_err(|_| PlanError::Inconsistent)?;
            let bytes = content.fill_buf().map_err(|_| PlanError::Inconsistent)?;
            let trace = Trace::read(plan.width as usize, bytes, &mut account)?;
            trace.ok_or(PlanError::Inconsistent)?
        };
        files.insert(TRACE.to_owned(), Vec::new());
        let trace = Arc::new(trace);
        let mut models = models.into_iter();
        let mut engines = Vec::new();
        for engine in plan.engines {
            let variants = engine.variants as usize;
            let own = models.by_ref().take(engine.makers.len()).collect();
            let common = Common::of_plan(own, engine, plan.grid, Arc::clone(&trace), types)?;
            engines.push((variants, common));
        }
        if models.next().is_some() {
            return Err(PlanError::Inconsistent);
        }
        let shared = Arc::new(Shared {
            engines,
            grid: plan.grid,
            tallies: plan.tallies,
            rows: plan.rows,
            state: Mutex::default(),
            moved: Condvar::new(),
            over: AtomicBool::new(false),
            session: session.clone(),
        });
        let mut threads = Vec::new();
        for _ in 0..processors() {
            let (shared, files, account) = (Arc::clone(&shared), files.clone(), account.branch());
            let thread = thread::Builder::new().name("variant".to_owned());
            // One is enough.
            threads.extend(thread.spawn(move || shared.work(&files, &account)));
        }
        Ok(Self {
            shared,
            threads,
            _account: account,
        })
    }

    /// Hands on the variants that a session has, and to it what came of others. Returns whether any is done.
    pub(super) fn exchange(&self, session: &mut NodeSession) -> Result<bool, SessionError> {
        if self.threads.is_empty() {
            let none = io::Error::other("no thread for variants can be started");
            return Err(SessionError::System(none));
        }
        let mut state = self.shared.lock();
        while let Some(asked) = session.next_variant() {
            state.asked.push_back(asked);
        }
        let mut is_any_done = false;
        while session.takes_results()
            && let Some(done) = state.done.pop_front()
        {
            match done {
                Done::Rows(id, values) => {
                    state.bytes -= values.len();
                    session.rows(id, &values)
                }
                Done::Came(asked, outcome, steps) => {
                    is_any_done = true;
                    session.came(&asked, outcome, steps)
                }
            }
            .map_err(|error| SessionError::Connection(error.into()))?;
        }
        drop(state);
        self.shared.moved.notify_all();
        Ok(is_any_done)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        // Whoever is about to wait sees it under the lock.
        drop(self.shared.lock());
        self.shared.moved.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Waits until there is something, or the session is over.
    fn wait_for<T>(&self, mut take: impl FnMut(&mut State) -> Option<T>) -> Option<T> {
        let mut state = self.lock();
        while !self.is_over() {
            if let Some(taken) = take(&mut state) {
                return Some(taken);
            }
            let waited = self.moved.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        None
    }

    fn hand_in(&self, done: Done) {
        self.lock().done.push_back(done);
        self.session.send(Event::Came);
    }

    /// Runs variants until the session is over.
    fn work(&self, files: &MemoryFiles, account: &Account) {
        while let Some(asked) = self.wait_for(|state| state.asked.pop_front()) {
            let (outcome, steps) = match self.engine(&asked, files, account.branch()) {
                Some(all) => self.run(asked.id, all),
                None => (Outcome::Elsewhere, 0),
            };
            self.hand_in(Done::Came(asked, Box::new(outcome), steps));
        }
    }

    /// The engine of variants, and what is made of the rows of each; nothing where it cannot be had.
    fn engine<'a>(
        &'a self,
        asked: &'a Asked,
        files: &MemoryFiles,
        mut account: Account,
    ) -> Option<(Engine, Vec<Tallies<'a>>)> {
        let (variants, common) = self.engines.get(asked.engine as usize)?;
        let tallies = asked.tallies.as_deref().unwrap_or(&self.tallies);
        let bytes = tallies.bytes(self.grid).saturating_mul(*variants);
        let bytes = bytes.saturating_add(items::<Tallies<'_>>(*variants));
        account.take(bytes).ok()?;
        let tallies = (0..*variants).map(|_| tallies.begin(self.grid)).collect();
        let engine = common.engine(&asked.values, files, account).ok()?;
        Some((engine, tallies))
    }

    /// Runs variants.
    fn run(&self, id: u64, (mut engine, tallies): (Engine, Vec<Tallies<'_>>)) -> (Outcome, u64) {
        let mut rows = Gathered {
            shared: self,
            id,
            tallies,
            piece: Vec::new(),
        };
        let mut warning = None;
        loop {
            let turn = engine.run(BUDGET, &mut rows);
            // They belong to runs with a result of their own.
            drop((engine.take_entries(), engine.take_files()));
            let mut notices = engine.take_notices().into_iter();
            let is_warning = |notice: &shared::model::Notice| notice.severity == Severity::Warning;
            warning = warning.or_else(|| notices.find(is_warning));
            match turn {
                Ok(Turn::Again) if !self.is_over() => {}
                Ok(Turn::Finished) => break,
                _ => return (Outcome::Elsewhere, engine.steps()),
            }
        }
        rows.flush();
        let outcome = match engine.failure() {
            Some(failure) => Outcome::Failed(failure.clone()),
            None => Outcome::Numbers {
                numbers: rows.tallies.into_iter().map(Tallies::finish).collect(),
                warning,
            },
        };
        (outcome, engine.steps())
    }
}

/// What becomes of rows.
struct Gathered<'a> {
    shared: &'a Shared,
    id: u64,
    /// By variant.
    tallies: Vec<Tallies<'a>>,
    piece: Vec<u8>,
}

impl Gathered<'_> {
    /// Hands in the rows that there are, once not too many of others wait.
    fn flush(&mut self) {
        if self.piece.is_empty() {
            return;
        }
        let values = std::mem::take(&mut self.piece);
        let booked = self
            .shared
            .wait_for(|state| (state.bytes < MAX_ROWS).then(|| state.bytes += values.len()));
        if booked.is_some() {
            self.shared.hand_in(Done::Rows(self.id, values));
        }
    }
}

impl Rows for Gathered<'_> {
    fn row(&mut self, _: Tick, values: &mut [Value]) -> io::Result<()> {
        let width = values.len() / self.tallies.len().max(1);
        // Where there are no values, there are no rows.
        let own = values.chunks_exact(width.max(1));
        for (tallies, values) in self.tallies.iter_mut().zip(own) {
            tallies.take(values);
        }
        if self.shared.rows {
            for value in values {
                append_value(&mut self.piece, value);
                if self.piece.len() >= PIECE {
                    self.flush();
                }
            }
        }
        Ok(())
    }
}

/// How many processors the node may use.
fn processors() -> usize {
    // The standard library asks control groups as well, in so many bytes of a node.
    #[cfg(target_os = "linux")]
    let count = rustix::thread::sched_getaffinity(None).map_or(1, |all| all.count() as usize);
    #[cfg(not(target_os = "linux"))]
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    count.clamp(1, MAX_WORKERS)
}
