//! Models that run on nodes: a run of the controller's library, in a thread of its own, between a *feeder*, whose
//! steps are put off until mosaik's have come, and a *taker*, which hands back what was published.

mod exchange;
mod feeder;
mod graph;
mod taker;

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use controller::scenario::Connect;
use controller::{Control, Event, NodeAccess, Options, Output, Run, Scenario, chain};
use foreign::wire::Failed;
use shared::files::MemoryFiles;
use shared::index::Index;
use shared::model::InputSlot;
use shared::time::{Tick, TimeGrid};
use shared::value::Value;
use smol::channel::{Sender, unbounded};

use super::arrivals::Arrivals;
use super::entity::Entities;
use super::entity::Values;
use super::refusal::{Answer, Kind, refusal, refuse};
use crate::log;
use exchange::Exchange;
use graph::{Wire, graph};

/// A run on nodes.
#[derive(Debug)]
pub(super) struct Cluster {
    exchange: Arc<Exchange>,
    control: Sender<Control>,
    thread: Option<JoinHandle<()>>,
    /// What the feeder publishes for: the inputs that something is connected to.
    wires: Vec<Wire>,
}

/// What a run on nodes is made with.
#[derive(Debug)]
pub(super) struct Means<'a> {
    /// The node of each model.
    pub(super) nodes: &'a [Connect],
    /// How nodes are met.
    pub(super) access: &'a NodeAccess,
    /// The simulated time.
    pub(super) grid: TimeGrid,
    /// What models read.
    pub(super) files: &'a MemoryFiles,
    /// Who says it, in the log.
    pub(super) who: &'a str,
    /// Nothing is reported.
    pub(super) is_quiet: bool,
}

impl Cluster {
    /// Starts a run of these models, whose inputs are connected as they are in this first step.
    pub(super) fn start(entities: &Entities, first: &Arrivals, means: &Means<'_>) -> Answer<Self> {
        let exchange = Arc::new(Exchange::default());
        let (graph, wires) = graph(entities, first, means, &exchange)?;
        let (control, asked) = unbounded();
        let options = Options {
            output: Output::Nowhere,
            access: means.access.clone(),
            ..Options::default()
        };
        let (files, who) = (means.files.clone(), means.who.to_owned());
        let (results, is_quiet) = (Arc::clone(&exchange), means.is_quiet);
        let work = move || {
            let tell = |event: Event<'_>| {
                if !is_quiet {
                    report(&who, &event);
                }
            };
            let run = Run::new(Scenario::of_graph(graph)).options(options);
            let run = run.files(&files).observe(tell).control(asked);
            results.end(match run.start() {
                Ok(_) => "the run on the nodes is over".to_owned(),
                Err(error) => chain(&error),
            });
        };
        let thread = thread::Builder::new().name("run".to_owned()).spawn(work);
        let thread =
            thread.map_err(|error| refusal(Kind::Runtime, format!("no thread: {error}")))?;
        Ok(Self {
            exchange,
            control,
            thread: Some(thread),
            wires,
        })
    }

    /// Steps the models that are due, and waits for what they publish.
    pub(super) fn step(
        &mut self,
        tick: Tick,
        entities: &Entities,
        arrivals: &Arrivals,
        values: &mut Values,
    ) -> Result<(), Failed> {
        let fed = self.feed(tick, entities, arrivals)?;
        self.exchange.feed(tick, fed);
        let taken = self.exchange.wait_for(tick);
        let mut taken = taken
            .map_err(|why| refusal(Kind::Runtime, why))?
            .into_iter();
        for value in values.iter_mut().flatten() {
            *value = taken.next();
        }
        Ok(())
    }

    /// What the feeder publishes: a value for each wire.
    fn feed(&self, tick: Tick, entities: &Entities, arrivals: &Arrivals) -> Answer<Vec<Value>> {
        let mut wires = self.wires.iter();
        let mut fed = Vec::with_capacity(self.wires.len());
        for (place, (entity, arrivals)) in entities.list().iter().zip(arrivals).enumerate() {
            let mut arrivals = arrivals.iter();
            let own = wires
                .as_slice()
                .iter()
                .take_while(|wire| wire.entity == place)
                .count();
            for wire in wires.by_ref().take(own) {
                let found = arrivals
                    .as_slice()
                    .first()
                    .filter(|at| at.slot == wire.slot);
                match found {
                    Some(arrival) if arrival.names == wire.names => {
                        fed.push(arrival.value.clone());
                        arrivals.next();
                    }
                    // A model that is not due does not look.
                    _ if !entity.is_due(tick) => fed.push(Value::Null),
                    _ => return changed(entities, place, wire.slot),
                }
            }
            if let Some(more) = arrivals.next().filter(|_| entity.is_due(tick)) {
                return changed(entities, place, more.slot);
            }
        }
        Ok(fed)
    }
}

impl Drop for Cluster {
    /// Ends the run, and waits for that: it says goodbye to its nodes.
    fn drop(&mut self) {
        // Where the run is over already, nobody hears it.
        let _ = self.control.try_send(Control::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a node was told in its plan does not change.
fn changed<T>(entities: &Entities, place: usize, slot: InputSlot) -> Answer<T> {
    let entity = &entities.list()[place];
    let name = &entity.instance.model_type.inputs[slot.place()].name;
    let message = format!(
        "input '{name}' of '{}' has other sources than in the first step; on nodes they stay the same, so connect \
         what has a value in every step, or leave out --nodes",
        entity.id
    );
    refuse(Kind::Value, message)
}

/// Reports what happens in a run.
fn report(who: &str, event: &Event<'_>) {
    match event {
        Event::Status(text) | Event::Note(text) => log::say(format_args!("{who}: {text}")),
        Event::Notice(notice) => log::say(format_args!(
            "{who}: model '{}' at step {}: {}",
            notice.model, notice.tick, notice.text
        )),
        _ => {}
    }
}
