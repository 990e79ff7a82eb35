//! What is in the files that models read: what a run would find there is found before it.
//!
//! A model examines its files with the code that reads them in the run. What it cannot know is who
//! uses what it reads, and what is possible there: that comes from the connections.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::thread;

use shared::index::Index;
use shared::model::{Expected, Finding, Instance, Range, Taker};
use shared::time::Tick;

use super::plausible::possible;
use crate::scenario::graph::MonitorItem;
use crate::scenario::models::Candidate;
use crate::scenario::problems::{Excerpt, Position, Problem, Problems, Severity};
use crate::scenario::wiring::{Arrangement, Connection};

/// With fewer rows than these, files are read faster than threads are started.
const ROWS_FOR_THREADS: Tick = 20_000;

/// So many bytes may take what models keep of their files for the run: a year of 14 columns of quarters of an hour.
const KEPT: usize = 4 * 1024 * 1024;

/// How the models of a scenario are connected, as far as that is known.
pub(crate) struct Wiring<'a> {
    pub(crate) connections: &'a [Connection],
    pub(crate) arrangements: &'a [Arrangement],
    pub(crate) items: &'a [MonitorItem],
}

/// An examination to be made.
struct Task<'a> {
    instance: &'a mut Instance,
    expected: Vec<Option<Expected>>,
    connected: Vec<bool>,
    findings: Vec<Finding>,
}

/// Examines the files that the models read in a run of so many ticks. Returns what models would say in
/// the run and a warning has announced by that.
pub(crate) fn examine_files(
    candidates: &mut [Candidate],
    wiring: &Wiring<'_>,
    ticks: Tick,
    problems: &mut Problems,
) -> Vec<String> {
    let expected = expected_of(candidates, wiring);
    let mut tasks: Vec<Task<'_>> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (place, (candidate, expected)) in candidates.iter_mut().zip(expected).enumerate() {
        let config = candidate.entry.config();
        let (Some(instance), Some(model_type)) = (&mut candidate.instance, &candidate.model_type)
        else {
            continue;
        };
        if config.paths_read(model_type).is_empty() {
            continue;
        }
        let mut connected = vec![false; model_type.inputs.len()];
        for feed in &wiring.arrangements[place].feeds {
            connected[feed.input] = true;
        }
        // Many models may read one file in one way; that is one task.
        let key = format!(
            "{} {:?} {:?} {} {connected:?}",
            model_type.name, config.parameters, config.inputs, instance.step_size
        );
        if let Some(&task) = known.get(&key) {
            let all = tasks[task].expected.iter_mut().zip(expected);
            all.for_each(|(known, more)| merge(known, more));
            continue;
        }
        known.insert(key, tasks.len());
        tasks.push(Task {
            instance,
            expected,
            connected,
            findings: Vec::new(),
        });
    }
    work_off(&mut tasks, ticks);
    let mut announced = Vec::new();
    for mut finding in tasks.into_iter().flat_map(|task| task.findings) {
        announced.extend(finding.notice.take());
        problems.add(problem(finding));
    }
    announced
}

/// What is expected of each published attribute of each model.
fn expected_of(candidates: &[Candidate], wiring: &Wiring<'_>) -> Vec<Vec<Option<Expected>>> {
    let nothing = |candidate: &Candidate| {
        let published = match (&candidate.instance, &candidate.model_type) {
            (Some(instance), _) => instance.published.len(),
            (None, Some(model_type)) => model_type.published.len(),
            (None, None) => 0,
        };
        vec![None; published]
    };
    let mut expected: Vec<Vec<Option<Expected>>> = candidates.iter().map(nothing).collect();
    for (candidate, arrangement) in candidates.iter().zip(wiring.arrangements) {
        let Some(model_type) = &candidate.model_type else {
            continue;
        };
        for feed in &arrangement.feeds {
            let input = &model_type.inputs[feed.input];
            let places = feed.connections.iter();
            for connection in places.map(|&place| &wiring.connections[place]) {
                let slot = connection.published.and_then(|published| published.slot);
                let (Some(model), Some(slot)) = (connection.source_model, slot) else {
                    continue;
                };
                let taker = taker(candidate, &candidates[model], connection);
                let use_there = Expected {
                    used_by: connection.to_text.clone(),
                    unit: input.unit.to_cow(),
                    range: possible(&input.unit),
                    takers: taker.into_iter().collect(),
                };
                merge(&mut expected[model][slot.index()], Some(use_there));
            }
        }
    }
    for item in wiring.items {
        let recorded = Expected {
            used_by: "the result".to_owned(),
            unit: "-".into(),
            range: Range::ANY,
            takers: Vec::new(),
        };
        let known = &mut expected[item.source.model.place()][item.source.slot.index()];
        merge(known, Some(recorded));
    }
    expected
}

/// Takes up one more use of an attribute. The one that expects most is the one that is named.
fn merge(known: &mut Option<Expected>, more: Option<Expected>) {
    let Some(mut more) = more else { return };
    let mut takers = known
        .as_mut()
        .map_or_else(Vec::new, |known| mem::take(&mut known.takers));
    takers.append(&mut more.takers);
    let known = match known {
        Some(known) if more.range == Range::ANY || known.range != Range::ANY => known,
        known => known.insert(more),
    };
    known.takers = takers;
}

/// The model at the end of a connection, where it looks at each of the values: not at those between
/// its steps, nor at the last one of a connection that is time-shifted.
fn taker(target: &Candidate, source: &Candidate, connection: &Connection) -> Option<Taker> {
    let (target, source) = (target.instance.as_ref()?, source.instance.as_ref()?);
    let input = target.model_type.inputs.get(connection.input()?)?;
    if connection.shifted == Some(true) || target.step_size > source.step_size {
        return None;
    }
    let accepts = target.model.acceptance(target.input_slot(&input.name)?)?;
    let input = connection.to_text.clone();
    Some(Taker { input, accepts })
}

/// Makes all examinations, on all cores where it is worth while.
fn work_off(tasks: &mut [Task<'_>], ticks: Tick) {
    let rows = ticks.saturating_mul(tasks.len() as u64);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let helpers = match rows {
        0..ROWS_FOR_THREADS => 0,
        _ => cores.min(tasks.len()).saturating_sub(1),
    };
    let mut order: Vec<&mut Task<'_>> = tasks.iter_mut().collect();
    // What takes longest comes first.
    order.sort_by_key(|task| std::cmp::Reverse(task.expected.len()));
    let queue = Mutex::new(order.into_iter());
    let room = AtomicUsize::new(KEPT);
    let work = || {
        let next = || queue.lock().ok()?.next();
        while let Some(task) = next() {
            let Task {
                expected,
                connected,
                ..
            } = task;
            task.findings = task.instance.examine(expected, connected, &room);
        }
    };
    thread::scope(|scope| {
        for _ in 0..helpers {
            // Where there is no thread to be had, the others do the work.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
}

fn problem(finding: Finding) -> Problem {
    let Finding {
        is_error,
        code,
        path,
        line,
        column,
        length,
        text,
        message,
        notice: _,
    } = finding;
    let severity = if is_error {
        Severity::Error
    } else {
        Severity::Warning
    };
    let line = usize::try_from(line).unwrap_or(usize::MAX).max(1);
    Problem {
        severity,
        code,
        file: path.into(),
        position: Position { line, column },
        message,
        excerpt: (!text.is_empty()).then(|| Excerpt {
            line: text.into(),
            length,
        }),
    }
}
