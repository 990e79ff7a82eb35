//! Patterns of one length, read by position.

use super::token::{Field, Parts, Token};

/// Where everything stands in texts of a pattern that has one length only: the fast way to read
/// them.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) length: usize,
    /// What each number stands for, where it starts and where it ends.
    pub(super) numbers: Vec<(Field, usize, usize)>,
    /// What stands between them, and where.
    pub(super) marks: Vec<(usize, u8)>,
}

/// A text that has been read, and what it says.
#[derive(Clone, Debug, Default)]
pub(super) struct Before {
    text: Vec<u8>,
    parts: Parts,
}

impl Layout {
    /// The layout of texts that these tokens match; `None` where their lengths vary.
    pub(super) fn of(tokens: &[Token]) -> Option<Self> {
        let mut layout = Self::default();
        for token in tokens {
            let start = layout.length;
            match token {
                Token::Number(field, least, most) if least == most => {
                    layout.length += usize::from(*least);
                    layout.numbers.push((*field, start, layout.length));
                }
                Token::Literal(literal) => {
                    layout.length += literal.len();
                    layout.marks.extend((start..).zip(literal.bytes()));
                }
                _ => return None,
            }
        }
        Some(layout)
    }

    /// What a text says that has exactly this layout. Where it begins as the one before, only the
    /// rest is read.
    #[inline]
    pub(super) fn read(&self, text: &str, before: &mut Before) -> Option<Parts> {
        let bytes = text.as_bytes();
        if bytes.len() != self.length {
            return None;
        }
        let both = bytes.iter().zip(&before.text);
        let same = both.take_while(|(a, b)| a == b).count();
        let mut marks = self.marks.iter();
        if !marks.all(|&(at, mark)| at < same || bytes[at] == mark) {
            return None;
        }
        let mut parts = before.parts;
        let numbers = self.numbers.iter();
        for &(field, start, end) in numbers.skip_while(|(_, _, end)| *end <= same) {
            let mut number = 0;
            for byte in &bytes[start..end] {
                let digit = byte.wrapping_sub(b'0');
                if digit > 9 {
                    return None;
                }
                number = number * 10 + i64::from(digit);
            }
            parts.set(field, number);
        }
        before.text.resize(bytes.len(), 0);
        before.text[same..].copy_from_slice(&bytes[same..]);
        before.parts = parts;
        Some(parts)
    }
}
