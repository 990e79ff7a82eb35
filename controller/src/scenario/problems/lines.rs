//! The lines of a YAML text, as its parser counts them.

/// Whether a character ends a line.
pub(crate) fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The lines of a text, without their ends.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let now = rest?;
        let Some(end) = now.find(ends_line) else {
            rest = None;
            return Some(now);
        };
        let (line, after) = now.split_at(end);
        let mut following = after.chars();
        if following.next() == Some('\r') && after[1..].starts_with('\n') {
            following.next();
        }
        rest = Some(following.as_str());
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_that_yaml_knows_ends_a_line() {
        let text = "a\nb\r\nc\rd\u{85}e\u{2028}\u{2029}f\n";
        assert_eq!(
            lines(text).collect::<Vec<_>>(),
            ["a", "b", "c", "d", "e", "", "f", ""]
        );
        assert_eq!(lines("").collect::<Vec<_>>(), [""]);
    }
}
