//! SVG as text.

use std::fmt::{self, Display, Write};

/// A text for SVG and HTML: between tags and in quotes it is nothing but text. What no document of XML may
/// have is left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' | '\n' => safe.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            // These turn the order of text.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c => safe.push(c),
        }
    }
    safe
}

/// A picture in the making. Classes stand for colours, see [`style`](super::style).
#[derive(Debug)]
pub(crate) struct Canvas {
    text: String,
}

impl Canvas {
    /// An empty picture of this size, which readers of screens are told of with these words.
    pub(crate) fn new(width: f64, height: f64, label: &str) -> Self {
        let mut canvas = Self {
            text: String::new(),
        };
        canvas.push(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"{}\">\n",
            escaped(label)
        ));
        canvas
    }

    /// Gives the picture a size and colours of its own, so that it can stand alone.
    pub(crate) fn alone(mut self, width: f64, height: f64, style: &str) -> Self {
        let size = format!("<svg width=\"{width}\" height=\"{height}\"");
        self.text = self.text.replacen("<svg", &size, 1);
        self.push(format_args!(
            "<style>{style}</style>\n<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n"
        ));
        self
    }

    /// Markup that is safe.
    pub(crate) fn push(&mut self, markup: fmt::Arguments<'_>) {
        // Writing into a string cannot fail.
        let _ = self.text.write_fmt(markup);
    }

    /// A straight line.
    pub(crate) fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        self.push(format_args!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>\n"
        ));
    }

    /// A rectangle from its corner.
    pub(crate) fn rectangle(&mut self, class: &str, [x, y]: [f64; 2], [width, height]: [f64; 2]) {
        self.push(format_args!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>\n"
        ));
    }

    /// A circle around its middle.
    pub(crate) fn circle(&mut self, class: &str, [x, y]: [f64; 2], radius: f64) {
        self.push(format_args!(
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>\n"
        ));
    }

    /// A path with these commands.
    pub(crate) fn path(&mut self, class: &str, commands: impl Display) {
        self.push(format_args!("<path class=\"{class}\" d=\"{commands}\"/>\n"));
    }

    /// A text; `anchor` is `start`, `middle` or `end`.
    pub(crate) fn text(&mut self, [x, y]: [f64; 2], anchor: &str, text: &str) {
        self.push(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>\n",
            escaped(text)
        ));
    }

    /// The picture.
    pub(crate) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_text_is_nothing_but_text() {
        let hostile = "</text><script>alert('x')</script>\" onload=\"\u{0}\u{1b}[2J&\u{202e}é";
        assert_eq!(
            escaped(hostile),
            "&lt;/text&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload=&quot;[2J&amp;é"
        );
    }
}
