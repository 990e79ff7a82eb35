//! The line of a text file that a problem is about, with a mark below.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::position::Position;

/// The most characters that are shown of a line.
const SHOWN: usize = 100;

/// How many of them stand before what is meant, where a line is longer.
const BEFORE: usize = 40;

/// The line that a problem is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The whole line, without its end.
    pub line: Arc<str>,
    /// How many characters are meant, from the column of the problem on. At least one is shown.
    pub length: usize,
}

impl Excerpt {
    /// What stands at a place of a YAML text. `None` where the line has nothing to show.
    pub(crate) fn at(line: Arc<str>, position: Position) -> Option<Self> {
        if line.trim().is_empty() {
            return None;
        }
        let rest = line.char_indices().nth(position.column - 1);
        let length = rest.map_or(1, |(start, _)| word(&line[start..]));
        Some(Self { line, length })
    }

    /// The line with its number and a mark below, as lines without an end.
    pub(crate) fn shown(&self, position: Position) -> String {
        let (text, marked) = self.window(position.column - 1);
        let snippet = Snippet::source(text.as_str())
            .line_start(position.line)
            .annotation(AnnotationKind::Primary.span(marked));
        let report = [Group::with_level(Level::ERROR.no_name()).element(snippet)];
        Renderer::plain().render(&report)
    }

    /// The part of the line that is shown, and the bytes of it that are meant.
    fn window(&self, column: usize) -> (String, Range<usize>) {
        let total = self.line.chars().count();
        let column = column.min(total);
        let first = if total <= SHOWN {
            0
        } else {
            column.saturating_sub(BEFORE).min(total - SHOWN)
        };
        let shown = total.min(SHOWN);
        let mut text = String::new();
        if first > 0 {
            text.push('…');
        }
        let mut marked = 0..0;
        let end = column + self.length.max(1);
        for (index, c) in self.line.chars().enumerate().skip(first).take(shown) {
            if index == column {
                marked.start = text.len();
            }
            text.push(c);
            if index < end {
                marked.end = text.len();
            }
        }
        if column >= first + shown {
            // What is meant is missing at the end of the line.
            marked = text.len()..text.len() + 1;
            text.push(' ');
        }
        if first + shown < total {
            text.push('…');
        }
        (text, marked)
    }
}

/// The characters of the word, text or bracket that a YAML text begins with.
fn word(text: &str) -> usize {
    let mut characters = text.chars();
    let first = characters.next();
    if let Some(quote @ ('\'' | '"')) = first {
        let inside = characters.take_while(|c| *c != quote).count();
        return (inside + 2).min(text.chars().count());
    }
    let ends = [": ", ", ", " #", "[", "]", "{", "}"];
    let end = ends.iter().filter_map(|end| text.find(end)).min();
    let plain = text[..end.unwrap_or(text.len())].trim_end();
    let plain = match end {
        None => plain.strip_suffix(':').unwrap_or(plain),
        Some(_) => plain,
    };
    plain.chars().count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str, column: usize) -> String {
        let position = Position { line: 7, column };
        let excerpt = Excerpt::at(line.into(), position).expect("something");
        excerpt.shown(position)
    }

    #[test]
    fn the_word_at_the_place_is_marked() {
        assert_eq!(
            shown("  - {name: Größe, type: Loda}", 25),
            "  |\n7 |   - {name: Größe, type: Loda}\n  |                         ^^^^"
        );
        assert!(shown("    colour: red", 5).ends_with("|     ^^^^^^"));
        assert!(shown("a: 'x y' # z", 4).ends_with("|    ^^^^^"));
        assert!(shown("items:", 1).ends_with("| ^^^^^"));
        assert!(shown("items", 6).ends_with("|      ^"));
        assert!(shown("a: [", 4).ends_with("|    ^"));
    }

    #[test]
    fn a_mark_stands_below_wide_characters_and_behind_tabs() {
        assert!(shown("名前: x", 5).ends_with("|       ^"));
        assert!(shown("\ta: x", 2).ends_with("|     ^"));
    }

    #[test]
    fn what_would_steer_a_terminal_is_shown_as_a_symbol() {
        let text = shown("a: \u{1b}[2J\u{202e}\u{7f}x", 1);
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7f}']), "{text:?}");
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown() {
        let line = format!("{}wrong{}", "x, ".repeat(4000), ", y".repeat(4000));
        let text = shown(&line, 12_001);
        assert!(text.contains("…") && text.contains("wrong, y"), "{text}");
        let lines: Vec<&str> = text.lines().collect();
        assert!(
            lines.iter().all(|line| line.chars().count() < 120),
            "{text}"
        );
        assert!(lines[2].ends_with("^^^^^"));
        let end = shown(&line, 24_006);
        assert!(end.ends_with('^') && end.contains("y "), "{end}");
    }

    #[test]
    fn a_line_without_anything_is_not_shown() {
        let position = Position::START;
        assert_eq!(Excerpt::at("  ".into(), position), None);
    }
}
