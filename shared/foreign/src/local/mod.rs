//! Programs on this machine, or reached from it.

mod command;
mod creation;
mod meeting;
mod start;

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use shared::model::Model;

use crate::running::Running;
use crate::simulator::Endings;
use crate::unit::{self, Unit};
use crate::{Fault, Host, SimulatorDescription, SimulatorRequest, UnitWiring};

/// How long a program may take until it has said what it is.
const START: Duration = Duration::from_secs(60);
/// From when on is told whom one waits for, and how often.
const PATIENCE: Duration = Duration::from_secs(2);
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// Hosts programs on this machine, and those that are there already and are reached from it.
///
/// A program that it has started has no terminal, and ends with this host or with the model that has it, whatever
/// happens: it is told to stop, and is killed with all that it has started where that does not help.
#[derive(Debug)]
pub struct LocalHost {
    /// What was asked for; those that could not be started, or belong to a unit by now, are missing.
    running: Vec<Option<Running>>,
    endings: Arc<Endings>,
    limit: Duration,
}

impl LocalHost {
    /// A host without programs, which gives each a minute to say what it is.
    pub fn new() -> Self {
        Self::with_limit(START)
    }

    /// A host without programs, which gives each so long to say what it is.
    pub fn with_limit(limit: Duration) -> Self {
        Self {
            running: Vec::new(),
            endings: Arc::default(),
            limit,
        }
    }
}

impl Default for LocalHost {
    fn default() -> Self {
        Self::new()
    }
}

impl Host for LocalHost {
    fn start(
        &mut self,
        requests: Vec<SimulatorRequest>,
        tell: &mut dyn FnMut(&str),
    ) -> Vec<Result<SimulatorDescription, Fault>> {
        let started = start_all(&requests, self.limit, &self.endings, tell);
        let described = started.into_iter().map(|started| {
            let (running, description) = match started {
                Ok(running) => {
                    let description = running.description.clone();
                    (Some(running), Ok(description))
                }
                Err(fault) => (None, Err(fault)),
            };
            self.running.push(running);
            description
        });
        described.collect()
    }

    fn unit(&mut self, wiring: &UnitWiring) -> Result<Box<dyn Model>, Fault> {
        unit::check(wiring, &self.running)?;
        let members = wiring.simulators.iter();
        let members = members.filter_map(|&number| self.running[usize::from(number)].take());
        Ok(Box::new(Unit::new(wiring, members.collect())))
    }
}

/// Starts all of them at the same time.
fn start_all(
    requests: &[SimulatorRequest],
    limit: Duration,
    endings: &Arc<Endings>,
    tell: &mut dyn FnMut(&str),
) -> Vec<Result<Running, Fault>> {
    let since = Instant::now();
    let until = since + limit;
    let (sender, receiver) = mpsc::channel();
    let mut results: Vec<Option<Result<Running, Fault>>> = requests.iter().map(|_| None).collect();
    thread::scope(|scope| {
        for (place, request) in requests.iter().enumerate() {
            let sender = sender.clone();
            scope.spawn(move || {
                // The receiver is there until all have sent.
                let _ = sender.send((place, start::start(request, until, endings)));
            });
        }
        drop(sender);
        let mut next = PATIENCE;
        loop {
            match receiver.recv_timeout((since + next).saturating_duration_since(Instant::now())) {
                Ok((place, result)) => results[place] = Some(result),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    tell(&waiting(requests, &results, next));
                    next += TOLD_EVERY;
                }
            }
        }
    });
    let results = results.into_iter();
    let all = results.map(|result| result.expect("each thread has sent its result"));
    all.collect()
}

/// Whom one waits for.
fn waiting<T>(requests: &[SimulatorRequest], results: &[Option<T>], since: Duration) -> String {
    let missing = requests.iter().zip(results);
    let missing = missing.filter(|(_, result)| result.is_none());
    let names: Vec<String> = missing
        .map(|(request, _)| format!("'{}'", request.name))
        .collect();
    let word = if names.len() == 1 {
        "simulator"
    } else {
        "simulators"
    };
    format!(
        "waiting for {word} {} ({} s)",
        names.join(", "),
        since.as_secs()
    )
}
