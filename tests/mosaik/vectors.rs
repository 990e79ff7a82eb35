//! The recorded steps of all types, by the wire: the same values, bare and in envelopes, here and on nodes.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foreign::wire::{Call, Message, append_json};
use rig::{Bridge, workspace};
use serde_json::Value as Json;
use shared::model::{Entries, SectionPolicy, TypeRef};
use shared::time::Tick;
use shared::value::{Kind, Origin, Value};

use crate::case::{self, Case, CaseStep, Expect, Tolerance};
use crate::mosaik::Mosaik;
use crate::nodes::two_nodes;
use crate::rules::{self, Rules};

/// The types without vectors that a script could have without further words.
const WITHOUT: [&str; 6] = [
    "CSV",
    "Constant",
    "Weather",
    "H2Valve",
    "HeatValve",
    "DistributionNetwork",
];

/// How values travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bare,
    Envelopes,
}

/// The files with vectors, and the type that each is about.
fn files() -> Vec<(PathBuf, TypeRef)> {
    let mut files = Vec::new();
    for folder in ["tests/vectors", "tests/vectors/cluster"] {
        for entry in fs::read_dir(workspace().join(folder)).expect("vectors") {
            let path = entry.expect("an entry").path();
            let stem = path.file_stem().expect("a name").to_string_lossy();
            let name = stem.strip_suffix("_table").unwrap_or(&stem);
            // What is told to boards of a table has sockets, which this has not.
            if let Some(model_type) = models::CATALOGUE.find(name) {
                files.push((path.clone(), model_type));
            }
        }
    }
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    files
}

/// The cases of a file that apply.
fn cases(path: &Path, model_type: &TypeRef) -> (Vec<Case>, &'static Rules) {
    let text = fs::read_to_string(path).expect("readable");
    let json: Json = serde_json::from_str(&text).expect("cases");
    let stem = path.file_stem().expect("a name").to_string_lossy();
    let rules = rules::of(&stem).expect("rules");
    let cases = json.as_array().expect("a list of cases").iter();
    let cases = cases.map(|case| Case::new(&model_type.name, case));
    let cases = cases.filter(|case| rules.reason_to_skip(case).is_none());
    // There are no sockets here, mosaik never goes back, and what is connected is there.
    let is_declared = |case: &Case, name: &str| {
        let section = case.config.inputs.iter().flatten();
        model_type.input_slot(name).is_some()
            || section.into_iter().any(|(known, _)| **known == *name)
    };
    let fits = |case: &Case| {
        let ticks = case.steps.windows(2);
        let mut inputs = case.steps.iter().flat_map(|step| &step.inputs);
        case.steps.iter().all(|step| step.sockets.is_empty())
            && inputs.all(|(name, _)| is_declared(case, name))
            && ticks.into_iter().all(|pair| pair[0].tick < pair[1].tick)
    };
    (cases.filter(fits).collect(), rules)
}

#[test]
fn all_types_give_the_values_of_their_vectors() {
    let bridge = Bridge::start(&["-q"]);
    let mut counts: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for (path, model_type) in files() {
        let (cases, rules) = cases(&path, &model_type);
        let count = counts.entry(model_type.name.to_string()).or_default();
        for case in &cases {
            run(bridge.address, case, &model_type, rules, Form::Envelopes);
            count[0] += 1;
            if means_the_same_bare(case, &model_type) {
                run(bridge.address, case, &model_type, rules, Form::Bare);
                count[1] += 1;
            }
        }
    }
    println!("{counts:?}");
    let missing: Vec<&str> = models::CATALOGUE
        .names()
        .filter(|name| counts.get(*name).is_none_or(|count| count.contains(&0)))
        .collect();
    // The first two have no vectors; they have tests of their own. The others have attributes that depend on their
    // parameters, which a script has to name before.
    assert_eq!(missing, WITHOUT);
}

#[test]
fn nodes_give_the_values_of_the_vectors() {
    let (nodes, key) = two_nodes();
    let list = format!("{},{}", nodes[0].address, nodes[1].address);
    let bridge = Bridge::start(&[
        "-q",
        "--nodes",
        &list,
        "--key",
        key.path().to_str().expect("a path"),
    ]);
    let mut ran = 0;
    for (path, model_type) in files() {
        let (cases, rules) = cases(&path, &model_type);
        let steady = cases
            .iter()
            .filter(|case| is_steady(case) && case.construct_error.is_none());
        for case in steady.take(4) {
            run(bridge.address, case, &model_type, rules, Form::Envelopes);
            ran += 1;
        }
    }
    assert!(ran > 60, "{ran} cases");
}

/// Some cases of each type for scripts, in which steps are regular, nothing fails, and all values are those of JSON.
pub(crate) fn for_scripts() -> Vec<Json> {
    let mut found = Vec::new();
    for (path, model_type) in files() {
        let text = fs::read_to_string(&path).expect("readable");
        let (cases, rules) = cases(&path, &model_type);
        let fits = |case: &&Case| {
            let size = Tick::from(
                case.config
                    .time_step_size
                    .unwrap_or(model_type.time_step_size),
            );
            let is_regular = |(number, step): (usize, &CaseStep)| {
                step.tick == number as Tick * size && matches!(step.expect, Expect::Results { .. })
            };
            case.construct_error.is_none()
                // A coarser one would let more pass than it shows.
                && case.tolerance.is_none_or(|tolerance| tolerance.absolute <= 1e-9)
                && rules.flag_of(case).is_none()
                && is_steady(case)
                && means_the_same_bare(case, &model_type)
                && case.steps.iter().enumerate().all(is_regular)
                && !text_of(&text, &case.name).contains("$f64")
        };
        let fitting = cases.iter().filter(fits).take(2);
        found.extend(fitting.map(|case| for_script(case, &model_type, rules)));
    }
    let names = |name: &&str| !found.iter().any(|case| case["type"] == *name);
    let missing: Vec<&str> = models::CATALOGUE.names().filter(names).collect();
    assert_eq!(missing, WITHOUT);
    found
}

/// A case as it stands in its file.
fn text_of(cases: &str, name: &str) -> String {
    let cases: Json = serde_json::from_str(cases).expect("cases");
    let case = cases
        .as_array()
        .and_then(|cases| cases.iter().find(|case| case["name"] == *name));
    case.expect("it came from there").to_string()
}

fn for_script(case: &Case, model_type: &TypeRef, rules: &Rules) -> Json {
    let (_, create) = beginning(case, model_type, rules, Form::Bare);
    let named = create
        .named
        .iter()
        .filter(|(_, value)| !matches!(value, Value::Null));
    let create: serde_json::Map<String, Json> = named
        .map(|(name, value)| (name.to_string(), json(value)))
        .collect();
    let first = case.steps.first().map_or(&[][..], |step| &step.inputs);
    let inputs = first
        .iter()
        .enumerate()
        .flat_map(|(place, (name, messages))| {
            messages.iter().enumerate().map(move |(number, message)| {
                let values = case
                    .steps
                    .iter()
                    .map(|step| json(&step.inputs[place].1[number].value));
                let source = if message.source.is_empty() {
                    format!("S{number}")
                } else {
                    message.source.clone()
                };
                serde_json::json!([name, source, values.collect::<Vec<_>>()])
            })
        });
    let expected = case.steps.iter().map(|step| {
        let Expect::Results { published, .. } = &step.expect else {
            unreachable!("nothing fails in them");
        };
        let published = published.iter();
        Json::Object(
            published
                .map(|(name, value)| (name.clone(), json(value)))
                .collect(),
        )
    });
    let expected: Vec<Json> = expected.collect();
    let published: Vec<&String> = expected
        .iter()
        .take(1)
        .filter_map(Json::as_object)
        .flat_map(|map| map.keys())
        .collect();
    serde_json::json!({
        "type": &*model_type.name, "name": case.name, "resolution": case.resolution,
        "size": case.config.time_step_size.unwrap_or(model_type.time_step_size),
        "create": create, "inputs": inputs.collect::<Vec<_>>(), "published": published,
        "expected": expected,
        // Relative, and absolute.
        "tolerance": case.tolerance.map_or([rules.tolerance, 0.0], |it| [it.relative, it.absolute]),
    })
}

fn json(value: &Value) -> Json {
    let mut text = String::new();
    append_json(value, &mut text);
    serde_json::from_str(&text).expect("JSON without other words")
}

/// Whether the same sources have a value in every step.
fn is_steady(case: &Case) -> bool {
    let names = |step: &CaseStep| {
        let inputs = step.inputs.iter();
        let names = inputs.map(|(name, messages)| {
            let sources = messages.iter().map(|message| message.source.clone());
            (name.clone(), sources.collect::<Vec<_>>())
        });
        names.collect::<Vec<_>>()
    };
    case.steps
        .windows(2)
        .all(|pair| names(&pair[0]) == names(&pair[1]))
}

/// Whether values without envelopes say the same: an envelope says more of some.
fn means_the_same_bare(case: &Case, model_type: &TypeRef) -> bool {
    let of_input = |(name, messages): &(String, Vec<case::Message>)| {
        let input = model_type.inputs.iter().find(|input| input.name == *name);
        let is_summed = input.is_some_and(|input| input.kind == Kind::Number && !input.by_source);
        let are_outputs = messages
            .iter()
            .filter(|message| message.origin == Origin::Output)
            .count();
        match (&messages[..], are_outputs) {
            ([only], 1) => match &only.value {
                Value::Int(_) => true,
                Value::Float(float) => !(*float == 0.0 && float.is_sign_negative()),
                _ => false,
            },
            ([_], _) => true,
            (_, 0) => !is_summed,
            (all, outputs) => outputs == all.len() && is_summed,
        }
    };
    // Names that a scenario may declare and nobody knows are refused of a script.
    let is_known = |name: &Arc<str>| {
        let inputs = model_type.inputs.iter().any(|input| *input.name == **name);
        inputs
            || model_type
                .published
                .iter()
                .any(|published| *published.name == **name)
            || model_type.never_published.contains(name)
    };
    let config = &case.config;
    let declared = [&config.inputs, &config.outputs, &config.states]
        .into_iter()
        .flatten()
        .flatten();
    declared.into_iter().all(|(name, _)| is_known(name))
        && case
            .steps
            .iter()
            .flat_map(|step| &step.inputs)
            .all(of_input)
}

fn run(address: SocketAddr, case: &Case, model_type: &TypeRef, rules: &Rules, form: Form) {
    let place = format!("{} '{}', {form:?}", model_type.name, case.name);
    let mut mosaik = Mosaik::connect(address);
    let (init, create) = beginning(case, model_type, rules, form);
    let Message::Success(..) = mosaik.call(&init) else {
        panic!("{place}: no session");
    };
    let created = mosaik.call(&create);
    match created {
        Message::Success(..) => assert!(case.construct_error.is_none(), "{place}: was built"),
        // Also where a step would come first: an error may be reported as early as possible.
        Message::Failure(_, failed) => {
            let is_expected = case.construct_error.is_some() || case.error().is_some();
            assert!(is_expected, "{place}: {failed:?}");
            return;
        }
        Message::Request(..) => panic!("{place}: a request"),
    }
    let units = if form == Form::Bare {
        u64::from(case.resolution)
    } else {
        1
    };
    let id = if form == Form::Bare {
        format!("{}_0", model_type.name)
    } else {
        "time-based_0".to_owned()
    };
    let size = Tick::from(
        case.config
            .time_step_size
            .unwrap_or(model_type.time_step_size),
    );
    let mut due = 0;
    for step in &case.steps {
        // Of some types the vectors leave steps out that change nothing.
        while due <= step.tick {
            let inputs = Value::Map([(id.as_str().into(), inputs(step, form))].into());
            let time = Value::Int((due * units).cast_signed());
            let stepped = mosaik.call(&Call::new("step", vec![time, inputs, Value::Int(i64::MAX)]));
            let place = format!("{place}, step {due}");
            if let (true, Expect::Error(category)) = (due == step.tick, &step.expect) {
                assert!(
                    matches!(stepped, Message::Failure(..)),
                    "{place}: no error, and should be {category}"
                );
                return;
            }
            due += size;
            match stepped {
                Message::Success(_, Value::Int(next)) => {
                    assert_eq!(next.cast_unsigned(), due * units, "{place}");
                }
                other => panic!("{place}: {other:?}"),
            }
        }
        compare(
            &mut mosaik,
            &id,
            step,
            (rules, case.tolerance, form),
            &place,
        );
    }
}

/// `init` and `create` of a case.
fn beginning(case: &Case, model_type: &TypeRef, rules: &Rules, form: Form) -> (Call, Call) {
    let config = &case.config;
    let is_known = |name: &str| {
        model_type.sections == SectionPolicy::Own || model_type.parameter_slot(name).is_some()
    };
    let mut parameters = config.parameters.clone();
    if let (Some(flag), Some(parameters)) = (rules.flag_of(case), &mut parameters) {
        parameters.push((flag.into(), Value::Bool(true)));
    }
    if form == Form::Bare
        && let Some(parameters) = &mut parameters
    {
        parameters.retain(|(name, _)| is_known(name));
    }
    let map = |entries: &Option<Entries>| {
        entries
            .as_ref()
            .map_or(Value::Null, |entries| Value::Map(entries.clone().into()))
    };
    let mut sections: Entries = vec![
        ("parameters".into(), map(&parameters)),
        ("inputs".into(), map(&config.inputs)),
        ("outputs".into(), map(&config.outputs)),
        ("states".into(), map(&config.states)),
    ];
    if let Some(size) = config.time_step_size {
        sections.push(("time_step_size".into(), Value::Int(size.into())));
    }
    let mut init = Call::new("init", vec![Value::text("I-0")]);
    let mut create = Call::new("create", vec![Value::Int(1), Value::text(&model_type.name)]);
    let resolution = Value::Int(case.resolution.into());
    if form == Form::Bare {
        init.named = vec![("step_size".into(), resolution)];
        create.named = sections;
    } else {
        sections.push(("type".into(), Value::text(&model_type.name)));
        let entry = Value::Map(sections.into());
        init.named = vec![
            ("time_resolution".into(), resolution),
            (
                "sim_params".into(),
                Value::Map([("model".into(), entry)].into()),
            ),
        ];
    }
    (init, create)
}

/// What a step brings, by attribute and source.
fn inputs(step: &CaseStep, form: Form) -> Value {
    let value = |message: &case::Message| match form {
        Form::Bare => message.value.clone(),
        Form::Envelopes => Value::Map(
            [
                (
                    "message_origin".into(),
                    Value::text(&message.origin.to_string()),
                ),
                ("value".into(), message.value.clone()),
            ]
            .into(),
        ),
    };
    let attributes = step.inputs.iter().map(|(name, messages)| {
        let sources = messages.iter().enumerate().map(|(place, message)| {
            // Some cases have two messages of nobody.
            let source = if message.source.is_empty() {
                format!("S{place}")
            } else {
                message.source.clone()
            };
            (format!("{source}-0.time-based_0").into(), value(message))
        });
        (name.as_str().into(), Value::Map(sources.collect()))
    });
    Value::Map(attributes.collect())
}

/// Compares what was published with what was expected.
fn compare(
    mosaik: &mut Mosaik,
    id: &str,
    step: &CaseStep,
    (rules, tolerance, form): (&Rules, Option<Tolerance>, Form),
    place: &str,
) {
    let Expect::Results {
        published,
        next,
        files,
    } = &step.expect
    else {
        unreachable!("a step that fails ends its case");
    };
    // Side files are not written, and the next step is asked for by the one before.
    let _ = (next, files);
    if published.is_empty() {
        return;
    }
    let names = published.iter().map(|(name, _)| Value::text(name));
    let asked = Value::Map([(id.into(), Value::List(names.collect()))].into());
    let Message::Success(_, data) = mosaik.call(&Call::new("get_data", vec![asked])) else {
        panic!("{place}: no data");
    };
    for (name, expected) in published {
        let got = data.get(id).and_then(|data| data.get(name));
        let got = got.and_then(|got| {
            if form == Form::Bare {
                Some(got)
            } else {
                got.get("value")
            }
        });
        let got = got.unwrap_or_else(|| panic!("{place}: '{name}' was not published"));
        assert!(
            tolerance.map_or_else(
                || agrees(expected, got, rules),
                |tolerance| tolerance.allows_value(expected, got)
            ),
            "{place}: {name} is {got}, and should be {expected}"
        );
    }
}

fn agrees(expected: &Value, got: &Value, rules: &Rules) -> bool {
    let text = |value: &Value| {
        let mut text = String::new();
        append_json(value, &mut text);
        text
    };
    match (expected, got) {
        (Value::Float(expected), Value::Float(got)) if rules.tolerance > 0.0 => {
            (expected - got).abs() <= rules.tolerance * expected.abs()
        }
        _ => text(expected) == text(got),
    }
}
