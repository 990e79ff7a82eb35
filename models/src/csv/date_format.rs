//! Time stamps by a pattern such as `YYYY-MM-DD HH:mm:ss`.

use std::fmt::{self, Write};

use shared::time::WallTime;

/// A compiled pattern. Letters of the pattern that are no token stand for themselves, whatever
/// their case, and so does text in square brackets.
#[derive(Clone, Debug)]
pub(super) struct DateFormat {
    pattern: String,
    tokens: Vec<Token>,
    layout: Option<Layout>,
    /// The date that was read last, and its midnight: most rows are of the same day.
    last: Option<((i64, i64, i64), WallTime)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
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

/// Where everything stands in texts of a pattern that has one length only: the fast way to read
/// them.
#[derive(Clone, Debug, Default)]
struct Layout {
    length: usize,
    /// What each number stands for, where it starts and where it ends.
    numbers: Vec<(Field, usize, usize)>,
    /// What stands between them, and where.
    marks: Vec<(usize, u8)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
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
pub(super) struct UnsupportedToken(String);

impl fmt::Display for UnsupportedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "its token '{}' cannot be read; use YYYY YY MM M MMM MMMM DD D HH H hh h A a mm m ss s S, \
             and put other letters in square brackets",
            self.0
        )
    }
}

/// A text that is not used as a time stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StampError {
    /// It does not fit the pattern.
    Mismatch,
    /// There is no such date, or no such time of day.
    NoSuchTime,
    /// It is not a whole second.
    Fraction,
}

/// What a time stamp says; parts that the pattern lacks are those of 0001-01-01 00:00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parts {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    is_whole: bool,
    afternoon: Option<bool>,
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
    fn set(&mut self, field: Field, number: i64) {
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

impl Layout {
    fn of(tokens: &[Token]) -> Option<Self> {
        let mut layout = Self::default();
        for token in tokens {
            let start = layout.length;
            match token {
                Token::Number(field, least, most) if least == most => {
                    layout.length += usize::from(*least);
                    layout.numbers.push((*field, start, layout.length));
                }
                Token::Literal(literal) => {
                    layout.length += literal.len();
                    layout.marks.extend((start..).zip(literal.bytes()));
                }
                _ => return None,
            }
        }
        Some(layout)
    }

    /// What a text says that has exactly this layout.
    #[inline]
    fn read(&self, text: &str) -> Option<Parts> {
        let bytes = text.as_bytes();
        if bytes.len() != self.length || self.marks.iter().any(|&(at, mark)| bytes[at] != mark) {
            return None;
        }
        let mut parts = Parts::default();
        for &(field, start, end) in &self.numbers {
            let mut number = 0;
            for byte in &bytes[start..end] {
                let digit = byte.wrapping_sub(b'0');
                if digit > 9 {
                    return None;
                }
                number = number * 10 + i64::from(digit);
            }
            parts.set(field, number);
        }
        Some(parts)
    }
}

impl DateFormat {
    /// Compiles a pattern.
    pub(super) fn new(pattern: &str) -> Result<Self, UnsupportedToken> {
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
        Ok(Self {
            pattern: pattern.to_owned(),
            layout: Layout::of(&tokens),
            tokens,
            last: None,
        })
    }

    /// The pattern.
    pub(super) fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Reads a time stamp; it may stand between punctuation marks or among other words.
    pub(super) fn parse(&mut self, text: &str) -> Result<WallTime, StampError> {
        if let Some(parts) = self.layout.as_ref().and_then(|layout| layout.read(text)) {
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

    /// Says what is wrong with a text.
    pub(super) fn explain(&self, text: &str, error: StampError) -> String {
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
    pub(super) fn format(&self, time: WallTime) -> String {
        let t = time.civil();
        let mut text = String::new();
        for token in &self.tokens {
            // Writing into a string cannot fail.
            let _ = match token {
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
            };
        }
        text
    }
}

fn month_name(month: u8) -> &'static str {
    MONTHS
        .get(usize::from(month) - 1)
        .copied()
        .unwrap_or_default()
}

fn push_literal(tokens: &mut Vec<Token>, text: &str) {
    if let Some(Token::Literal(literal)) = tokens.last_mut() {
        literal.push_str(text);
    } else {
        tokens.push(Token::Literal(text.to_owned()));
    }
}

/// The token that a run of equal letters is; `None` where it stands for itself.
fn token(text: &str, after: &str) -> Result<Option<Token>, UnsupportedToken> {
    let number = |field, least, most| Ok(Some(Token::Number(field, least, most)));
    match text {
        "YYYY" => number(Field::Year, 4, 4),
        "YY" => Ok(Some(Token::ShortYear)),
        "MM" => number(Field::Month, 2, 2),
        "M" => number(Field::Month, 1, 2),
        "MMM" => Ok(Some(Token::MonthAbbreviation)),
        "MMMM" => Ok(Some(Token::MonthName)),
        "D" if after.starts_with('o') => Err(UnsupportedToken("Do".to_owned())),
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
            Err(UnsupportedToken(text.to_owned()))
        }
        _ => Ok(None),
    }
}

impl Token {
    /// Takes what this token matches from the front of a text; returns the rest.
    fn take<'t>(&self, text: &'t str, parts: &mut Parts) -> Option<&'t str> {
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pattern: &str, text: &str) -> Option<String> {
        let time = DateFormat::new(pattern).expect("supported").parse(text);
        time.ok().map(|time| time.to_string())
    }

    fn refusal(pattern: &str, text: &str) -> Option<StampError> {
        let time = DateFormat::new(pattern).expect("supported").parse(text);
        time.err()
    }

    #[test]
    fn each_token_reads_its_part() {
        for (pattern, text, time) in [
            (
                "YYYY-MM-DD HH:mm:ss",
                "2012-02-29 23:59:58",
                "2012-02-29 23:59:58",
            ),
            (
                "DD-MM-YYYY HH:mm",
                "01-02-2012 00:15",
                "2012-02-01 00:15:00",
            ),
            ("D/M/YY H:m:s", "3/12/69 4:5:6", "1969-12-03 04:05:06"),
            ("YY", "68", "2068-01-01 00:00:00"),
            ("D MMMM YYYY", "5 march 2012", "2012-03-05 00:00:00"),
            ("MMM D YYYY", "SEP 5 2012", "2012-09-05 00:00:00"),
            (
                "YYYY-MM-DD hh:mm A",
                "2012-01-01 12:30 am",
                "2012-01-01 00:30:00",
            ),
            ("YYYY-MM-DD h a", "2012-01-01 12 PM", "2012-01-01 12:00:00"),
            ("YYYY-MM-DD h a", "2012-01-01 3 pm", "2012-01-01 15:00:00"),
            (
                "YYYY-MM-DD[T]HH:mm:ss.S",
                "2012-01-01t03:00:00.000",
                "2012-01-01 03:00:00",
            ),
            (
                "YYYY-MM-DDTHH:mm",
                "2012-01-01T03:00",
                "2012-01-01 03:00:00",
            ),
            (
                "YYYY-MM-DD HH:mm",
                "2012-12-31 24:00",
                "2013-01-01 00:00:00",
            ),
            ("HH:mm", "06:30", "0001-01-01 06:30:00"),
        ] {
            assert_eq!(
                read(pattern, text).as_deref(),
                Some(time),
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn digits_are_counted() {
        for (pattern, text) in [
            ("YYYY-MM-DD", "2012-6-1"),
            ("YYYY-MM-DD", "2012-06-011"),
            ("YYYY-MM-DD", "2012-06-01Z"),
            ("YYYY-MM-DD HH:mm:ss", "2012-06-01 00:00:00.0"),
            ("YYYY-MM-DD", ""),
            ("HH:mm:ss.S", "01:00:00."),
        ] {
            assert_eq!(
                refusal(pattern, text),
                Some(StampError::Mismatch),
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn numbers_must_make_a_time() {
        for (pattern, text) in [
            ("YYYY-MM-DD HH:mm", "2012-06-01 24:01"),
            ("YYYY-MM-DD HH:mm", "2012-06-01 25:00"),
            ("YYYY-MM-DD HH:mm", "2012-06-01 23:60"),
            ("YYYY-MM-DD HH:mm:ss", "2012-06-01 23:59:60"),
            ("YYYY-MM-DD", "2012-02-30"),
            ("YYYY-MM-DD", "2012-00-01"),
            ("YYYY-MM-DD", "0000-01-01"),
            ("YYYY-MM-DD", "\"2012-13-01\""),
        ] {
            assert_eq!(
                refusal(pattern, text),
                Some(StampError::NoSuchTime),
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn a_fraction_of_a_second_must_be_zero() {
        let pattern = "HH:mm:ss.SSS";
        let zero = "0".repeat(40);
        for fraction in ["0", "000", &zero] {
            let text = format!("01:00:00.{fraction}");
            assert_eq!(
                read(pattern, &text).as_deref(),
                Some("0001-01-01 01:00:00"),
                "{text}"
            );
        }
        let long = format!("{zero}1");
        for fraction in ["5", "001", &long] {
            let text = format!("01:00:00.{fraction}");
            assert_eq!(
                refusal(pattern, &text),
                Some(StampError::Fraction),
                "{text}"
            );
        }
    }

    #[test]
    fn a_time_stamp_may_stand_in_quotes_or_among_words() {
        let pattern = "YYYY-MM-DD";
        for text in [
            "\"2012-06-01\"",
            "'2012-06-01'",
            "on 2012-06-01, late",
            "(2012-06-01)",
        ] {
            assert_eq!(
                read(pattern, text).as_deref(),
                Some("2012-06-01 00:00:00"),
                "{text}"
            );
        }
        for text in ["\"\"2012-06-01\"\"", "x2012-06-01", "2012-06-01x"] {
            assert_eq!(read(pattern, text), None, "{text}");
        }
    }

    #[test]
    fn a_token_that_cannot_be_read_is_named() {
        for (pattern, token) in [
            ("YYYY-DDDD", "DDDD"),
            ("Do MMMM", "Do"),
            ("dddd", "dddd"),
            ("X", "X"),
            ("YYYY-MM-DD ZZ", "ZZ"),
            ("W", "W"),
        ] {
            let error = DateFormat::new(pattern).err();
            assert_eq!(error, Some(UnsupportedToken(token.to_owned())), "{pattern}");
        }
    }

    #[test]
    fn what_was_read_is_written_back() {
        for (pattern, text) in [
            ("YYYY-MM-DD HH:mm:ss", "2012-02-29 23:59:58"),
            ("DD-MM-YYYY HH:mm", "01-02-2012 00:15"),
            ("D MMMM YY h:mm a", "5 March 12 12:07 am"),
            ("MMM D YYYY, hh A", "Sep 5 2012, 03 PM"),
            ("YYYY-MM-DD[T]HH:mm:ss.SSS", "2012-02-29T23:59:58.000"),
        ] {
            let mut format = DateFormat::new(pattern).expect("supported");
            let time = format.parse(text).expect("fits");
            assert_eq!(format.format(time), text);
        }
    }

    proptest! {
        #[test]
        fn the_fast_way_reads_what_the_slow_one_does(
            pattern in "((YYYY|MM|DD|HH|hh|mm|ss)[-/:. Té]){0,7}",
            text in "[0-9:/ -]{0,20}",
            seconds in 0_i64..4_000_000_000,
        ) {
            let format = DateFormat::new(&pattern).expect("supported");
            let layout = format.layout.as_ref().expect("all of one length");
            let time = WallTime::parse("1900-01-01 00:00:00").expect("a time").plus(seconds);
            for text in [&text, &format.format(time)] {
                let slow = match format.match_at(text) {
                    Some((parts, "")) => Some(parts),
                    _ => None,
                };
                prop_assert_eq!(layout.read(text), slow);
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(pattern in "[YMDHhmsSaA:./ -]{0,12}", text in "\\PC{0,30}") {
            if let Ok(mut format) = DateFormat::new(&pattern) {
                let _ = format.parse(&text);
            }
        }
    }
}
