//! Patterns of one length, read by position.

use super::token::{Field, Parts, Token};

/// Where everything stands in texts of a pattern that has one length only: the fast way to read
/// them.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    length: usize,
    /// What each number stands for, where it starts and where it ends.
    numbers: Vec<(Field, usize, usize)>,
    /// What stands between them, and where.
    marks: Vec<(usize, u8)>,
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

    /// What a text says that has exactly this layout.
    #[inline]
    pub(super) fn read(&self, text: &str) -> Option<Parts> {
        let bytes = text.as_bytes();
        if bytes.len() != self.length || self.marks.iter().any(|&(at, mark)| bytes[at] != mark) {
            return None;
        }
        let mut parts = Parts::default();
        for &(field, start, end) in &self.numbers {
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
        Some(parts)
    }
}
