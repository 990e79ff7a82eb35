//! Words that messages share.

use shared::value::{Origin, Value};

/// The beginning of a text, enough to recognize it in a message.
pub(crate) fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// `an output`, `a state`.
pub(crate) fn with_article(origin: Origin) -> &'static str {
    match origin {
        Origin::Output => "an output",
        Origin::State => "a state",
    }
}

/// A value as one would write it in a scenario, for messages.
pub(crate) fn as_yaml(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        other => other.to_string(),
    }
}
