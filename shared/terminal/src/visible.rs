//! What others say, where it is printed.

use std::fmt::{self, Write};

/// Makes visible what would end a line or control a terminal: a part of a line may come from a peer.
pub struct Visible<'a>(pub &'a mut String);

impl Write for Visible<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if c.is_control() {
                self.0.extend(c.escape_default());
            } else {
                self.0.push(c);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_line_is_shown() {
        let mut text = String::new();
        write!(Visible(&mut text), "a\nerror: b\x1b[2J").expect("written");
        assert_eq!(text, "a\\nerror: b\\u{1b}[2J");
    }
}
