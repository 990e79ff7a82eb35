//! Integers of any length, to floats.

use super::saturated;

/// An integer of any length times a power of two, and whether it is a bit more than that.
pub(super) struct Large {
    /// The lowest first.
    parts: Vec<u32>,
    power: i32,
    pub(super) more: bool,
}

/// Digits are taken in nines and fives in thirteens, which are the most whose product a part holds.
const NINE_DIGITS: u32 = 10_u32.pow(9);
const FIVES: u32 = 13;

impl Large {
    /// The integer that `count` digits are, times a power of ten.
    #[cold]
    pub(super) fn new<'a>(digits: impl Iterator<Item = &'a u8>, count: usize, power: i32) -> Self {
        // What is divided keeps 64 bits: a digit is more than three of them, and a five less than seven thirds.
        let missing = 66 - power * 7 / 3 - saturated(count) * 3;
        let room = usize::try_from(missing).unwrap_or(0).div_ceil(32);
        let mut large = Self {
            parts: vec![0; room],
            power: power - 32 * saturated(room),
            more: false,
        };
        let (mut number, mut scale) = (0, 1);
        for digit in digits {
            number = number * 10 + u32::from(digit - b'0');
            scale *= 10;
            if scale == NINE_DIGITS {
                large.multiply(room, scale, number);
                (number, scale) = (0, 1);
            }
        }
        large.multiply(room, scale, number);
        let mut fives = power.unsigned_abs();
        while fives > 0 {
            let some = fives.min(FIVES);
            if power < 0 {
                large.divide(5_u32.pow(some));
            } else {
                large.multiply(0, 5_u32.pow(some), 0);
            }
            fives -= some;
        }
        large
    }

    /// Multiplies the parts from one on, and adds to that one.
    fn multiply(&mut self, from: usize, factor: u32, summand: u32) {
        let mut carried = summand;
        for part in &mut self.parts[from..] {
            let product = u64::from(*part) * u64::from(factor) + u64::from(carried);
            (*part, carried) = (low(product), low(product >> 32));
        }
        if carried > 0 {
            self.parts.push(carried);
        }
    }

    fn divide(&mut self, divisor: u32) {
        let mut rest = 0;
        for part in self.parts.iter_mut().rev() {
            let dividend = rest << 32 | u64::from(*part);
            *part = low(dividend / u64::from(divisor));
            rest = dividend % u64::from(divisor);
        }
        self.more |= rest > 0;
    }

    #[cold]
    pub(super) fn to_float(&self) -> f64 {
        let above = self.parts.iter().rev().take_while(|part| **part == 0);
        let count = self.parts.len() - above.count();
        let mut parts = self.parts[..count].iter().rev().copied();
        let mut next = || parts.next().unwrap_or(0);
        let (first, second, third) = (next(), next(), next());
        // The first bit of the first part comes to the top.
        let shift = first.leading_zeros();
        let rest = u64::from(third) << shift;
        let top = (u64::from(first) << 32 | u64::from(second)) << shift | rest >> 32;
        let more = self.more || low(rest) > 0 || parts.any(|part| part > 0);
        let power = self.power + 32 * (saturated(count) - 2) - shift.cast_signed();
        rounded(top, more, power)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "that is what it is for")]
fn low(number: u64) -> u32 {
    number as u32
}

/// The lowest bit of the smallest floats is this power of two.
const SMALLEST: i32 = -1074;

/// The digits of a float in bits, without the first one, which is not written.
const DIGITS: u32 = 52;

/// The float closest to an integer, with its highest bit set, that is times a power of two and may be a bit more.
fn rounded(top: u64, more: bool, power: i32) -> f64 {
    // The power of the lowest bit that stays.
    let lowest = (power + 11).max(SMALLEST);
    // With one bit more than stays.
    let dropped = (lowest - power).unsigned_abs() - 1;
    let Some(kept) = top.checked_shr(dropped) else {
        return 0.0;
    };
    let more = more || kept << dropped != top;
    let size = kept >> 1;
    let up = kept & 1 == 1 && (more || size & 1 == 1);
    // The first digit is not written, so it counts as one in the exponent, as it shall unless the float is one
    // of the smallest. So does what rounding carries.
    let exponent = u64::from((lowest - SMALLEST).unsigned_abs()) << DIGITS;
    let bits = exponent + size + u64::from(up);
    f64::from_bits(bits.min(f64::INFINITY.to_bits()))
}
