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
