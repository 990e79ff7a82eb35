//! The other side of a remote host: who answers.

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use scratch::Scratch;
use shared::journal::Outside;
use shared::model::{Made, Model, Step, StepError, TypeRef, Waker};
use shared::time::Tick;
use shared::value::Value;

use super::message::{Answer, Question};
use crate::{Fault, Host, Lasting, UnitWiring};

/// The steps that go with an answer because they have been made already, in bytes.
const AHEAD: usize = 64 * 1024;

/// How often is said that a step takes its time.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// Somebody who answers for a host. The units last as long as he does: engines that step them may come and go, and
/// whoever asks may go through their steps once more.
pub struct Answering<H> {
    host: H,
    units: Vec<Unit>,
    /// What the answers of programs are kept in.
    scratch: Scratch,
}

/// The programs of a unit.
struct Unit {
    model_type: TypeRef,
    lasting: Lasting,
    /// What the world outside is to it, where steps are made for whoever asks.
    outside: Outside,
    /// What says that a step which was put off may be made.
    wakes: Option<Receiver<()>>,
}

impl<H: Host> Answering<H> {
    /// For this host, whose answers are kept there.
    pub fn new(host: H, scratch: Scratch) -> Self {
        Self {
            host,
            units: Vec::new(),
            scratch,
        }
    }

    #[cfg(test)]
    pub(super) fn host(&self) -> &H {
        &self.host
    }

    /// Answers a question. `keep` takes the type of a unit; `say` returns whether anybody hears it.
    pub fn answer(
        &mut self,
        question: &[u8],
        keep: &mut dyn FnMut(TypeRef),
        say: &mut dyn FnMut(Answer) -> bool,
    ) {
        let answer = match postcard::from_bytes(question) {
            Ok(Question::Start(requests)) => {
                let mut tell = |text: &str| {
                    say(Answer::Tell(text.to_owned()));
                };
                Answer::Started(self.host.start(requests, &mut tell))
            }
            Ok(Question::Wire(wiring)) => Answer::Wired(self.wire(&wiring).map(keep)),
            Ok(Question::Here) => Answer::Here,
            Ok(Question::Step {
                unit,
                made,
                tick,
                inputs,
                outside,
            }) => {
                let mut units = self.units.iter_mut();
                match units.find(|known| known.model_type.name == unit) {
                    None => Answer::Confused,
                    Some(unit) => {
                        if let Some(outside) = outside {
                            (unit.outside, unit.wakes) = (*outside, None);
                        }
                        let made = unit.step(made, tick, &inputs, say);
                        Answer::Made(made.map_err(|error| (error.code.into_owned(), error.message)))
                    }
                }
            }
            Err(_) => Answer::Confused,
        };
        say(answer);
    }

    /// Makes the type of a unit, each instance of which goes on with the same programs.
    fn wire(&mut self, wiring: &UnitWiring) -> Result<TypeRef, Fault> {
        let lasting = Lasting::new(self.host.unit(wiring)?, &self.scratch);
        let one = lasting.again();
        let model_type: TypeRef = wiring.model_type(move |_| Ok(Box::new(one.again()))).into();
        self.units.push(Unit {
            model_type: model_type.clone(),
            lasting,
            outside: Outside::default(),
            wakes: None,
        });
        Ok(model_type)
    }
}

impl Unit {
    /// The step after so many others, and those after it that have been made already.
    fn step(
        &mut self,
        made: u64,
        tick: Tick,
        inputs: &[Option<Value>],
        say: &mut dyn FnMut(Answer) -> bool,
    ) -> Result<Vec<Made>, StepError> {
        let mut model = self.lasting.at(made);
        if !model.is_behind() && self.wakes.is_none() {
            let (woken, wakes) = sync_channel(1);
            let waker = Waker::new(move || {
                // Where one waits to be seen already, that is enough.
                let _ = woken.try_send(());
            });
            model.attend(&waker, &self.outside);
            self.wakes = Some(wakes);
        }
        let mut published = vec![None; self.model_type.published.len()];
        loop {
            let mut step = Step::new(tick, tick + 1, &self.model_type, inputs, &mut published);
            model.step(&mut step)?;
            if !step.is_put_off() {
                let mut all = vec![Made::of(&step)];
                all.extend(model.ahead(AHEAD));
                return Ok(all);
            }
            let woken = self.wakes.as_ref().map(|it| it.recv_timeout(TOLD_EVERY));
            let is_heard =
                !matches!(woken, Some(Err(RecvTimeoutError::Timeout))) || say(Answer::Waiting);
            if !is_heard {
                let message = "whoever asked for the step has gone";
                return Err(StepError::new("not_wanted", message));
            }
        }
    }
}
