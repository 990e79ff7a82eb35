//! Lists and mappings in brackets.

use super::stop::{Fault, Found};
use crate::scenario::problems::Position;

impl Fault<'_> {
    /// The parser wanted a comma or the closing bracket.
    pub(super) fn in_brackets(&self, opening: Position) -> Found {
        let bracket = self.page.character(opening).unwrap_or('[');
        let closing = if bracket == '{' { '}' } else { ']' };
        let here = self.page.character(self.at);
        if let Some(other @ (']' | '}')) = here
            && other != closing
        {
            let message = format!(
                "this '{other}' closes a '{bracket}' (line {}); write '{closing}'",
                opening.line
            );
            return (self.at, message);
        }
        if here.is_some() && self.closes(opening) {
            let message = format!(
                "a ',' is missing before this, in the '{bracket}' of line {}",
                opening.line
            );
            return (self.at, message);
        }
        let message = format!("this '{bracket}' is not closed; add '{closing}' where it ends");
        (opening, message)
    }

    /// Whether a bracket is closed anywhere behind.
    fn closes(&self, opening: Position) -> bool {
        let mut depth = 0_usize;
        let mut quote = None;
        let mut previous = ' ';
        for (number, line) in self.page.from(opening.line) {
            let skipped = if number == opening.line {
                opening.column - 1
            } else {
                0
            };
            for c in line.chars().skip(skipped) {
                if let Some(open) = quote {
                    quote = (open != c).then_some(open);
                    continue;
                }
                match c {
                    '#' if previous.is_whitespace() => break,
                    '\'' | '"' if !previous.is_alphanumeric() => quote = Some(c),
                    '[' | '{' => depth += 1,
                    ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if depth == 0 {
                    return true;
                }
                previous = c;
            }
            previous = ' ';
        }
        false
    }
}
