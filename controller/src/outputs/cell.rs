//! A value as a cell of a row, as fast as it gets: rows are most of what a run in one process does.

use shared::value::{Value, write_cell};

/// Floats of this size are written without an exponent, and the same way by Python and by `zmij`.
const PLAIN: std::ops::Range<f64> = 1e-4..1e16;

/// Appends the cell of a value: the bytes of [`write_cell`], which knows the rules.
#[inline]
pub(super) fn write(line: &mut Vec<u8>, value: &Value) {
    match *value {
        Value::Float(float) | Value::Numpy(float) if PLAIN.contains(&float.abs()) => {
            let mut digits = zmij::Buffer::new();
            line.extend_from_slice(digits.format_finite(float).as_bytes());
        }
        // Of what is not so, most is a plain zero, or an integer of few digits, which the formatter of the standard library
        // takes longer for than all others for floats.
        Value::Float(float) | Value::Numpy(float) if float.to_bits() == 0 => {
            line.extend_from_slice(b"0.0");
        }
        Value::Int(int @ 0..100) => {
            let number = u8::try_from(int).unwrap_or(0);
            if number >= 10 {
                line.push(b'0' + number / 10);
            }
            line.push(b'0' + number % 10);
        }
        _ => write_cell(line, value),
    }
}

/// The text of a value: that of its cell, without the quotes that keep it in its cell.
pub(super) fn text(value: &Value) -> Vec<u8> {
    match value {
        Value::Text(text) => text.as_bytes().to_vec(),
        Value::List(_) | Value::Map(_) => value.to_string().into_bytes(),
        scalar => {
            let mut cell = Vec::new();
            write(&mut cell, scalar);
            cell
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_same(value: &Value) {
        let (mut fast, mut plain) = (Vec::new(), Vec::new());
        write(&mut fast, value);
        write_cell(&mut plain, value);
        assert_eq!(
            String::from_utf8_lossy(&fast),
            String::from_utf8_lossy(&plain),
            "{value:?}"
        );
    }

    #[test]
    fn the_ends_of_what_is_written_plainly_are_where_python_has_them() {
        for float in [1e-4_f64, 1e16, 1e15, 123_456_789_012_345_680.0, 0.1, 7.0] {
            for float in [float.next_down(), float, float.next_up()] {
                assert_same(&Value::Float(float));
                assert_same(&Value::Float(-float));
            }
        }
        for float in [
            0.0,
            -0.0,
            f64::NAN,
            f64::INFINITY,
            f64::MAX,
            f64::MIN_POSITIVE,
        ] {
            assert_same(&Value::Float(float));
        }
        for int in [-3, 0, 9, 10, 99, 100, i64::MAX] {
            assert_same(&Value::Int(int));
        }
        assert_same(&Value::text("a,b"));
    }

    proptest! {
        #[test]
        fn every_float_has_the_cell_that_it_always_had(bits in any::<u64>()) {
            assert_same(&Value::Float(f64::from_bits(bits)));
            assert_same(&Value::Numpy(f64::from_bits(bits)));
        }

        #[test]
        fn so_have_the_floats_of_everyday_size(whole in any::<i32>(), places in 0_i32..12) {
            let float = f64::from(whole) / 10_f64.powi(places);
            assert_same(&Value::Float(float));
            assert_same(&Value::Float(float.next_up()));
        }
    }
}
