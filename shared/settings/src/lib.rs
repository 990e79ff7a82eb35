//! The entries of a configuration file: of a node, of a bridge, of the card of a Raspberry Pi. The only crate that
//! names the parser of TOML, of which configurations have texts, integers, flags, lists and tables.

use std::borrow::Cow;
use std::fmt;

use toml_parser::decoder::{IntegerRadix, ScalarKind};
use toml_parser::parser::{Event, EventKind, parse_document};
use toml_parser::{ParseError, Raw, Source};

/// A key with its value.
#[derive(Debug)]
pub struct Entry {
    /// The keys of the tables around it, and its own.
    pub key: Vec<String>,
    /// The line of the key, from 1.
    pub line: usize,
    /// What it is to be.
    pub value: Setting,
}

/// A value, as far as configurations have some.
#[derive(Debug)]
pub enum Setting {
    /// A text in quotes.
    Text(String),
    /// A decimal number.
    Integer(i64),
    /// `true` or `false`.
    Flag(bool),
    /// A list of values.
    List(Vec<Setting>),
    /// Something that no configuration has, by its name.
    Other(&'static str),
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "\"{}\"", text.escape_debug()),
            Self::Integer(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
            Self::List(_) => f.write_str("a list"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// The entries of a file in their order.
///
/// # Errors
/// The line, from 1, of what is wrong, and what that is.
pub fn entries(text: &str) -> Result<Vec<Entry>, (usize, String)> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut events = Vec::new();
    let mut error = None;
    parse_document(&tokens, &mut |event: Event| events.push(event), &mut error);
    let mut reader = Reader {
        text,
        error,
        ..Reader::default()
    };
    for event in &events {
        if reader.error.is_none()
            && let Some(raw) = source.get(event)
        {
            reader.take(event, &raw)?;
        }
    }
    match reader.error {
        None => Ok(reader.entries),
        Some(error) => {
            let place = error.unexpected().or_else(|| error.context());
            let line = line_of(text, place.map_or(text.len(), |span| span.start()));
            Err((line, format!("no TOML: {}", error.description())))
        }
    }
}

/// The line, from 1, of a place in a text.
fn line_of(text: &str, place: usize) -> usize {
    let before = text.as_bytes().iter().take(place);
    before.filter(|byte| **byte == b'\n').count() + 1
}

/// Follows the events of the parser.
#[derive(Default)]
struct Reader<'a> {
    text: &'a str,
    entries: Vec<Entry>,
    /// The keys of the tables around, outermost first: of the header, then of inline tables.
    around: Vec<Vec<String>>,
    /// The key that is being read, and its line.
    key: Vec<String>,
    line: usize,
    /// The lists that are open.
    lists: Vec<Vec<Setting>>,
    error: Option<ParseError>,
}

impl Reader<'_> {
    fn take(&mut self, event: &Event, raw: &Raw<'_>) -> Result<(), (usize, String)> {
        match event.kind() {
            EventKind::StdTableOpen => self.around.clear(),
            EventKind::StdTableClose | EventKind::InlineTableOpen => {
                self.around.push(std::mem::take(&mut self.key));
            }
            EventKind::InlineTableClose => {
                self.around.pop();
                self.key.clear();
            }
            EventKind::ArrayTableOpen => {
                let line = line_of(self.text, event.span().start());
                let message = "a list of tables means nothing here; write a table such as [leds]";
                return Err((line, message.to_owned()));
            }
            EventKind::SimpleKey => {
                let mut key = Cow::Borrowed("");
                raw.decode_key(&mut key, &mut self.error);
                self.key.push(key.into_owned());
                self.line = line_of(self.text, event.span().start());
            }
            EventKind::ArrayOpen => self.lists.push(Vec::new()),
            EventKind::ArrayClose => {
                let values = self.lists.pop().unwrap_or_default();
                self.value(Setting::List(values))?;
            }
            EventKind::Scalar => {
                let value = self.scalar(raw);
                self.value(value)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn scalar(&mut self, raw: &Raw<'_>) -> Setting {
        let mut text = Cow::Borrowed("");
        match raw.decode_scalar(&mut text, &mut self.error) {
            ScalarKind::String => Setting::Text(text.into_owned()),
            ScalarKind::Boolean(flag) => Setting::Flag(flag),
            ScalarKind::Integer(IntegerRadix::Dec) => match text.parse() {
                Ok(number) => Setting::Integer(number),
                Err(_) => Setting::Other("an integer that large"),
            },
            ScalarKind::Integer(_) => Setting::Other("an integer that is not decimal"),
            ScalarKind::Float => Setting::Other("a float"),
            ScalarKind::DateTime => Setting::Other("a date or time"),
        }
    }

    /// A value is complete: an element of a list, or that of a key.
    fn value(&mut self, value: Setting) -> Result<(), (usize, String)> {
        if let Some(list) = self.lists.last_mut() {
            list.push(value);
            return Ok(());
        }
        let own = std::mem::take(&mut self.key);
        let key: Vec<String> = self.around.iter().flatten().cloned().chain(own).collect();
        if let Some(first) = self.entries.iter().find(|entry| entry.key == key) {
            let message = format!(
                "'{}' is there already, in line {}; remove one of them",
                key.join("."),
                first.line
            );
            return Err((self.line, message));
        }
        self.entries.push(Entry {
            key,
            line: self.line,
            value,
        });
        Ok(())
    }
}
