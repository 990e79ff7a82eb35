//! Moments of simulated time, as they are written in results and on command lines.

use shared::time::WallTime;

/// Reads `YYYY-MM-DD` or `YYYY-MM-DD HH:mm:ss`: seconds since 1970-01-01 00:00:00 of the scenario's clock.
/// The seconds may be left out, may have a fraction of zeros, and there may be a `T` between date and time.
pub fn parse_moment(text: &str) -> Option<i64> {
    const MIDNIGHT: [u8; 19] = *b"0000-00-00 00:00:00";
    let bytes = text.trim().as_bytes();
    let (bytes, fraction) = bytes.split_at(bytes.len().min(MIDNIGHT.len()));
    let is_whole =
        matches!(fraction, [] | [b'.', ..]) && fraction.iter().skip(1).all(|b| *b == b'0');
    if !is_whole || !matches!(bytes.len(), 10 | 16 | 19) {
        return None;
    }
    let mut whole = MIDNIGHT;
    whole[..bytes.len()].copy_from_slice(bytes);
    if whole[10] == b'T' {
        whole[10] = b' ';
    }
    let text = std::str::from_utf8(&whole).ok()?;
    Some(WallTime::parse(text)?.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_the_forms_that_results_have() {
        let noon = Some(12 * 3600);
        for (text, seconds) in [
            ("1970-01-01", Some(0)),
            ("1970-01-01 12:00:00", noon),
            ("1970-01-01T12:00:00", noon),
            ("1970-01-01 12:00", noon),
            ("1970-01-01 12:00:00.000", noon),
            (" 1970-01-01 12:00:00\n", noon),
            ("1970-01-01 12:00:00.5", None),
            ("1970-01-01 12:00:00+01:00", None),
            ("1970-01-32", None),
            ("1970-01-01 12", None),
            ("1970-1-1", None),
            ("1970-01-01é", None),
            ("", None),
        ] {
            assert_eq!(parse_moment(text), seconds, "{text:?}");
        }
    }
}
