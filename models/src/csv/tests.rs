use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};

use shared::files::{Content, FileError, Files, MemoryFiles};
use shared::model::{BuildError, Entries, Instance, ModelConfig, StepError, Stepped, build};
use shared::time::{NEVER, TimeGrid, WallTime};
use shared::value::Value;

use super::CSV;
use proptest::prelude::*;

/// A reader in a scenario that starts at 2012-02-01 00:00:00 with ticks of 900 s.
struct Rig {
    instance: Instance,
    published: Vec<Option<Value>>,
}

#[derive(Default)]
struct Setup<'a> {
    files: &'a [(&'a str, &'a str)],
    parameters: &'a [(&'a str, Value)],
    index: Option<Value>,
    step_size: Option<u32>,
    ticks: u64,
}

impl Setup<'_> {
    fn build(&self) -> Result<Rig, BuildError> {
        let mut files = MemoryFiles::default();
        for (path, content) in self.files {
            files.insert((*path).to_owned(), content.as_bytes().into());
        }
        self.build_from(&files)
    }

    fn build_from(&self, files: &dyn Files) -> Result<Rig, BuildError> {
        let mut parameters: Entries = self
            .parameters
            .iter()
            .map(|(key, value)| ((*key).into(), value.clone()))
            .collect();
        if !parameters.iter().any(|(key, _)| &**key == "file_path") {
            parameters.push(("file_path".into(), Value::text("a.csv")));
        }
        let config = ModelConfig {
            name: "Meter".into(),
            model_type: "CSV".into(),
            parameters: Some(parameters),
            inputs: self
                .index
                .clone()
                .map(|index| vec![("file_index".into(), index)]),
            time_step_size: self.step_size,
            ..ModelConfig::default()
        };
        let start = WallTime::parse("2012-02-01 00:00:00").expect("valid");
        let ticks = if self.ticks == 0 { 100 } else { self.ticks };
        let grid = TimeGrid {
            start,
            resolution: 900,
            ticks,
        };
        let instance = build(&CSV, &config, grid, files).map_err(|mut errors| errors.remove(0))?;
        let published = vec![None; instance.published.len()];
        Ok(Rig {
            instance,
            published,
        })
    }

    fn rig(&self) -> Rig {
        self.build().expect("buildable")
    }

    fn refusal(&self) -> BuildError {
        self.build().err().expect("refused")
    }
}

impl Rig {
    fn step(&mut self, tick: u64) -> Result<Stepped, StepError> {
        self.instance.step(tick, &[None], &mut self.published)
    }

    fn step_with(&mut self, tick: u64, index: Value) -> Result<Stepped, StepError> {
        self.instance
            .step(tick, &[Some(index)], &mut self.published)
    }

    fn value(&self, name: &str) -> Value {
        let slot = self.instance.published_slot(name).expect("published");
        self.published[slot.index()].clone().unwrap_or_default()
    }
}

/// Reads to the end of the file, to the first error, or a few rows.
fn read_bytes(content: &[u8]) -> Result<(), String> {
    let mut files = MemoryFiles::default();
    files.insert("a.csv".to_owned(), content.into());
    let rig = Setup::default().build_from(&files);
    let mut rig = rig.map_err(|error| error.code.to_string())?;
    for tick in 0..5 {
        let stepped = rig.step(tick).map_err(|error| error.code.to_string())?;
        if stepped.next == NEVER {
            break;
        }
    }
    Ok(())
}

fn one<'a>(file: &'a [(&'a str, &'a str)]) -> Setup<'a> {
    Setup {
        files: file,
        ..Setup::default()
    }
}

const QUARTERS: &str = "title\ntime,x,y # kW\n2012-02-01 00:00:00,1,10\n2012-02-01 00:15:00,2,20\n\
                        2012-02-01 00:30:00,3,30\n";

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
        assert_eq!(rig.step(tick).expect("a row").notices, [] as [String; 0]);
    }
    let last = rig.step(2).expect("a row");
    assert_eq!(last.next, NEVER);
    assert_eq!(
        last.notices,
        ["'a.csv' ends here; its last row holds from now on"]
    );
}

#[test]
fn a_file_that_ends_with_the_run_gives_no_notice() {
    let mut rig = Setup {
        ticks: 3,
        ..one(&[("a.csv", QUARTERS)])
    }
    .rig();
    for tick in 0..3 {
        assert_eq!(rig.step(tick).expect("a row").notices, [] as [String; 0]);
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
fn a_coarser_file_is_told_with_the_step_size_that_fits() {
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
fn names_that_cannot_be_published_are_told_with_their_line() {
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
    assert_eq!((first.next, first.notices.len()), (1, 1));
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

#[test]
fn a_line_that_is_not_utf8_is_told_when_its_row_is_needed() {
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
        let bytes = self.fill_buf()?;
        let count = bytes.len().min(into.len());
        into[..count].copy_from_slice(&bytes[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Failing {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.0.fill_buf()? {
            [] => Err(io::Error::other("the disk is gone")),
            bytes => Ok(bytes),
        }
    }

    fn consume(&mut self, count: usize) {
        self.0.consume(count);
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
fn a_file_that_fails_is_told_with_its_line() {
    let files = Failing(Cursor::new(QUARTERS.as_bytes().to_vec()));
    let mut rig = Setup::default().build_from(&files).expect("buildable");
    for tick in 0..3 {
        rig.step(tick).expect("a row");
    }
    let error = rig.step(3).expect_err("not an end of the file");
    assert_eq!(error.code, "file_unreadable:a.csv");
    assert_eq!(error.message, "a.csv:6: cannot be read: the disk is gone");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_bytes(&bytes);
        let mut file = b"t\ntime,x\n2012-02-01 00:00:00,1\n".to_vec();
        file.extend(bytes);
        let _ = read_bytes(&file);
    }

    #[test]
    fn no_rows_make_the_reader_panic(header in "[a-z#, ]{0,12}", rows in "[0-9:,x\n\r\" -]{0,200}") {
        let _ = read_bytes(format!("t\n{header}\n2012-02-01 00:00:00,1\n{rows}").as_bytes());
    }

    #[test]
    fn what_was_written_is_read_to_the_bit(
        rows in prop::collection::vec(prop::collection::vec(any::<f64>(), 3), 1..10),
        blank in prop_oneof![Just(""), Just(" "), Just("\t")],
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\n \n")],
    ) {
        let mut file = "t\ntime,a,b,c\n".to_owned();
        let start = WallTime::parse("2012-02-01 00:00:00").expect("a time");
        for (row, offset) in rows.iter().zip((0..).step_by(900)) {
            let cells: Vec<String> = row.iter().map(|x| format!("{blank}{x:?}{blank}")).collect();
let stamp = start.plus(offset).to_string(); file.extend([&stamp, ",", &cells.join(","), end]);
        }
        let files = [("a.csv", file.as_str())];
        let mut rig = one(&files).rig();
        for (tick, row) in (0..).zip(&rows) {
            rig.step(tick).expect("a row");
            for (name, x) in ["a", "b", "c"].into_iter().zip(row) {
                match rig.value(name) {
                    Value::Float(read) if x.is_nan() => prop_assert!(read.is_nan()),
                    read => prop_assert_eq!(read, Value::Float(*x)),
                }
            }
        }
    }
}
