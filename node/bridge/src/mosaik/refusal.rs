//! Why a request is refused.

use foreign::wire::Failed;
use shared::value::Value;
use terminal::spelling::nearest;

/// What comes of a request.
pub(super) type Answer<T = Value> = Result<T, Failed>;

/// The exceptions that Python has for what can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// There is nothing of this name.
    Key,
    /// A value is of another kind.
    Type,
    /// A value is none that there can be.
    Value,
    /// It went wrong.
    Runtime,
}

/// Refuses a request.
pub(super) fn refuse<T>(kind: Kind, message: impl Into<String>) -> Answer<T> {
    Err(refusal(kind, message))
}

/// Why a request is refused.
pub(super) fn refusal(kind: Kind, message: impl Into<String>) -> Failed {
    let exception = match kind {
        Kind::Key => "KeyError",
        Kind::Type => "TypeError",
        Kind::Value => "ValueError",
        Kind::Runtime => "RuntimeError",
    };
    Failed {
        exception: exception.to_owned(),
        message: message.into(),
        more: Vec::new(),
    }
}

/// How many names a message lists.
const LISTED: usize = 12;

/// Says that there is nothing of this name, what was probably meant, and what there is.
pub(super) fn unknown<'a>(
    what: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Failed {
    let known: Vec<&str> = known.into_iter().collect();
    let name: String = name.chars().take(200).collect();
    let near = nearest(&name, known.iter().copied());
    let near = near.map_or_else(String::new, |near| format!(", did you mean '{near}'?"));
    let mut list = known[..known.len().min(LISTED)].join(", ");
    if known.len() > LISTED {
        list.push_str(", …");
    }
    let has = if list.is_empty() { "none".into() } else { list };
    refusal(
        Kind::Key,
        format!("there is no {what} '{name}'{near} (there is: {has})"),
    )
}
