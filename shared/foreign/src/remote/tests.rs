use std::collections::VecDeque;
use std::time::Duration;

use super::*;
use crate::{EntityRequest, Program, RelationGraph, SimulatorKind, Spot, WiredPublished};
use scratch::Scratch;
use shared::model::{Step, StepError, TypeRef, Waker};
use shared::value::{Origin, Value};

/// Starts what is called `Sun`, and nothing else.
struct Fake {
    counts_from: i64,
}

/// Where blocks go to a file as soon as there are any.
fn scratch() -> Scratch {
    Scratch::with_memory(vec![std::env::temp_dir()], 0)
}

/// A program that counts how often it is asked, and answers the second time.
struct Counter(i64);

impl Model for Counter {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        self.0 += 1;
        if self.0 % 2 == 1 {
            step.put_off();
        } else {
            step.publish(0.into(), self.0);
        }
        Ok(())
    }

    fn attend(&mut self, waker: &Waker, _: &Outside) -> bool {
        waker.wake();
        true
    }
}

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

    fn unit(&mut self, wiring: &UnitWiring) -> Result<Box<dyn Model>, Fault> {
        if wiring.simulators != [0] {
            return Err(fault("Grid"));
        }
        Ok(Box::new(Counter(self.counts_from)))
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
struct Near {
    answering: Answering<Fake>,
    said: VecDeque<Vec<u8>>,
    kept: Vec<TypeRef>,
    questions: usize,
    is_dead: bool,
}

impl Near {
    fn new(counts_from: i64) -> Self {
        Self {
            answering: Answering::new(Fake { counts_from }, scratch()),
            said: VecDeque::new(),
            kept: Vec::new(),
            questions: 0,
            is_dead: false,
        }
    }
}

impl Carrier for Near {
    fn ask(&mut self, question: &[u8]) -> Result<(), String> {
        self.questions += 1;
        let (said, kept) = (&mut self.said, &mut self.kept);
        let mut say = |answer: Answer| {
            said.push_back(answer.encoded());
            true
        };
        let mut keep = |kind| kept.push(kind);
        self.answering.answer(question, &mut keep, &mut say);
        Ok(())
    }

    fn hear(&mut self, _: Duration) -> Result<Option<Vec<u8>>, String> {
        let heard = self.said.pop_front().filter(|_| !self.is_dead);
        heard.map(Some).ok_or_else(|| "it has gone".to_owned())
    }

    fn renew(&mut self) -> Result<(), String> {
        let counts_from = self.answering.host().counts_from;
        *self = Self::new(counts_from);
        Ok(())
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
    let mut host = RemoteHost::new("pi3", "mark", Near::new(0));
    let mut told = Vec::new();
    let requests = vec![request("Sun"), request("Grid")];
    let started = host.start(requests, &mut |text| told.push(text.to_owned()));
    assert_eq!(told, ["pi3: waiting"]);
    assert_eq!(started[0].as_ref().map(|sun| &*sun.name), Ok("Sun"));
    assert_eq!(started[1], Err(fault("Grid")));
    let here = host.wire(wiring(0)).expect("wired");
    assert_eq!(host.wire(wiring(1)).map(|_| ()), Err(fault("Grid")));
    assert_eq!(here.name, "Sun 1 (mark)");
    host.shared.with_carrier(|Near { kept, .. }| {
        assert_eq!(kept.len(), 1);
        let there = kept[0].fingerprint();
        assert_eq!(there, here.fingerprint(), "the same on both sides");
    });
}

#[test]
fn a_bridge_that_cannot_be_asked_is_the_fault_of_each_simulator() {
    struct Dead;
    impl Carrier for Dead {
        fn ask(&mut self, _: &[u8]) -> Result<(), String> {
            Ok(())
        }
        fn hear(&mut self, _: Duration) -> Result<Option<Vec<u8>>, String> {
            Err("the connection broke".into())
        }
        fn renew(&mut self) -> Result<(), String> {
            Ok(())
        }
    }
    let mut host = RemoteHost::new("pi3", "mark", Dead);
    let started = host.start(vec![request("Sun"), request("Grid")], &mut |_| {});
    let [Err(sun), Err(grid)] = &started[..] else {
        panic!("{started:?}");
    };
    assert_eq!((&*sun.simulator, &*grid.simulator), ("Sun", "Grid"));
    let said = "the bridge on pi3 cannot be used: the connection broke";
    assert_eq!(sun.message, said);
    let fault = host.wire(wiring(0)).map(|_| ()).expect_err("broken");
    assert!(fault.message.ends_with("is lost"), "{fault}");
}

#[test]
fn what_cannot_be_read_is_said() {
    let mut said = Vec::new();
    let mut answering = Answering::new(Fake { counts_from: 0 }, scratch());
    answering.answer(b"\xff", &mut |_| {}, &mut |answer| {
        said.push(answer);
        true
    });
    assert_eq!(said, [Answer::Confused]);
}

/// A host whose only unit is wired; and the type of that.
fn wired(counts_from: i64) -> (RemoteHost<Near>, ModelType) {
    let mut host = RemoteHost::new("pi3", "mark", Near::new(counts_from));
    host.start(vec![request("Sun")], &mut |_| {});
    let unit = host.wire(wiring(0)).expect("wired");
    (host, unit)
}

/// What comes of a step of a unit that is gone through once more.
fn step(model: &mut dyn Model, unit: &ModelType, tick: u64) -> Result<Option<Value>, StepError> {
    let inputs = [Some(Value::Int(i64::try_from(tick).expect("small")))];
    let mut published = [None];
    model.step(&mut Step::new(
        tick,
        tick + 1,
        unit,
        &inputs,
        &mut published,
    ))?;
    Ok(published[0].clone())
}

#[test]
fn steps_are_gone_through_once_more_with_the_answers_that_there_were() {
    let (host, unit) = wired(0);
    let bridge = host.bridge().expect("it is one");
    let mut first = bridge.replay(&unit.name, Outside::default());
    for (tick, answer) in [(0, 2), (1, 4), (2, 6)] {
        let made = step(&mut *first, &unit, tick);
        assert_eq!(made, Ok(Some(Value::Int(answer))));
    }
    let asked = host.shared.with_carrier(|near| near.questions);
    let mut again = bridge.replay(&unit.name, Outside::default());
    for (tick, answer) in [(0, 2), (1, 4), (2, 6), (3, 8)] {
        let made = step(&mut *again, &unit, tick);
        assert_eq!(made, Ok(Some(Value::Int(answer))));
    }
    let asked = host.shared.with_carrier(|near| near.questions) - asked;
    assert_eq!(asked, 2, "those that were made come together");
    let mut other = bridge.replay(&unit.name, Outside::default());
    let error = step(&mut *other, &unit, 1).expect_err("it was another step");
    assert_eq!(error.code, "not_again");
}

#[test]
fn a_bridge_that_has_gone_has_its_programs_started_anew() {
    let (host, unit) = wired(4);
    let bridge = host.bridge().expect("it is one");
    assert_eq!(bridge.revive(), Ok(0), "it is there");
    assert!(!bridge.is_lost());
    let mut model = bridge.replay(&unit.name, Outside::default());
    let first = step(&mut *model, &unit, 0);
    host.shared.with_carrier(|near| near.is_dead = true);
    assert!(bridge.is_lost(), "nobody has asked it for a step since");
    let error = step(&mut *model, &unit, 1).expect_err("it has gone");
    assert_eq!(error.code, UNUSABLE);
    assert_eq!(bridge.revive(), Ok(1));
    assert!(!bridge.is_lost());
    let mut model = bridge.replay(&unit.name, Outside::default());
    assert_eq!(step(&mut *model, &unit, 0), first);
    assert_eq!(bridge.revive(), Ok(1));
}
