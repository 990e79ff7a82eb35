//! Values as Python writes them: the notation of the result file and of messages.

use std::fmt::{self, Write};

use super::Value;

/// A float as Python prints it: the shortest digits that read back to the same bits, always with
/// a point or an exponent; exponent form from 1e16 on and below 1e-4; `nan`, `inf`, `-inf`.
#[derive(Clone, Copy, Debug)]
pub struct PythonFloat(pub f64);

impl fmt::Display for PythonFloat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = self.0;
        if x.is_nan() {
            return f.write_str("nan");
        }
        if x.is_infinite() {
            return f.write_str(if x > 0.0 { "inf" } else { "-inf" });
        }
        let mut text = Buffer::default();
        write!(text, "{x:e}")?;
        let places = places_after_first(text.as_str());
        let size = x.abs();
        if size == 0.0 || (1e-4..1e16).contains(&size) {
            return match decimals(text.as_str(), places) {
                Some(decimals) => write!(f, "{x:.decimals$}"),
                None => write!(f, "{x:?}"),
            };
        }
        if places >= LONG {
            text = Buffer::default();
            write!(text, "{x:.places$e}")?;
        }
        // Rust writes `1.5e-7` and `1e16`; Python `1.5e-07` and `1e+16`.
        let (digits, exponent) = text.as_str().split_once('e').ok_or(fmt::Error)?;
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(rest) => ('-', rest),
            None => ('+', exponent),
        };
        write!(f, "{digits}e{sign}{exponent:0>2}")
    }
}

/// So many digits after the first one are enough for two decimals of one length to be equally close to
/// a float. Python then takes the one that ends in an even digit, as Rust does when it is told how many
/// digits there shall be, but not when it looks for the shortest decimal by itself.
const LONG: usize = 14;

/// The digits behind the first one in exponent form.
fn places_after_first(text: &str) -> usize {
    let digits = text.split('e').next().unwrap_or_default();
    digits.split_once('.').map_or(0, |(_, places)| places.len())
}

/// How many decimals a number has that is so long that it matters how it is rounded.
fn decimals(text: &str, places: usize) -> Option<usize> {
    let (_, exponent) = text.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let decimals = i32::try_from(places).ok()? - exponent;
    usize::try_from(decimals)
        .ok()
        .filter(|decimals| *decimals > 0 && places >= LONG)
}

/// Room for the longest float in exponent form, without allocating.
#[derive(Default)]
struct Buffer {
    bytes: [u8; 32],
    len: usize,
}

impl Buffer {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes
            .get_mut(self.len..end)
            .ok_or(fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// A text as Python's `repr` writes it: in single quotes, in double quotes if it holds a single
/// one and no double one, with backslashes where needed.
#[derive(Clone, Copy, Debug)]
pub struct PythonText<'a>(pub &'a str);

impl fmt::Display for PythonText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = if self.0.contains('\'') && !self.0.contains('"') {
            '"'
        } else {
            '\''
        };
        f.write_char(quote)?;
        for c in self.0.chars() {
            match c {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if c == quote => write!(f, "\\{c}")?,
                c if c.is_control() => match u32::from(c) {
                    code @ 0..=0xff => write!(f, "\\x{code:02x}")?,
                    code => write!(f, "\\u{code:04x}")?,
                },
                c => f.write_char(c)?,
            }
        }
        f.write_char(quote)
    }
}

/// Python's `repr`: how a value stands inside a list or a mapping, and in messages.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("None"),
            Value::Bool(flag) => f.write_str(if *flag { "True" } else { "False" }),
            Value::Int(int) => write!(f, "{int}"),
            Value::Float(float) | Value::Numpy(float) => PythonFloat(*float).fmt(f),
            Value::Text(text) => PythonText(text).fmt(f),
            Value::List(items) => {
                f.write_char('[')?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_char(']')
            }
            Value::Map(entries) => {
                f.write_char('{')?;
                for (i, (key, value)) in entries.iter().enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    write!(f, "{comma}{}: {value}", PythonText(key))?;
                }
                f.write_char('}')
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_decimals_that_are_equally_close_python_takes_the_even_one() {
        // The exact values of the first three end in a 5 behind what is shown.
        for (bits, text) in [
            (0x428e_6ccd_b22c_b740, "4181582038422.9062"),
            ((-611_633_618_040_003.2_f64).to_bits(), "-611633618040003.2"),
            (2_023_347_301_156_851.2_f64.to_bits(), "2023347301156851.2"),
            ((0.1_f64 + 0.2).to_bits(), "0.30000000000000004"),
            (9_007_199_254_740_992_f64.to_bits(), "9007199254740992.0"),
            (f64::MAX.to_bits(), "1.7976931348623157e+308"),
            (1, "5e-324"),
        ] {
            assert_eq!(PythonFloat(f64::from_bits(bits)).to_string(), text);
        }
    }

    #[test]
    fn floats_look_as_python_prints_them() {
        for (float, text) in [
            (7.0, "7.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e-4, "0.0001"),
            (0.000_123, "0.000123"),
            (1e-5, "1e-05"),
            (9.999e-5, "9.999e-05"),
            (1.5e-7, "1.5e-07"),
            (123_456_789_012_345.0, "123456789012345.0"),
            (9_007_199_254_740_993.0, "9007199254740992.0"),
            (1e16, "1e+16"),
            (1.234_5e20, "1.2345e+20"),
            (-1e300, "-1e+300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(PythonFloat(float).to_string(), text);
        }
    }

    #[test]
    fn texts_are_quoted_as_python_quotes_them() {
        for (text, quoted) in [
            ("plain", "'plain'"),
            ("it's", "\"it's\""),
            ("both ' and \"", "'both \\' and \"'"),
            ("back\\slash", "'back\\\\slash'"),
            ("line\nfeed", "'line\\nfeed'"),
            ("Profit (€)", "'Profit (€)'"),
            ("\u{1}", "'\\x01'"),
        ] {
            assert_eq!(PythonText(text).to_string(), quoted);
        }
    }

    #[test]
    fn lists_and_mappings_nest() {
        let inner = Value::Map(
            [
                ("0".into(), Value::text("North")),
                ("1".into(), Value::Null),
            ]
            .into(),
        );
        let list = Value::List([inner, Value::Bool(true), Value::Numpy(2.0), Value::Int(2)].into());
        assert_eq!(
            list.to_string(),
            "[{'0': 'North', '1': None}, True, 2.0, 2]"
        );
        assert_eq!(Value::List([].into()).to_string(), "[]");
        assert_eq!(Value::Map([].into()).to_string(), "{}");
    }
}
