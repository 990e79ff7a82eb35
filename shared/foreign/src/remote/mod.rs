//! A host on another machine: what is asked of it, and what it answers.
//!
//! Whoever has a way to carry bytes there and back makes a [`RemoteHost`] of it; on the other side, a host
//! answers with [`answer`].

#[cfg(test)]
mod tests;

mod message;

use shared::model::{Model, ModelType, Step, StepError};

pub use message::{Answer, Question};

use crate::{Fault, Host, SimulatorDescription, SimulatorRequest, UnitWiring};

/// Answers a question with what a host does. `keep` takes the type of a unit.
pub fn answer(
    host: &mut dyn Host,
    question: &[u8],
    keep: &mut dyn FnMut(ModelType),
    say: &mut dyn FnMut(Answer),
) {
    let answer = match postcard::from_bytes(question) {
        Ok(Question::Start(requests)) => {
            let started = host.start(requests, &mut |text| say(Answer::Tell(text.to_owned())));
            Answer::Started(started)
        }
        Ok(Question::Wire(unit)) => Answer::Wired(host.wire(*unit).map(keep)),
        Err(_) => Answer::Confused,
    };
    say(answer);
}

/// Carries questions to a host, and its answers back.
pub trait Carrier: Send {
    /// Sends a question.
    ///
    /// # Errors
    /// Why the host cannot be asked.
    fn ask(&mut self, question: &[u8]) -> Result<(), String>;

    /// Waits for the next thing that the host says.
    ///
    /// # Errors
    /// Why it says nothing any more.
    fn hear(&mut self) -> Result<Vec<u8>, String>;
}

/// A host at the other end of a carrier. What it has started ends when the carrier does.
pub struct RemoteHost<C> {
    /// What messages call it.
    name: String,
    carrier: C,
}

impl<C: Carrier> RemoteHost<C> {
    /// A host that messages call by this name.
    pub fn new(name: impl Into<String>, carrier: C) -> Self {
        let name = name.into();
        Self { name, carrier }
    }

    /// Asks, and waits for the answer.
    fn ask(&mut self, question: &Question, tell: &mut dyn FnMut(&str)) -> Result<Answer, String> {
        let question = postcard::to_stdvec(question).map_err(|error| error.to_string())?;
        self.carrier.ask(&question)?;
        loop {
            let answer = self.carrier.hear()?;
            match postcard::from_bytes(&answer) {
                Ok(Answer::Tell(text)) => tell(&text),
                Ok(Answer::Confused) | Err(_) => {
                    return Err("it speaks another version; update it, or this machine".to_owned());
                }
                Ok(answer) => return Ok(answer),
            }
        }
    }

    /// The fault that this host is for a simulator.
    fn fault(&self, simulator: &str, why: &str) -> Fault {
        Fault {
            code: "bridge_unusable".into(),
            simulator: simulator.to_owned(),
            message: format!("the bridge on {} cannot be used: {why}", self.name),
            request: None,
            output: Vec::new(),
        }
    }
}

impl<C: Carrier> Host for RemoteHost<C> {
    fn start(
        &mut self,
        requests: Vec<SimulatorRequest>,
        tell: &mut dyn FnMut(&str),
    ) -> Vec<Result<SimulatorDescription, Fault>> {
        let names: Vec<String> = requests
            .iter()
            .map(|request| request.name.clone())
            .collect();
        let (place, question) = (self.name.clone(), Question::Start(requests));
        let answer = self.ask(&question, &mut |text| tell(&format!("{place}: {text}")));
        let why = match answer {
            Ok(Answer::Started(started)) if started.len() == names.len() => return started,
            Ok(_) => "it answers another question".to_owned(),
            Err(why) => why,
        };
        let faults = names.iter().map(|name| Err(self.fault(name, &why)));
        faults.collect()
    }

    fn wire(&mut self, unit: UnitWiring) -> Result<ModelType, Fault> {
        let name = unit.name.clone();
        let model_type = unit.model_type(|_| Ok(Box::new(Elsewhere)));
        match self.ask(&Question::Wire(Box::new(unit)), &mut |_| {}) {
            Ok(Answer::Wired(wired)) => wired.map(|()| model_type),
            Ok(_) => Err(self.fault(&name, "it answers another question")),
            Err(why) => Err(self.fault(&name, &why)),
        }
    }
}

/// Stands for a unit that runs where its programs are.
struct Elsewhere;

impl Model for Elsewhere {
    fn step(&mut self, _: &mut Step<'_>) -> Result<(), StepError> {
        let message = "its program is on another machine, so its steps are made there";
        Err(StepError::new("runs_elsewhere", message))
    }
}
