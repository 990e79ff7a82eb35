//! Text from elsewhere, on a terminal.

use std::borrow::Cow;

/// A text that may come from a data file or from a node, with all but its letters made visible:
/// what would control a terminal is shown as an escape. Lines stay lines.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let controls = |c: char| c.is_control() && c != '\n';
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_control_a_terminal_is_shown() {
        assert_eq!(printable("a\n'é'"), "a\n'é'");
        assert_eq!(
            printable("\u{1b}[2J\r\u{7}é\u{9b}"),
            r"\u{1b}[2J\r\u{7}é\u{9b}"
        );
    }
}
