//! Messages: requests of either side, and answers.

use std::sync::Arc;

use shared::value::Value;
use thiserror::Error;

use super::json::{JsonError, append_json, append_map, append_text, read_json};

/// A request, or an answer.
#[derive(Clone, Debug)]
pub enum Message {
    /// A request. Each side numbers its own from 0.
    Request(u64, Call),
    /// What came of the request with this number.
    Success(u64, Value),
    /// Why nothing came of the request with this number.
    Failure(u64, Failed),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function.
    pub function: String,
    /// Its arguments by position.
    pub arguments: Vec<Value>,
    /// Its arguments by name.
    pub named: Vec<(Arc<str>, Value)>,
}

/// What the other side says of its failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The name of the exception.
    pub exception: String,
    /// Its message; empty where there is none.
    pub message: String,
    /// What else it says: the lines of a traceback.
    pub more: Vec<String>,
}

/// A frame holds no message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MessageError {
    /// It is no JSON.
    #[error("this is no JSON")]
    Json(#[from] JsonError),
    /// It is JSON of another form.
    #[error("this is no message: {0}")]
    Form(&'static str),
}

impl Call {
    /// A call with arguments by position only.
    pub fn new(function: &str, arguments: Vec<Value>) -> Self {
        Self {
            function: function.to_owned(),
            arguments,
            named: Vec::new(),
        }
    }

    /// Appends it as a request with this number.
    pub fn append(&self, id: u64, out: &mut String) {
        out.push_str("[0, ");
        append_json(&Value::Int(id.cast_signed()), out);
        out.push_str(", [");
        append_text(&self.function, out);
        out.push_str(", [");
        for (place, argument) in self.arguments.iter().enumerate() {
            if place > 0 {
                out.push_str(", ");
            }
            append_json(argument, out);
        }
        out.push_str("], ");
        append_map(&self.named, out);
        out.push_str("]]");
    }
}

impl Message {
    /// Appends it as JSON.
    pub fn append(&self, out: &mut String) {
        match self {
            Self::Request(id, call) => call.append(*id, out),
            Self::Success(id, value) => {
                out.push_str("[1, ");
                append_json(&Value::Int(id.cast_signed()), out);
                out.push_str(", ");
                append_json(value, out);
                out.push(']');
            }
            Self::Failure(id, failed) => {
                out.push_str("[2, ");
                append_json(&Value::Int(id.cast_signed()), out);
                out.push_str(", [");
                append_text(&failed.exception, out);
                for text in std::iter::once(&failed.message).chain(&failed.more) {
                    out.push_str(", ");
                    append_text(text, out);
                }
                out.push_str("]]");
            }
        }
    }

    /// Reads the content of a frame.
    pub fn read(content: &[u8]) -> Result<Self, MessageError> {
        let value = read_json(content)?;
        let Value::List(parts) = &value else {
            return Err(MessageError::Form("it is no list"));
        };
        let [kind, id, payload] = &**parts else {
            return Err(MessageError::Form("it has not three parts"));
        };
        let &Value::Int(id) = id else {
            return Err(MessageError::Form("its number is no integer"));
        };
        let id = id.cast_unsigned();
        match kind {
            Value::Int(0) => Ok(Self::Request(id, call(payload)?)),
            Value::Int(1) => Ok(Self::Success(id, payload.clone())),
            Value::Int(2) => Ok(Self::Failure(id, failed(payload))),
            _ => Err(MessageError::Form("its kind is none of 0, 1 and 2")),
        }
    }
}

fn call(payload: &Value) -> Result<Call, MessageError> {
    let Value::List(parts) = payload else {
        return Err(MessageError::Form("a request is no list"));
    };
    match &**parts {
        [
            Value::Text(function),
            Value::List(arguments),
            Value::Map(named),
        ] => Ok(Call {
            function: function.to_string(),
            arguments: arguments.to_vec(),
            named: named.to_vec(),
        }),
        _ => Err(MessageError::Form(
            "a request is not a function, a list of arguments and a mapping of named ones",
        )),
    }
}

/// What a failure says, in whatever form.
fn failed(payload: &Value) -> Failed {
    let texts = match payload {
        Value::List(parts) => parts.to_vec(),
        other => vec![other.clone()],
    };
    let text = |value: &Value| match value {
        Value::Text(text) => text.to_string(),
        other => {
            let mut text = String::new();
            append_json(other, &mut text);
            text
        }
    };
    let mut texts = texts.iter().map(text);
    Failed {
        exception: texts.next().unwrap_or_default(),
        message: texts.next().unwrap_or_default(),
        more: texts.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of a text that is read and written again.
    fn again(text: &str) -> String {
        let mut written = String::new();
        Message::read(text.as_bytes())
            .expect("a message")
            .append(&mut written);
        written
    }

    #[test]
    fn messages_are_written_as_they_are_read() {
        for text in [
            r#"[0, 0, ["init", ["R-0"], {"time_resolution": 900.0, "sim_params": {"m": 1}}]]"#,
            r#"[0, 3, ["step", [0, {"e0": {"y": {"S-0.k": {"message_origin": "output", "value": 7}}}}], {}]]"#,
            r#"[0, 10, ["stop", [], {}]]"#,
            r"[1, 2, null]",
            r#"[1, 4, {"e0": {"x": 1.5}}]"#,
            r#"[2, 7, ["MyError", "something broke", "line1\n"]]"#,
        ] {
            assert_eq!(again(text), text);
        }
        assert_eq!(again(r#"[2, 1, ["E"]]"#), r#"[2, 1, ["E", ""]]"#);
        assert_eq!(again(r#"[2, 1, "E"]"#), r#"[2, 1, ["E", ""]]"#);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let form = |text: &str| match Message::read(text.as_bytes()) {
            Err(MessageError::Form(form)) => form,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(form("{}"), "it is no list");
        assert_eq!(form("[1, 2]"), "it has not three parts");
        assert_eq!(form("[1, 2.0, 3]"), "its number is no integer");
        assert_eq!(form("[3, 2, 3]"), "its kind is none of 0, 1 and 2");
        assert_eq!(form("[0, 2, 3]"), "a request is no list");
        assert!(form(r#"[0, 2, ["f", [], []]]"#).starts_with("a request is not"));
        assert!(matches!(Message::read(b"x"), Err(MessageError::Json(_))));
    }
}
