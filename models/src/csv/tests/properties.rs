//! What holds for any file.

use proptest::prelude::*;
use shared::time::WallTime;
use shared::value::Value;

use super::{one, read_bytes};

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
