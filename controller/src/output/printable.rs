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

/// The same without name and password of the first address in it: a command line that cannot be read is
/// repeated, and who sees that need not know them.
pub(crate) fn without_login(text: &str) -> Cow<'_, str> {
    let login = text.split_once("://").and_then(|(scheme, rest)| {
        let address = rest.split(|c: char| c == '\'' || c.is_whitespace());
        let (login, _) = address.into_iter().next()?.rsplit_once('@')?;
        login
            .contains(':')
            .then(|| format!("{scheme}://…{}", &rest[login.len()..]))
    });
    login.map_or(text.into(), Cow::Owned)
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
    fn a_password_in_an_address_is_not_repeated() {
        for (text, shown) in [
            (
                "value 'http://me:a/b@c@pi:x?db=y': wrong; write me@pi",
                "value 'http://…@pi:x?db=y': wrong; write me@pi",
            ),
            (
                "value 'mqtt://me@pi:x': wrong",
                "value 'mqtt://me@pi:x': wrong",
            ),
            (
                "value 'http://pi:1': not a@b:c",
                "value 'http://pi:1': not a@b:c",
            ),
            ("no address", "no address"),
        ] {
            assert_eq!(without_login(text), shown);
        }
    }

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(printable_line("a\nerror: b"), r"a\nerror: b");
    }
}
