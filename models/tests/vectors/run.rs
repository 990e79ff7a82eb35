//! Runs a case, and compares what comes out.

use engine::combine;
use shared::cable::Window;
use shared::cable::{MAX_SOCKETS, Picture, Sight};
use shared::files::MemoryFiles;
use shared::model::{BuildError, InputSlot, Instance, SideFile, StepError, Stepped, TypeRef};
use shared::time::{Tick, TimeGrid, WallTime};
use shared::value::{Origin, Value};

use crate::case::{Case, CaseStep, Expect, Message, Socket, Tolerance};
use crate::rules::Rules;

pub(crate) enum Outcome {
    Agrees {
        /// How many steps ran.
        steps: usize,
        /// An error of another category than the expected one, which is an error all the same.
        other: Option<String>,
    },
    Differs(String),
}

pub(crate) fn run(model_type: TypeRef, rules: &Rules, case: &Case) -> Outcome {
    let files = MemoryFiles::default();
    let mut instance = match build(model_type, rules.flag_of(case), case, &files) {
        Ok(instance) => instance,
        Err(errors) => {
            // Also where a step would come first: an error may be reported as early as possible.
            let got = errors.iter().map(|e| (&*e.code, e.to_string())).collect();
            return ending(case.error(), got, 0);
        }
    };
    if let Some(category) = &case.construct_error {
        return Outcome::Differs(format!("was built, and should fail with {category}"));
    }
    let mut published = vec![None; instance.published.len()];
    let sockets = instance.sockets.as_ref();
    let mut window = Window::new(sockets.map_or(0, |wish| wish.devices.len()));
    for (ran, step) in case.steps.iter().enumerate() {
        look(step, &mut window);
        let stepped = match advance(&mut instance, step, &mut published, &mut window) {
            Ok(stepped) => stepped,
            Err(error) => {
                let got = vec![(&*error.code, error.to_string())];
                return match &step.expect {
                    Expect::Error(category) => ending(Some(category), got, ran + 1),
                    Expect::Results { .. } => ending(None, got, ran),
                };
            }
        };
        let closeness = Closeness {
            rules,
            tolerance: case.tolerance,
        };
        let difference = difference(&instance, &published, &stepped, &step.expect, closeness)
            .or_else(|| difference_of_sockets(&step.sockets, &window));
        if let Some(difference) = difference {
            return Outcome::Differs(format!("tick {}: {difference}", step.tick));
        }
    }
    Outcome::Agrees {
        steps: case.steps.len(),
        other: None,
    }
}

/// Builds the model of a case, with this flag among its parameters.
pub(crate) fn build(
    model_type: TypeRef,
    flag: Option<&str>,
    case: &Case,
    files: &MemoryFiles,
) -> Result<Instance, Vec<BuildError>> {
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
        resolution: case.resolution,
        ticks: Tick::MAX,
    };
    let mut config = case.config.clone();
    if let (Some(flag), Some(parameters)) = (flag, &mut config.parameters) {
        parameters.push((flag.into(), Value::Bool(true)));
    }
    shared::model::build(model_type, &config, grid, files)
}

/// The outcome of a case that ended with errors, after some steps.
fn ending(expected: Option<&str>, got: Vec<(&str, String)>, steps: usize) -> Outcome {
    let (codes, messages): (Vec<&str>, Vec<String>) = got.into_iter().unzip();
    let Some(expected) = expected else {
        return Outcome::Differs(format!("unexpected error: {}", messages.join("; ")));
    };
    let other = (!codes.contains(&expected))
        .then(|| format!("{expected} is reported as {}", codes.join(", ")));
    Outcome::Agrees { steps, other }
}

/// Puts into the sockets what a step sees there.
pub(crate) fn look(step: &CaseStep, window: &mut Window) {
    for socket in 0..MAX_SOCKETS {
        let mut devices = step.sockets.iter();
        let device = devices.find(|device| device.number == socket);
        window.set_sight(socket, device.map_or(Sight::Gone, |device| device.sight));
    }
}

/// Makes a step.
pub(crate) fn advance(
    instance: &mut Instance,
    step: &CaseStep,
    published: &mut [Option<Value>],
    window: &mut Window,
) -> Result<Stepped, StepError> {
    connect(instance, step);
    let declared = instance.model_type.inputs.iter();
    let inputs: Result<Vec<_>, _> = declared
        .map(|input| {
            let received = step.inputs.iter().find(|(name, _)| *name == input.name);
            received.map_or(Ok(None), |(name, messages)| combined(name, messages))
        })
        .collect();
    instance.step_with(step.tick, &inputs?, published, Some(window))
}

/// Tells a model which others are connected to it.
pub(crate) fn connect(instance: &mut Instance, step: &CaseStep) {
    for (name, messages) in &step.inputs {
        let slot = instance.input_slot(name);
        let tells_apart = |slot: &InputSlot| instance.model_type.inputs[slot.index()].by_source;
        if let Some(slot) = slot.filter(tells_apart) {
            let sources: Vec<String> = messages.iter().map(|m| m.source.clone()).collect();
            instance.model.connected(slot, &sources);
        }
    }
}

/// What the model sees of the messages at one input.
fn combined(name: &str, messages: &[Message]) -> Result<Option<Value>, StepError> {
    let values = messages.iter().map(|message| &message.value);
    let outputs = messages.iter().filter(|m| m.origin == Origin::Output);
    match (messages, outputs.count()) {
        ([], _) => Ok(None),
        (_, outputs) if outputs == messages.len() => combine::sum(values)
            .map(Some)
            .map_err(|error| error.at_input(name)),
        ([state], _) => Ok(Some(state.value.clone())),
        (_, 0) => Ok(Some(combine::list(values))),
        // A scenario like this is refused when it is loaded.
        _ => Err(StepError::new(
            format!("mixed_origins:{name}"),
            format!("input '{name}' receives outputs and states"),
        )),
    }
}

/// How a step differs from what is expected of it, where it does.
fn difference(
    instance: &Instance,
    got: &[Option<Value>],
    stepped: &Stepped,
    expect: &Expect,
    closeness: Closeness<'_>,
) -> Option<String> {
    let (published, next, files) = match expect {
        Expect::Error(category) => return Some(format!("no error, and should be {category}")),
        Expect::Results {
            published,
            next,
            files,
        } => (published, *next, files),
    };
    if stepped.next != next {
        let got = stepped.next;
        return Some(format!("next step at {got}, and should be at {next}"));
    }
    difference_of_files(stepped.files(), files)
        .or_else(|| difference_of_published(instance, got, published, closeness))
}

fn difference_of_published(
    instance: &Instance,
    got: &[Option<Value>],
    expected: &[(String, Value)],
    closeness: Closeness<'_>,
) -> Option<String> {
    expected.iter().find_map(|(name, expected)| {
        let slot = instance.published_slot(name);
        match slot.and_then(|slot| got[slot.index()].as_ref()) {
            None => Some(format!("'{name}' was not published")),
            Some(value) if agrees(expected, value, closeness) => None,
            Some(value) => Some(format!("{name} is {value}, and should be {expected}")),
        }
    })
}

/// What a board is told that differs from what it should be.
fn difference_of_sockets(sockets: &[Socket], window: &Window) -> Option<String> {
    sockets.iter().find_map(|socket| {
        let told = match window.picture(socket.number) {
            Some(Picture::Text(text)) => [&text[..], b"\n"].concat(),
            Some(Picture::Bytes(bytes)) => bytes.to_vec(),
            None => Vec::new(),
        };
        let told = told
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let Socket {
            number,
            told: expected,
            ..
        } = socket;
        (told != *expected)
            .then(|| format!("socket {number} is told {told}, and should be {expected}"))
    })
}

/// The order of the files does not matter.
fn difference_of_files(got: &[SideFile], expected: &[(String, String)]) -> Option<String> {
    let surplus = got
        .iter()
        .find(|file| expected.iter().all(|(path, _)| *path != file.path));
    if let Some(SideFile { path, .. }) = surplus {
        return Some(format!("'{path}' was written, and should not be"));
    }
    expected.iter().find_map(|(path, content)| {
        let written: Vec<_> = got.iter().filter(|file| file.path == *path).collect();
        match written.as_slice() {
            [] => Some(format!("'{path}' was not written")),
            [file] if file.content == content.as_bytes() => None,
            [file] => {
                let got = String::from_utf8_lossy(&file.content);
                Some(format!("'{path}' holds\n{got}and should hold\n{content}"))
            }
            _ => Some(format!("'{path}' was written more than once")),
        }
    })
}

/// How close values have to be.
#[derive(Clone, Copy)]
struct Closeness<'a> {
    rules: &'a Rules,
    tolerance: Option<Tolerance>,
}

/// The same kind and, but for the tolerance of floats, the same bits.
fn agrees(expected: &Value, got: &Value, closeness: Closeness<'_>) -> bool {
    let Closeness { rules, tolerance } = closeness;
    if let Some(tolerance) = tolerance {
        return tolerance.allows_value(expected, got);
    }
    let got = match got {
        Value::Numpy(float) if rules.numpy => &Value::Float(*float),
        other => other,
    };
    match (expected, got) {
        (Value::Float(a), Value::Float(b)) if a != b => {
            (a - b).abs() <= rules.tolerance * a.abs() || expected == got
        }
        _ => expected == got,
    }
}
