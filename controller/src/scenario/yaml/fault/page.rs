//! The lines of a text, and what there is to see in one without parsing it.

use crate::scenario::problems::{Position, lines};

/// A text by lines, which count from 1.
pub(super) struct Page<'a> {
    lines: Vec<&'a str>,
}

impl<'a> Page<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            lines: lines(text).collect(),
        }
    }

    /// The line with this number; an empty one beyond the end.
    pub(super) fn line(&self, number: usize) -> &'a str {
        let index = number.checked_sub(1);
        index
            .and_then(|index| self.lines.get(index))
            .copied()
            .unwrap_or("")
    }

    pub(super) fn character(&self, at: Position) -> Option<char> {
        self.line(at.line).chars().nth(at.column - 1)
    }

    /// The characters of a line before a place.
    pub(super) fn before(&self, at: Position) -> String {
        self.line(at.line).chars().take(at.column - 1).collect()
    }

    /// The lines from a number on, with their numbers.
    pub(super) fn from(&self, number: usize) -> impl Iterator<Item = (usize, &'a str)> {
        let lines = self.lines.iter().enumerate().skip(number - 1);
        lines.map(|(index, line)| (index + 1, *line))
    }

    /// The lines above one that are neither blank nor a comment, from below.
    pub(super) fn above(&self, number: usize) -> impl Iterator<Item = (usize, &'a str)> {
        let lines = self.lines.iter().enumerate().take(number - 1).rev();
        lines
            .filter(|(_, line)| {
                let content = line.trim_start();
                !content.is_empty() && !content.starts_with('#')
            })
            .map(|(index, line)| (index + 1, *line))
    }
}

/// Blanks at the beginning of a line.
pub(super) fn indentation(line: &str) -> usize {
    line.chars().take_while(|c| *c == ' ').count()
}

/// Where the content of a line begins behind its indentation and the `- ` of list entries, in
/// characters, and that content.
pub(super) fn content(line: &str) -> (usize, &str) {
    let mut rest = line.trim_start_matches(' ');
    while let Some(inner) = rest.strip_prefix("- ") {
        rest = inner.trim_start_matches(' ');
    }
    let before = &line[..line.len() - rest.len()];
    (before.chars().count(), rest.trim_end())
}

/// The word at the beginning of a text, as keys are.
pub(super) fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| c != '_' && !c.is_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

/// The column of the `:` behind the key of a line where a blank is missing after it.
pub(super) fn colon_without_blank(line: &str) -> Option<usize> {
    let (start, content) = content(line);
    let key = first_word(content);
    let value = content[key.len()..].strip_prefix(':')?;
    let is_glued = !key.is_empty()
        && !value.is_empty()
        && !value.starts_with([' ', '\t', '/', ':'])
        && !value.contains(": ")
        && !value.ends_with(':');
    is_glued.then(|| start + key.chars().count() + 1)
}
