//! What a scenario says of its models and their machines without any of its programs being asked.

use shared::cable::SocketWish;

use super::entries::Connect;
use super::models::Candidate;

/// The models of a scenario, and the machines that it names for them. Everything has been checked that can be without
/// starting a program.
#[derive(Debug)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// The models, in the order of the file.
    pub models: Vec<OutlinedModel>,
}

/// A model, as far as it is known without its program.
#[derive(Debug)]
pub struct OutlinedModel {
    /// Its name in the scenario.
    pub name: String,
    /// Its type, as the scenario has it.
    pub model_type: String,
    /// The machine that shall run it; `None` for the controller itself.
    pub connect: Option<Connect>,
    /// Whether a program steps it: on another machine a bridge runs it, and no node.
    pub is_program: bool,
    /// The sockets that it looks at.
    pub sockets: Option<SocketWish>,
    /// The sources at inputs where it tells them apart by their names.
    pub sources: Vec<String>,
}

/// A machine that a scenario names for a model.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// Where it is.
    pub connect: &'a Connect,
    /// Whether the model is one that programs step, so that a bridge is wanted there, and no node.
    pub runs_programs: bool,
}

impl Outline {
    /// The machines that the scenario names, in the order of its models.
    pub fn machines(&self) -> impl Iterator<Item = Machine<'_>> {
        self.models.iter().filter_map(|model| {
            Some(Machine {
                connect: model.connect.as_ref()?,
                runs_programs: model.is_program,
            })
        })
    }

    /// The hosts that have to run programs, in the order of the file, each with the models that are theirs.
    pub fn hosts_of_programs(&self) -> Vec<(&str, Vec<&str>)> {
        let mut hosts: Vec<(&str, Vec<&str>)> = Vec::new();
        for model in self.models.iter().filter(|model| model.is_program) {
            let Some(connect) = &model.connect else {
                continue;
            };
            match hosts.iter_mut().find(|(host, _)| *host == connect.host) {
                Some((_, models)) => models.push(&model.name),
                None => hosts.push((&connect.host, vec![&model.name])),
            }
        }
        hosts
    }
}

impl OutlinedModel {
    /// What is known of a model whose sources have these names. `None` never happens where no error has been
    /// reported.
    pub(super) fn of(candidate: Candidate, sources: Vec<String>) -> Option<Self> {
        let (model_type, _) = candidate.entry.type_name?;
        Some(Self {
            name: candidate.entry.name?,
            model_type,
            connect: candidate.entry.connect,
            is_program: candidate.entity.is_some(),
            sockets: candidate.instance.and_then(|instance| instance.sockets),
            sources,
        })
    }
}
