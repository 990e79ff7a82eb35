//! The tokens of a pattern: what they match, and what they print.

use std::fmt::{self, Write};

use shared::time::Civil;

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A number: what it stands for, and how many digits it has.
    Number(Field, u8, u8),
    /// The year with two digits: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068.
    ShortYear,
    MonthName,
    MonthAbbreviation,
    /// Digits of a fraction of a second, which must be zeros.
    Fraction(u8),
    /// `am` or `pm`; printed in capitals or not.
    Meridiem(bool),
    Literal(String),
}

/// What a number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Year,
    Month,
    Day,
    Hour,
    HourOfTwelve,
    Minute,
    Second,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A pattern that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::data) enum PatternError {
    /// It has a token that time stamps are not read with.
    UnsupportedToken(String),
    /// It has no token.
    NoToken,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PatternError::UnsupportedToken(token) => write!(
                f,
                "its token '{token}' cannot be read; use YYYY YY MM M MMM MMMM DD D HH H hh h A a \
                 mm m ss s S, and put other letters in square brackets"
            ),
            PatternError::NoToken => {
                f.write_str("it has no token, such as YYYY for the year with four digits")
            }
        }
    }
}

/// What a time stamp says; parts that the pattern lacks are those of 0001-01-01 00:00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) is_whole: bool,
    pub(super) afternoon: Option<bool>,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            year: 1,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            is_whole: true,
            afternoon: None,
        }
    }
}

impl Parts {
    #[inline]
    pub(super) fn set(&mut self, field: Field, number: i64) {
        *match field {
            Field::Year => &mut self.year,
            Field::Month => &mut self.month,
            Field::Day => &mut self.day,
            Field::Hour | Field::HourOfTwelve => &mut self.hour,
            Field::Minute => &mut self.minute,
            Field::Second => &mut self.second,
        } = number;
    }
}

/// The tokens of a pattern.
pub(super) fn compile(pattern: &str) -> Result<Vec<Token>, PatternError> {
    let mut tokens = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let escaped = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        if let Some((text, after)) = escaped {
            push_literal(&mut tokens, text);
            rest = after;
            continue;
        }
        let run = rest.chars().take_while(|c| *c == first).count();
        let length = first.len_utf8()
            * if "YMDdHhmsSZQ".contains(first) {
                run
            } else {
                1
            };
        let (text, after) = rest.split_at(length);
        match token(text, after)? {
            Some(token) => tokens.push(token),
            None => push_literal(&mut tokens, text),
        }
        rest = after;
    }
    let is_literal = |token: &Token| matches!(token, Token::Literal(_));
    if tokens.iter().all(is_literal) {
        return Err(PatternError::NoToken);
    }
    Ok(tokens)
}

fn push_literal(tokens: &mut Vec<Token>, text: &str) {
    if let Some(Token::Literal(literal)) = tokens.last_mut() {
        literal.push_str(text);
    } else {
        tokens.push(Token::Literal(text.to_owned()));
    }
}

/// The token that a run of equal letters is; `None` where it stands for itself.
fn token(text: &str, after: &str) -> Result<Option<Token>, PatternError> {
    let number = |field, least, most| Ok(Some(Token::Number(field, least, most)));
    match text {
        "YYYY" => number(Field::Year, 4, 4),
        "YY" => Ok(Some(Token::ShortYear)),
        "MM" => number(Field::Month, 2, 2),
        "M" => number(Field::Month, 1, 2),
        "MMM" => Ok(Some(Token::MonthAbbreviation)),
        "MMMM" => Ok(Some(Token::MonthName)),
        "D" if after.starts_with('o') => Err(PatternError::UnsupportedToken("Do".to_owned())),
        "DD" => number(Field::Day, 2, 2),
        "D" => number(Field::Day, 1, 2),
        "HH" => number(Field::Hour, 2, 2),
        "H" => number(Field::Hour, 1, 2),
        "hh" => number(Field::HourOfTwelve, 2, 2),
        "h" => number(Field::HourOfTwelve, 1, 2),
        "mm" => number(Field::Minute, 2, 2),
        "m" => number(Field::Minute, 1, 2),
        "ss" => number(Field::Second, 2, 2),
        "s" => number(Field::Second, 1, 2),
        "A" => Ok(Some(Token::Meridiem(true))),
        "a" => Ok(Some(Token::Meridiem(false))),
        _ if text.starts_with('S') => Ok(Some(Token::Fraction(
            u8::try_from(text.len()).unwrap_or(u8::MAX),
        ))),
        "Y" => Ok(None),
        _ if text.starts_with([
            'Y', 'M', 'D', 'd', 'H', 'h', 'm', 's', 'Z', 'Q', 'X', 'x', 'W',
        ]) =>
        {
            Err(PatternError::UnsupportedToken(text.to_owned()))
        }
        _ => Ok(None),
    }
}

impl Token {
    /// Takes what this token matches from the front of a text; returns the rest.
    pub(super) fn take<'t>(&self, text: &'t str, parts: &mut Parts) -> Option<&'t str> {
        match self {
            Token::Number(field, least, most) => {
                let (number, rest) = digits(text, *least, *most)?;
                parts.set(*field, number);
                Some(rest)
            }
            Token::ShortYear => {
                let (number, rest) = digits(text, 2, 2)?;
                parts.year = number + if number > 68 { 1900 } else { 2000 };
                Some(rest)
            }
            Token::MonthName => month(text, parts, |name| name),
            Token::MonthAbbreviation => month(text, parts, |name| &name[..3]),
            Token::Fraction(_) => {
                let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
                let digits = &text[..text.len() - rest.len()];
                parts.is_whole = digits.bytes().all(|digit| digit == b'0');
                (!digits.is_empty()).then_some(rest)
            }
            Token::Meridiem(_) => {
                let after_am = strip(text, "am").inspect(|_| parts.afternoon = Some(false));
                after_am.or_else(|| strip(text, "pm").inspect(|_| parts.afternoon = Some(true)))
            }
            Token::Literal(literal) => strip(text, literal),
        }
    }

    /// Prints this token's part of a time.
    pub(super) fn write(&self, t: &Civil, text: &mut String) -> fmt::Result {
        match self {
            Token::Number(field, digits, _) => {
                let width = usize::from(*digits);
                let number = match field {
                    Field::Year => t.year,
                    Field::Month => t.month.into(),
                    Field::Day => t.day.into(),
                    Field::Hour => t.hour.into(),
                    Field::HourOfTwelve => i32::from((t.hour + 11) % 12 + 1),
                    Field::Minute => t.minute.into(),
                    Field::Second => t.second.into(),
                };
                write!(text, "{number:0width$}")
            }
            Token::ShortYear => write!(text, "{:02}", t.year % 100),
            Token::MonthName => text.write_str(month_name(t.month)),
            Token::MonthAbbreviation => text.write_str(&month_name(t.month)[..3]),
            Token::Fraction(digits) => text.write_str(&"0".repeat(usize::from(*digits))),
            Token::Meridiem(capitals) => text.write_str(match (t.hour < 12, capitals) {
                (true, true) => "AM",
                (true, false) => "am",
                (false, true) => "PM",
                (false, false) => "pm",
            }),
            Token::Literal(literal) => text.write_str(literal),
        }
    }
}

/// From `least` to `most` digits, as many as there are.
fn digits(text: &str, least: u8, most: u8) -> Option<(i64, &str)> {
    let mut number = 0;
    let mut count = 0;
    for byte in text
        .bytes()
        .take(most.into())
        .take_while(u8::is_ascii_digit)
    {
        number = number * 10 + i64::from(byte - b'0');
        count += 1;
    }
    (count >= usize::from(least)).then(|| (number, &text[count..]))
}

fn month<'t>(text: &'t str, parts: &mut Parts, form: fn(&str) -> &str) -> Option<&'t str> {
    (1..).zip(MONTHS).find_map(|(number, name)| {
        let rest = strip(text, form(name))?;
        parts.month = number;
        Some(rest)
    })
}

/// The text after a beginning, whatever its case.
fn strip<'t>(text: &'t str, beginning: &str) -> Option<&'t str> {
    if let Some(rest) = text.strip_prefix(beginning) {
        return Some(rest);
    }
    let head = text.get(..beginning.len())?;
    head.eq_ignore_ascii_case(beginning)
        .then(|| &text[beginning.len()..])
}

fn month_name(month: u8) -> &'static str {
    MONTHS
        .get(usize::from(month) - 1)
        .copied()
        .unwrap_or_default()
}
