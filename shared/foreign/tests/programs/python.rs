//! Classes in Python. Left out where there is no Python, unless `ILLUMINATOR_REQUIRE_PYTHON` is set.

use std::process::Command;

use foreign::{Fault, Host, LocalHost, Program, SimulatorDescription, SimulatorRequest};
use shared::value::{Origin, Value};

use crate::bench::{Bench, input, json, published, request, start, wiring};

/// Whether there is a Python.
fn is_there() -> bool {
    let python = if cfg!(windows) { "python" } else { "python3" };
    if Command::new(python)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
    {
        return true;
    }
    assert!(
        std::env::var_os("ILLUMINATOR_REQUIRE_PYTHON").is_none(),
        "there is no {python}"
    );
    eprintln!("left out: there is no {python}");
    false
}

const MODELS: &str = "
class Tank:
    parameters = {'volume': 10.0}
    inputs = {'flow': 0.0}
    outputs = {'rest': 0.0}
    states = {'level': 0.0}

    def step(self, time, inputs):
        if time == 3:
            raise ValueError('the tank is leaking')
        flow = inputs['flow']
        return {'level': flow / self.volume, 'rest': flow}


class Broken:
    parameters = {'volume': 1.0}

    def __init__(self):
        raise RuntimeError('no luck')

    def step(self, time, inputs):
        return {}


number = 5
";

/// What comes of starting a class of these models.
fn described(host: &mut LocalHost, class: &str) -> Result<SimulatorDescription, Fault> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("own_models.py"), MODELS).expect("written");
    let program = Program::Python {
        class: class.to_owned(),
        interpreter: None,
    };
    let entry =
        r#"{"sim_params": {"T": {"name": "T", "type": "Tank", "parameters": {"volume": 4.0}}}}"#;
    let mut request = SimulatorRequest {
        folders: vec![folder.path().to_str().expect("plain text").to_owned()],
        ..request("T", &program, 5, entry, &[("Tank", "{}")])
    };
    request.entities[0].model = None;
    start(host, request)
}

#[test]
fn a_class_steps_until_it_fails() {
    if !is_there() {
        return;
    }
    let mut host = LocalHost::new();
    let described = described(&mut host, "own_models:Tank").expect("described");
    let entity = &described.entities[0];
    let known = described
        .entity_type(&entity.entity_type)
        .expect("its type");
    assert_eq!(known.parameters, ["volume"]);
    let level = known
        .attributes
        .iter()
        .find(|known| known.name == "level")
        .expect("a state");
    assert_eq!(
        (level.role, &level.initial),
        (Some(foreign::Role::State), &Some(Value::Float(0.0)))
    );
    let mut wiring = wiring(&[0]);
    let spot = |attribute: &str| format!("0:{}.{attribute}", entity.id);
    wiring
        .inputs
        .push(input(&spot("flow"), Origin::Output, &["A-0.a", "B-0.b"]));
    wiring.published.push(published(&spot("level")));
    wiring.published.push(published(&spot("rest")));
    let mut bench = Bench::new(5);
    let (a, b) = (bench.script(&["1", "2", "3"]), bench.script(&["0.5"]));
    let unit = bench.add(host.wire(wiring).expect("wired"), &[vec![(a, 0), (b, 0)]]);
    let seen = [0, 1].map(|slot| bench.watch(unit, slot));
    let failure = bench.run().expect("a failure");
    assert_eq!(*seen[0].lock().expect("whole"), ["0.375", "0.625", "0.875"]);
    assert_eq!(*seen[1].lock().expect("whole"), ["1.5", "2.5", "3.5"]);
    assert_eq!(
        (failure.code.as_str(), failure.tick),
        ("simulator_failed", 3)
    );
    assert!(
        failure.message.contains("the tank is leaking"),
        "{}",
        failure.message
    );
    let flow = json("[3, 0.5]");
    assert!(
        failure.inputs.iter().any(|(_, value)| *value == flow),
        "{:?}",
        failure.inputs
    );
}

#[test]
fn a_class_that_cannot_be_served_says_why_in_its_own_words() {
    if !is_there() {
        return;
    }
    for (class, words) in [
        ("no_models:Tank", "no_models"),
        ("own_models:Tonk", "Tonk"),
        ("own_models:number", "number"),
        ("own_models:Broken", "no luck"),
    ] {
        let fault = described(&mut LocalHost::new(), class).expect_err(class);
        assert_eq!(fault.code, "simulator_failed", "{fault}");
        assert!(fault.message.contains(words), "{class}: {fault}");
        let said = format!("illuminator: {}", fault.message);
        assert!(fault.output.contains(&said), "{class}: {fault}");
    }
}
