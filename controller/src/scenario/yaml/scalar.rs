//! What a plain scalar means: YAML 1.2 with the extensions of the Python Illuminator's loader.
//!
//! This is a table of its own because the parsers' tables are not the right one: `yes` is text
//! here, `010` is ten, and `1_000` is a thousand.

use std::fmt;

/// The value of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::scenario) enum Scalar {
    /// Nothing, `~` or `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// Anything with a point or an exponent.
    Float(f64),
    /// Everything that is nothing else.
    Text(String),
    /// A date, or a date and time, as it was written: not text, and no value of a model either.
    Timestamp(String),
}

/// A plain scalar that has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum ScalarError {
    /// `=` has a meaning of its own that no loader implements.
    EqualsSign,
    /// An integer beyond 64 bits.
    TooLarge,
    /// A number that consists of sign, prefix, point and underscores only.
    NoDigits,
}

impl fmt::Display for ScalarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ScalarError::EqualsSign => "a lone = has no value in YAML; for text write '='",
            ScalarError::TooLarge => {
                "an integer beyond 64 bits; write it with a point or an exponent, as a float"
            }
            ScalarError::NoDigits => "a number without digits; for text put it in quotes",
        })
    }
}

/// The value of a plain scalar.
pub(in crate::scenario) fn plain(raw: &str) -> Result<Scalar, ScalarError> {
    match raw {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Scalar::Null),
        "true" | "True" | "TRUE" => return Ok(Scalar::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Scalar::Bool(false)),
        "=" => return Err(ScalarError::EqualsSign),
        _ => {}
    }
    if let Some(result) = float(raw) {
        return result.map(Scalar::Float);
    }
    if let Some(result) = integer(raw) {
        return result.map(Scalar::Int);
    }
    if is_timestamp(raw) {
        return Ok(Scalar::Timestamp(raw.to_owned()));
    }
    Ok(Scalar::Text(raw.to_owned()))
}

fn split_sign(raw: &str) -> (bool, &str) {
    match raw.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, raw.strip_prefix('+').unwrap_or(raw)),
    }
}

/// `None` where the form is not that of an integer.
fn integer(raw: &str) -> Option<Result<i64, ScalarError>> {
    let (negative, rest) = split_sign(raw);
    let (radix, digits) = if let Some(digits) = rest.strip_prefix("0b") {
        (2, digits)
    } else if let Some(digits) = rest.strip_prefix("0o") {
        (8, digits)
    } else if let Some(digits) = rest.strip_prefix("0x") {
        (16, digits)
    } else {
        (10, rest)
    };
    let fits = |c: char| c == '_' || c.is_digit(radix);
    // Without a sign an underscore in front makes a word of it.
    if digits.is_empty() || raw.starts_with('_') || !digits.chars().all(fits) {
        return None;
    }
    let mut values = digits.chars().filter_map(|c| c.to_digit(radix)).peekable();
    if values.peek().is_none() {
        return Some(Err(ScalarError::NoDigits));
    }
    let value = values.try_fold(0_i64, |value, digit| {
        let value = value.checked_mul(radix.into())?;
        if negative {
            value.checked_sub(digit.into())
        } else {
            value.checked_add(digit.into())
        }
    });
    Some(value.ok_or(ScalarError::TooLarge))
}

/// `None` where the form is not that of a float.
fn float(raw: &str) -> Option<Result<f64, ScalarError>> {
    let (negative, rest) = split_sign(raw);
    let sign = if negative { -1.0 } else { 1.0 };
    match rest {
        ".inf" | ".Inf" | ".INF" => return Some(Ok(sign * f64::INFINITY)),
        ".nan" | ".NaN" | ".NAN" if rest.len() == raw.len() => return Some(Ok(f64::NAN)),
        _ => {}
    }
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(split_sign(&rest[at + 1..]).1)),
        None => (rest, None),
    };
    let is_exponent = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_part = |text: &str| text.bytes().all(|b| b == b'_' || b.is_ascii_digit());
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let starts_with_digit = whole.starts_with(|c: char| c.is_ascii_digit());
    let starts_with_point = whole.is_empty() && fraction.is_some_and(|digits| !digits.is_empty());
    let is_float = (fraction.is_some() || exponent.is_some())
        && (starts_with_digit || starts_with_point)
        && is_part(whole)
        && is_part(fraction.unwrap_or_default())
        && exponent.is_none_or(is_exponent);
    is_float.then(|| {
        let digits: String = raw.chars().filter(|c| *c != '_').collect();
        digits.parse().map_err(|_| ScalarError::NoDigits)
    })
}

/// `2012-01-01`, or a date and a time: `2012-1-1 0:00:00`, `2012-01-01T00:00:00.5Z`,
/// `2012-01-01 00:00:00 +01:00`.
fn is_timestamp(raw: &str) -> bool {
    let mut rest = Rest(raw.as_bytes());
    let strict = raw.len() == 10;
    if rest.digits(4, 4) && rest.one(b'-') && rest.digits(1, 2) && rest.one(b'-') {
        if rest.digits(1, 2) && rest.0.is_empty() {
            return strict;
        }
        return (rest.one(b'T') || rest.one(b't') || rest.blanks())
            && rest.digits(1, 2)
            && rest.one(b':')
            && rest.digits(2, 2)
            && rest.one(b':')
            && rest.digits(2, 2)
            && rest.fraction_and_zone();
    }
    false
}

/// What is still to be recognized.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn one(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    fn digits(&mut self, least: usize, most: usize) -> bool {
        let digits = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        let taken = digits.min(most);
        self.0 = &self.0[taken..];
        taken >= least
    }

    fn blanks(&mut self) -> bool {
        let blank = |b: &&u8| matches!(b, b' ' | b'\t');
        let blanks = self.0.iter().take_while(blank).count();
        self.0 = &self.0[blanks..];
        blanks > 0
    }

    fn fraction_and_zone(&mut self) -> bool {
        if self.one(b'.') {
            self.digits(0, usize::MAX);
        }
        if self.0.is_empty() {
            return true;
        }
        self.blanks();
        if self.one(b'Z') {
            return self.0.is_empty();
        }
        let offset = (self.one(b'+') || self.one(b'-')) && self.digits(1, 2);
        offset && (self.0.is_empty() || (self.one(b':') && self.digits(2, 2) && self.0.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_all(written: &[&str], expected: impl Fn(&str) -> Result<Scalar, ScalarError>) {
        for raw in written {
            let (found, expected) = (plain(raw), expected(raw));
            // A NaN differs from itself.
            assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{raw:?}");
        }
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the other expectations can be errors"
    )]
    fn text(raw: &str) -> Result<Scalar, ScalarError> {
        Ok(Scalar::Text(raw.to_owned()))
    }

    #[test]
    fn booleans_are_true_and_false_in_three_spellings() {
        assert_all(&["true", "True", "TRUE"], |_| Ok(Scalar::Bool(true)));
        assert_all(&["false", "False", "FALSE"], |_| Ok(Scalar::Bool(false)));
        let words = [
            "yes", "no", "on", "off", "y", "n", "Yes", "NO", "On", "OFF", "tRUE",
        ];
        assert_all(&words, text);
    }

    #[test]
    fn null_is_nothing_or_a_tilde_or_the_word() {
        assert_all(&["", "~", "null", "Null", "NULL"], |_| Ok(Scalar::Null));
        assert_all(&["nULL", "none", "nil"], text);
    }

    #[test]
    fn leading_zeros_of_integers_are_ignored() {
        for (raw, value) in [
            ("5", 5),
            ("-5", -5),
            ("+5", 5),
            ("0", 0),
            ("-0", 0),
            ("010", 10),
            ("00", 0),
            ("08", 8),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(plain(raw), Ok(Scalar::Int(value)), "{raw}");
        }
    }

    #[test]
    fn integers_may_have_another_base_and_underscores() {
        for (raw, value) in [
            ("0o10", 8),
            ("0x1F", 31),
            ("-0x1f", -31),
            ("0b11", 3),
            ("1_000", 1000),
            ("0x_ff", 255),
            ("-_1", -1),
        ] {
            assert_eq!(plain(raw), Ok(Scalar::Int(value)), "{raw}");
        }
        assert_all(
            &["_1", "0o8", "0x", "0b", "0o", "0b12", "0xg", "--5", "5-"],
            text,
        );
        assert_all(&["0x_", "-_"], |_| Err(ScalarError::NoDigits));
    }

    #[test]
    fn a_point_or_an_exponent_makes_a_float() {
        for (raw, value) in [
            ("1.5", 1.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("+.5", 0.5),
            ("-0.0", -0.0),
            ("1e3", 1000.0),
            ("1E3", 1000.0),
            ("1.e3", 1000.0),
            ("1.0e+3", 1000.0),
            ("1e-3", 0.001),
            ("1_0.5", 10.5),
            ("1e400", f64::INFINITY),
            (".inf", f64::INFINITY),
            ("+.inf", f64::INFINITY),
            ("-.inf", f64::NEG_INFINITY),
            (".Inf", f64::INFINITY),
            (".INF", f64::INFINITY),
            (".nan", f64::NAN),
            (".NaN", f64::NAN),
            (".NAN", f64::NAN),
        ] {
            assert_all(&[raw], |_| Ok(Scalar::Float(value)));
        }
        let words = [
            "inf", "nan", "1e", "1.5e", "1,000", "100%", ".", "1.2.3", "e3", "-.nan", "1e+", "-.",
            "1.5e1_0",
        ];
        assert_all(&words, text);
        assert_all(&["._", "-._"], |_| Err(ScalarError::NoDigits));
    }

    #[test]
    fn there_are_no_numbers_of_base_sixty() {
        assert_all(&["1:30", "12:30:45", "1:30.5"], text);
    }

    #[test]
    fn dates_and_times_are_of_their_own_kind() {
        let stamps = [
            "2012-01-01",
            "2012-01-01 00:00:00",
            "2012-01-01T00:00:00Z",
            "2012-1-1 0:00:00",
            "2012-01-01t00:00:00.25 +01:00",
            "2012-01-01 \t00:00:00-5",
        ];
        assert_all(&stamps, |raw| Ok(Scalar::Timestamp(raw.to_owned())));
        let words = [
            "2012-1-1",
            "2012-01",
            "2012-01-01 00:00",
            "2012-01-01 00:00:00 CET",
            "20120-01-01",
            "2012-01-01T00:00:00Z+1",
        ];
        assert_all(&words, text);
    }

    #[test]
    fn what_has_no_value_is_refused() {
        assert_eq!(plain("="), Err(ScalarError::EqualsSign));
        assert_all(
            &[
                "9223372036854775808",
                "-9223372036854775809",
                "0xffffffffffffffff",
            ],
            |_| Err(ScalarError::TooLarge),
        );
    }

    proptest! {
        #[test]
        fn every_integer_and_float_reads_back(int in any::<i64>(), float in any::<f64>()) {
            prop_assert_eq!(plain(&int.to_string()), Ok(Scalar::Int(int)));
            prop_assume!(float.is_finite());
            prop_assert_eq!(plain(&format!("{float:?}")), Ok(Scalar::Float(float)));
        }

        #[test]
        fn any_text_has_a_meaning(raw in "[-+0-9_.eExobTZ: ~=a-f]{0,24}") {
            let _ = plain(&raw);
        }
    }
}
