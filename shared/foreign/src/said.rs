//! What a simulator says of itself: the answer to `init`, taken apart.

use std::borrow::Cow;
use std::collections::BTreeSet;

use shared::value::Value;

use crate::wire::append_json;
use crate::{EntityAttribute, EntityType, Role, SimulatorKind};

/// The most characters of a request or an answer in a message.
const MAX_SHOWN: usize = 300;

/// What a simulator says of itself.
#[derive(Debug)]
pub(crate) struct Said {
    /// The version of the interface, empty where it says none.
    pub(crate) api_version: String,
    /// What that version is like.
    pub(crate) interface: Interface,
    /// When its steps are due.
    pub(crate) kind: SimulatorKind,
    /// What it can create.
    pub(crate) types: Vec<EntityType>,
    /// The names of its extra methods.
    pub(crate) extra_methods: Vec<String>,
}

/// How versions of mosaik's interface differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interface {
    /// Whether it wants to hear that everything has been created.
    pub(crate) has_setup_done: bool,
    /// Whether a step comes with the time to which it may go ahead.
    pub(crate) has_max_advance: bool,
}

impl Said {
    /// Takes the answer apart. An error is what is wrong with it.
    pub(crate) fn read(meta: &Value) -> Result<Self, String> {
        map(meta, "what it says of itself")?;
        let (api_version, interface) = version(meta.get("api_version"))?;
        let kind = kind(meta.get("type"))?;
        let own = meta.get("illuminator").unwrap_or(&Value::Null);
        let models = meta.get("models").unwrap_or(&Value::Null);
        let models = map(models, "'models'")?.iter();
        let types = models.map(|(name, model)| entity_type(name, model, kind, own));
        Ok(Self {
            api_version,
            interface,
            kind,
            types: types.collect::<Result<_, _>>()?,
            extra_methods: names(meta.get("extra_methods"), "'extra_methods'")?,
        })
    }
}

fn version(said: Option<&Value>) -> Result<(String, Interface), String> {
    let Some(said) = said else {
        let interface = Interface {
            has_setup_done: false,
            has_max_advance: false,
        };
        return Ok((String::new(), interface));
    };
    let parts = said.as_text().and_then(|text| {
        let mut parts = text.split('.').map(|part| part.parse::<u32>().ok());
        Some((parts.next()??, parts.next().unwrap_or(Some(0))?, text))
    });
    let Some((major, minor, text)) = parts else {
        return Err(format!(
            "'api_version' is no version, such as '3.0': {}",
            json(said)
        ));
    };
    if major > 3 {
        return Err(format!(
            "it speaks version {text} of mosaik's interface, and 3 is the latest that is known here; use an \
             earlier release of it"
        ));
    }
    let interface = Interface {
        has_setup_done: (major, minor) >= (2, 2),
        has_max_advance: major >= 3,
    };
    Ok((text.to_owned(), interface))
}

fn kind(said: Option<&Value>) -> Result<SimulatorKind, String> {
    let Some(said) = said else {
        return Ok(SimulatorKind::TimeBased);
    };
    match said.as_text() {
        Some("time-based") => Ok(SimulatorKind::TimeBased),
        Some("hybrid") => Ok(SimulatorKind::Hybrid),
        Some("event-based") => Ok(SimulatorKind::EventBased),
        _ => Err(format!(
            "'type' is none of 'time-based', 'hybrid' and 'event-based': {}",
            json(said)
        )),
    }
}

fn entity_type(
    name: &str,
    model: &Value,
    kind: SimulatorKind,
    own: &Value,
) -> Result<EntityType, String> {
    let place = format!("the model '{name}'");
    map(model, &place)?;
    let list = |key: &str| names(model.get(key), &format!("'{key}' of {place}"));
    let truth = |key: &str, usual| match model.get(key) {
        None => Ok(usual),
        Some(Value::Bool(is_so)) => Ok(*is_so),
        Some(other) => Err(format!(
            "'{key}' of {place} is neither true nor false: {}",
            json(other)
        )),
    };
    let optional = |key: &str| model.get(key).map(|_| list(key)).transpose();
    let triggers = Marks::new(
        optional("trigger")?,
        optional("non-trigger")?,
        kind == SimulatorKind::EventBased,
    );
    let events = Marks::new(
        optional("non-persistent")?,
        optional("persistent")?,
        kind == SimulatorKind::EventBased,
    );
    let is_time_based = kind == SimulatorKind::TimeBased;
    let attributes = list("attrs")?.into_iter().map(|name| {
        let told = own
            .get("attributes")
            .and_then(|attributes| attributes.get(&name));
        Ok(EntityAttribute {
            role: told
                .and_then(|told| told.get("role"))
                .map(role)
                .transpose()?,
            initial: told.and_then(|told| told.get("initial")).cloned(),
            unit: told
                .and_then(|told| told.get("unit"))
                .and_then(Value::as_text)
                .map(str::to_owned),
            is_trigger: !is_time_based && triggers.has(&name),
            is_persistent: is_time_based || !events.has(&name),
            name,
        })
    });
    let attributes = attributes.collect::<Result<_, String>>()?;
    let mut parameters = list("params")?;
    if let Some(Value::Map(told)) = own.get("parameters") {
        let others = told.iter().map(|(name, _)| name.to_string());
        let others: Vec<String> = others.filter(|name| !parameters.contains(name)).collect();
        parameters.extend(others);
    }
    Ok(EntityType {
        name: name.to_owned(),
        is_public: truth("public", true)?,
        parameters,
        attributes,
        any_inputs: truth("any_inputs", false)?,
    })
}

/// Which attributes have a property, where some are listed that have it, or some that do not.
struct Marks {
    with: Option<BTreeSet<String>>,
    without: Option<BTreeSet<String>>,
    usual: bool,
}

impl Marks {
    fn new(with: Option<Vec<String>>, without: Option<Vec<String>>, usual: bool) -> Self {
        let set = |names: Vec<String>| names.into_iter().collect();
        Self {
            with: with.map(set),
            without: without.map(set),
            usual,
        }
    }

    fn has(&self, name: &str) -> bool {
        match (&self.with, &self.without) {
            (Some(with), _) => with.contains(name),
            (None, Some(without)) => !without.contains(name),
            (None, None) => self.usual,
        }
    }
}

fn role(said: &Value) -> Result<Role, String> {
    match said.as_text() {
        Some("input") => Ok(Role::Input),
        Some("output") => Ok(Role::Output),
        Some("state") => Ok(Role::State),
        _ => Err(format!(
            "a role is none of 'input', 'output' and 'state': {}",
            json(said)
        )),
    }
}

/// The entries of a mapping.
pub(crate) fn map<'a>(
    value: &'a Value,
    what: &str,
) -> Result<&'a [(std::sync::Arc<str>, Value)], String> {
    match value {
        Value::Map(entries) => Ok(entries),
        other => Err(format!(
            "{what} should be a mapping, and is {}",
            json(other)
        )),
    }
}

/// A list of names, empty where there is none.
pub(crate) fn names(value: Option<&Value>, what: &str) -> Result<Vec<String>, String> {
    let wrong = |value: &Value| format!("{what} should be a list of names, and is {}", json(value));
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(list @ Value::List(items)) => {
            let names = items.iter().map(|item| item.as_text().map(str::to_owned));
            names.collect::<Option<_>>().ok_or_else(|| wrong(list))
        }
        Some(other) => Err(wrong(other)),
    }
}

/// A text, without its middle where it is long.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    let Some((cut, _)) = text.char_indices().nth(MAX_SHOWN) else {
        return Cow::Borrowed(text);
    };
    Cow::Owned(format!("{}…", &text[..cut]))
}

/// A value as it went over the wire, shortened.
pub(crate) fn json(value: &Value) -> String {
    let mut text = String::new();
    append_json(value, &mut text);
    shortened(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::read_json;

    fn read(text: &str) -> Result<Said, String> {
        Said::read(&read_json(text.as_bytes()).expect("JSON"))
    }

    fn marks(kind: &str, more: &str) -> Vec<(bool, bool)> {
        let text = format!(
            r#"{{"api_version": "3.0", "type": "{kind}", "models": {{"M": {{"attrs": ["a", "b"]{more}}}}}}}"#
        );
        let said = read(&text).expect("understood");
        let attributes = said.types[0].attributes.iter();
        attributes
            .map(|a| (a.is_trigger, a.is_persistent))
            .collect()
    }

    #[test]
    fn the_version_says_what_is_asked_for() {
        let interface = |version: &str| {
            let said = read(&format!(r#"{{{version} "models": {{}}}}"#)).expect("understood");
            assert_eq!(said.kind, SimulatorKind::TimeBased);
            (
                said.api_version,
                said.interface.has_setup_done,
                said.interface.has_max_advance,
            )
        };
        assert_eq!(interface(""), (String::new(), false, false));
        for (version, setup_done, max_advance) in [
            ("1", false, false),
            ("2.1", false, false),
            ("2.2", true, false),
            ("2.10", true, false),
            ("3.0", true, true),
            ("3.0.13", true, true),
        ] {
            let said = interface(&format!(r#""api_version": "{version}","#));
            assert_eq!(said, (version.to_owned(), setup_done, max_advance));
        }
        let error = read(r#"{"api_version": "4.0", "models": {}}"#).expect_err("too new");
        assert!(error.contains("version 4.0"), "{error}");
    }

    #[test]
    fn what_triggers_and_what_holds_depends_on_the_kind() {
        let more = r#", "trigger": ["a"], "non-persistent": ["a"]"#;
        assert_eq!(marks("time-based", more), [(false, true), (false, true)]);
        assert_eq!(marks("event-based", ""), [(true, false), (true, false)]);
        assert_eq!(marks("hybrid", ""), [(false, true), (false, true)]);
        assert_eq!(marks("hybrid", more), [(true, false), (false, true)]);
        let less = r#", "non-trigger": ["a"], "persistent": ["a"]"#;
        assert_eq!(marks("hybrid", less), [(false, true), (true, false)]);
    }

    #[test]
    fn a_class_of_ours_says_more() {
        let said = read(concat!(
            r#"{"api_version": "3.0", "models": {"B": {"public": true, "params": ["p"], "attrs": ["x", "y"]}}, "#,
            r#""illuminator": {"step_size": 1, "parameters": {"p": 1, "q": null}, "#,
            r#""attributes": {"x": {"role": "output", "initial": 0.5, "unit": "kW"}}}}"#
        ));
        let kind = &said.expect("understood").types[0];
        assert_eq!(kind.parameters, ["p", "q"]);
        let x = &kind.attributes[0];
        assert_eq!(
            (x.role, &x.initial),
            (Some(Role::Output), &Some(Value::Float(0.5)))
        );
        assert_eq!(x.unit.as_deref(), Some("kW"));
        assert_eq!(kind.attributes[1].role, None);
    }

    #[test]
    fn nonsense_is_said_with_what_came() {
        for (text, place) in [
            ("null", "of itself"),
            ("{}", "'models'"),
            (r#"{"models": {"M": 1}}"#, "the model 'M'"),
            (
                r#"{"models": {"M": {"attrs": [1]}}}"#,
                "'attrs' of the model 'M'",
            ),
            (
                r#"{"models": {"M": {"public": 1}}}"#,
                "'public' of the model 'M'",
            ),
            (r#"{"models": {}, "type": "x"}"#, "'type'"),
            (r#"{"models": {}, "api_version": 3.0}"#, "'api_version'"),
            (r#"{"models": {}, "api_version": "new"}"#, "'api_version'"),
            (r#"{"models": {}, "extra_methods": {}}"#, "'extra_methods'"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(place), "{text}: {error}");
        }
    }
}
