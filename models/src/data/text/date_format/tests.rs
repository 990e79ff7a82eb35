use super::*;
use proptest::prelude::*;

fn read(pattern: &str, text: &str) -> Option<String> {
    let time = DateFormat::new(pattern).expect("supported").parse(text);
    time.ok().map(|time| time.to_string())
}

fn refusal(pattern: &str, text: &str) -> Option<StampError> {
    let time = DateFormat::new(pattern).expect("supported").parse(text);
    time.err()
}

#[test]
fn each_token_reads_its_part() {
    for (pattern, text, time) in [
        (
            "YYYY-MM-DD HH:mm:ss",
            "2012-02-29 23:59:58",
            "2012-02-29 23:59:58",
        ),
        (
            "DD-MM-YYYY HH:mm",
            "01-02-2012 00:15",
            "2012-02-01 00:15:00",
        ),
        ("D/M/YY H:m:s", "3/12/69 4:5:6", "1969-12-03 04:05:06"),
        ("YY", "68", "2068-01-01 00:00:00"),
        ("D MMMM YYYY", "5 march 2012", "2012-03-05 00:00:00"),
        ("MMM D YYYY", "SEP 5 2012", "2012-09-05 00:00:00"),
        (
            "YYYY-MM-DD hh:mm A",
            "2012-01-01 12:30 am",
            "2012-01-01 00:30:00",
        ),
        ("YYYY-MM-DD h a", "2012-01-01 12 PM", "2012-01-01 12:00:00"),
        ("YYYY-MM-DD h a", "2012-01-01 3 pm", "2012-01-01 15:00:00"),
        (
            "YYYY-MM-DD[T]HH:mm:ss.S",
            "2012-01-01t03:00:00.000",
            "2012-01-01 03:00:00",
        ),
        (
            "YYYY-MM-DDTHH:mm",
            "2012-01-01T03:00",
            "2012-01-01 03:00:00",
        ),
        (
            "YYYY-MM-DD HH:mm",
            "2012-12-31 24:00",
            "2013-01-01 00:00:00",
        ),
        ("HH:mm", "06:30", "0001-01-01 06:30:00"),
    ] {
        assert_eq!(
            read(pattern, text).as_deref(),
            Some(time),
            "{pattern} {text}"
        );
    }
}

#[test]
fn digits_are_counted() {
    for (pattern, text) in [
        ("YYYY-MM-DD", "2012-6-1"),
        ("YYYY-MM-DD", "2012-06-011"),
        ("YYYY-MM-DD", "2012-06-01Z"),
        ("YYYY-MM-DD HH:mm:ss", "2012-06-01 00:00:00.0"),
        ("YYYY-MM-DD", ""),
        ("HH:mm:ss.S", "01:00:00."),
    ] {
        assert_eq!(
            refusal(pattern, text),
            Some(StampError::Mismatch),
            "{pattern} {text}"
        );
    }
}

#[test]
fn numbers_must_make_a_time() {
    for (pattern, text) in [
        ("YYYY-MM-DD HH:mm", "2012-06-01 24:01"),
        ("YYYY-MM-DD HH:mm", "2012-06-01 25:00"),
        ("YYYY-MM-DD HH:mm", "2012-06-01 23:60"),
        ("YYYY-MM-DD HH:mm:ss", "2012-06-01 23:59:60"),
        ("YYYY-MM-DD", "2012-02-30"),
        ("YYYY-MM-DD", "2012-00-01"),
        ("YYYY-MM-DD", "0000-01-01"),
        ("YYYY-MM-DD", "\"2012-13-01\""),
    ] {
        assert_eq!(
            refusal(pattern, text),
            Some(StampError::NoSuchTime),
            "{pattern} {text}"
        );
    }
}

#[test]
fn a_fraction_of_a_second_must_be_zero() {
    let pattern = "HH:mm:ss.SSS";
    let zero = "0".repeat(40);
    for fraction in ["0", "000", &zero] {
        let text = format!("01:00:00.{fraction}");
        assert_eq!(
            read(pattern, &text).as_deref(),
            Some("0001-01-01 01:00:00"),
            "{text}"
        );
    }
    let long = format!("{zero}1");
    for fraction in ["5", "001", &long] {
        let text = format!("01:00:00.{fraction}");
        assert_eq!(
            refusal(pattern, &text),
            Some(StampError::Fraction),
            "{text}"
        );
    }
}

#[test]
fn a_time_stamp_may_stand_in_quotes_or_among_words() {
    let pattern = "YYYY-MM-DD";
    for text in [
        "\"2012-06-01\"",
        "'2012-06-01'",
        "on 2012-06-01, late",
        "(2012-06-01)",
    ] {
        assert_eq!(
            read(pattern, text).as_deref(),
            Some("2012-06-01 00:00:00"),
            "{text}"
        );
    }
    for text in ["\"\"2012-06-01\"\"", "x2012-06-01", "2012-06-01x"] {
        assert_eq!(read(pattern, text), None, "{text}");
    }
}

#[test]
fn a_token_that_cannot_be_read_is_named() {
    for (pattern, token) in [
        ("YYYY-DDDD", "DDDD"),
        ("Do MMMM", "Do"),
        ("dddd", "dddd"),
        ("X", "X"),
        ("YYYY-MM-DD ZZ", "ZZ"),
        ("W", "W"),
        ("YYYY-MM-DD HHH", "HHH"),
        ("DD.MM.YYY", "YYY"),
        ("Qx", "Q"),
    ] {
        let error = DateFormat::new(pattern).err();
        assert_eq!(
            error,
            Some(PatternError::UnsupportedToken(token.to_owned())),
            "{pattern}"
        );
    }
}

#[test]
fn a_pattern_without_a_token_reads_nothing() {
    for pattern in ["", "on", "[YYYY]", "Y"] {
        let error = DateFormat::new(pattern).err();
        assert_eq!(error, Some(PatternError::NoToken), "{pattern}");
    }
}

#[test]
fn what_was_read_is_written_back() {
    for (pattern, text) in [
        ("YYYY-MM-DD HH:mm:ss", "2012-02-29 23:59:58"),
        ("DD-MM-YYYY HH:mm", "01-02-2012 00:15"),
        ("D MMMM YY h:mm a", "5 March 12 12:07 am"),
        ("MMM D YYYY, hh A", "Sep 5 2012, 03 PM"),
        ("YYYY-MM-DD[T]HH:mm:ss.SSS", "2012-02-29T23:59:58.000"),
    ] {
        let mut format = DateFormat::new(pattern).expect("supported");
        let time = format.parse(text).expect("fits");
        assert_eq!(format.format(time), text);
    }
}

proptest! {
    #[test]
    fn the_fast_way_reads_what_the_slow_one_does(
        pattern in "((YYYY|MM|DD|HH|hh|mm|ss)[-/:. Té]){1,7}",
        text in "[0-9:/ -]{0,20}",
        seconds in 0_i64..4_000_000_000,
        later in 0_i64..200_000,
    ) {
        let format = DateFormat::new(&pattern).expect("supported");
        let layout = format.layout.as_ref().expect("all of one length");
        let time = WallTime::parse("1900-01-01 00:00:00").expect("a time").plus(seconds);
        let mut before = Before::default();
        let stamps = [time, time.plus(later)].map(|time| format.format(time));
        for text in [&text, &stamps[0], &stamps[1], &text, &stamps[0]] {
            let slow = match format.match_at(text) {
                Some((parts, "")) => Some(parts),
                _ => None,
            };
            prop_assert_eq!(layout.read(text, &mut before), slow);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(pattern in "[YMDHhmsSaA:./ -]{0,12}", text in "\\PC{0,30}") {
        if let Ok(mut format) = DateFormat::new(&pattern) {
            let _ = format.parse(&text);
        }
    }

    #[test]
    fn the_texts_of_time_stamps_are_those_that_are_written(
        pattern in prop::sample::select(vec![
            "YYYY-MM-DD HH:mm:ss", "YYYYMMDDHHmm", "DD.MM.YYYY HH:mm", "ss:mm:HH MM/DD/YYYY[Z]",
        ]),
        start in 0_i64..4_000_000_000,
        step in prop::sample::select(vec![1_i64, 60, 900, 3600, 86_399, 86_400, 100_000_000]),
    ) {
        let format = DateFormat::new(pattern).expect("supported");
        let time = |number: i64| {
            let first = WallTime::parse("1900-01-01 00:00:00").expect("a time");
            first.plus(start + number * step)
        };
        let whole = start % 60 == 0 && step % 60 == 0;
        let stamps = format.stamps((time(0), time(9)), step);
        prop_assert_eq!(stamps.is_some(), whole || pattern.contains("ss"));
        if let Some(mut stamps) = stamps {
            for number in 0..9 {
                let text = format.format(time(number));
                prop_assert_eq!(stamps.text(), text.as_bytes());
                stamps.advance();
            }
        }
    }
}

#[test]
fn time_stamps_with_two_meanings_have_no_text() {
    let time = WallTime::parse("2012-02-01 12:00:00").expect("a time");
    let last = WallTime::parse("9999-12-31 23:59:59").expect("a time");
    for (pattern, end) in [
        ("YYYY-MM-DD hh:mm:ss", time.plus(9)),
        ("MM-DD HH:mm:ss", time.plus(9)),
        ("YYYY-MM-DD H:mm:ss", time.plus(9)),
        ("YYYY-MM-DD HH:mm", time.plus(9)),
        ("YYYY-MM-DD HH:mm:ss", last.plus(1)),
    ] {
        let format = DateFormat::new(pattern).expect("supported");
        assert!(format.stamps((time, end), 1).is_none(), "{pattern}");
    }
}
