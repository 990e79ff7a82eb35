//! Models that are other programs: what is asked of their host, what it is told to wire, and what is refused where.

use std::borrow::Cow;

use foreign::{
    Entity, EntityAttribute, EntityType, Fault, Host, Role, SimulatorDescription, SimulatorKind,
    SimulatorRequest, UnitWiring,
};
use shared::index::Index;
use shared::model::{Model, Step, StepError};
use shared::plan::{ModelId, PublishedId};
use shared::value::{Origin, Value};

use super::samples::{CATALOGUE, files, scenario};
use crate::scenario::{Graph, Hosting, LoadError, load_hosted, load_text};

/// Plays simulators: `Grid` has buses, `Sun` one model, `Desk` steps by events, and each class one input, one output
/// and one state.
#[derive(Default)]
pub(super) struct FakeHost {
    asked: Vec<SimulatorRequest>,
    wired: Vec<UnitWiring>,
    fault: Option<Fault>,
}

impl FakeHost {
    /// One that answers with this fault, if any.
    pub(super) fn failing(fault: Option<Fault>) -> Self {
        Self {
            fault,
            ..Self::default()
        }
    }

    /// The simulators that it was asked for.
    pub(super) fn names_asked(&self) -> Vec<String> {
        self.asked.iter().map(|asked| asked.name.clone()).collect()
    }
}

struct Idle;

impl Model for Idle {
    fn step(&mut self, _: &mut Step<'_>) -> Result<(), StepError> {
        Ok(())
    }
}

fn attribute(name: &str, role: Option<Role>) -> EntityAttribute {
    EntityAttribute {
        name: name.to_owned(),
        role,
        initial: None,
        unit: None,
        is_trigger: false,
        is_persistent: true,
    }
}

fn entity_type(name: &str, parameters: &[&str], attributes: Vec<EntityAttribute>) -> EntityType {
    EntityType {
        name: name.to_owned(),
        is_public: true,
        parameters: parameters.iter().map(|&name| name.to_owned()).collect(),
        attributes,
        any_inputs: name == "Desk",
    }
}

fn entity(id: &str, entity_type: &str, children: &[&str]) -> Entity {
    Entity {
        id: id.to_owned(),
        entity_type: entity_type.to_owned(),
        related: Vec::new(),
        children: children.iter().map(|id| entity(id, "Bus", &[])).collect(),
    }
}

fn describe(request: &SimulatorRequest) -> SimulatorDescription {
    let plain = |name: &str| attribute(name, None);
    let (kind, types) = match request.name.as_str() {
        "Grid" => (
            SimulatorKind::TimeBased,
            vec![
                entity_type("Grid", &["size"], vec![plain("loss[MW]")]),
                entity_type("Bus", &[], vec![plain("P[MW]"), plain("Vm[pu]")]),
            ],
        ),
        "Sun" => (
            SimulatorKind::TimeBased,
            vec![entity_type("Sun", &[], vec![plain("DNI[W/m2]")])],
        ),
        "Desk" => (
            SimulatorKind::EventBased,
            vec![entity_type("Desk", &[], vec![plain("order")])],
        ),
        _ => {
            let roles = [
                ("x", Role::Input),
                ("y", Role::Output),
                ("level", Role::State),
            ];
            let attributes = roles.map(|(name, role)| attribute(name, Some(role)));
            let class = entity_type("time-based", &["size"], attributes.into());
            (SimulatorKind::TimeBased, vec![class])
        }
    };
    let first = types[0].name.clone();
    let entities = request.entities.iter().enumerate();
    let entities = entities.map(|(number, _)| match first.as_str() {
        "Grid" => entity(&format!("G{number}"), &first, &["Bus-1", "Bus-1.5"]),
        "time-based" => entity("time-based_0", &first, &[]),
        _ => entity(&format!("E{number}"), &first, &[]),
    });
    SimulatorDescription {
        name: request.name.clone(),
        api_version: "3.0".to_owned(),
        kind,
        entities: entities.collect(),
        types,
        extra_methods: Vec::new(),
    }
}

impl Host for FakeHost {
    fn start(
        &mut self,
        requests: Vec<SimulatorRequest>,
        tell: &mut dyn FnMut(&str),
    ) -> Vec<Result<SimulatorDescription, Fault>> {
        tell("waiting");
        let answers = requests.iter().map(|request| match &self.fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(describe(request)),
        });
        let answers = answers.collect();
        self.asked.extend(requests);
        answers
    }

    fn unit(&mut self, wiring: &UnitWiring) -> Result<Box<dyn Model>, Fault> {
        self.wired.push(wiring.clone());
        Ok(Box::new(Idle))
    }
}

/// The section of all simulators of these tests.
const SIMULATORS: &str = "simulators:\n\
    \x20 Grid: {command: 'grid %(addr)s', init: {step_size: 900}, calls: [{method: go, arguments: {n: 1}}]}\n\
    \x20 Sun: {connect: '10.0.0.7:5601', pipeline: false}\n\
    \x20 Desk: {command: 'desk %(addr)s'}\n\
    \x20 Tub: {python: 'mine.tubs:Tub', interpreter: python3.9}\n";

pub(super) fn text(models: &str, connections: &str, items: &str) -> String {
    scenario(models, connections, items) + SIMULATORS
}

fn load_on(host: &mut FakeHost, text: &str, local: bool) -> Result<Loaded, Vec<String>> {
    let mut told = Vec::new();
    let mut tell = |words: &str| told.push(words.to_owned());
    let mut hosting = Hosting {
        hosts: host,
        local,
        tell: &mut tell,
    };
    match load_hosted("s.yaml", text, &CATALOGUE, &files(), Some(&mut hosting)) {
        Ok((graph, warnings)) => Ok(Loaded {
            graph,
            warnings: warnings.iter().map(ToString::to_string).collect(),
        }),
        Err(LoadError::Refused(problems)) => Err(problems
            .iter()
            .map(|problem| problem.to_string().replace("s.yaml:", ""))
            .collect()),
        Err(other) => panic!("{other}"),
    }
}

struct Loaded {
    graph: Graph,
    warnings: Vec<String>,
}

/// The problems of a scenario that is refused, without those of simulators that nobody uses.
fn refused(models: &str, connections: &str, items: &str) -> Vec<String> {
    let mut host = FakeHost::default();
    let Err(problems) = load_on(&mut host, &text(models, connections, items), false) else {
        panic!("accepted");
    };
    let used = problems.into_iter();
    used.filter(|line| !line.contains("is not started, because"))
        .collect()
}

const MODELS: &str = "- {name: Net, type: Grid.Grid, parameters: {size: 3}, outputs: {'Bus-1.Vm[pu]': 0}}\n\
    - {name: Sky, type: Sun}\n\
    - {name: Bath, type: Tub, parameters: {size: 2}, inputs: {x: 7}, time_step_size: 2}";

#[test]
fn programs_are_asked_for_as_the_scenario_has_them() {
    let mut host = FakeHost::default();
    let connections =
        "- {from: 'Sky.DNI[W/m2]', to: Bath.x}\n- {from: Bath.y, to: 'Net/Bus-1.P[MW]'}";
    let loaded = load_on(&mut host, &text(MODELS, connections, ""), false)
        .unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
    assert!(loaded.warnings[0].contains("simulator 'Desk' is not started"));
    let names: Vec<&str> = host.asked.iter().map(|asked| asked.name.as_str()).collect();
    assert_eq!(names, ["Grid", "Sun", "Bath"]);
    let [grid, sun, bath] = host.asked.as_slice() else {
        panic!("three programs");
    };
    assert_eq!((grid.resolution, grid.ticks), (900, 12));
    assert_eq!(grid.init, [("step_size".into(), Value::Int(900))]);
    assert_eq!(grid.entities[0].name, "Net");
    assert_eq!(grid.entities[0].model.as_deref(), Some("Grid"));
    assert_eq!(
        grid.entities[0].parameters,
        [("size".into(), Value::Int(3))]
    );
    assert_eq!(grid.calls[0].method, "go");
    assert_eq!(grid.calls[0].arguments, [("n".into(), Value::Int(1))]);
    assert_eq!((grid.pipeline, sun.pipeline), (true, false));
    assert_eq!(sun.entities[0].model, None);
    let told = bath.init[0].1.to_string();
    assert_eq!(
        told,
        "{'Bath': {'name': 'Bath', 'type': 'Tub', 'parameters': {'size': 2}, 'inputs': {'x': 7}, \
         'time_step_size': 2}}"
    );
    assert_eq!(&*bath.init[0].0, "sim_params");
    assert!(bath.entities[0].parameters.is_empty());
    assert!(!bath.folders.is_empty());
}

#[test]
fn each_program_is_a_unit_and_has_what_is_connected_to_it() {
    let mut host = FakeHost::default();
    let connections = "- {from: Meter.u, to: 'Net/Bus-1.P[MW]'}\n\
        - {from: Bath.y, to: 'Net/Bus-1.P[MW]'}\n\
        - {from: 'Net/Bus-1.5.Vm[pu]', to: Bath.x, time_shifted: true}";
    let items = "  - 'Net/Bus-1.5.Vm[pu]'\n  - Bath.level";
    let loaded = load_on(&mut host, &text(MODELS, connections, items), false)
        .unwrap_or_else(|e| panic!("{e:?}"));
    let graph = loaded.graph;
    let [net, sky, bath] = host.wired.as_slice() else {
        panic!("three units");
    };
    assert_eq!(
        (net.name.as_str(), net.simulators.as_slice()),
        ("Net", [0].as_slice())
    );
    assert!(sky.inputs.is_empty() && sky.published.is_empty());
    let input = &net.inputs[0];
    assert_eq!(input.name, "Net/Bus-1.P[MW]");
    assert_eq!(input.to.entity, "Bus-1");
    assert_eq!(input.to.attribute, "P[MW]");
    let sources: Vec<_> = input
        .sources
        .iter()
        .map(|source| (source.id.as_str(), source.origin, source.every, source.rank))
        .collect();
    assert_eq!(
        sources,
        [
            ("Meter-0.time-based_0", Origin::State, 1, 0),
            ("Bath-0.time-based_0", Origin::Output, 1, 1)
        ]
    );
    assert_eq!(net.published[0].from.entity, "Bus-1.5", "the longest id");
    assert_eq!(net.published[0].origin, Origin::State);
    let published: Vec<_> = bath
        .published
        .iter()
        .map(|p| (p.name.as_str(), p.origin))
        .collect();
    assert_eq!(published, [("y", Origin::Output), ("level", Origin::State)]);
    assert_eq!(bath.inputs[0].name, "x");
    assert_eq!(bath.inputs[0].sources[0].id, "Grid-0.Bus-1.5");
    let edges = &bath.graph.edges;
    assert!(edges.contains(&("Bath-0.time-based_0".into(), "Grid-0.Bus-1".into())));
    assert!(
        bath.graph
            .nodes
            .contains(&("Grid-0.Bus-1".into(), "Bus".into()))
    );

    let names: Vec<&str> = graph
        .models
        .iter()
        .map(|m| m.config.name.as_str())
        .collect();
    assert_eq!(names, ["Meter", "Homes", "Net", "Sky", "Bath"]);
    assert_eq!(graph.model_count(), 5);
    let unit = &graph.models[ModelId(4)];
    assert_eq!(unit.in_scenario().collect::<Vec<_>>(), [("Bath", "Tub")]);
    let source = &unit.inputs[0].sources[0];
    assert!(source.shifted);
    assert_eq!(source.initial, Some(Value::Int(7)));
    assert_eq!(unit.inputs[0].origin, Origin::State);
    let expected = PublishedId {
        model: ModelId(2),
        slot: Index::at(0),
    };
    assert_eq!(graph.monitor.items[1].source, expected);
    assert_eq!(graph.models[ModelId(2)].after, [ModelId(0), ModelId(4)]);
}

#[test]
fn several_entities_and_simulators_with_events_step_together() {
    let mut host = FakeHost::default();
    let models = "- {name: Net, type: Grid.Grid}\n\
        - {name: Other, type: Grid.Grid, inputs: {'loss[MW]': 5}}\n\
        - {name: Ops, type: Desk.Desk}";
    let connections = "- {from: 'Net.loss[MW]', to: 'Other.loss[MW]', time_shifted: true}\n\
        - {from: 'Other/Bus-1.P[MW]', to: Ops.anything, async_requests: true}\n\
        - {from: Ops.order, to: 'Net/Bus-1.P[MW]', weak: true}";
    let with_first = models.replacen(
        "type: Grid.Grid}",
        "type: Grid.Grid, inputs: {'Bus-1.P[MW]': 4}}",
        1,
    );
    let items = "  - Ops.order";
    let loaded = load_on(&mut host, &text(&with_first, connections, items), false)
        .unwrap_or_else(|e| panic!("{e:?}"));
    let [unit] = host.wired.as_slice() else {
        panic!("one unit");
    };
    assert_eq!(unit.name, "Grid and Desk");
    assert_eq!(unit.simulators, [0, 1]);
    assert!(unit.inputs.is_empty());
    let [shifted, asked, weak] = unit.inside.as_slice() else {
        panic!("three connections");
    };
    assert_eq!(
        (shifted.shifted, shifted.initial.clone()),
        (true, Some(Value::Int(5)))
    );
    assert!(asked.asynchronous && !asked.weak && asked.initial.is_none());
    assert_eq!(
        (weak.weak, weak.initial.clone()),
        (true, Some(Value::Int(4)))
    );
    assert_eq!(
        (weak.from.entity.as_str(), weak.to.entity.as_str()),
        ("E0", "Bus-1")
    );
    let unit = &loaded.graph.models[ModelId(2)];
    let models: Vec<_> = unit.in_scenario().map(|(name, _)| name).collect();
    assert_eq!(models, ["Net", "Other", "Ops"]);
    assert_eq!(loaded.graph.monitor.items[1].source.model, ModelId(2));
}

#[test]
fn what_a_simulator_does_not_have_is_refused_with_its_place() {
    let connections = "- {from: Bath.x, to: 'Net/Bus-1.P[MW]'}\n\
        - {from: Bath.lvel, to: 'Net/Bus-1.P[KW]'}\n\
        - {from: 'Net/Bus-2.Vm[pu]', to: Bath.xx, time_shifted: true}\n\
        - {from: Nett/Bus-1.P, to: Sky.DNI}";
    let problems = refused(MODELS, connections, "  - 'Net.los[MW]'");
    let expected = [
        "17:10: error: connection 'Bath.x' → 'Net/Bus-1.P[MW]': 'x' is an input of 'Bath' and cannot be read",
        "18:10: error: connection 'Bath.lvel' → 'Net/Bus-1.P[KW]': 'Bath' has no attribute 'lvel', did you mean \
         'level'? (attributes: x, y, level)",
        "18:25: error: connection 'Bath.lvel' → 'Net/Bus-1.P[KW]': 'Bus-1' of 'Net' has no attribute 'P[KW]', did \
         you mean 'P[MW]'? (attributes: P[MW], Vm[pu])",
        "19:10: error: connection 'Net/Bus-2.Vm[pu]' → 'Bath.xx': 'Net' has no child 'Bus-2', did you mean \
         'Bus-1'? (children: Bus-1, Bus-1.5)",
        "19:34: error: connection 'Net/Bus-2.Vm[pu]' → 'Bath.xx': 'Bath' has no attribute 'xx', did you mean 'x'? \
         (attributes: x, y, level)",
    ];
    // A model that is not there is known before anything is started.
    let early = refused(MODELS, connections, "");
    assert_eq!(early.len(), 1, "{early:#?}");
    assert!(early[0].starts_with("20:10: error: connection 'Nett/Bus-1.P' → 'Sky.DNI': there is no model 'Nett', did you mean 'Net'?"), "{early:#?}");
    assert_eq!(problems.len(), 1);
    let (connections, _) = connections.rsplit_once('\n').expect("several");
    let problems = refused(MODELS, connections, "  - 'Net.los[MW]'");
    assert_eq!(problems[..5], expected);
    let last = "monitor item 'Net.los[MW]': 'Net' has no attribute 'los[MW]', did you mean 'loss[MW]'? (attributes: \
                loss[MW])";
    assert!(problems[5].ends_with(last), "{}", problems[5]);
    assert_eq!(problems.len(), 6);
}

#[test]
fn nothing_is_started_where_something_is_wrong_without() {
    let mut host = FakeHost::default();
    let wrong = text(MODELS, "- {from: Meter.lod, to: Bath.x}", "");
    assert!(load_on(&mut host, &wrong, false).is_err());
    assert!(host.asked.is_empty());
    let fine = text(MODELS, "", "");
    let refused = load_text("s.yaml", &fine, &CATALOGUE, &files()).expect_err("nobody starts it");
    assert!(
        refused
            .to_string()
            .contains("nobody is there to start their programs"),
        "{refused}"
    );
}

#[test]
fn loops_are_named_with_the_models_of_the_scenario() {
    let models =
        "- {name: Net, type: Grid.Grid}\n- {name: Other, type: Grid.Grid}\n- {name: P, type: Pipe}";
    let connections = "- {from: 'Net.loss[MW]', to: P.x}\n- {from: P.level, to: 'Other.loss[MW]'}";
    assert_eq!(
        refused(models, connections, ""),
        [
            "18:10: error: loop without a time-shifted connection: Net and Other (which step together) → P → Net and \
          Other (which step together); add 'time_shifted: true' to connection 'P.level' → 'Other.loss[MW]' (line \
          18)"
        ]
    );
    let own = refused(
        models,
        "- {from: 'Net.loss[MW]', to: 'Other.loss[MW]'}\n- {from: Meter.u, to: P.x}",
        "",
    );
    assert_eq!(own.len(), 1);
    assert!(
        own[0].contains("loop without a time-shifted connection: Net and Other"),
        "{own:?}"
    );
}

#[test]
fn what_only_simulators_can_do_is_refused_elsewhere() {
    let connections = "- {from: Meter.u, to: Bath.x, weak: true}\n- {from: Bath.level, to: P.x, async_requests: true}";
    let models = format!("{MODELS}\n- {{name: P, type: Pipe}}");
    let problems = refused(&models, connections, "");
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains(
        "'weak' is for connections between simulators, and 'Meter' is of the Illuminator"
    ));
    assert!(
        problems[1].contains("'async_requests' is for connections between simulators, and 'P' is")
    );
}

#[test]
fn a_program_runs_on_this_machine() {
    let models = "- {name: Bath, type: Tub, connect: {ip: pi3.local}}";
    let problems = refused(models, "", "");
    assert_eq!(
        problems,
        [
            "12:27: error: model 'Bath': its program runs on this machine only, not on 'pi3.local'; remove 'connect', \
          or run with --local"
        ]
    );
    let mut host = FakeHost::default();
    assert!(load_on(&mut host, &text(models, "", ""), true).is_ok());
}

#[test]
fn models_that_step_together_are_in_one_place() {
    let mut host = FakeHost::default();
    let models = "- {name: Net, type: Grid.Grid}\n- {name: Other, type: Grid.Grid, connect: {ip: pi3.local}}";
    let problems = load_on(&mut host, &text(models, "", ""), true)
        .err()
        .expect("refused");
    assert!(problems.iter().any(|line| line.contains("error: model 'Other': it steps together with 'Net' (line 12), so both need the same 'connect', or none")), "{problems:?}");
}

#[test]
fn a_simulator_may_take_the_place_of_a_built_in_type() {
    let mut host = FakeHost::default();
    let text = scenario("- {name: P, type: Pipe}", "- {from: Meter.u, to: P.x}", "")
        + "simulators:\n  Pipe: {python: 'mine:Pipe'}\n";
    let loaded = load_on(&mut host, &text, false).unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(
        loaded.graph.notes,
        ["simulator 'Pipe' takes the place of the built-in type 'Pipe' in this scenario"]
    );
    assert!(loaded.warnings.is_empty());
    assert_eq!(host.asked[0].name, "P");
}

#[test]
fn types_and_simulators_are_checked_before_anything_is_started() {
    let models = "- {name: A, type: Gird.Grid}\n- {name: B, type: Tub.Tub}\n- {name: C, type: Grid.Grid, time_step_size: 2}";
    let problems = refused(models, "", "");
    assert_eq!(
        problems,
        [
            "12:19: error: model 'A': there is no simulator 'Gird', whose model 'Grid' would be, did you mean 'Grid'? \
             (simulators: Grid, Sun, Desk, Tub)",
            "13:19: error: model 'B': simulator 'Tub' is one class in Python; write 'type: Tub'",
            "14:10: error: model 'C': simulator 'Grid' says itself when its steps are due; remove 'time_step_size', and \
             give the step size under 'init' of the simulator where it takes one",
        ]
    );
}

#[test]
fn a_section_of_simulators_says_what_each_of_them_is() {
    let with = |simulators: &str| {
        let text = scenario("- {name: A, type: S}", "", "") + "simulators:\n" + simulators;
        let problems = load_on(&mut FakeHost::default(), &text, false)
            .err()
            .expect("refused");
        problems.join("\n")
    };
    for (simulators, wanted) in [
        (
            "  S: {}",
            "simulator 'S' does not say what it is; give it one of 'python'",
        ),
        (
            "  S: {python: 'a:B', command: c}",
            "simulator 'S' has 'python' and 'command'; give it one of",
        ),
        (
            "  S: {pyhton: 'a:B'}",
            "simulator 'S' has an unknown key 'pyhton', did you mean 'python'?",
        ),
        (
            "  S: {python: a.b}",
            "'python' of simulator 'S' must be 'module:Class'",
        ),
        (
            "  S: {python: 'a:B', init: {x: 1}}",
            "simulator 'S' is a class in Python, which has no 'init'; use 'parameters'",
        ),
        (
            "  S: {connect: 'host'}",
            "'connect' of simulator 'S': it must be 'host:port'",
        ),
        (
            "  S: {connect: 'h:1', interpreter: py}",
            "simulator 'S' is there already and is not started, so it has no 'interpreter'",
        ),
        (
            "  S: {command: c, init: [1]}",
            "'init' of simulator 'S' must be a mapping of named arguments",
        ),
        (
            "  S: {command: c, calls: [{arguments: {}}]}",
            "call 1 of simulator 'S' lacks the key 'method'",
        ),
        (
            "  S.T: {command: c}",
            "simulator 'S.T': its name is part of the types of models",
        ),
        (
            "  []",
            "'simulators' must be a mapping of names to programs",
        ),
    ] {
        let refused = with(simulators);
        assert!(refused.contains(wanted), "{simulators}: {refused}");
    }
}

#[test]
fn a_program_that_cannot_be_used_is_told_with_its_last_words() {
    let mut host = FakeHost {
        fault: Some(Fault {
            code: Cow::Borrowed("simulator_failed"),
            simulator: "Bath".to_owned(),
            message: "there is no module 'mine'".to_owned(),
            request: Some("[\"init\"]".to_owned()),
            output: vec!["one".to_owned(), "two".to_owned()],
        }),
        ..FakeHost::default()
    };
    let models = "- {name: Bath, type: Tub}";
    let problems = load_on(&mut host, &text(models, "", ""), false)
        .err()
        .expect("refused");
    let told = problems
        .iter()
        .find(|line| line.contains("error"))
        .expect("an error");
    assert_eq!(
        told,
        "24:3: error: simulator 'Bath': there is no module 'mine'; it was asked: [\"init\"]; its last words: one | two"
    );
    let mut host = FakeHost {
        fault: Some(Fault {
            code: Cow::Borrowed("unknown_parameter"),
            simulator: "Grid".to_owned(),
            message: "the model 'Grid' has no parameter 'sice'; did you mean 'size'?".to_owned(),
            request: None,
            output: Vec::new(),
        }),
        ..FakeHost::default()
    };
    let models = "- {name: Net, type: Grid.Grid, parameters: {sice: 3}}";
    let problems = load_on(&mut host, &text(models, "", ""), false)
        .err()
        .expect("refused");
    assert!(
        problems
            .iter()
            .any(|line| line.starts_with("12:45: error: simulator 'Grid': the model")),
        "{problems:?}"
    );
}
