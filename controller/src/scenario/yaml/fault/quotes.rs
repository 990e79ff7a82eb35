//! Quotes that are not closed where they should be, and what follows one that is.

use super::stop::{Fault, Found};
use crate::scenario::problems::Position;

/// Follows quotes through the lines of a text.
#[derive(Default)]
struct Quotes {
    open: Option<(char, Position)>,
    /// The last quote that was closed, in another line than its own.
    long: Option<(char, Position)>,
    brackets: usize,
}

impl Quotes {
    fn read(&mut self, number: usize, line: &str) {
        let characters: Vec<char> = line.chars().collect();
        let at = |index: usize| characters.get(index).copied();
        let is_blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
        self.long = None;
        let mut begins = true;
        let mut index = 0;
        while let Some(c) = at(index) {
            if let Some((quote, start)) = self.open {
                if (quote == '"' && c == '\\')
                    || (quote == '\'' && c == quote && at(index + 1) == Some(quote))
                {
                    index += 1;
                } else if c == quote {
                    self.open = None;
                    begins = false;
                    if start.line != number {
                        self.long = Some((quote, start));
                    }
                }
            } else {
                match c {
                    '#' if index == 0 || is_blank(at(index - 1)) => return,
                    '\'' | '"' if begins => {
                        let start = Position {
                            line: number,
                            column: index + 1,
                        };
                        self.open = Some((c, start));
                    }
                    '[' | '{' if begins => self.brackets += 1,
                    ']' | '}' => self.brackets = self.brackets.saturating_sub(1),
                    ',' if self.brackets > 0 => begins = true,
                    ':' if is_blank(at(index + 1)) => begins = true,
                    '-' | '?' if begins && is_blank(at(index + 1)) => {}
                    _ if c.is_whitespace() => {}
                    _ => begins = false,
                }
            }
            index += 1;
        }
    }
}

impl Fault<'_> {
    /// A quote that runs over the end of its line, and ends right before the parser stops or never.
    pub(super) fn in_quotes(&self) -> Option<Found> {
        if self.problem == "found unknown escape character" {
            let message = "in double quotes '\\' begins an escape, and this is none; write '/' in \
                           paths, or use single quotes";
            return Some((self.at, message.to_owned()));
        }
        let mut quotes = Quotes::default();
        for (number, line) in self.page.from(1).take(self.at.line - 1) {
            quotes.read(number, line);
        }
        quotes.read(self.at.line, &self.page.before(self.at));
        let (quote, start) = quotes.open.or(quotes.long)?;
        let inside = if quote == '\'' {
            "; a ' inside single quotes is written ''"
        } else {
            "; a \" inside double quotes is written \\\""
        };
        let message = format!("the {quote} that opens here is not closed in its line{inside}");
        Some((start, message))
    }
}
