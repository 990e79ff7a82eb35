//! Lines that stand where they cannot, and lines that lack a colon or a blank.

use super::page::{colon_without_blank, content, first_word, indentation};
use super::stop::{Fault, Found};
use crate::scenario::problems::{Position, shortened};

impl Fault<'_> {
    /// A tab among the blanks at the beginning of the line where the parser stops.
    pub(super) fn indented_with_a_tab(&self) -> Option<Found> {
        if self.problem.starts_with("did not find expected ','") {
            return None;
        }
        let line = self.page.line(self.at.line);
        let tab = line
            .chars()
            .take_while(|c| c.is_whitespace())
            .position(|c| c == '\t')?;
        let place = Position {
            line: self.at.line,
            column: tab + 1,
        };
        let message = "a tab in the indentation; YAML is indented with blanks only";
        Some((place, message.to_owned()))
    }

    /// A `:` where no value can begin: that of a second one in a line, or of a line that stands
    /// deeper than it may.
    pub(super) fn second_value(&self) -> Found {
        let line = self.page.line(self.at.line);
        let (start, _) = content(line);
        let before = self.page.before(self.at);
        if let Some(colon) = before.find(": ") {
            let value = before[colon + 1..].trim_start();
            let place = Position {
                line: self.at.line,
                column: before.chars().count() - value.chars().count() + 1,
            };
            let message = "a text with ': ' in it must be in quotes";
            return (place, message.to_owned());
        }
        let here = Position {
            line: self.at.line,
            column: start + 1,
        };
        let Some((above, upper)) = self.page.above(self.at.line).next() else {
            return (here, "a key cannot begin here".to_owned());
        };
        if let Some(found) = glued(above, upper) {
            return found;
        }
        let (upper_start, upper_content) = content(upper);
        if !upper_content.contains(": ") && !upper_content.starts_with(['\'', '"', '[', '{']) {
            return no_colon(above, upper);
        }
        let message = format!(
            "this line stands deeper than line {above}, whose key has a value already; begin it in \
             column {}",
            upper_start + 1
        );
        (here, message)
    }

    /// A key without its `:`.
    pub(super) fn missing_colon(&self, key: Position) -> Found {
        let line = self.page.line(key.line);
        glued(key.line, line)
            .or_else(|| dash_without_blank(key.line, line))
            .unwrap_or_else(|| no_colon(key.line, line))
    }

    /// Something that is neither the next key nor the next entry of what it stands in.
    pub(super) fn misplaced(&self, within: Position) -> Found {
        let line = self.page.line(self.at.line);
        if let Some(c @ (']' | '}')) = self.page.character(self.at) {
            return (self.at, format!("this '{c}' closes nothing; remove it"));
        }
        if self.at.column != indentation(line) + 1 {
            return (self.at, self.behind_a_value());
        }
        if let Some(found) = dash_without_blank(self.at.line, line) {
            return found;
        }
        let columns = self.columns_above();
        let is_among = columns.contains(&self.at.column) || self.at.column == within.column;
        let message = if !is_among {
            let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
            format!(
                "this line stands in column {}, and what it can belong to begins in column {}",
                self.at.column,
                columns.join(" or ")
            )
        } else if self.problem.ends_with("key") {
            "a list entry stands here among keys; indent it below the key that it belongs to"
                .to_owned()
        } else {
            "each entry of this list begins with '- '; if the line belongs to the entry above, \
             indent it as deep as that one's keys"
                .to_owned()
        };
        (self.at, message)
    }

    /// What is wrong with something that follows a value in its line.
    fn behind_a_value(&self) -> String {
        let before = self.page.before(self.at);
        match before.trim_end().chars().next_back() {
            Some(quote @ ('\'' | '"')) => {
                let inside = if quote == '\'' { "''" } else { "\\\"" };
                format!(
                    "the text goes on after its closing {quote}; a {quote} inside is written \
                     {inside}"
                )
            }
            Some(c @ (']' | '}')) => format!("nothing can follow the '{c}' in its line"),
            _ => "this cannot follow what stands before it in the line".to_owned(),
        }
    }

    /// The columns in which what is open above the fault begins, the outermost first.
    fn columns_above(&self) -> Vec<usize> {
        let mut columns: Vec<usize> = Vec::new();
        for (_, line) in self.page.above(self.at.line) {
            for column in [content(line).0 + 1, indentation(line) + 1] {
                if columns.last().is_none_or(|last| column < *last) {
                    columns.push(column);
                }
            }
            if columns.last() == Some(&1) {
                break;
            }
        }
        columns.reverse();
        columns
    }
}

/// `key:value` without the blank.
fn glued(number: usize, line: &str) -> Option<Found> {
    let place = Position {
        line: number,
        column: colon_without_blank(line)?,
    };
    Some((place, "a blank is missing after this ':'".to_owned()))
}

/// `-entry` without the blank.
fn dash_without_blank(number: usize, line: &str) -> Option<Found> {
    let entry = line.trim_start_matches(' ').strip_prefix('-')?;
    if entry.is_empty() || entry.starts_with([' ', '-']) {
        return None;
    }
    let place = Position {
        line: number,
        column: indentation(line) + 1,
    };
    Some((place, "a blank is missing after this '-'".to_owned()))
}

fn no_colon(number: usize, line: &str) -> Found {
    let (start, content) = content(line);
    let written = content.split(" #").next().unwrap_or_default().trim_end();
    let word = first_word(written);
    if word == written {
        let place = Position {
            line: number,
            column: start + written.chars().count() + 1,
        };
        let word = shortened(word);
        return (place, format!("a ':' is missing here; write '{word}:'"));
    }
    let place = Position {
        line: number,
        column: start + 1,
    };
    let message = "this line has no ': ' between a key and its value; a line is 'key: value', or \
                   begins with '- '";
    (place, message.to_owned())
}
