//! One simulator, from its program to the entities that it has created.

use std::sync::Arc;
use std::time::Instant;

use shared::model::Entries;
use shared::value::Value;

use super::command;
use super::creation::{call_extra, create_all};
use super::meeting::{Meeting, dial};
use crate::process::Process;
use crate::running::Running;
use crate::said::Said;
use crate::simulator::{Endings, FAILED, GONE, Simulator};
use crate::wire::Call;
use crate::{Fault, Program, SimulatorDescription, SimulatorRequest};

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
