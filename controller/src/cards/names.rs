//! Names of machines: `pi1,pi2`, or `pi1..pi8`.

use std::str::FromStr;

use image::check_name;

/// The most machines of one range: a slip of the finger shall not fill a disk.
const MOST: u32 = 256;

/// Names of machines, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(pub(crate) Vec<String>);

impl FromStr for Names {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Result<Vec<_>, _> = text.split(',').map(|part| range(part.trim())).collect();
        Ok(Self(parts?.concat()))
    }
}

/// The names that a part stands for.
fn range(part: &str) -> Result<Vec<String>, String> {
    let Some((first, last)) = part.split_once("..") else {
        check_name(part)?;
        return Ok(vec![part.to_owned()]);
    };
    let numbers = || {
        let (stem, from) = numbered(first)?;
        let (other, to) = numbered(last)?;
        let width = first.len() - stem.len();
        let (from, to): (u32, u32) = (from.parse().ok()?, to.parse().ok()?);
        (stem == other && from <= to && to - from < MOST).then_some((stem, width, from..=to))
    };
    let (stem, width, numbers) = numbers().ok_or_else(|| {
        format!("'{part}' is no range of names, such as pi1..pi8, with up to {MOST} of them")
    })?;
    let names: Vec<String> = numbers
        .map(|number| format!("{stem}{number:0width$}"))
        .collect();
    for name in &names {
        check_name(name)?;
    }
    Ok(names)
}

/// A name without the digits that it ends in, and these.
fn numbered(name: &str) -> Option<(&str, &str)> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &name[stem.len()..];
    (!digits.is_empty()).then_some((stem, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<String>, String> {
        text.parse().map(|Names(names)| names)
    }

    #[test]
    fn ranges_count_the_digits_at_the_end() {
        let expect = |text: &str, expected: &[&str]| {
            assert_eq!(names(text).expect("names"), expected, "{text}");
        };
        expect("pi1..pi3", &["pi1", "pi2", "pi3"]);
        expect("pi08..pi10", &["pi08", "pi09", "pi10"]);
        expect("pi9..pi10", &["pi9", "pi10"]);
        expect("a, table-1..table-2", &["a", "table-1", "table-2"]);
    }

    #[test]
    fn what_is_no_name_or_range_is_refused() {
        for wrong in [
            "",
            "pi 1",
            "pi1..",
            "pi3..pi1",
            "pi1..po2",
            "a..b",
            "pi1..pi9999",
            "-a",
            "pi1,,pi2",
            "../x",
        ] {
            assert!(names(wrong).is_err(), "{wrong}");
        }
    }
}
