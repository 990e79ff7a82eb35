//! What is published of a row.

use shared::time::NEVER;
use shared::value::Value;

use super::{QUARTERS, Setup, one};

#[test]
fn rows_are_published_column_by_column_as_floats() {
    let mut rig = one(&[("a.csv", QUARTERS)]).rig();
    for tick in 0..3 {
        rig.step(tick).expect("a row");
        let number = tick as f64 + 1.0;
        assert_eq!(rig.value("x"), Value::Float(number));
        assert_eq!(rig.value("y"), Value::Float(number * 10.0));
    }
}

#[test]
fn the_last_row_holds_with_one_notice() {
    let mut rig = one(&[("a.csv", QUARTERS)]).rig();
    for tick in 0..2 {
        assert!(rig.step(tick).expect("a row").notices().is_empty());
    }
    let last = rig.step(2).expect("a row");
    assert_eq!(last.next, NEVER);
    let said: Vec<&str> = last.notices().iter().map(|said| &*said.text).collect();
    assert_eq!(said, ["'a.csv' ends here; its last row holds from now on"]);
}

#[test]
fn a_file_that_ends_with_the_run_gives_no_notice() {
    let mut rig = Setup {
        ticks: 3,
        ..one(&[("a.csv", QUARTERS)])
    }
    .rig();
    for tick in 0..3 {
        assert!(rig.step(tick).expect("a row").notices().is_empty());
    }
}

#[test]
fn line_ends_marks_and_blanks_do_no_harm() {
    let file = "\u{feff}\r\ntime , x #1,2\r\n\r\n \"2012-02-01 00:00:00\", 1.5 ,9,9 \r\n  \r\n";
    let mut rig = one(&[("a.csv", file)]).rig();
    rig.step(0).expect("a row");
    assert_eq!(rig.value("x"), Value::Float(1.5));
    assert_eq!(
        rig.value("2"),
        Value::Float(9.0),
        "a comma in a comment separates all the same"
    );
}

#[test]
fn another_start_plays_back_other_days() {
    let start = [("start", Value::text("2012-02-01 00:15:00"))];
    let mut rig = Setup {
        parameters: &start,
        ..one(&[("a.csv", QUARTERS)])
    }
    .rig();
    rig.step(0).expect("a row");
    assert_eq!(rig.value("x"), Value::Float(2.0));
}

#[test]
fn a_time_zone_changes_nothing() {
    let file = "t\ntime,x\n2012-02-01 00:00:00,1\n";
    for zone in ["Europe/Amsterdam", "UTC", "-0530", "nowhere"] {
        let parameters = [("tzinfo", Value::text(zone))];
        let mut rig = Setup {
            parameters: &parameters,
            ..one(&[("a.csv", file)])
        }
        .rig();
        rig.step(0).expect("a row");
    }
}

#[test]
fn a_slow_reader_expects_rows_one_step_apart() {
    let hourly = "t\ntime,x\n2012-02-01 00:00:00,1\n2012-02-01 01:00:00,2\n";
    let mut rig = Setup {
        step_size: Some(4),
        ..one(&[("a.csv", hourly)])
    }
    .rig();
    assert_eq!(rig.step(0).expect("a row").next, 4);
    rig.step(4).expect("a row");
    assert_eq!(rig.value("x"), Value::Float(2.0));
}

#[test]
fn a_mapping_has_each_name_once_but_comments_tell_names_apart() {
    let send_row = [("send_row", Value::Bool(true))];
    let row_of = |header: &str| {
        let file = format!("t\n{header}\n2012-02-01 00:00:00,1,2\n");
        Setup {
            parameters: &send_row,
            ..one(&[("a.csv", &file)])
        }
        .build()
    };
    for header in ["time,x,x", "time,time,x"] {
        let error = row_of(header).err().expect("refused");
        assert!(error.message.starts_with("a.csv:2: two columns"), "{error}");
    }
    assert!(row_of("time,x # a,x # b").is_ok());
}

#[test]
fn a_column_without_a_name_is_passed_over_with_a_warning() {
    let file = "t\ntime,,x,#,\n2012-02-01 00:00:00,n/a,2\n";
    let mut rig = one(&[("a.csv", file)]).rig();
    let names: Vec<_> = rig.instance.published.iter().map(|a| &*a.name).collect();
    assert_eq!(names, ["x"]);
    assert_eq!(
        rig.instance.warnings,
        ["a.csv:2: a column has no name, so that it is not read"]
    );
    rig.step(0).expect("cells without a name are not needed");
    assert_eq!(rig.value("x"), Value::Float(2.0));
}

#[test]
fn send_row_publishes_the_text_of_the_cells_under_the_raw_names() {
    let file = "t\nWhen;x # kW; y\n01-02-2012 00:00; 1.50 ;n/a;more\n";
    let parameters = [
        ("delimiter", Value::text(";")),
        ("date_format", Value::text("DD-MM-YYYY HH:mm")),
        ("start", Value::text("01-02-2012 00:00")),
        ("send_row", Value::Bool(true)),
    ];
    let mut rig = Setup {
        parameters: &parameters,
        ..one(&[("a.csv", file)])
    }
    .rig();
    rig.step(0).expect("a row");
    let row = rig.value("row").to_string();
    assert_eq!(
        row,
        "{'When': '01-02-2012 00:00', 'x # kW': ' 1.50 ', ' y': 'n/a'}"
    );
}
