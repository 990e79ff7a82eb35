//! What is found in a file before a run, and that nothing of the run changes by it.

use shared::model::{Expected, Finding, Range};
use shared::time::WallTime;
use shared::value::Value;

use super::{QUARTERS, Rig, Setup, one};

/// Examines a reader all of whose columns go to an input in W/m².
pub(super) fn examined(rig: &mut Rig) -> Vec<Finding> {
    let expected = Expected {
        used_by: "Roof.G_Gh".to_owned(),
        unit: "W/m²".into(),
        range: Range::NOT_NEGATIVE,
        takers: Vec::new(),
    };
    let published = rig.instance.published.len();
    rig.examine(&vec![Some(expected); published], &[false])
}

/// What is found in a file in a run of so many ticks: line, column and code, errors in capitals.
fn found(file: &str, ticks: u64) -> Vec<String> {
    let files = [("a.csv", file)];
    let setup = Setup {
        ticks,
        ..one(&files)
    };
    examined(&mut setup.rig()).iter().map(short).collect()
}

fn short(finding: &Finding) -> String {
    let Finding {
        line, column, code, ..
    } = finding;
    let code = if finding.is_error {
        code.to_uppercase()
    } else {
        code.to_string()
    };
    format!("{line}:{column} {code}")
}

/// The message about the one thing that is found in a file.
fn said(file: &str, ticks: u64) -> String {
    let files = [("a.csv", file)];
    let setup = Setup {
        ticks,
        ..one(&files)
    };
    let findings = examined(&mut setup.rig());
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings[0].message.clone()
}

#[test]
fn a_file_as_it_should_be_gives_nothing_and_is_read_from_the_start_afterwards() {
    let mut rig = Setup {
        ticks: 3,
        ..one(&[("a.csv", QUARTERS)])
    }
    .rig();
    assert_eq!(examined(&mut rig), []);
    for tick in 0..3 {
        rig.step(tick).expect("a row");
        assert_eq!(rig.value("x"), Value::Float(tick as f64 + 1.0));
    }
}

#[test]
fn an_examined_file_fails_at_the_step_at_which_it_fails_unexamined() {
    let file = "t\ntime,x\n2012-02-01 00:00:00,1\n2012-02-01 00:15:00,n/a\n";
    let files = [("a.csv", file)];
    let (mut examined_rig, mut other) = (one(&files).rig(), one(&files).rig());
    assert_eq!(examined(&mut examined_rig).len(), 2);
    for tick in 0..2 {
        let (a, b) = (examined_rig.step(tick), other.step(tick));
        assert_eq!(a, b);
    }
    // The error of the run is that of the examination, which adds what is likely meant.
    let error = other.step(1).expect_err("no number").message;
    let finding = &examined(&mut one(&files).rig())[0];
    let place = format!("a.csv:{}: ", finding.line);
    assert!(
        finding
            .message
            .starts_with(error.strip_prefix(&place).expect("a place"))
    );
}

#[test]
fn all_faults_of_a_file_are_found_in_one_go() {
    let file = "t\ntime,x,y\n2012-02-01 00:00:00,1,NA\n2012-02-01 00:15:00,n/a,1\n\
                2012-02-01 00:30:00,1\nnonsense,1,1\n2012-02-01 01:00:00,1,1\n\
                2012-02-01 01:45:00,1,1\n2012-02-01 01:30:00,1,1\n2012-02-01 02:00:00,1,bad\n";
    assert_eq!(
        found(file, 9),
        [
            "3:23 BAD_CELL:Y",
            "4:21 BAD_CELL:X",
            "5:22 SHORT_ROW",
            "6:1 BAD_TIME_STAMP",
            "8:1 UNEXPECTED_TIME_STAMP",
            "9:1 UNEXPECTED_TIME_STAMP",
            "10:23 BAD_CELL:Y",
        ]
    );
}

#[test]
fn of_many_faults_ten_are_listed_and_the_rest_is_counted() {
    let mut file = "t\ntime,x\n".to_owned();
    let start = WallTime::parse("2012-02-01 00:00:00").expect("a time");
    for row in 0..60 {
        file.extend([start.plus(row * 900).to_string().as_str(), ",x\n"]);
    }
    let files = [("a.csv", file.as_str())];
    let setup = Setup {
        ticks: 60,
        ..one(&files)
    };
    let findings = examined(&mut setup.rig());
    assert_eq!(findings.len(), 11);
    assert_eq!(short(&findings[10]), "13:21 MORE_FAULTS");
    assert!(
        findings[10].message.contains("50 more"),
        "{}",
        findings[10].message
    );
}

#[test]
fn what_follows_from_a_wrong_resolution_is_not_listed() {
    let hourly = "t\ntime,x\n2012-02-01 00:00:00,1\n2012-02-01 01:00:00,2\n2012-02-01 02:00:00,3\n";
    assert_eq!(found(hourly, 9), ["4:1 UNEXPECTED_TIME_STAMP"]);
    assert!(said(hourly, 9).contains("'time_step_size: 4'"));
}

#[test]
fn an_hour_that_stands_there_twice_is_one_fault() {
    let quarters = |hour: u32| {
        (0..4).map(move |quarter| format!("2012-02-01 {hour:02}:{:02}:00,1\n", quarter * 15))
    };
    let hours = [0, 1, 1, 2];
    let rows: String = hours.into_iter().flat_map(quarters).collect();
    let file = format!("t\ntime,x\n{rows}");
    assert_eq!(found(&file, 12), ["11:1 UNEXPECTED_TIME_STAMP"]);
    assert!(said(&file, 12).contains("an hour stands there twice"));
}

#[test]
fn rows_that_the_run_does_not_need_are_not_looked_at() {
    let file = "t\ntime,x\n2012-01-31 23:45:00,bad\n2012-02-01 00:00:00,1\n\
                2012-02-01 00:15:00,2\n2012-02-01 00:30:00,bad\nnonsense\n";
    assert_eq!(found(file, 2), [""; 0]);
}

#[test]
fn a_file_that_ends_early_is_reported_with_its_last_row() {
    assert_eq!(found(QUARTERS, 4), ["5:1 file_ends_early"]);
    assert!(said(QUARTERS, 4).contains("1 step before the scenario"));
    assert!(said(QUARTERS, 13).contains("10 steps"));
}

#[test]
fn cells_beyond_the_columns_are_reported_once_and_decimal_commas_recognised() {
    let commas = "t\ntime,x\n2012-02-01 00:00:00,0,2\n2012-02-01 00:15:00,0,3\n";
    assert_eq!(found(commas, 2), ["3:23 extra_cells"]);
    let message = said(commas, 2);
    for part in [
        "3 cells and the header 2",
        "delimiter: ';'",
        "decimal: ','",
        "1 more row",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let other = "t\ntime,x\n2012-02-01 00:00:00,0.5,2\n";
    assert!(!said(other, 1).contains("decimal"));
    // Many programs end their lines with a delimiter.
    assert_eq!(found("t\ntime,x\n2012-02-01 00:00:00,1,, \n", 1), [""; 0]);
}

#[test]
fn numbers_that_cannot_be_meant_are_reported_with_column_and_count() {
    let file = "t\ntime,x\n2012-02-01 00:00:00,5\n2012-02-01 00:15:00,-99999\n\
                2012-02-01 00:30:00,-99999\n2012-02-01 00:45:00,nan\n2012-02-01 01:00:00,inf\n\
                2012-02-01 01:15:00,9999\n";
    assert_eq!(
        found(file, 6),
        [
            "6:21 not_finite:x",
            "8:21 missing_value_code:x",
            "4:21 impossible_value:x",
        ]
    );
    let file = "t\ntime,x\n2012-02-01 00:00:00,-99999\n2012-02-01 00:15:00,-5\n";
    let message = said(file, 2);
    for part in [
        "'-99999' in column 'x'",
        "below 0 W/m² at 'Roof.G_Gh'",
        "code",
        "(1 more row",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let message = said("t\ntime,x\n2012-02-01 00:00:00,-5\n", 1);
    assert!(
        message.contains("check the value and its unit"),
        "{message}"
    );
}

#[test]
fn a_number_of_nines_among_its_like_is_a_number() {
    let file = "t\ntime,x\n2012-02-01 00:00:00,9999\n2012-02-01 00:15:00,9998.5\n";
    assert_eq!(found(file, 2), [""; 0]);
}

#[test]
fn the_line_of_a_fault_is_right_behind_many_plain_rows_and_blank_lines() {
    let start = WallTime::parse("2012-02-01 00:00:00").expect("a time");
    let mut file = "t\ntime,x\n".to_owned();
    for row in 0..5000 {
        file.extend([start.plus(row * 900).to_string().as_str(), ",1\n"]);
    }
    file.push_str(&" \r\n\n".repeat(50_000));
    file.extend([start.plus(5000 * 900).to_string().as_str(), ",bad\n"]);
    assert_eq!(
        found(&file, 6000),
        ["105003:21 BAD_CELL:X", "105003:1 file_ends_early"]
    );
}

#[test]
fn columns_that_nobody_reads_may_hold_any_number() {
    let file = "t\ntime,x\n2012-02-01 00:00:00,nan\n";
    let files = [("a.csv", file)];
    let setup = Setup {
        ticks: 1,
        ..one(&files)
    };
    assert_eq!(setup.rig().examine(&[None], &[false]), []);
}

#[test]
fn what_a_cell_without_a_number_may_mean_is_said() {
    let hint = |cell: &str, delimiter: &str, decimal: &str| {
        let file = format!("t\ntime{delimiter}x\n2012-02-01 00:00:00{delimiter}{cell}\n");
        let parameters = [
            ("delimiter", Value::text(delimiter)),
            ("decimal", Value::text(decimal)),
        ];
        let files = [("a.csv", file.as_str())];
        let setup = Setup {
            parameters: &parameters,
            ticks: 1,
            ..one(&files)
        };
        let findings = examined(&mut setup.rig());
        let [finding] = findings.as_slice() else {
            panic!("{cell}: {findings:?}");
        };
        assert_eq!(finding.code, "bad_cell:x");
        finding.message.clone()
    };
    for (cell, delimiter, decimal, said) in [
        ("0,3", ";", ".", "\"decimal: ','\""),
        ("1.234,5", ";", ".", "without points between thousands"),
        ("1.234,5", ";", ",", "without marks between thousands"),
        ("1 234.5", ";", ".", "without marks between thousands"),
        ("0.3", ";", ",", "leave that out"),
        ("NA", ",", ".", "a value is missing"),
        ("-", ",", ".", "a value is missing"),
        ("", ",", ".", "a value is missing"),
        ("\"1\"", ",", ".", "without quotes"),
        ("0.3 kW", ",", ".", "a unit can stand after '#'"),
    ] {
        let message = hint(cell, delimiter, decimal);
        assert!(message.contains(said), "{cell}: {message}");
    }
}

#[test]
fn where_an_index_is_connected_faults_are_warnings_since_their_rows_may_not_be_read() {
    let bad = "t\ntime,x\n2012-02-01 00:00:00,bad\n2012-02-01 00:15:00,1\n";
    let paths = Value::List([Value::text("b.csv"), Value::text("a.csv")].into());
    let parameters = [("file_path", paths)];
    let files = [("a.csv", bad), ("b.csv", QUARTERS)];
    let setup = Setup {
        files: &files,
        parameters: &parameters,
        ticks: 3,
        ..Setup::default()
    };
    let mut rig = setup.rig();
    let findings = rig.examine(&[None, None], &[true]);
    let found: Vec<String> = findings.iter().map(short).collect();
    assert_eq!(
        found,
        [
            "3:21 bad_cell:x",
            "3:24 short_row",
            "4:22 short_row",
            "4:1 file_ends_early"
        ]
    );
    // Without a connection the first file alone is read.
    assert_eq!(rig.examine(&[None, None], &[false]), []);
    rig.step_with(0, Value::Int(0))
        .expect("both are at their start");
    rig.step_with(1, Value::Int(1)).expect_err("too short");
}
