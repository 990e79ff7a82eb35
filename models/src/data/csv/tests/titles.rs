//! The lines before the rows, and what programs write there.

use shared::model::BuildError;
use shared::value::Value;

use super::{Setup, one};

fn refusal_of(file: &str, parameters: &[(&str, Value)]) -> BuildError {
    Setup {
        parameters,
        ..one(&[("a.csv", file)])
    }
    .refusal()
}

#[test]
fn a_file_without_a_title_is_read_from_its_first_line_on() {
    for file in [
        "time,x\n2012-02-01 00:00:00,1\n2012-02-01 00:15:00,2\n",
        "\u{feff}time,x\r\n\"2012-02-01 00:00:00\", 1 \r\n2012-02-01 00:15:00,2\r\n",
        "time,x\n2012-01-31 23:45:00,\n2012-02-01 00:00:00,1\n2012-02-01 00:15:00,2\n",
    ] {
        let files = [("a.csv", file)];
        let setup = Setup {
            ticks: 2,
            ..one(&files)
        };
        let mut rig = setup.rig();
        let findings = rig.examine(&[None], &[false]);
        assert_eq!(findings.len(), 1, "{findings:?}");
        let note = &findings[0];
        assert_eq!(
            (&*note.code, note.line, note.is_error),
            ("no_title", 1, false)
        );
        for tick in 0..2 {
            rig.step(tick).expect("a row");
            assert_eq!(rig.value("x"), Value::Float(tick as f64 + 1.0));
        }
    }
}

#[test]
fn a_title_is_one_whatever_stands_in_it() {
    for (title, names) in [
        ("", "time,x"),
        ("time,x", "time,x"),
        ("a,b,c", "2012-02-01 00:00:00 and later,x"),
        ("2012-02-01 00:00:00,1", "time,x"),
        ("of 2012-02-01 00:00:00,1", "2012-02-01,x"),
    ] {
        let file = format!("{title}\n{names}\n2012-02-01 00:00:00,5\n");
        let files = [("a.csv", file.as_str())];
        let setup = Setup {
            ticks: 1,
            ..one(&files)
        };
        let mut rig = setup.rig();
        rig.step(0).expect("a row");
        assert_eq!(rig.value("x"), Value::Float(5.0), "{title}");
        assert_eq!(rig.examine(&[None], &[false]), [], "{title}");
    }
}

#[test]
fn a_form_of_time_stamps_that_fits_is_named() {
    for (stamps, forms) in [
        (
            ["31.01.2012 23:45", "01.02.2012 00:00"],
            "'DD.MM.YYYY HH:mm'",
        ),
        (
            ["2012-01-31T23:45:00Z", "2012-02-01T00:00:00Z"],
            "'YYYY-MM-DDTHH:mm:ss[Z]'",
        ),
        (["20120131:2345", "20120201:0000"], "'YYYYMMDD:HHmm'"),
        (
            ["01/02/2012 00:00", "01/02/2012 00:15"],
            "'DD/MM/YYYY HH:mm' or 'MM/DD/YYYY HH:mm'",
        ),
    ] {
        let rows = stamps.map(|stamp| format!("{stamp},1\n")).concat();
        let error = refusal_of(&format!("t\ntime,x\n{rows}"), &[]);
        assert_eq!(error.code, "bad_time_stamp");
        let said = format!("it has the form {forms}, to be written as 'date_format'");
        assert!(error.message.contains(&said), "{error}");
        // Without a title the names are the next thing that seems wrong, and are not.
        let error = refusal_of(&format!("time,x\n{rows}"), &[]);
        assert!(error.message.contains("the file has no title"), "{error}");
    }
}

#[test]
fn days_and_months_that_may_have_changed_places_are_reported() {
    let file = "t\ntime,x\n01/02/2012 00:00,1\n01/02/2012 00:15,2\n";
    let american = [("date_format", Value::text("MM/DD/YYYY HH:mm"))];
    let error = refusal_of(file, &american);
    assert_eq!(error.code, "start_not_in_file");
    let said = "its first row, '01/02/2012 00:00', is read as 2012-01-02 00:00:00, and would be \
                2012-02-01 00:00:00 with 'date_format: DD/MM/YYYY HH:mm'";
    assert!(error.message.contains(said), "{error}");
}

#[test]
fn what_stands_between_the_names_is_named_where_it_is_another_mark() {
    for (header, said) in [
        ("time;x", "write 'delimiter: \";\"'"),
        ("time\tx", "write 'delimiter: \"\\t\"'"),
        ("time x", "is 'delimiter' what stands between the names?"),
    ] {
        let error = refusal_of(&format!("t\n{header}\n2012-02-01 00:00:00;1\n"), &[]);
        assert_eq!(error.code, "file_without_columns");
        assert!(error.message.contains(said), "{error}");
    }
}

#[test]
fn files_in_other_encodings_are_named_as_such() {
    for text in ["\u{feff}time,x\n2012-02-01 00:00:00,1\n", "t\ntime,x\n"] {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut files = shared::files::MemoryFiles::default();
        files.insert("a.csv".into(), bytes);
        let error = Setup::default().build_from(&files).err().expect("refused");
        assert_eq!(error.code, "not_utf8", "{error}");
    }
    let old = "t\rtime,x\r2012-02-01 00:00:00,1\r";
    let error = refusal_of(old, &[]);
    assert!(error.message.contains("not of CR alone"), "{error}");
}

#[test]
fn quotes_around_names_are_reported() {
    let file = "\"time\",\"x\"\n2012-02-01 00:00:00,1\n";
    let files = [("a.csv", file)];
    let setup = Setup {
        ticks: 1,
        ..one(&files)
    };
    let findings = setup.rig().examine(&[None], &[false]);
    let codes: Vec<&str> = findings.iter().map(|finding| &*finding.code).collect();
    assert_eq!(codes, ["no_title", "quoted_name"]);
}

#[test]
fn decimal_commas_are_read_where_the_scenario_says_so() {
    let file = "t\ntime;x;y\n2012-02-01 00:00:00;0,5;-1,25e1 \n2012-02-01 00:15:00;7;,5\n";
    let parameters = [
        ("delimiter", Value::text(";")),
        ("decimal", Value::text(",")),
    ];
    let mut rig = Setup {
        parameters: &parameters,
        ..one(&[("a.csv", file)])
    }
    .rig();
    for (tick, x, y) in [(0, 0.5, -12.5), (1, 7.0, 0.5)] {
        rig.step(tick).expect("a row");
        assert_eq!(rig.value("x"), Value::Float(x));
        assert_eq!(rig.value("y"), Value::Float(y));
    }
    let both = [("decimal", Value::text(","))];
    assert_eq!(refusal_of(file, &both).code, "invalid_parameter:decimal");
    let neither = [("decimal", Value::text("point"))];
    assert_eq!(refusal_of(file, &neither).code, "invalid_parameter:decimal");
}
