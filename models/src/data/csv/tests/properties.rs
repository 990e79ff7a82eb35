//! What holds for any file.

use proptest::prelude::*;
use shared::time::WallTime;
use shared::value::Value;

use super::examination::examined;
use super::{Setup, one, read_bytes};

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
    fn what_a_run_fails_at_is_what_the_examination_finds_first(
        rows in prop::collection::vec(
            (prop::sample::select(vec![0, 1, 1, 1, 1, 1, 1, 2, 4]), "[0-9]|[0-9]|[0-9]|nan|x||-5|1,5"),
            1..12,
        ),
        ticks in 1_u64..14,
    ) {
        let mut file = "t\ntime,x\n2012-02-01 00:00:00,1\n".to_owned();
        let mut time = WallTime::parse("2012-02-01 00:00:00").expect("a time");
        for (quarters, cell) in rows {
            time = time.plus(quarters * 900);
            let stamp = time.to_string();
            file.extend([&stamp, ",", &cell, "\n"]);
        }
        let files = [("a.csv", file.as_str())];
        let setup = Setup { ticks, ..one(&files) };
        let findings = setup.rig().examine(&[None], &[false]);
        let found = findings.iter().find(|finding| finding.is_error);
        let mut rig = setup.rig();
        let failed = (0..ticks).find_map(|tick| rig.step(tick).err());
        prop_assert_eq!(
            failed.as_ref().map(|error| &error.code),
            found.map(|finding| &finding.code),
            "{}", file
        );
        if let (Some(error), Some(found)) = (failed, found) {
            let place = format!("a.csv:{}: ", found.line);
            prop_assert!(error.message.starts_with(&place), "{} {}", error, place);
        }
    }

    #[test]
    fn rows_that_are_read_many_at_a_time_are_those_that_are_read_one_by_one(
        rows in prop::collection::vec(
            (prop::sample::select(vec![0, 1, 1, 1, 1, 1, 1, 1, 1, 2]), " ?-?[0-9]{1,3}[.]?[0-9]{0,14},-?[.0-9]{1,3}|1,nan|1,,|5,6,|5"),
            1..20,
        ),
        ends in prop::collection::vec(prop::sample::select(vec!["\n", "\r\n", "\n\n", "\n \r\n\t\n"]), 20),
        ticks in 1_u64..25,
    ) {
        // A blank at the end of a row has it read by itself.
        let [fast, slow] = ["", " "].map(|blank| {
            let mut file = "t\ntime,x,y\n2012-02-28 22:00:00,1,2\n".to_owned();
            let mut time = WallTime::parse("2012-02-28 22:00:00").expect("a time");
            for ((quarters, cells), end) in rows.iter().zip(&ends) {
                time = time.plus(quarters * 900);
                file.extend([&time.to_string(), ",", cells, blank, end]);
            }
            let files = [("a.csv", file.as_str())];
            let parameters = [("start", Value::text("2012-02-28 22:00:00"))];
            let setup = Setup { ticks, parameters: &parameters, ..one(&files) };
            let (findings, mut rig) = (examined(&mut setup.rig()), setup.rig());
            let steps: Vec<_> = (0..ticks)
                .map_while(|tick| {
                    let stepped = rig.step(tick).ok()?;
                    Some((format!("{stepped:?}"), rig.value("x"), rig.value("y")))
                })
                .collect();
            let error = rig.step(steps.len() as u64).err();
            (findings, format!("{steps:?}"), error)
        });
        prop_assert_eq!(fast, slow);
    }

    #[test]
    fn no_rows_make_the_examination_panic(rows in "[0-9:,x\n\r\" -]{0,200}", ticks in 1_u64..9) {
        let file = format!("t\ntime,x\n2012-02-01 00:00:00,1\n{rows}");
        let files = [("a.csv", file.as_str())];
        let setup = Setup { ticks, ..one(&files) };
        if let Ok(mut rig) = setup.build() {
            rig.examine(&[None], &[false]);
        }
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
