//! Variants side by side on all cores, and what comes of them in their order.

use std::collections::BTreeMap;
use std::mem;
use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::design::{Variant, Variants};
use super::variant::{Came, VariantError};
use super::{Study, SweepError};

/// So many variants may be done before one that is not.
const AHEAD: u64 = 4096;

/// So often somebody looks how far it is.
const LOOK: Duration = Duration::from_millis(250);

/// So many variants are handed on at once where they come fast: whoever takes them has to be woken, which takes a tenth of
/// the time of a short one.
const BATCH: usize = 32;

/// What took so long together is handed on, however few variants they are.
const SOON: Duration = Duration::from_millis(10);

/// What came of a variant.
pub(super) type Done = (Variant, Result<Came, VariantError>);

/// What workers have in common.
struct Shared<'a> {
    variants: Mutex<Variants<'a>>,
    /// All variants before this one have been handed on.
    handed_on: Mutex<u64>,
    moved: Condvar,
    /// Nobody takes another variant.
    over: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared<'_> {
    /// The next variant, once it is not too far ahead of the others. Before it waits for them, `hand_over` is called, since
    /// the others may wait for what that has.
    fn take(&self, hand_over: impl FnOnce()) -> Option<Result<Variant, SweepError>> {
        let next = lock(&self.variants).next()?;
        if let Ok(variant) = &next {
            let is_far = variant.id > *lock(&self.handed_on) + AHEAD;
            if is_far {
                hand_over();
            }
            let mut before = lock(&self.handed_on);
            while variant.id > *before + AHEAD && !self.over.load(Ordering::Relaxed) {
                before = self
                    .moved
                    .wait(before)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
        Some(next)
    }

    fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
        self.moved.notify_all();
    }
}

/// Runs these variants, and hands on what comes of each, in their order; `None` where time has passed.
///
/// # Errors
/// That of `take`, or the variants cannot be read.
pub(super) fn run(
    study: &Study,
    ids: Range<u64>,
    jobs: usize,
    stop: &AtomicBool,
    take: &mut dyn FnMut(Option<Done>) -> Result<(), SweepError>,
) -> Result<(), SweepError> {
    let first = ids.start;
    let shared = Shared {
        variants: Mutex::new(study.design.variants(ids)?),
        handed_on: Mutex::new(first),
        moved: Condvar::new(),
        over: AtomicBool::new(false),
    };
    let (done, results) = sync_channel(1024 / BATCH);
    thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let (done, shared) = (done.clone(), &shared);
            scope.spawn(move || work(study, shared, stop, &done));
        }
        drop(done);
        let mut waiting: BTreeMap<u64, Done> = BTreeMap::new();
        let mut next = first;
        let result = loop {
            match results.recv_timeout(LOOK) {
                Ok(Ok(batch)) => waiting.extend(batch.into_iter().map(|done| (done.0.id, done))),
                Ok(Err(error)) => break Err(error),
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(error) = take(None) {
                        break Err(error);
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break Ok(()),
            }
            let mut handed = Ok(());
            while let (true, Some(variant)) = (handed.is_ok(), waiting.remove(&next)) {
                handed = take(Some(variant));
                next += 1;
            }
            if handed.is_err() {
                break handed;
            }
            *lock(&shared.handed_on) = next;
            shared.moved.notify_all();
        };
        shared.end();
        // Whoever waits to hand something on is not waited for.
        drop(results);
        result
    })
}

/// Takes variants until there is none.
fn work(
    study: &Study,
    shared: &Shared<'_>,
    stop: &AtomicBool,
    done: &SyncSender<Result<Vec<Done>, SweepError>>,
) {
    let (mut batch, mut begun) = (Vec::new(), Instant::now());
    let is_over = || stop.load(Ordering::Relaxed) || shared.over.load(Ordering::Relaxed);
    while !is_over() {
        // Nobody takes it any more where the sweep is over, which is seen in a moment.
        let hand_over = || drop(done.send(Ok(mem::take(&mut batch))));
        let Some(next) = shared.take(hand_over) else {
            break;
        };
        if is_over() {
            break;
        }
        let variant = match next {
            Ok(variant) => variant,
            Err(error) => {
                let _ = done.send(Ok(batch));
                let _ = done.send(Err(error));
                return;
            }
        };
        let outcome = study.run_variant(&variant, stop);
        batch.push((variant, outcome));
        if batch.len() == BATCH || begun.elapsed() >= SOON {
            begun = Instant::now();
            if done.send(Ok(mem::take(&mut batch))).is_err() {
                break;
            }
        }
    }
    let _ = done.send(Ok(batch));
    // Whoever waits for others sees that they are gone.
    if stop.load(Ordering::Relaxed) {
        shared.end();
    }
}

/// How many variants this machine runs side by side.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
