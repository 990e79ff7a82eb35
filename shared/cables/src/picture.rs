//! What cables show, for boards of both kinds. A picture that was meant for the other kind is translated:
//!
//! | from text | to bytes |
//! |---|---|
//! | stage `0`, `1`, `2`, `3`, `4`, other | 10, 255 (its 500 ms are more than a byte), 100, 50, 10 ms a pixel, solid |
//! | colour `r`, `g`, `b`, other or stage `0` | (254, 0, 0), (0, 254, 0), (0, 0, 254), (10, 10, 10) |
//! | direction `1`, other | 1, 0 |
//!
//! | from bytes | to text |
//! |---|---|
//! | solid | stage `9`, which no board knows as a dot |
//! | a dot in a grey | stage `0` |
//! | another dot | stage `1` to `4`, by its red: up to 64, 128, 192, 255 |
//! | colour | `r` for a red solid and stage `4`, `b` where blue is brightest, `x` for a solid in a grey and the dark, else `g` |
//!
//! A board that reads text cannot be dark: it shows a dim white.

use shared::cable::Picture;

const TEXT: u8 = 1;
const BYTES: u8 = 2;

/// What a cable shows of which nobody wants anything: a dim white dot.
pub(crate) const REST: u64 = pack(Picture::Text(*b"0g0"));

/// What it shows if its model has failed: solid red.
pub(crate) const FAILED: u64 = pack(Picture::Text(*b"9r0"));

/// A picture as one number, which is replaced by another in one go.
pub(crate) const fn pack(picture: Picture) -> u64 {
    u64::from_be_bytes(match picture {
        Picture::Text([stage, colour, direction]) => [0, 0, TEXT, stage, colour, direction, 0, 0],
        Picture::Bytes([delay, direction, red, green, blue]) => {
            [0, 0, BYTES, delay, direction, red, green, blue]
        }
    })
}

/// What a board that reads text is told: stage, colour, direction.
#[cfg(unix)]
pub(crate) fn text(picture: u64) -> [u8; 3] {
    let [_, _, kind, first, second, red, green, blue] = picture.to_be_bytes();
    if kind == TEXT {
        return [first, second, red];
    }
    let is_grey = red == green && green == blue;
    let (stage, colour) = match (first, is_grey) {
        (0, true) => (b'9', b'x'),
        (0, false) => (b'9', brightest([red, green, blue])),
        (_, true) => (b'0', b'g'),
        (_, false) => {
            let stage = red.div_ceil(64).max(1);
            let colour = match (brightest([red, green, blue]), stage) {
                (b'b', _) => b'b',
                (_, 4) => b'r',
                _ => b'g',
            };
            (b'0' + stage, colour)
        }
    };
    [stage, colour, if second == 0 { b'0' } else { b'1' }]
}

#[cfg(unix)]
fn brightest([red, green, blue]: [u8; 3]) -> u8 {
    if blue > red.max(green) {
        b'b'
    } else if red >= green {
        b'r'
    } else {
        b'g'
    }
}

/// What a board that acknowledges bytes is told: milliseconds a pixel, direction, red, green, blue.
#[cfg(unix)]
pub(crate) fn bytes(picture: u64) -> [u8; 5] {
    let [_, _, kind, first, second, third, fourth, fifth] = picture.to_be_bytes();
    if kind == BYTES {
        return [first, second, third, fourth, fifth];
    }
    let delay = match first {
        b'0' | b'4' => 10,
        b'1' => u8::MAX,
        b'2' => 100,
        b'3' => 50,
        _ => 0,
    };
    let [red, green, blue] = match (first, second) {
        (b'0', _) => [10, 10, 10],
        (_, b'r') => [254, 0, 0],
        (_, b'g') => [0, 254, 0],
        (_, b'b') => [0, 0, 254],
        _ => [10, 10, 10],
    };
    [delay, u8::from(third == b'1'), red, green, blue]
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_picture_for_boards_of_a_kind_reaches_them_as_it_is() {
        assert_eq!(text(pack(Picture::Text(*b"3g1"))), *b"3g1");
        let frame = [128, 1, 127, 128, 0];
        assert_eq!(bytes(pack(Picture::Bytes(frame))), frame);
    }

    #[test]
    fn a_text_becomes_the_bytes_of_the_same_picture() {
        for (from, to) in [
            (b"0g1", [10, 1, 10, 10, 10]),
            (b"1g0", [255, 0, 0, 254, 0]),
            (b"2g1", [100, 1, 0, 254, 0]),
            (b"3b0", [50, 0, 0, 0, 254]),
            (b"4r1", [10, 1, 254, 0, 0]),
            (b"9r0", [0, 0, 254, 0, 0]),
            (b"9x0", [0, 0, 10, 10, 10]),
        ] {
            assert_eq!(bytes(pack(Picture::Text(*from))), to);
        }
    }

    #[test]
    fn bytes_become_the_text_that_is_nearest() {
        for (from, to) in [
            ([0, 0, 255, 0, 0], b"9r0"),
            ([0, 1, 0, 254, 0], b"9g1"),
            ([0, 0, 0, 0, 254], b"9b0"),
            ([0, 0, 0, 0, 0], b"9x0"),
            ([10, 0, 10, 10, 10], b"0g0"),
            ([254, 0, 1, 254, 0], b"1g0"),
            ([191, 1, 64, 191, 0], b"1g1"),
            ([127, 0, 128, 127, 0], b"2g0"),
            ([63, 1, 192, 63, 0], b"3g1"),
            ([1, 0, 254, 1, 0], b"4r0"),
            ([50, 0, 0, 0, 254], b"1b0"),
        ] {
            assert_eq!(text(pack(Picture::Bytes(from))), *to, "{from:?}");
        }
    }

    /// Both models of a flow draw the same line between the stages, as far as 255 steps of red can.
    #[test]
    fn the_stages_of_both_models_agree() {
        for percent in 1..=99_u32 {
            let red = u8::try_from((255 * percent).div_ceil(100)).expect("at most 255");
            let stage = text(pack(Picture::Bytes([1, 0, red, 255 - red, 0])))[0] - b'0';
            assert_eq!(u32::from(stage), (4 * percent).div_ceil(100), "{percent} %");
        }
    }
}
