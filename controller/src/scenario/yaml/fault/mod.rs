//! What is wrong with a text that is no YAML, said about the text and not about its parser.
//!
//! A parser notices a fault where it cannot go on, which is often a line or more behind it. So each
//! kind of fault is looked for from there backwards, in what people write.

mod brackets;
mod indentation;
mod page;
mod quotes;
mod stop;

use libyaml_safer::{Error, Mark};

use super::error::YamlError;
use crate::scenario::problems::{Position, lines};
use page::Page;
use stop::{Fault, Found};

/// The fault that made the parser stop. `position` tells where a mark of the parser is.
pub(super) fn explain(text: &str, error: &Error, position: &dyn Fn(Mark) -> Position) -> YamlError {
    let fault = Fault {
        page: Page::new(text),
        at: error.problem_mark().map_or(Position::START, position),
        within: error.context_mark().map(position),
        problem: error.problem(),
    };
    let (place, message) = fault
        .indented_with_a_tab()
        .or_else(|| fault.in_quotes())
        .unwrap_or_else(|| fault.found_by_the_parser());
    YamlError::new("invalid_yaml", place, message)
}

/// Refuses the characters that no YAML text has.
pub(super) fn refuse_control_characters(text: &str) -> Result<(), YamlError> {
    for (number, line) in lines(text).enumerate() {
        let is_wrong = |c: &char| {
            matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}')
                || matches!(c, '\u{fffe}' | '\u{ffff}')
        };
        if let Some(column) = line.chars().position(|c| is_wrong(&c)) {
            let code = line.chars().nth(column).map_or(0, u32::from);
            let place = Position {
                line: number + 1,
                column: column + 1,
            };
            let message =
                format!("the character U+{code:04X} has no place in a scenario; remove it");
            return Err(YamlError::new("invalid_yaml", place, message));
        }
    }
    Ok(())
}

impl Fault<'_> {
    fn found_by_the_parser(&self) -> Found {
        let within = self.within.unwrap_or(self.at);
        match self.problem {
            "mapping values are not allowed in this context" => self.second_value(),
            "could not find expected ':'" => self.missing_colon(within),
            "did not find expected key" | "did not find expected '-' indicator" => {
                self.misplaced(within)
            }
            "did not find expected ',' or ']'" | "did not find expected ',' or '}'" => {
                self.in_brackets(within)
            }
            "found character that cannot start any token" => (self.at, self.wrong_beginning()),
            "block sequence entries are not allowed in this context" => {
                let message = "a list of lines with '- ' begins on a line of its own; write this \
                               entry on the next line, or the list as [a, b]";
                (self.at, message.to_owned())
            }
            "did not find expected node content" => self.missing_content(),
            "did not find expected <document start>" => {
                let message = "the text goes on here after its one value is complete; a scenario \
                               is one mapping with the keys scenario, models, connections and \
                               monitor";
                (self.at, message.to_owned())
            }
            "did not find expected alphabetic or numeric character" => {
                let message = "a text that begins with '*' or '&' must be in quotes";
                (within, message.to_owned())
            }
            _ => (self.at, self.by_first_character(within)),
        }
    }

    /// What cannot begin a text, or what begins something rare.
    fn by_first_character(&self, within: Position) -> String {
        match self.page.character(within) {
            Some('!') => "a text that begins with '!' must be in quotes".to_owned(),
            Some('%') => "a line that begins with '%' is an instruction to the parser, and this \
                          one is unknown; remove it"
                .to_owned(),
            Some('|' | '>') => "what follows '|' or '>' begins on the next line, indented with \
                                blanks; a text that begins with one of them must be in quotes"
                .to_owned(),
            _ => "this is no valid YAML; look at the indentation, quotes and brackets here and \
                  in the lines above"
                .to_owned(),
        }
    }

    fn wrong_beginning(&self) -> String {
        match self.page.character(self.at) {
            Some('\t') => "a tab cannot stand here; write blanks".to_owned(),
            Some(c) => format!("a text that begins with '{c}' must be in quotes"),
            None => "something is missing here".to_owned(),
        }
    }

    fn missing_content(&self) -> Found {
        let message = match self.page.character(self.at) {
            Some(c @ (']' | '}')) => format!("this '{c}' closes nothing; remove it"),
            Some(',') => {
                "there is nothing before this ','; remove it, or put a text in quotes".to_owned()
            }
            _ => "a value is missing here".to_owned(),
        };
        (self.at, message)
    }
}

#[cfg(test)]
mod tests;
