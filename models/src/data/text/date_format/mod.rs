//! Time stamps by a pattern such as `YYYY-MM-DD HH:mm:ss`.

mod layout;
#[cfg(any(test, feature = "examination"))]
mod stamps;
mod token;

use shared::time::WallTime;

use layout::{Before, Layout};
#[cfg(any(test, feature = "examination"))]
pub(in crate::data) use stamps::Stamps;
use token::{Parts, PatternError, Token};

/// A compiled pattern. Letters of the pattern that are no token stand for themselves, whatever
/// their case, and so does text in square brackets.
#[derive(Clone, Debug)]
pub(in crate::data) struct DateFormat {
    pattern: String,
    tokens: Vec<Token>,
    layout: Option<Layout>,
    before: Before,
    /// The date that was read last, and its midnight: most rows are of the same day.
    last: Option<((i64, i64, i64), WallTime)>,
}

/// A text that is not used as a time stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::data) enum StampError {
    /// It does not fit the pattern.
    Mismatch,
    /// There is no such date, or no such time of day.
    NoSuchTime,
    /// It is not a whole second.
    Fraction,
}

impl DateFormat {
    /// Compiles a pattern.
    pub(in crate::data) fn new(pattern: &str) -> Result<Self, PatternError> {
        let tokens = token::compile(pattern)?;
        Ok(Self {
            pattern: pattern.to_owned(),
            layout: Layout::of(&tokens),
            before: Before::default(),
            tokens,
            last: None,
        })
    }

    /// The pattern.
    pub(in crate::data) fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Reads a time stamp; it may stand between punctuation marks or among other words.
    pub(in crate::data) fn parse(&mut self, text: &str) -> Result<WallTime, StampError> {
        let layout = self.layout.as_ref();
        if let Some(parts) = layout.and_then(|layout| layout.read(text, &mut self.before)) {
            return self.time(parts);
        }
        if let Some((parts, "")) = self.match_at(text) {
            return self.time(parts);
        }
        let (parts, _) = starts(text)
            .filter_map(|start| self.match_at(&text[start..]))
            .find(|(_, rest)| may_follow(rest))
            .ok_or(StampError::Mismatch)?;
        self.time(parts)
    }

    /// Reads a text that is a time stamp and nothing else.
    #[cfg(any(test, feature = "examination"))]
    pub(in crate::data) fn parse_whole(&mut self, text: &str) -> Option<WallTime> {
        let (parts, rest) = self.match_at(text)?;
        rest.is_empty().then(|| self.time(parts).ok()).flatten()
    }

    /// The texts of time stamps that are `step` seconds apart, from the one time to the other; `None`
    /// where the pattern has several for one time, or one for several.
    #[cfg(any(test, feature = "examination"))]
    pub(in crate::data) fn stamps(&self, span: (WallTime, WallTime), step: i64) -> Option<Stamps> {
        Stamps::new(self.layout.as_ref()?, span, step)
    }

    /// Says what is wrong with a text.
    pub(in crate::data) fn explain(&self, text: &str, error: StampError) -> String {
        let pattern = &self.pattern;
        match error {
            StampError::Mismatch => format!("'{text}' does not fit date_format '{pattern}'"),
            StampError::NoSuchTime => {
                format!("'{text}' is no time: date_format '{pattern}' fits, the numbers do not")
            }
            StampError::Fraction => {
                format!("'{text}' has a fraction of a second; only whole seconds can be used")
            }
        }
    }

    /// Matches all tokens; returns what they say and the rest of the text.
    fn match_at<'t>(&self, text: &'t str) -> Option<(Parts, &'t str)> {
        let mut parts = Parts::default();
        let mut rest = text;
        for token in &self.tokens {
            rest = token.take(rest, &mut parts)?;
        }
        Some((parts, rest))
    }

    fn time(&mut self, parts: Parts) -> Result<WallTime, StampError> {
        let Parts {
            year,
            month,
            day,
            minute,
            second,
            ..
        } = parts;
        let hour = match parts.afternoon {
            Some(true) if parts.hour < 12 => parts.hour + 12,
            Some(false) if parts.hour == 12 => 0,
            _ => parts.hour,
        };
        if !parts.is_whole {
            return Err(StampError::Fraction);
        }
        let is_end_of_day = (hour, minute, second) == (24, 0, 0);
        if !(is_end_of_day || hour < 24) || minute > 59 || second > 59 || year < 1 {
            return Err(StampError::NoSuchTime);
        }
        let date = (year, month, day);
        let midnight = match self.last {
            Some((last, midnight)) if last == date => midnight,
            _ => {
                let midnight =
                    WallTime::from_parts(date, (0, 0, 0)).ok_or(StampError::NoSuchTime)?;
                self.last = Some((date, midnight));
                midnight
            }
        };
        Ok(midnight.plus((hour * 60 + minute) * 60 + second))
    }

    /// Writes a time stamp.
    pub(in crate::data) fn format(&self, time: WallTime) -> String {
        let t = time.civil();
        let mut text = String::new();
        for token in &self.tokens {
            // Writing into a string cannot fail.
            let _ = token.write(&t, &mut text);
        }
        text
    }
}

fn is_mark(c: char) -> bool {
    ",.;:?!\"'`[]{}()<>".contains(c)
}

/// Where a time stamp may begin: at the start, after a blank, and after one punctuation mark there.
fn starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut before = [' ', ' '];
    text.char_indices().filter_map(move |(index, c)| {
        let [first, second] = before;
        before = [second, c];
        (second.is_whitespace() || (is_mark(second) && first.is_whitespace())).then_some(index)
    })
}

/// What may follow a time stamp: nothing, a blank, or one punctuation mark and then one of these.
fn may_follow(rest: &str) -> bool {
    let is_end = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let mut chars = rest.chars();
    let first = chars.next();
    is_end(first) || (first.is_some_and(is_mark) && is_end(chars.next()))
}

#[cfg(test)]
mod tests;
