//! What is in a value that a simulator has sent, and how it is shown.

use std::borrow::Cow;
use std::sync::Arc;

use shared::value::Value;

use crate::wire::append_json;

/// The most characters of a request or an answer in a message.
const MAX_SHOWN: usize = 300;

/// The entries of a mapping.
pub(crate) fn map<'a>(value: &'a Value, what: &str) -> Result<&'a [(Arc<str>, Value)], String> {
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
