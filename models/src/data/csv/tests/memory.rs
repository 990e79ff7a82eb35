//! A reader that goes on elsewhere.
//!
//! Tests have a controller's readers, which read rows before their steps, or have kept them since their file was
//! examined. A node's do not: there `Early` has nothing
//! to read with and never a row. A reader whose `Early` is an empty one does the same, since all that a step asks of
//! it is `publish`, `is_used_up`, `fill` and `left`, and these then answer as the node's do: no row, used up, nothing,
//! none. So each file is read by all of them here, each memory is put back into all, and all memories are the same bytes.

use proptest::prelude::*;
use shared::files::MemoryFiles;
use shared::model::{Build, Builder, Built, Memory, ModelType, StepError, Stepped};
use shared::time::{Tick, WallTime};
use shared::value::Value;

use super::super::CSV;
use super::super::plain::Early;
use super::super::reader::Reader;
use super::{QUARTERS, Rig, Setup, one};
use crate::rig::{restore, save};

/// What a step gives.
type Seen = (Result<Stepped, StepError>, Vec<Option<Value>>);

/// What `file_index` says at a tick; `None` where it is not connected.
type Indices<'a> = &'a dyn Fn(Tick) -> Option<Value>;

/// The reader of a controller, that of a node, and that of a controller again, to be examined.
fn readers() -> [ModelType; 3] {
    fn of_node(build: &mut Build<'_>) -> Built {
        let mut reader = Reader::new(build)?;
        reader.early = Early::default();
        Ok(Box::new(reader))
    }
    let builder = Builder::BuiltIn(of_node);
    let of_node = ModelType {
        builder,
        ..CSV.clone()
    };
    [CSV.clone(), of_node, CSV.clone()]
}

/// Which of them is examined.
const EXAMINED: usize = 2;

/// Makes a step; says when the next one is, if there is one.
fn step(rig: &mut Rig, tick: Tick, indices: Indices<'_>) -> (Seen, Option<Tick>) {
    let stepped = match indices(tick) {
        Some(index) => rig.step_with(tick, index),
        None => rig.step(tick),
    };
    let next = stepped.as_ref().ok().map(|stepped| stepped.next);
    ((stepped, rig.published.clone()), next)
}

/// Makes the steps from a tick on.
fn go_on(rig: &mut Rig, from: Tick, ticks: Tick, indices: Indices<'_>) -> Vec<Seen> {
    let (mut seen, mut due) = (Vec::new(), Some(from));
    while let Some(tick) = due.filter(|tick| *tick < ticks) {
        let (now, next) = step(rig, tick, indices);
        seen.push(now);
        due = next;
    }
    seen
}

/// Has each reader go on as each other at each step; returns how many steps there were.
fn goes_on_everywhere(setup: &Setup<'_>, files: &MemoryFiles, indices: Indices<'_>) -> usize {
    let readers = readers();
    let build = |number: usize| {
        let rig = setup.build_as(readers[number].clone(), files);
        let mut rig = rig.expect("buildable");
        if number == EXAMINED {
            let expected = vec![None; rig.published.len()];
            rig.examine(&expected, &[indices(0).is_some()]);
        }
        rig
    };
    let mut rigs = [0, 1, EXAMINED].map(build);
    let (mut due, mut steps) = (Some(0), 0);
    while let Some(tick) = due.filter(|tick| *tick < setup.ticks) {
        let memories = rigs.each_mut().map(|rig| save(&mut rig.instance));
        let [of_controller, others @ ..] = memories;
        for other in others {
            assert_eq!(of_controller, other, "tick {tick}");
        }
        let mut rest = None;
        for number in 0..readers.len() {
            let mut second = build(number);
            second.published.clone_from(&rigs[0].published);
            assert!(restore(&mut second.instance, &of_controller), "tick {tick}");
            assert_eq!(save(&mut second.instance), of_controller, "tick {tick}");
            let seen = go_on(&mut second, tick, setup.ticks, indices);
            assert_eq!(
                *rest.get_or_insert_with(|| seen.clone()),
                seen,
                "tick {tick}"
            );
        }
        let [(now, next), others @ ..] = rigs.each_mut().map(|rig| step(rig, tick, indices));
        for other in others {
            assert_eq!((&now, next), (&other.0, other.1), "tick {tick}");
        }
        let rest = rest.expect("readers");
        assert_eq!(rest[0], now, "tick {tick}");
        // By induction: the rest from the step after is compared with what comes then.
        let mut whole = build(0);
        assert_eq!(go_on(&mut whole, 0, setup.ticks, indices)[steps..], rest);
        due = next;
        steps += 1;
    }
    steps
}

fn in_memory(files: &[(&str, &[u8])]) -> MemoryFiles {
    let mut read = MemoryFiles::default();
    for (path, content) in files {
        read.insert((*path).to_owned(), content.to_vec());
    }
    read
}

#[test]
fn a_reader_of_one_file_goes_on_elsewhere_at_every_step() {
    let long_line = format!("{QUARTERS}2012-02-01 00:45:00,1,{}\n", "1".repeat(70_000));
    let with = |rows: &str| format!("{QUARTERS}{rows}").into_bytes();
    let utf8 = [QUARTERS.as_bytes(), b"2012-02-01 00:45:00,\xff,1\n2012"].concat();
    let no_title = "time,x\n2012-02-01 00:00:00,1\n2012-02-01 00:15:00,2\n".to_owned();
    let wide: Vec<String> = (0..300).map(|column| format!("c{column}")).collect();
    let mut wide = format!("t\ntime,{}\n", wide.join(","));
    for row in 0..12 {
        let time = WallTime::parse("2012-02-01 00:00:00").expect("a time");
        let stamp = time.plus(row * 900);
        wide.extend([&*stamp.to_string(), &format!(",{row}").repeat(300), "\n"]);
    }
    let files: [(&str, Vec<u8>, usize); 16] = [
        ("an end", with(""), 3),
        ("blanks", with("\n \r\n\n2012-02-01 00:45:00,4,40\n\n\n"), 4),
        ("no line end", with("2012-02-01 00:45:00,4,40"), 4),
        ("a gap", with("2012-02-01 01:00:00,4,40\n"), 4),
        ("twice", with("2012-02-01 00:30:00,4,40\n"), 4),
        ("an hour missing", with("2012-02-01 01:45:00,4,40\n"), 4),
        ("no number", with("2012-02-01 00:45:00,4,n/a\n"), 4),
        (
            "no time",
            with("yesterday,4,5\n2012-02-01 01:00:00,4,40\n"),
            4,
        ),
        ("a short row", with("2012-02-01 00:45:00,4\n"), 4),
        ("a long line", long_line.into_bytes(), 4),
        ("no text", utf8, 4),
        ("a mark", [b"\xef\xbb\xbf", QUARTERS.as_bytes()].concat(), 3),
        ("line ends", QUARTERS.replace('\n', "\r\n").into_bytes(), 3),
        ("no title", no_title.clone().into_bytes(), 2),
        (
            "no title, blanks",
            no_title.replace("1\n", "1\n\n").into_bytes(),
            2,
        ),
        ("rows that are read in several lots", wide.into_bytes(), 12),
    ];
    for (what, content, steps) in files {
        let read = in_memory(&[("a.csv", &content)]);
        for send_row in [false, true] {
            let parameters = [("send_row", Value::Bool(send_row))];
            for ticks in [3, 20] {
                let setup = Setup {
                    parameters: &parameters,
                    ticks,
                    ..Setup::default()
                };
                let made = goes_on_everywhere(&setup, &read, &|_| None);
                if !send_row && ticks == 20 {
                    assert_eq!(made, steps, "{what}");
                }
            }
        }
    }
}

#[test]
fn a_reader_in_other_forms_goes_on_elsewhere_at_every_step() {
    let file = "t;\ntime;x\n01.02.2012 00:00;1,5\n01.02.2012 00:30;2,5\n01.02.2012 01:00;3\n\
                01.02.2012 01:30;4,25\n";
    let read = in_memory(&[("a.csv", file.as_bytes())]);
    let parameters = [
        ("delimiter", Value::text(";")),
        ("decimal", Value::text(",")),
        ("date_format", Value::text("DD.MM.YYYY HH:mm")),
        ("start", Value::text("2012-02-01 00:30:00")),
    ];
    let setup = Setup {
        parameters: &parameters,
        step_size: Some(2),
        ticks: 20,
        ..Setup::default()
    };
    assert_eq!(goes_on_everywhere(&setup, &read, &|_| None), 3);
}

#[test]
fn a_reader_of_several_files_goes_on_elsewhere_at_every_step() {
    let time = WallTime::parse("2012-02-01 00:00:00").expect("a time");
    let rows = (0..9).map(|row| format!("{},{row}0,{row}\n\n", time.plus(row * 900)));
    let long = rows.collect::<Vec<_>>().concat();
    let [b, c] = [format!("t\ntime,z,y\n{long}"), format!("time,z,y\n{long}x")];
    let read = in_memory(&[
        ("a.csv", QUARTERS.as_bytes()),
        ("b.csv", b.as_bytes()),
        ("c.csv", c.as_bytes()),
    ]);
    let paths = ["a.csv", "b.csv", "c.csv", "b.csv"].map(Value::text);
    let parameters = [("file_path", Value::List(paths.into()))];
    for indices in [
        &[0, 1, 2, 1, 2, 1, 2, 1, 2, 1][..],
        &[0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1],
        &[1, 1, 0, 1, 2, 2, 2, 2, 2, 2],
        &[2, 1, 3, 1, 3, 0],
        &[0, 0, 1, 2, 9],
        &[3, 3, 1, 0],
    ] {
        for first in 0..3 {
            let setup = Setup {
                parameters: &parameters,
                index: Some(Value::Int(first)),
                ticks: indices.len() as u64,
                ..Setup::default()
            };
            let index = |tick: Tick| Some(Value::Int(indices[usize::try_from(tick).expect("few")]));
            assert!(goes_on_everywhere(&setup, &read, &index) > 2);
        }
    }
    for first in 0..3 {
        let setup = Setup {
            parameters: &parameters,
            index: Some(Value::Int(first)),
            ticks: 12,
            ..Setup::default()
        };
        let made = goes_on_everywhere(&setup, &read, &|_| None);
        let rows = if first == 0 { 3 } else { 9 };
        // The last of the files has a line that is no row.
        assert_eq!(made, rows + usize::from(first == 2));
    }
}

#[test]
fn a_reader_of_the_data_of_the_conformance_set_goes_on_elsewhere_at_every_step() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/conformance/data/");
    for (file, start, steps) in [
        ("load_mar_wall.csv", "2012-03-25 00:00:00", 9),
        ("load_hourly.csv", "2012-02-01 00:00:00", 2),
        ("bad_cell.csv", "2012-02-01 00:00:00", 5),
        ("numbers.csv", "2012-02-01 00:00:00", 48),
    ] {
        let content = std::fs::read(format!("{data}{file}")).expect("readable");
        let read = in_memory(&[("a.csv", &content)]);
        let parameters = [("start", Value::text(start))];
        let setup = Setup {
            parameters: &parameters,
            ticks: 48,
            ..Setup::default()
        };
        assert_eq!(
            goes_on_everywhere(&setup, &read, &|_| None),
            steps,
            "{file}"
        );
    }
}

#[test]
fn a_file_that_is_another_one_now_spoils_the_memory() {
    let mut rig = one(&[("a.csv", QUARTERS)]).rig();
    rig.step(0).expect("a row");
    let bytes = save(&mut rig.instance);
    let lines: Vec<&str> = QUARTERS.lines().collect();
    let shorter = lines[..3].join("\n");
    let with_a_blank = QUARTERS.replace("\n2012-02-01 00:15", "\n\n2012-02-01 00:15");
    let later = QUARTERS.replace("00:15", "00:30");
    for file in [&shorter, &with_a_blank, &later] {
        let mut rig = one(&[("a.csv", file)]).rig();
        assert!(!restore(&mut rig.instance, &bytes), "{file}");
    }
    assert!(restore(
        &mut one(&[("a.csv", QUARTERS)]).rig().instance,
        &bytes
    ));
}

#[test]
fn a_line_far_beyond_the_file_spoils_the_memory_at_once() {
    let mut bytes = Vec::new();
    let mut memory = Memory::save(&mut bytes);
    for mut kept in [u64::MAX, 0, 0] {
        memory.keep(&mut kept);
    }
    let mut rig = one(&[("a.csv", QUARTERS)]).rig();
    assert!(!restore(&mut rig.instance, &bytes));
}

#[test]
fn an_index_that_is_no_file_spoils_the_memory() {
    let mut rig = one(&[("a.csv", QUARTERS)]).rig();
    let mut bytes = save(&mut rig.instance);
    *bytes.last_mut().expect("the index") = 1;
    assert!(!restore(&mut rig.instance, &bytes));
    rig.step(0).expect("a row");
}

proptest! {
    #[test]
    fn a_reader_of_any_rows_goes_on_elsewhere_at_every_step(
        rows in prop::collection::vec(
            (
                prop::sample::select(vec![0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]),
                "[0-9],[.0-9]|[0-9],[0-9]|[0-9]{3},-1|1,nan|1 ,2|1,2,|x,1",
                prop::sample::select(vec!["\n", "\n", "\n", "\r\n", "\n\n", "\n \r\n\t\n"]),
            ),
            1..12,
        ),
        ticks in 1_u64..14,
    ) {
        let mut file = "t\ntime,x,y\n2012-02-01 00:00:00,1,2\n".to_owned();
        let mut time = WallTime::parse("2012-02-01 00:00:00").expect("a time");
        for (quarters, cells, end) in rows {
            time = time.plus(quarters * 900);
            file.extend([&time.to_string(), ",", &cells, end]);
        }
        let read = in_memory(&[("a.csv", file.as_bytes())]);
        goes_on_everywhere(&Setup { ticks, ..Setup::default() }, &read, &|_| None);
    }
}
