//! A text as the marked parser can read it: it stops the program at two things that
//! `serde_yaml` takes or refuses.

use std::borrow::Cow;

use libyaml_safer::Mark;

use crate::scenario::problems::{Position, ends_line};

/// A text with more blanks than it was written with. White space is free where they are added, or
/// part of a text whose content nobody takes from the marked parser.
pub(super) struct Readable<'a> {
    pub(super) text: Cow<'a, str>,
    /// Where blanks were added, in the longer text.
    added: Vec<Position>,
}

impl<'a> Readable<'a> {
    /// A tag must not touch a comma, nor a backslash the end of the text.
    pub(super) fn of(text: &'a str) -> Self {
        let mut added = Vec::new();
        if !text.contains('!') && text.ends_with('\n') {
            let text = Cow::Borrowed(text);
            return Self { text, added };
        }
        let mut longer = String::with_capacity(text.len() + 1);
        let mut place = Position::START;
        let mut may_be_tag = false;
        let mut in_angles = false;
        let mut previous = ' ';
        for c in text.chars() {
            if may_be_tag && !in_angles && c == ',' {
                longer.push(' ');
                added.push(place);
                place.column += 1;
            }
            match c {
                '!' => may_be_tag = true,
                '<' if previous == '!' => in_angles = true,
                '>' => in_angles = false,
                c if c == ',' || c.is_whitespace() => may_be_tag = in_angles && c == ',',
                _ => {}
            }
            in_angles &= may_be_tag;
            longer.push(c);
            place.column += 1;
            if ends_line(c) {
                place.column = 1;
                place.line += usize::from((previous, c) != ('\r', '\n'));
            }
            previous = c;
        }
        longer.push('\n');
        let text = Cow::Owned(longer);
        Self { text, added }
    }

    /// The place of a mark in the text as it was written. Marks count from 0.
    pub(super) fn place(&self, mark: Mark) -> Position {
        let from_one = |count: u64| usize::try_from(count).map_or(usize::MAX, |c| c + 1);
        let (line, column) = (from_one(mark.line), from_one(mark.column));
        let from = self.added.partition_point(|added| added.line < line);
        let before = self.added[from..]
            .iter()
            .take_while(|added| added.line == line && added.column < column);
        Position {
            line,
            column: column - before.count(),
        }
    }
}
