//! A host on another machine: what is asked of it, and what it answers.
//!
//! Whoever has a way to carry bytes there and back makes a [`RemoteHost`] of it; on the other side, a host
//! answers with [`answer`].

use serde::{Deserialize, Serialize};
use shared::model::{Model, ModelType, Step, StepError};

use crate::{Fault, Host, SimulatorDescription, SimulatorRequest, UnitWiring};

/// A question to a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// See [`Host::start`].
    Start(Vec<SimulatorRequest>),
    /// See [`Host::wire`].
    Wire(Box<UnitWiring>),
}

/// What a host says. One that tells something has not answered yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// Something for the user to read, while the answer is on its way.
    Tell(String),
    /// See [`Host::start`].
    Started(Vec<Result<SimulatorDescription, Fault>>),
    /// See [`Host::wire`]; the type stays there, whoever asks makes one like it.
    Wired(Result<(), Fault>),
    /// The question cannot be read.
    Confused,
}

impl Answer {
    /// Its bytes.
    #[expect(
        clippy::missing_panics_doc,
        reason = "everything in it has an encoding"
    )]
    pub fn encoded(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("it has an encoding")
    }
}

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

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::{EntityRequest, Program, RelationGraph, SimulatorKind, Spot, WiredPublished};
    use shared::value::Origin;

    /// Starts what is called `Sun`, and nothing else.
    struct Fake;

    impl Host for Fake {
        fn start(
            &mut self,
            requests: Vec<SimulatorRequest>,
            tell: &mut dyn FnMut(&str),
        ) -> Vec<Result<SimulatorDescription, Fault>> {
            tell("waiting");
            let start = |request: SimulatorRequest| match &*request.name {
                "Sun" => Ok(SimulatorDescription {
                    name: request.name,
                    api_version: "3.0".into(),
                    kind: SimulatorKind::TimeBased,
                    types: Vec::new(),
                    extra_methods: Vec::new(),
                    entities: Vec::new(),
                }),
                _ => Err(fault(&request.name)),
            };
            requests.into_iter().map(start).collect()
        }

        fn wire(&mut self, unit: UnitWiring) -> Result<ModelType, Fault> {
            if unit.simulators != [0] {
                return Err(fault("Grid"));
            }
            Ok(unit.model_type(|_| Ok(Box::new(Elsewhere))))
        }
    }

    fn fault(simulator: &str) -> Fault {
        Fault {
            code: "simulator_gone".into(),
            simulator: simulator.to_owned(),
            message: "it ended with exit code 1".into(),
            request: Some("[0, 0, []]".into()),
            output: vec!["no such file".into()],
        }
    }

    /// Carries everything to a host in the same process.
    #[derive(Default)]
    struct Near {
        said: VecDeque<Vec<u8>>,
        kept: Vec<ModelType>,
    }

    impl Carrier for Near {
        fn ask(&mut self, question: &[u8]) -> Result<(), String> {
            let (said, kept) = (&mut self.said, &mut self.kept);
            let mut say = |answer: Answer| said.push_back(answer.encoded());
            answer(&mut Fake, question, &mut |kind| kept.push(kind), &mut say);
            Ok(())
        }

        fn hear(&mut self) -> Result<Vec<u8>, String> {
            self.said
                .pop_front()
                .ok_or_else(|| "it has gone".to_owned())
        }
    }

    fn request(name: &str) -> SimulatorRequest {
        SimulatorRequest {
            name: name.to_owned(),
            listed_as: name.to_owned(),
            program: Program::Connect {
                address: "127.0.0.1:1".into(),
            },
            folders: Vec::new(),
            resolution: 900,
            ticks: 4,
            init: Vec::new(),
            entities: vec![EntityRequest {
                name: "Roof".into(),
                model: None,
                parameters: Vec::new(),
            }],
            calls: Vec::new(),
            pipeline: true,
        }
    }

    fn wiring(simulator: u16) -> UnitWiring {
        UnitWiring {
            type_name: "Sun 1".into(),
            name: "Sun".into(),
            simulators: vec![simulator],
            inputs: Vec::new(),
            published: vec![WiredPublished {
                name: "Roof.DNI[W/m2]".into(),
                from: Spot {
                    simulator,
                    entity: "Sun_0".into(),
                    attribute: "DNI[W/m2]".into(),
                },
                origin: Origin::State,
                initial: None,
            }],
            inside: Vec::new(),
            graph: RelationGraph::default(),
        }
    }

    #[test]
    fn a_remote_host_answers_as_the_one_behind_it_does() {
        let mut host = RemoteHost::new("pi3", Near::default());
        let mut told = Vec::new();
        let requests = vec![request("Sun"), request("Grid")];
        let started = host.start(requests, &mut |text| told.push(text.to_owned()));
        assert_eq!(told, ["pi3: waiting"]);
        assert_eq!(started[0].as_ref().map(|sun| &*sun.name), Ok("Sun"));
        assert_eq!(started[1], Err(fault("Grid")));
        let here = host.wire(wiring(0)).expect("wired");
        assert_eq!(host.wire(wiring(1)).map(|_| ()), Err(fault("Grid")));
        let kept = &host.carrier.kept;
        assert_eq!(kept.len(), 1);
        assert_eq!(
            kept[0].fingerprint(),
            here.fingerprint(),
            "the same on both sides"
        );
    }

    #[test]
    fn a_bridge_that_cannot_be_asked_is_the_fault_of_each_simulator() {
        struct Dead;
        impl Carrier for Dead {
            fn ask(&mut self, _: &[u8]) -> Result<(), String> {
                Ok(())
            }
            fn hear(&mut self) -> Result<Vec<u8>, String> {
                Err("the connection broke".into())
            }
        }
        let mut host = RemoteHost::new("pi3", Dead);
        let started = host.start(vec![request("Sun"), request("Grid")], &mut |_| {});
        let [Err(sun), Err(grid)] = &started[..] else {
            panic!("{started:?}");
        };
        assert_eq!((&*sun.simulator, &*grid.simulator), ("Sun", "Grid"));
        let said = "the bridge on pi3 cannot be used: the connection broke";
        assert_eq!(sun.message, said);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let mut said = Vec::new();
        answer(&mut Fake, b"\xff", &mut |_| {}, &mut |answer| {
            said.push(answer);
        });
        assert_eq!(said, [Answer::Confused]);
    }
}
