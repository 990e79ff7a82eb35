//! What a simulator says of itself: the answer to `init`, taken apart.

mod entity_type;
mod reading;

use shared::value::Value;

use crate::{EntityType, SimulatorKind};

use entity_type::entity_type;
pub(crate) use reading::{json, map, names, shortened};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
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
