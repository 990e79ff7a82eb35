//! Text from elsewhere, on a terminal.

use std::borrow::Cow;

/// A text that may come from a data file or from a node, with all but its letters made visible:
/// what would control a terminal is shown as an escape. Lines stay lines.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n')
}

/// The same on one line: the ends of lines are shown as escapes too. What somebody else says can so
/// not look like a line of this program.
pub(crate) fn printable_line(text: &str) -> Cow<'_, str> {
    escaped(text, |_| true)
}

fn escaped(text: &str, counts: impl Fn(char) -> bool) -> Cow<'_, str> {
    let controls = |c: char| is_unseen(c) && counts(c);
    if !text.contains(controls) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if controls(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

/// Whether a character does something else than to be seen: controls, and those that turn the order of
/// text, with which a line can be made to look like another one.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_control_a_terminal_is_shown() {
        assert_eq!(printable("a\n'é'"), "a\n'é'");
        assert_eq!(
            printable("\u{1b}[2J\r\u{7}é\u{9b}\u{202e}"),
            r"\u{1b}[2J\r\u{7}é\u{9b}\u{202e}"
        );
    }

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(printable_line("a\nerror: b"), r"a\nerror: b");
    }
}
