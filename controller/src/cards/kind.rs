//! The kinds of Raspberry Pis that cards are made for.

use std::str::FromStr;

/// A kind of Raspberry Pis: all that start from the same image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A Pi 3, 4, 400 and Zero 2 W.
    #[default]
    Bits64,
    /// A Pi 1, 2, Zero and Zero W.
    Bits32,
}

impl Kind {
    /// What it is called here, and by `node/image/build.sh`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bits64 => "64-bit",
            Self::Bits32 => "32-bit",
        }
    }

    /// What the image is called that its cards are made from.
    pub(crate) fn image(self) -> &'static str {
        match self {
            Self::Bits64 => "illuminator-image.img.gz",
            Self::Bits32 => "illuminator-image-32-bit.img.gz",
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let kinds = [Self::Bits64, Self::Bits32];
        let kind = kinds.into_iter().find(|kind| kind.name() == text);
        kind.ok_or_else(|| {
            format!(
                "'{text}' is no kind of Pi that there are cards for; say 64-bit for a Pi 3, 4, 400 and Zero 2 W, \
                 and 32-bit for a Pi 1, 2, Zero and Zero W"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_by_its_name_and_any_other_word_is_told_both() {
        for kind in [Kind::Bits64, Kind::Bits32] {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        for wrong in ["zero", "5", "32", ""] {
            let error = wrong.parse::<Kind>().expect_err("no kind");
            assert!(error.contains("32-bit for a Pi 1, 2, Zero"), "{error}");
        }
    }
}
