//! Which models step together: those of one simulator, and those of simulators that have to take turns.

use crate::scenario::models::Candidate;

use super::connection::Connection;

/// The models of a scenario, put together to those of the graph: most alone, entities of simulators by unit.
#[derive(Debug)]
pub(crate) struct Units {
    /// The first model of the unit of each.
    first: Vec<usize>,
    /// The first model of the program of each: of its simulator, or itself.
    program: Vec<usize>,
    /// The models of each unit, by their first one.
    members: Vec<Vec<usize>>,
    /// The place of the unit of each among all of them.
    place: Vec<usize>,
}

impl Units {
    /// The units of models that are connected like this.
    pub(crate) fn of(candidates: &[Candidate], connections: &[Connection]) -> Self {
        let program: Vec<usize> = (0..candidates.len())
            .map(|model| program_of(candidates, model))
            .collect();
        let mut first = program.clone();
        for connection in connections {
            let (Some(from), Some(to)) = (connection.source_model, connection.target_model) else {
                continue;
            };
            if take_turns(&candidates[from], &candidates[to], connection) {
                let (from, to) = (first[from], first[to]);
                let (kept, other) = (from.min(to), from.max(to));
                for unit in first.iter_mut().filter(|unit| **unit == other) {
                    *unit = kept;
                }
            }
        }
        let mut members: Vec<Vec<usize>> = Vec::new();
        let mut place = vec![0; first.len()];
        for (model, &unit) in first.iter().enumerate() {
            if unit == model {
                place[model] = members.len();
                members.push(Vec::new());
            }
            place[model] = place[unit];
            members[place[model]].push(model);
        }
        Self {
            first,
            program,
            members,
            place,
        }
    }

    /// The models of each unit, in the order of the file.
    pub(crate) fn members(&self) -> &[Vec<usize>] {
        &self.members
    }

    /// The place of a model's unit among them.
    pub(crate) fn place(&self, model: usize) -> usize {
        self.place[model]
    }

    /// The first model of the unit of a model.
    pub(super) fn first(&self, model: usize) -> usize {
        self.first[model]
    }

    /// The first model of the program that steps a model.
    pub(crate) fn program(&self, model: usize) -> usize {
        self.program[model]
    }

    /// Whether a connection is one between models of a unit.
    pub(crate) fn is_inside(&self, connection: &Connection) -> bool {
        match (connection.source_model, connection.target_model) {
            (Some(from), Some(to)) => self.first[from] == self.first[to],
            _ => false,
        }
    }
}

/// The first model of the simulator that a model is an entity of; any other is alone.
fn program_of(candidates: &[Candidate], model: usize) -> usize {
    let simulator = |candidate: &Candidate| {
        let entity = candidate.entity.as_ref().filter(|entity| !entity.is_class);
        entity.map(|entity| entity.simulator)
    };
    let Some(own) = simulator(&candidates[model]) else {
        return model;
    };
    let mut all = candidates.iter();
    let first = all.position(|other| simulator(other) == Some(own));
    first.unwrap_or(model)
}

/// Whether the simulators of two models have to take turns: within a tick there may be several steps of one of them,
/// or it looks into the other while it steps.
fn take_turns(from: &Candidate, to: &Candidate, connection: &Connection) -> bool {
    let (Some(from), Some(to)) = (&from.entity, &to.entity) else {
        return false;
    };
    let has_turns = connection.weak.is_some() || connection.asynchronous.is_some();
    let by_events = [from, to].into_iter().any(|entity| {
        let met = entity.met.as_ref();
        met.is_some_and(|met| !met.is_time_based())
    });
    has_turns || by_events
}
