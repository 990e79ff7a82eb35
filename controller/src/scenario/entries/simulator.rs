//! The section `simulators`: programs whose models are models of the scenario.

use std::sync::Arc;

use foreign::{ExtraCall, Program};
use shared::model::Entries;
use shared::value::Value;

use super::connect::check_host;
use super::fields::{Fields, filled_list, wrong_kind};
use super::values::{is_word, value};
use crate::scenario::problems::{Position, Problems, shortened};
use crate::scenario::yaml::{Content, Entry, Node};

const KEYS: &[&str] = &[
    "python",
    "command",
    "connect",
    "interpreter",
    "init",
    "calls",
    "pipeline",
];

/// The keys that say what a simulator is, one of which it has.
const PROGRAMS: [&str; 3] = ["python", "command", "connect"];

/// A simulator, as far as it could be read.
#[derive(Clone, Debug)]
pub(crate) struct SimulatorEntry {
    pub(crate) name: String,
    /// How messages call it: `simulator 'Grid'`.
    pub(crate) label: String,
    /// Where its name stands.
    pub(crate) position: Position,
    /// `None` where that is wrong.
    pub(crate) program: Option<Program>,
    /// Named arguments of `init`.
    pub(crate) init: Entries,
    pub(crate) calls: Vec<ExtraCall>,
    /// Whether a step and the question for its results may be under way together.
    pub(crate) pipeline: bool,
}

/// Reads the section.
pub(super) fn read_simulators(node: &Node, problems: &mut Problems) -> Vec<SimulatorEntry> {
    match &node.content {
        Content::Map(entries) if !entries.is_empty() => {
            let entries = entries.iter();
            entries
                .map(|entry| SimulatorEntry::read(entry, problems))
                .collect()
        }
        _ => {
            let wanted = "a mapping of names to programs (or be left out)";
            wrong_kind(node, "'simulators'", wanted, problems);
            Vec::new()
        }
    }
}

impl SimulatorEntry {
    fn read(Entry { key, value: node }: &Entry, problems: &mut Problems) -> Self {
        let label = format!("simulator '{}'", shortened(&key.text));
        let mut entry = Self {
            name: key.text.to_string(),
            label: label.clone(),
            position: key.position,
            program: None,
            init: Entries::new(),
            calls: Vec::new(),
            pipeline: true,
        };
        if !is_word(&key.text) {
            let message = format!(
                "{label}: its name is part of the types of models, so it must consist of letters, digits \
                 and _"
            );
            problems.error("invalid_name", key.position, message);
        }
        if let Some(fields) = Fields::of(node, label, KEYS, problems) {
            fields.refuse_unknown(problems);
            entry.program = read_program(&fields, key.position, problems);
            entry.pipeline = fields.boolean("pipeline", problems).unwrap_or(true);
            entry.init = read_arguments(&fields, "init", problems);
            entry.calls = read_calls(&fields, problems);
            entry.refuse_for_classes(&fields, problems);
        }
        entry
    }

    /// Refuses what a class in Python does not take.
    fn refuse_for_classes(&self, fields: &Fields<'_>, problems: &mut Problems) {
        let Some(Program::Python { .. }) = self.program else {
            return;
        };
        for (key, instead) in [
            ("init", "'parameters' of its models"),
            ("calls", "its constructor, or its first step"),
        ] {
            if let Some(place) = fields.place_of(key) {
                let message = format!(
                    "{} is a class in Python, which has no '{key}'; use {instead}",
                    self.label
                );
                problems.error("misplaced_key", place, message);
            }
        }
    }

    /// What runs it, in a few words.
    pub(crate) fn described(&self) -> String {
        match &self.program {
            Some(Program::Python { class, .. }) => class.clone(),
            Some(Program::Command { line, .. }) => line.clone(),
            Some(Program::Connect { address }) => address.clone(),
            None => String::new(),
        }
    }

    /// Whether it is a class in Python, each of whose models is a program of its own.
    pub(crate) fn is_class(&self) -> bool {
        matches!(self.program, Some(Program::Python { .. }))
    }
}

fn read_program(
    fields: &Fields<'_>,
    position: Position,
    problems: &mut Problems,
) -> Option<Program> {
    let given: Vec<&str> = PROGRAMS
        .into_iter()
        .filter(|key| fields.get(key).is_some())
        .collect();
    let [key] = given.as_slice() else {
        let what = match given.as_slice() {
            [] if PROGRAMS.iter().any(|key| fields.misspells(key)) => return None,
            [] => "does not say what it is".to_owned(),
            several => format!("has {}", quoted(several)),
        };
        let message = format!(
            "{} {what}; give it one of 'python' (module:Class), 'command' (which is started and calls \
             back at %(addr)s) and 'connect' (host:port)",
            fields.object
        );
        problems.error("no_program", position, message);
        return None;
    };
    let interpreter = fields.text("interpreter", problems);
    let interpreter = interpreter.map(|(text, _)| text.to_owned());
    let (text, place) = fields.text(key, problems)?;
    match *key {
        "python" if is_class_path(text) => Some(Program::Python {
            class: text.to_owned(),
            interpreter,
        }),
        "python" => {
            let message = format!(
                "{} must be 'module:Class', such as 'my_models.battery:MyBattery', not '{}'",
                fields.name_of("python"),
                shortened(text)
            );
            problems.error("invalid_class", place, message);
            None
        }
        "command" => Some(Program::Command {
            line: text.to_owned(),
            interpreter,
        }),
        _ => {
            if let Some(place) = fields.place_of("interpreter") {
                let message = format!(
                    "{} is there already and is not started, so it has no 'interpreter'; remove it",
                    fields.object
                );
                problems.error("misplaced_key", place, message);
            }
            read_address(text, place, fields, problems)
        }
    }
}

fn quoted(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("'{key}'")).collect();
    keys.join(" and ")
}

fn read_address(
    text: &str,
    place: Position,
    fields: &Fields<'_>,
    problems: &mut Problems,
) -> Option<Program> {
    let parts = text.rsplit_once(':');
    let parts = parts.and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
    let wrong = match parts {
        Some((host, 1..)) => {
            let bare = host
                .strip_prefix('[')
                .and_then(|host| host.strip_suffix(']'));
            match check_host(bare.unwrap_or(host)) {
                Ok(()) => {
                    let address = text.to_owned();
                    return Some(Program::Connect { address });
                }
                Err(what) => format!("'{}' {what}", shortened(host)),
            }
        }
        _ => format!(
            "it must be 'host:port', such as '127.0.0.1:5601', not '{}'",
            shortened(text)
        ),
    };
    let message = format!("{}: {wrong}", fields.name_of("connect"));
    problems.error("invalid_address", place, message);
    None
}

/// Whether a text is `module:Class`.
fn is_class_path(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(module, class)| module.split('.').all(is_word) && is_word(class))
}

/// Named arguments; none where they are left out.
fn read_arguments(fields: &Fields<'_>, key: &str, problems: &mut Problems) -> Entries {
    let Some(node) = fields.get(key) else {
        return Entries::new();
    };
    let name = fields.name_of(key);
    let Content::Map(entries) = &node.content else {
        wrong_kind(node, &name, "a mapping of named arguments", problems);
        return Entries::new();
    };
    let argument = |entry: &Entry| {
        let name = format!("'{}' in {name}", shortened(&entry.key.text));
        let value: Value = value(&entry.value, &name, problems)?;
        Some((Arc::clone(&entry.key.text), value))
    };
    entries.iter().filter_map(argument).collect()
}

fn read_calls(fields: &Fields<'_>, problems: &mut Problems) -> Vec<ExtraCall> {
    let Some(node) = fields.get("calls") else {
        return Vec::new();
    };
    let calls = filled_list(node, &fields.name_of("calls"), problems).unwrap_or_default();
    let call = |(number, node): (usize, &Node)| {
        let object = format!("call {} of {}", number + 1, fields.object);
        let fields = Fields::of(node, object, &["method", "arguments"], problems)?;
        fields.refuse_unknown(problems);
        let (method, _) = fields.required_text("method", problems)?;
        Some(ExtraCall {
            method: method.to_owned(),
            arguments: read_arguments(&fields, "arguments", problems),
        })
    };
    calls.iter().enumerate().filter_map(call).collect()
}
