use super::*;
use proptest::prelude::*;

/// The standard library's reading of a text, in bits, of which all `nan` have the same.
fn expected(text: &str) -> Option<u64> {
    text.parse().ok().map(f64::to_bits)
}

fn read(text: &str) -> Option<u64> {
    parse_float(text).map(f64::to_bits)
}

#[test]
fn what_is_no_number_is_none() {
    for text in [
        "", "+", "-", ".", "-.", "e5", ".e5", "1e", "1e+", "1e-", "--1", "+-1", "1.2.3", "1 ",
        " 1", "1_0", "0x1", "1e5.0", "1e5e5", "infin", "nanx", "in", "1,5", "½", "١",
    ] {
        assert_eq!(read(text), None, "{text}");
        assert_eq!(expected(text), None, "{text}");
    }
}

#[test]
fn names_and_signs_and_points_are_read_as_the_standard_library_does() {
    for text in [
        "inf",
        "-INF",
        "+Infinity",
        "nan",
        "-NaN",
        "0",
        "-0",
        "+0.0",
        "00.00e99999",
        "1.",
        ".5",
        "-.5e+3",
        "1E5",
        "000123.4500",
        "1e-0",
        "9e99999999999999999999",
        "9e-99999999999999999999",
    ] {
        assert_eq!(read(text), expected(text), "{text}");
        assert!(read(text).is_some(), "{text}");
    }
}

#[test]
fn edges_are_rounded_as_the_standard_library_does() {
    for text in [
        // The largest float, and what is closer to it than to infinity, or not.
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1e309",
        // The smallest ones, with and without a first digit that is not written.
        "5e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.4e-324",
        "1e-400",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "2.225073858507201e-308",
        // In the middle of two.
        "9007199254740993",
        "9007199254740993.0000000000000000000000001",
        "9007199254740995",
        "9007199254740992.999999999999999999999999999",
        "4503599627370496.5",
        "4503599627370497.5",
        "18446744073709551615",
        "18446744073709551616",
        "36893488147419107329",
        "1e23",
        "8.5e22",
    ] {
        assert_eq!(read(text), expected(text), "{text}");
    }
}

/// Half of what decimals are.
fn halved(decimals: &str) -> String {
    let mut rest = 0;
    let mut half = |digit| {
        let number = rest * 10 + digit;
        rest = number % 2;
        char::from_digit(number / 2, 10)
    };
    let digits = decimals
        .chars()
        .map(|c| c.to_digit(10).and_then(&mut half).unwrap_or(c));
    digits.collect()
}

#[test]
fn no_digit_is_too_far_behind_to_matter() {
    for bits in [0_u64, 1, 2, 3, 0x000f_ffff_ffff_fffe, 0x000f_ffff_ffff_ffff] {
        // In the middle of this float, which is one of the smallest, and the next.
        let middle = halved(&format!("{:.1075}", f64::from_bits(2 * bits + 1)));
        let even = bits + bits % 2;
        assert_eq!(read(&middle), Some(even), "{bits}");
        for zeros in [0, 500, 5000] {
            let more = format!("{middle}{}1", "0".repeat(zeros));
            assert_eq!(read(&more), Some(bits + 1), "{bits} {zeros}");
        }
    }
    let long = "123456789".repeat(3000);
    let one = format!("1.{}1", "0".repeat(9000));
    for text in [
        format!("0.{long}"),
        format!("{long}e-27000"),
        format!("{long}e-26700"),
        one,
    ] {
        assert_eq!(read(&text), expected(&text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn any_float_is_read_back(bits in any::<u64>()) {
        let float = f64::from_bits(bits);
        prop_assume!(!float.is_nan());
        for text in [format!("{float:e}"), format!("{float:?}"), format!("{float:.30e}")] {
            prop_assert_eq!(read(&text), expected(&text), "{}", text);
        }
    }

    #[test]
    fn any_decimal_is_read_as_the_standard_library_does(text in "[+-]?[0-9]{0,25}(\\.[0-9]{0,25})?(e[+-]?[0-9]{1,3})?") {
        prop_assert_eq!(read(&text), expected(&text), "{}", text);
    }
}
