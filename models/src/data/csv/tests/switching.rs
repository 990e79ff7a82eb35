//! Several files, and the input that says which one is read.

use shared::model::BuildError;
use shared::value::Value;

use super::{QUARTERS, Rig, Setup, one};

const OTHER: &str = "title\ntime,z\n2012-02-01 00:00:00,100,1\n2012-02-01 00:15:00,200,2\n\
                     2012-02-01 00:30:00,300,3\n";

fn two(index: Option<Value>) -> Result<Rig, BuildError> {
    let paths = Value::List([Value::text("a.csv"), Value::text("b.csv")].into());
    let parameters = [("file_path", paths)];
    let files = [("a.csv", QUARTERS), ("b.csv", OTHER)];
    Setup {
        files: &files,
        parameters: &parameters,
        index,
        ..Setup::default()
    }
    .build()
}

#[test]
fn a_connected_index_switches_between_files_and_back() {
    let mut rig = two(None).expect("buildable");
    for (tick, index, x) in [
        (0, Value::Int(1), 100.0),
        (1, Value::Float(0.0), 2.0),
        (2, Value::Int(1), 300.0),
        (2, Value::Int(0), 3.0),
    ] {
        rig.step_with(tick, index).expect("a row");
        assert_eq!(
            rig.value("x"),
            Value::Float(x),
            "columns are those of the first file"
        );
    }
}

#[test]
fn an_index_out_of_range_is_refused() {
    for index in [
        Value::Int(2),
        Value::Int(-1),
        Value::Float(0.5),
        Value::text("0"),
    ] {
        let error = two(None)
            .expect("buildable")
            .step_with(0, index)
            .expect_err("no file");
        assert_eq!(error.code, "file_index_out_of_range");
    }
    for index in [Value::Int(2), Value::Int(-3), Value::Null] {
        assert_eq!(
            two(Some(index)).err().expect("no file").code,
            "invalid_input:file_index"
        );
    }
    let mut last = two(Some(Value::Int(-1))).expect("counts from the end");
    last.step(0).expect("a row");
    assert_eq!(last.value("z"), Value::Float(100.0));
}

#[test]
fn a_file_that_ends_before_the_row_that_is_due_is_no_file_to_change_to() {
    let short = "t\ntime,x\n2012-02-01 00:00:00,1\n2012-02-01 00:15:00,2\n";
    let paths = Value::List([Value::text("a.csv"), Value::text("b.csv")].into());
    let parameters = [("file_path", paths)];
    let files = [("a.csv", QUARTERS), ("b.csv", short)];
    let mut rig = Setup {
        files: &files,
        parameters: &parameters,
        ..Setup::default()
    }
    .rig();
    rig.step_with(2, Value::Int(0)).expect_err("tick 0 is due");
    let error = rig.step_with(2, Value::Int(1)).expect_err("it has ended");
    assert_eq!(error.code, "unexpected_time_stamp");
    let said = "b.csv:5: the file ends before the row for 2012-02-01 00:30:00";
    assert!(error.message.starts_with(said), "{error}");
}

#[test]
fn one_path_under_two_numbers_is_one_file() {
    let paths = Value::List([Value::text("a.csv"), Value::text("a.csv")].into());
    let parameters = [("file_path", paths)];
    let mut rig = Setup {
        parameters: &parameters,
        ..one(&[("a.csv", QUARTERS)])
    }
    .rig();
    for (tick, index) in [Value::Int(0), Value::Bool(true), Value::Float(0.0)]
        .into_iter()
        .enumerate()
    {
        rig.step_with(tick as u64, index).expect("a row");
    }
    rig.step_with(3, Value::Int(1)).expect("the last row holds");
    assert_eq!(rig.value("x"), Value::Float(3.0));
}

#[test]
fn with_a_connected_index_the_reader_goes_on_after_the_end_of_a_file() {
    let short = "t\ntime,x\n2012-02-01 00:00:00,1\n";
    let paths = Value::List([Value::text("a.csv"), Value::text("b.csv")].into());
    let parameters = [("file_path", paths)];
    let files = [("a.csv", short), ("b.csv", QUARTERS)];
    let mut rig = Setup {
        files: &files,
        parameters: &parameters,
        ..Setup::default()
    }
    .rig();
    let first = rig.step_with(0, Value::Int(0)).expect("a row");
    assert_eq!((first.next, first.notices().len()), (1, 1));
    rig.step_with(1, Value::Int(0)).expect("the last row holds");
    assert_eq!(rig.value("x"), Value::Float(1.0));
    rig.step_with(2, Value::Int(1))
        .expect("a row of the other file");
    assert_eq!(rig.value("x"), Value::Float(3.0));
}

#[test]
fn the_row_for_the_start_may_be_in_the_file_of_the_first_step() {
    let gap = "t\ntime,x\n2012-01-31 23:45:00,8\n2012-02-01 00:15:00,9\n";
    let late = "t\ntime,x\n2012-02-01 00:15:00,9\n";
    let paths = Value::List([Value::text("a.csv"), Value::text("b.csv")].into());
    let parameters = [("file_path", paths)];
    let rig_of = |first| {
        let files = [("a.csv", first), ("b.csv", QUARTERS)];
        Setup {
            files: &files,
            parameters: &parameters,
            ..Setup::default()
        }
        .build()
    };
    let mut rig = rig_of(gap).expect("rows around the start");
    rig.step_with(0, Value::Int(1)).expect("the other file");
    assert_eq!(rig.value("x"), Value::Float(1.0));
    rig.step_with(1, Value::Int(0)).expect("beyond the gap");
    assert_eq!(rig.value("x"), Value::Float(9.0));
    let mut rig = rig_of(gap).expect("rows around the start");
    let error = rig.step_with(0, Value::Int(0)).expect_err("the gap");
    assert_eq!(error.code, "unexpected_time_stamp");
    let error = rig_of(late).err().expect("no row before the start");
    assert_eq!(error.code, "start_not_in_file");
}
