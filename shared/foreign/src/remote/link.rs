//! What connects a remote host with who asks it, over all connections that there are in the course of a run.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::journal::Outside;
use shared::model::Model;

use super::elsewhere::Elsewhere;
use super::message::{Answer, Question};

/// How long a host may take to say anything. It says whom it waits for while programs start or step.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long it may take to say that it is there.
const PROMPT: Duration = Duration::from_secs(2);

/// Carries questions to a host, and its answers back.
pub trait Carrier: Send + 'static {
    /// Sends a question.
    ///
    /// # Errors
    /// Why the host cannot be asked.
    fn ask(&mut self, question: &[u8]) -> Result<(), String>;

    /// Waits so long for the next thing that the host says; `None` where it says nothing.
    ///
    /// # Errors
    /// Why it says nothing any more.
    fn hear(&mut self, within: Duration) -> Result<Option<Vec<u8>>, String>;

    /// Connects to the host anew: to somebody who knows nothing of what was said before.
    ///
    /// # Errors
    /// Why that cannot be.
    fn renew(&mut self) -> Result<(), String>;
}

/// A machine with programs, as whoever goes on after a loss has it.
pub trait Bridge: Send + Sync + fmt::Debug {
    /// What messages call it.
    fn name(&self) -> String;

    /// Sees to it that it is there with the programs that were started: as they are, or, where they are gone, started
    /// anew. Returns how often that has been.
    ///
    /// # Errors
    /// Why not.
    fn revive(&self) -> Result<u64, Gone>;

    /// Whether the connection to it is lost, and its programs have ended with it. One that only says nothing is not.
    fn is_lost(&self) -> bool;

    /// A model that goes through the steps of a unit once more, by the name of its type: those that were made have the
    /// answers that there were. Where they are made for it, the world outside is this to them.
    fn replay(&self, type_name: &str, outside: Outside) -> Box<dyn Model>;
}

/// Why a bridge cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// It is away, and may come back.
    Away(String),
    /// Its programs are others now, or cannot be started.
    Other(String),
}

/// The way to a host.
pub(super) struct Link<C> {
    name: String,
    carrier: C,
    /// What is to be said to somebody new, and what was answered.
    said: Vec<(Question, Answer)>,
    is_broken: bool,
    /// How often it was somebody new.
    renewed: u64,
}

impl<C: Carrier> Link<C> {
    /// Asks, and waits for the answer.
    pub(super) fn ask(
        &mut self,
        question: &Question,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Answer, String> {
        if self.is_broken {
            return Err("the connection to it is lost".to_owned());
        }
        let answer = self.exchange(question, tell);
        // What comes later would be taken for another answer.
        self.is_broken = answer.is_err();
        answer
    }

    /// Likewise a question that is part of what somebody new has to hear.
    pub(super) fn ask_to_keep(
        &mut self,
        question: Question,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Answer, String> {
        let answer = self.ask(&question, tell)?;
        self.said.push((question, answer.clone()));
        Ok(answer)
    }

    fn exchange(
        &mut self,
        question: &Question,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Answer, String> {
        let question = postcard::to_stdvec(question).map_err(|error| error.to_string())?;
        self.carrier.ask(&question)?;
        loop {
            let answer = self.carrier.hear(PATIENCE)?;
            let answer = answer.ok_or_else(|| format!("no word for {} s", PATIENCE.as_secs()))?;
            match postcard::from_bytes(&answer) {
                Ok(Answer::Tell(text)) => tell(&text),
                // The answer to a question that nobody waited for.
                Ok(Answer::Waiting | Answer::Here) => {}
                Ok(Answer::Confused) | Err(_) => {
                    return Err("it speaks another version; update it, or this machine".to_owned());
                }
                Ok(answer) => return Ok(answer),
            }
        }
    }

    /// Whether it is there; false where it has not said so by now.
    fn is_here(&mut self) -> Result<bool, String> {
        let question = postcard::to_stdvec(&Question::Here).map_err(|error| error.to_string())?;
        self.carrier.ask(&question)?;
        self.carrier.hear(PROMPT).map(|answer| answer.is_some())
    }

    /// See [`Bridge::is_lost`].
    fn is_lost(&mut self) -> bool {
        self.is_broken = self.is_broken || self.is_here().is_err();
        self.is_broken
    }

    /// See [`Bridge::revive`].
    fn revive(&mut self) -> Result<u64, Gone> {
        if !self.is_broken {
            match self.is_here() {
                Ok(true) => return Ok(self.renewed),
                Ok(false) => return Err(Gone::Away("it says nothing".to_owned())),
                Err(_) => self.is_broken = true,
            }
        }
        self.carrier.renew().map_err(Gone::Away)?;
        for (question, before) in &self.said.clone() {
            let now = self.exchange(question, &mut |_| {}).map_err(Gone::Away)?;
            if now != *before {
                return Err(Gone::Other(difference(&now)));
            }
        }
        self.is_broken = false;
        self.renewed += 1;
        Ok(self.renewed)
    }
}

/// What is to be said of an answer that is not what it was.
fn difference(now: &Answer) -> String {
    let fault = match now {
        Answer::Started(started) => started.iter().find_map(|one| one.as_ref().err()),
        Answer::Wired(Err(fault)) => Some(fault),
        _ => None,
    };
    fault.map_or_else(
        || "the programs there describe themselves in another way than before".to_owned(),
        |fault| format!("its programs cannot be started anew: {fault}"),
    )
}

/// The way to a host, for all who use it.
pub(super) struct Shared<C>(Arc<Mutex<Link<C>>>);

impl<C> Clone for Shared<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for Shared<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bridge")
    }
}

impl<C: Carrier> Shared<C> {
    pub(super) fn new(name: String, carrier: C) -> Self {
        Self(Arc::new(Mutex::new(Link {
            name,
            carrier,
            said: Vec::new(),
            is_broken: false,
            renewed: 0,
        })))
    }

    pub(super) fn link(&self) -> MutexGuard<'_, Link<C>> {
        // What a question left that panicked says nothing: the process ends.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Carrier> Bridge for Shared<C> {
    fn name(&self) -> String {
        self.link().name.clone()
    }

    fn revive(&self) -> Result<u64, Gone> {
        self.link().revive()
    }

    fn is_lost(&self) -> bool {
        self.link().is_lost()
    }

    fn replay(&self, type_name: &str, outside: Outside) -> Box<dyn Model> {
        Box::new(Elsewhere::new(self.clone(), type_name, outside))
    }
}

#[cfg(test)]
impl<C> Shared<C> {
    pub(super) fn with_carrier<T>(&self, act: impl FnOnce(&mut C) -> T) -> T {
        act(&mut self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .carrier)
    }
}
