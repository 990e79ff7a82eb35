//! One simulator, from its program to the entities that it has created.

use std::sync::Arc;
use std::time::Instant;

use shared::model::Entries;
use shared::value::Value;
use terminal::spelling::nearest;

use super::command;
use super::meeting::{Meeting, dial};
use super::process::Process;
use crate::said::{Interface, Said, json, map, names};
use crate::simulator::{Endings, FAILED, GONE, Simulator};
use crate::wire::Call;
use crate::{
    Entity, EntityRequest, EntityType, ExtraCall, Fault, Program, SimulatorDescription,
    SimulatorRequest,
};

/// A simulator that is there, with all that is known of it.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) simulator: Simulator,
    pub(crate) description: SimulatorDescription,
    pub(crate) interface: Interface,
    /// The number of ticks of the run.
    pub(crate) ticks: u64,
    /// Whether a step and the question for its results may be under way together.
    pub(crate) pipeline: bool,
    /// Whether values travel in envelopes that say what they mean.
    pub(crate) has_envelopes: bool,
}

/// The argument of `init` with the entries of models, which those of the Illuminator are made of.
const SIM_PARAMS: &str = "sim_params";

/// Starts a simulator and has it create its entities. It must have said what it is until then.
pub(super) fn start(
    request: &SimulatorRequest,
    until: Instant,
    endings: &Arc<Endings>,
) -> Result<Running, Fault> {
    let mut simulator = connect(request, until, endings)?;
    let has_envelopes = request.init.iter().any(|(name, _)| &**name == SIM_PARAMS);
    let call = init(request, has_envelopes);
    let answered = simulator
        .call(&call, Some(until))
        .and_then(|(meta, asked)| {
            let said = Said::read(&meta);
            let said = said.map_err(|message| simulator.nonsense(message, Some(asked)))?;
            let entities = create_all(&mut simulator, &said, &request.entities)?;
            for extra in &request.calls {
                call_extra(&mut simulator, &said, extra)?;
            }
            Ok((said, entities))
        });
    let (said, entities) = answered.map_err(|fault| simulator.refusal(fault))?;
    Ok(Running {
        simulator,
        description: SimulatorDescription {
            name: request.name.clone(),
            api_version: said.api_version,
            kind: said.kind,
            types: said.types,
            extra_methods: said.extra_methods,
            entities,
        },
        interface: said.interface,
        ticks: request.ticks,
        pipeline: request.pipeline,
        has_envelopes,
    })
}

/// A fault of something that is not connected yet.
fn fault(
    request: &SimulatorRequest,
    code: &'static str,
    message: String,
    output: Vec<String>,
) -> Fault {
    Fault {
        code: code.into(),
        simulator: request.name.clone(),
        message,
        request: None,
        output,
    }
}

fn connect(
    request: &SimulatorRequest,
    until: Instant,
    endings: &Arc<Endings>,
) -> Result<Simulator, Fault> {
    let broken = |error: std::io::Error| {
        fault(
            request,
            GONE,
            format!("it cannot be reached: {error}"),
            Vec::new(),
        )
    };
    if let Program::Connect { address } = &request.program {
        let stream =
            dial(address, until).map_err(|message| fault(request, GONE, message, Vec::new()))?;
        return Simulator::new(&request.name, stream, None, endings).map_err(broken);
    }
    let meeting = Meeting::new().map_err(broken)?;
    let address = meeting.address().map_err(broken)?;
    let started = command::start(&request.program, &request.folders, &address);
    let mut process = started.map_err(|message| fault(request, FAILED, message, Vec::new()))?;
    match meeting.wait(&mut process, until).map_err(broken)? {
        Some(stream) => {
            Simulator::new(&request.name, stream, Some(process), endings).map_err(broken)
        }
        None => Err(no_call(request, process)),
    }
}

/// Why a program has not called back.
fn no_call(request: &SimulatorRequest, mut process: Process) -> Fault {
    if !process.has_ended() {
        let message =
            "it has not called back; its command should make it connect to %(addr)s".to_owned();
        return fault(request, GONE, message, process.last_words());
    }
    let status = process.end();
    let output = process.last_words();
    if let Some(said) = process.own_words() {
        return fault(request, FAILED, said, output);
    }
    let status = status
        .map(|status| format!(" ({status})"))
        .unwrap_or_default();
    fault(
        request,
        GONE,
        format!("its program has ended before it called back{status}"),
        output,
    )
}

fn init(request: &SimulatorRequest, has_envelopes: bool) -> Call {
    // Mosaik has a float there, and the Illuminator an integer.
    let resolution = if has_envelopes {
        Value::Int(request.resolution.into())
    } else {
        Value::Float(request.resolution.into())
    };
    let mut named: Entries = vec![("time_resolution".into(), resolution)];
    let others = request
        .init
        .iter()
        .filter(|(name, _)| &**name != "time_resolution");
    named.extend(others.cloned());
    Call {
        function: "init".to_owned(),
        arguments: vec![Value::text(&format!("{}-0", request.name))],
        named,
    }
}

/// The type of which an entity is wanted.
fn wanted_type<'a>(
    simulator: &Simulator,
    said: &'a Said,
    wanted: &EntityRequest,
) -> Result<&'a EntityType, Fault> {
    let public = || said.types.iter().filter(|known| known.is_public);
    let has = || list(public().map(|known| known.name.as_str()));
    let message = match &wanted.model {
        Some(name) => match public().find(|known| known.name == *name) {
            Some(known) => return Ok(known),
            None => match nearest(name, public().map(|known| known.name.as_str())) {
                Some(near) => format!("it has no model '{name}'; did you mean '{near}'?"),
                None => format!("it has no model '{name}' (has: {})", has()),
            },
        },
        None => match (public().next(), public().nth(1)) {
            (Some(only), None) => return Ok(only),
            (Some(_), Some(_)) => format!(
                "it has several models; say which one '{}' is: {}.MODEL (has: {})",
                wanted.name,
                simulator.name(),
                has()
            ),
            (None, _) => "it has no model that can be created".to_owned(),
        },
    };
    Err(simulator.fault("unknown_model", message))
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn create_all(
    simulator: &mut Simulator,
    said: &Said,
    wanted: &[EntityRequest],
) -> Result<Vec<Entity>, Fault> {
    let mut entities: Vec<Entity> = Vec::new();
    for wanted in wanted {
        let entity = create(simulator, said, wanted)?;
        if entities.iter().any(|known| known.id == entity.id) {
            let message = format!("it has created two entities with the id '{}'", entity.id);
            return Err(simulator.nonsense(message, None));
        }
        entities.push(entity);
    }
    Ok(entities)
}

fn create(simulator: &mut Simulator, said: &Said, wanted: &EntityRequest) -> Result<Entity, Fault> {
    let entity_type = wanted_type(simulator, said, wanted)?;
    for (name, _) in &wanted.parameters {
        if entity_type.parameters.iter().any(|known| **known == **name) {
            continue;
        }
        let known = || entity_type.parameters.iter().map(String::as_str);
        let message = format!("the model '{}' has no parameter '{name}'", entity_type.name);
        let message = match nearest(name, known()) {
            Some(near) => format!("{message}; did you mean '{near}'?"),
            None => format!("{message} (has: {})", list(known())),
        };
        return Err(simulator.fault("unknown_parameter", message));
    }
    let call = Call {
        function: "create".to_owned(),
        arguments: vec![Value::Int(1), Value::text(&entity_type.name)],
        named: wanted.parameters.clone(),
    };
    let (answer, asked) = simulator.call(&call, None)?;
    let nonsense = |message: String| simulator.nonsense(message, Some(asked.clone()));
    let Value::List(created) = &answer else {
        return Err(nonsense(format!(
            "'create' should answer a list, and answers {}",
            json(&answer)
        )));
    };
    let [only] = &**created else {
        let count = created.len();
        return Err(nonsense(format!(
            "it was to create 1 entity, and answers {count}: {}",
            json(&answer)
        )));
    };
    let entity = entity(only).map_err(nonsense)?;
    if entity.entity_type != entity_type.name {
        return Err(nonsense(format!(
            "it was to create a '{}', and answers a '{}'",
            entity_type.name, entity.entity_type
        )));
    }
    Ok(entity)
}

/// An entity as `create` answers it, with all its children. How deep they nest is limited as JSON is.
fn entity(answer: &Value) -> Result<Entity, String> {
    map(answer, "an entity")?;
    let text = |key: &str| match answer.get(key).and_then(Value::as_text) {
        Some(text) => Ok(text.to_owned()),
        None => Err(format!(
            "an entity has no text as its '{key}': {}",
            json(answer)
        )),
    };
    let (id, entity_type) = (text("eid")?, text("type")?);
    let children = match answer.get("children") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::List(children)) => children.iter().map(entity).collect::<Result<_, _>>()?,
        Some(other) => {
            return Err(format!(
                "the children of '{id}' are no list: {}",
                json(other)
            ));
        }
    };
    let related = names(answer.get("rel"), &format!("'rel' of '{id}'"))?;
    Ok(Entity {
        id,
        entity_type,
        related,
        children,
    })
}

fn call_extra(simulator: &mut Simulator, said: &Said, extra: &ExtraCall) -> Result<(), Fault> {
    if !said.extra_methods.contains(&extra.method) {
        let known = || said.extra_methods.iter().map(String::as_str);
        let message = format!("it has no extra method '{}'", extra.method);
        let message = match nearest(&extra.method, known()) {
            Some(near) => format!("{message}; did you mean '{near}'?"),
            None => format!("{message} (has: {})", list(known())),
        };
        return Err(simulator.fault("unknown_method", message));
    }
    let call = Call {
        function: extra.method.clone(),
        arguments: Vec::new(),
        named: extra.arguments.clone(),
    };
    simulator.call(&call, None)?;
    Ok(())
}
