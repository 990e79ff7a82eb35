//! Colours, by name or as `#rrggbb`.

use shared::led::Colour;

use crate::scenario::problems::{Problems, shortened, suggestion};
use crate::scenario::yaml::{Content, Node};

/// The colours that have a name, as bright as pixels can show them.
const NAMED: [(&str, Colour); 9] = [
    ("red", Colour::new(255, 0, 0)),
    ("orange", Colour::new(255, 140, 0)),
    ("yellow", Colour::new(255, 200, 0)),
    ("green", Colour::new(0, 255, 0)),
    ("cyan", Colour::new(0, 255, 255)),
    ("blue", Colour::new(0, 0, 255)),
    ("purple", Colour::new(160, 0, 255)),
    ("white", Colour::new(255, 255, 255)),
    ("black", Colour::DARK),
];

/// Their names.
pub(crate) fn colour_names() -> [&'static str; NAMED.len()] {
    NAMED.map(|(name, _)| name)
}

/// Reads a colour. `None` where it is none, which is reported. `name` is how messages call it.
pub(super) fn read(node: &Node, name: &str, problems: &mut Problems) -> Option<Colour> {
    let message = match &node.content {
        Content::Text(text) => match parse(text) {
            Some(colour) => return Some(colour),
            None if text.starts_with('#') => format!(
                "{name} must have six digits after '#', two each for red, green and blue, not '{}'",
                shortened(text)
            ),
            None => {
                let known = suggestion(text, "colours", &colour_names());
                let text = shortened(text);
                format!("{name} is no colour that has a name: '{text}'{known}; or write '#rrggbb'")
            }
        },
        Content::Null => format!(
            "{name} must be a colour, not empty; put '#rrggbb' in quotes, as a plain # begins a \
             comment"
        ),
        _ => format!(
            "{name} must be a colour, as a name or '#rrggbb' in quotes, not {}",
            node.described()
        ),
    };
    problems.error("led_colour", node.position, message);
    None
}

fn parse(text: &str) -> Option<Colour> {
    let Some(digits) = text.strip_prefix('#') else {
        let named = NAMED.iter().find(|(name, _)| *name == text);
        return named.map(|(_, colour)| *colour);
    };
    if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some(Colour::new(red, green, blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_has_a_name_or_six_digits() {
        assert_eq!(parse("green"), Some(Colour::new(0, 255, 0)));
        assert_eq!(parse("#8b0aFF"), Some(Colour::new(0x8b, 0x0a, 0xff)));
        for text in [
            "", "#", "#12345", "#1234567", "#+12345", "8b0000", "Green", "#ü1234",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
