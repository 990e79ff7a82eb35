//! Variants side by side on all cores, and what comes of them in their order.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::design::{Variant, Variants};
use super::variant::{Came, VariantError};
use super::{Study, SweepError};

/// So many variants may be done before one that is not.
const AHEAD: u64 = 4096;

/// So often somebody looks how far it is.
const LOOK: Duration = Duration::from_millis(250);

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
    /// The next variant, once it is not too far ahead of the others.
    fn take(&self) -> Option<Result<Variant, SweepError>> {
        let next = lock(&self.variants).next()?;
        if let Ok(variant) = &next {
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
    let (done, results) = sync_channel(1024);
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
                Ok(Ok(variant)) => waiting.insert(variant.0.id, variant),
                Ok(Err(error)) => break Err(error),
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(error) = take(None) {
                        break Err(error);
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break Ok(()),
            };
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
    done: &SyncSender<Result<Done, SweepError>>,
) {
    let is_over = || stop.load(Ordering::Relaxed) || shared.over.load(Ordering::Relaxed);
    while !is_over() {
        let Some(next) = shared.take() else {
            break;
        };
        if is_over() {
            break;
        }
        let result = next.map(|variant| {
            let outcome = study.run_variant(&variant, stop);
            (variant, outcome)
        });
        let is_last = result.is_err();
        if done.send(result).is_err() || is_last {
            break;
        }
    }
    // Whoever waits for others sees that they are gone.
    if stop.load(Ordering::Relaxed) {
        shared.end();
    }
}

/// How many variants this machine runs side by side.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
