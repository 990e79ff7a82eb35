//! What a strip of WS2812 pixels has to see on its data line, as bytes of an SPI bus.

use shared::led::Colour;

/// Bits a second. A bit of a strip is three of these, so it takes 1.25 µs: the line is high for the first
/// third if it is 0, and for two if it is 1. That is the pace that the pixels of all makers take.
pub(super) const FREQUENCY: u32 = 2_400_000;

/// Bytes of a low line, 300 µs long: after that, the pixels show what they have got. Older ones want 50 µs.
const RESET: usize = 90;

/// The bytes that give all pixels a colour.
pub(super) fn frame(pixels: u16, colour: Colour) -> Vec<u8> {
    let Colour { red, green, blue } = colour;
    let pixel = [green, red, blue].map(pulses).concat();
    let mut bytes = Vec::with_capacity(2 * RESET + pixel.len() * usize::from(pixels));
    // The line may be high before the first transfer, or hold the rest of one that was cut off.
    bytes.resize(RESET, 0);
    for _ in 0..pixels {
        bytes.extend_from_slice(&pixel);
    }
    bytes.resize(bytes.len() + RESET, 0);
    bytes
}

/// A byte as a strip sees it, the highest bit first.
fn pulses(byte: u8) -> [u8; 3] {
    let bits = (0..8).rev().map(|bit| byte >> bit & 1 == 1);
    let pulses = bits.fold(0_u32, |before, bit| {
        before << 3 | if bit { 0b110 } else { 0b100 }
    });
    let [_, first, second, third] = pulses.to_be_bytes();
    [first, second, third]
}

#[cfg(test)]
mod tests {
    use shared::led::PIXELS;

    use super::*;

    #[test]
    fn a_bit_is_a_short_or_a_long_pulse() {
        let shown = |byte| {
            let bits = pulses(byte).map(|byte| format!("{byte:08b}")).concat();
            let places = (0..24)
                .step_by(3)
                .map(|place| bits[place..place + 3].to_owned());
            places.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(0x00), "100 100 100 100 100 100 100 100");
        assert_eq!(shown(0xff), "110 110 110 110 110 110 110 110");
        assert_eq!(shown(0x8b), "110 100 100 100 110 100 110 110");
    }

    #[test]
    fn pixels_get_green_first_between_two_pauses() {
        let bytes = frame(2, Colour::new(0xff, 0x00, 0x8b));
        let (green, red, blue) = ([0x92, 0x49, 0x24], [0xdb, 0x6d, 0xb6], [0xd2, 0x4d, 0x36]);
        let pixel = [green, red, blue].concat();
        let expected = [vec![0; RESET], pixel.clone(), pixel, vec![0; RESET]].concat();
        assert_eq!(bytes, expected);
    }

    #[test]
    fn the_longest_strip_fits_into_one_transfer() {
        // What the driver of Linux takes at once: a pause within would end the frame.
        assert!(frame(*PIXELS.end(), Colour::DARK).len() <= 4096);
    }
}
