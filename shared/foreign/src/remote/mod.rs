//! A host on another machine: what is asked of it, and what it answers.
//!
//! Whoever has a way to carry bytes there and back makes a [`RemoteHost`] of it; on the other side, somebody is
//! [`Answering`] for a host. Units run there, as models of a site. In a run that goes on after a loss, their steps are
//! gone through once more from here ([`Bridge::replay`]).

mod answering;
mod elsewhere;
mod link;
mod message;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use shared::journal::Outside;
use shared::model::{Model, ModelType};

pub use answering::Answering;
pub use elsewhere::UNUSABLE;
pub use link::{Bridge, Carrier, Gone};
pub use message::{Answer, Question};

use crate::{Fault, Host, SimulatorDescription, SimulatorRequest, UnitWiring};
use link::Shared;

/// A host at the other end of a carrier. What it has started ends when the carrier does.
pub struct RemoteHost<C> {
    /// What messages call it.
    name: String,
    /// What tells its units from those that others have there.
    mark: String,
    shared: Shared<C>,
}

impl<C: Carrier> RemoteHost<C> {
    /// A host that messages call by this name. The mark is one that nobody else has.
    pub fn new(name: impl Into<String>, mark: impl Into<String>, carrier: C) -> Self {
        let name = name.into();
        Self {
            shared: Shared::new(name.clone(), carrier),
            mark: mark.into(),
            name,
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
        let mut tell = |text: &str| tell(&format!("{place}: {text}"));
        let answer = self.shared.link().ask_to_keep(question, &mut tell);
        let why = match answer {
            Ok(Answer::Started(started)) if started.len() == names.len() => return started,
            Ok(_) => "it answers another question".to_owned(),
            Err(why) => why,
        };
        let faults = names.iter().map(|name| Err(self.fault(name, &why)));
        faults.collect()
    }

    fn unit(&mut self, wiring: &UnitWiring) -> Result<Box<dyn Model>, Fault> {
        let question = Question::Wire(Box::new(wiring.clone()));
        let answer = self.shared.link().ask_to_keep(question, &mut |_| {});
        match answer {
            Ok(Answer::Wired(wired)) => wired?,
            Ok(_) => return Err(self.fault(&wiring.name, "it answers another question")),
            Err(why) => return Err(self.fault(&wiring.name, &why)),
        }
        Ok(self.shared.replay(&wiring.type_name, Outside::default()))
    }

    fn wire(&mut self, mut wiring: UnitWiring) -> Result<ModelType, Fault> {
        wiring.type_name = format!("{} ({})", wiring.type_name, self.mark);
        let unit = self.unit(&wiring)?;
        Ok(wiring.type_of(unit))
    }

    fn bridge(&self) -> Option<Arc<dyn Bridge>> {
        Some(Arc::new(self.shared.clone()))
    }
}
