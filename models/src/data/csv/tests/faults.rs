//! Files and parameters that cannot be used.

use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};

use shared::files::{Content, FileError, Files};
use shared::value::Value;

use super::{QUARTERS, Setup, one, read_bytes};

#[test]
fn a_coarser_file_is_reported_with_the_step_size_that_fits() {
    let hourly = "t\ntime,x\n2012-02-01 00:00:00,1\n2012-02-01 01:00:00,2\n";
    let mut rig = one(&[("a.csv", hourly)]).rig();
    rig.step(0).expect("a row");
    let error = rig.step(1).expect_err("no row");
    assert_eq!(error.code, "unexpected_time_stamp");
    assert!(
        error
            .message
            .starts_with("a.csv:4: the row for 2012-02-01 00:15:00 is due"),
        "{error}"
    );
    assert!(error.message.contains("'time_step_size: 4'"), "{error}");
}

#[test]
fn a_bad_cell_stops_the_run_at_its_row_only() {
    let file = "t\ntime,x,y\n2012-01-31 23:45:00,bad\n2012-02-01 00:00:00,1,2\n\
                2012-02-01 00:15:00,1,n/a\n";
    let mut rig = one(&[("a.csv", file)]).rig();
    rig.step(0).expect("a row");
    let error = rig.step(1).expect_err("no number");
    assert_eq!(error.code, "bad_cell:y");
    assert_eq!(
        error.message,
        "a.csv:5: 'n/a' in column 'y' is not a number"
    );
}

#[test]
fn a_short_row_is_refused_with_its_line() {
    let file = "t\ntime,x,y\n2012-02-01 00:00:00,1\n";
    let error = one(&[("a.csv", file)])
        .rig()
        .step(0)
        .expect_err("too short");
    assert_eq!(error.code, "short_row");
    assert!(error.message.starts_with("a.csv:3: "), "{error}");
}

#[test]
fn a_bad_time_stamp_waits_until_its_row_is_needed() {
    let file = "t\ntime,x\n2012-02-01 00:00:00,1\nnonsense,2\n";
    let mut rig = one(&[("a.csv", file)]).rig();
    rig.step(0).expect("a row");
    let error = rig.step(1).expect_err("no time stamp");
    assert_eq!(error.code, "bad_time_stamp");
    assert!(
        error.message.contains("a.csv:4: the time stamp 'nonsense'"),
        "{error}"
    );
}

#[test]
fn a_message_says_why_a_time_stamp_cannot_be_used() {
    let said_of = |stamp: &str| {
        let format = [("date_format", Value::text("YYYY-MM-DD HH:mm:ss.S"))];
        let file = format!("t\ntime,x\n{stamp},1\n");
        let error = Setup {
            parameters: &format,
            ..one(&[("a.csv", &file)])
        }
        .refusal();
        assert_eq!(error.code, "bad_time_stamp");
        error.message
    };
    assert_eq!(
        said_of("1 February"),
        "a.csv:3: the time stamp '1 February' does not fit date_format 'YYYY-MM-DD HH:mm:ss.S'"
    );
    assert!(said_of("2012-02-30 00:00:00.0").contains("is no time"));
    assert!(said_of("2012-02-01 00:00:00.5").contains("fraction of a second"));
    let long = said_of(&"1\t".repeat(1000));
    assert!(long.contains("1 …'") && long.len() < 200, "{long}");
}

#[test]
fn files_that_cannot_be_used_are_refused_at_once() {
    for (file, code) in [
        ("", "file_without_header"),
        ("title\n", "file_without_header"),
        ("title\ntime,x\n", "file_without_rows"),
        ("title\ntime,x\n\n\n", "file_without_rows"),
        ("t\ntime,x\n2012-02-02 00:00:00,1\n", "start_not_in_file"),
        ("t\ntime,x\n2012-01-31 00:00:00,1\n", "start_not_in_file"),
        (
            "t\ntime,x\n2012-01-31 23:50:00,1\n2012-02-01 00:05:00,1\n",
            "start_not_in_file",
        ),
        (
            "t\ntime,x\nnonsense,1\n2012-02-01 00:00:00,1\n",
            "bad_time_stamp",
        ),
    ] {
        assert_eq!(one(&[("a.csv", file)]).refusal().code, code, "{file:?}");
    }
    assert_eq!(one(&[]).refusal().code, "file_unreadable:a.csv");
    let long = format!("t\ntime,x\n{}", "1".repeat(100_000));
    assert_eq!(one(&[("a.csv", &long)]).refusal().code, "line_too_long");
}

#[test]
fn names_that_cannot_be_published_are_reported_with_their_line() {
    let rows = "2012-01-31 23:45:00,1,1\n2012-02-01 00:00:00,1,1\n";
    for (header, code, said) in [
        (
            "time,x,x",
            "duplicate_column:x",
            "two columns are called 'x'",
        ),
        ("time,x # a,x # b", "duplicate_column:x", "two columns"),
        ("", "file_without_columns", "'' names no column"),
        (
            "time;x;y",
            "file_without_columns",
            "'time;x;y' names no column",
        ),
    ] {
        let file = format!("t\n{header}\n{rows}");
        let error = one(&[("a.csv", &file)]).refusal();
        assert_eq!(error.code, code, "{header:?}");
        let start = format!("a.csv:2: {said}");
        assert!(error.message.starts_with(&start), "{error}");
    }
}

#[test]
fn parameters_that_cannot_be_used_are_refused() {
    for (key, value) in [
        ("delimiter", Value::text("")),
        ("delimiter", Value::Int(1)),
        ("date_format", Value::text("YYYY-DDDD")),
        ("start", Value::text("yesterday")),
        ("start", Value::Int(5)),
        ("send_row", Value::text("yes")),
        ("tzinfo", Value::Int(1)),
        ("file_path", Value::List([].into())),
    ] {
        let given = [(key, value.clone())];
        let error = Setup {
            parameters: &given,
            ..one(&[("a.csv", QUARTERS)])
        }
        .refusal();
        assert_eq!(error.code, format!("invalid_parameter:{key}"), "{value}");
    }
}

#[test]
fn a_line_that_is_not_utf8_is_reported_when_its_row_is_needed() {
    assert_eq!(
        read_bytes(b"t\xff\ntime,x\n").err().as_deref(),
        Some("not_utf8")
    );
    let file = b"t\ntime,x\n2012-02-01 00:00:00,1\n2012-02-01 00:15:00,\xe9\n";
    assert_eq!(read_bytes(file).err().as_deref(), Some("not_utf8"));
    assert_eq!(read_bytes(&file[..31]), Ok(()));
}

/// A disk that fails after some bytes.
struct Failing(Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = BufRead::fill_buf(self)?;
        let count = bytes.len().min(into.len());
        into[..count].copy_from_slice(&bytes[..count]);
        BufRead::consume(self, count);
        Ok(count)
    }
}

impl BufRead for Failing {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match BufRead::fill_buf(&mut self.0)? {
            [] => Err(io::Error::other("the disk is gone")),
            bytes => Ok(bytes),
        }
    }

    fn consume(&mut self, count: usize) {
        BufRead::consume(&mut self.0, count);
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Files for Failing {
    fn open(&self, _: &str) -> Result<Box<dyn Content>, FileError> {
        Ok(Box::new(Failing(self.0.clone())))
    }
}

#[test]
fn a_file_that_fails_is_reported_with_its_line() {
    let files = Failing(Cursor::new(QUARTERS.as_bytes().to_vec()));
    let mut rig = Setup::default().build_from(&files).expect("buildable");
    for tick in 0..3 {
        rig.step(tick).expect("a row");
    }
    let error = rig.step(3).expect_err("not an end of the file");
    assert_eq!(error.code, "file_unreadable:a.csv");
    assert_eq!(error.message, "a.csv:6: cannot be read: the disk is gone");
}
