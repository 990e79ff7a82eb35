//! Results that are read back, and files that are none.

use std::fs;

use shared::model::Role;

use super::{Column, Reader, Table, reduce};

fn read(csv: &str) -> Result<Vec<(i64, i64, Vec<String>)>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.csv");
    fs::write(&path, csv).expect("written");
    let wrong = |error| crate::chain::chain(&error).replace(&path.display().to_string(), "out.csv");
    let mut rows = Vec::new();
    let mut reader = Reader::open(&path).map_err(wrong)?;
    let all = reader.each(Some(7), |row| {
        let values = row.values.iter().map(ToString::to_string).collect();
        rows.push((row.time, row.seconds, values));
    });
    all.map_err(wrong)?;
    Ok(rows)
}

#[test]
fn cells_are_numbers_or_not_a_number() {
    let csv = "\u{feff}date,A.x,\"A.y, z\"\r\n1970-01-01,1e3,\"[1, 2]\"\r\n1970-01-01 00:01:00,,True\r\n\
               1970-01-01 00:03:00,-0.0,7\r\n";
    let row =
        |time, seconds, values: [&str; 2]| (time, seconds, values.map(str::to_owned).to_vec());
    let rows = [
        row(0, 60, ["1000", "NaN"]),
        row(60, 120, ["NaN", "NaN"]),
        row(180, 120, ["-0", "7"]),
    ];
    assert_eq!(read(csv).expect("a result"), rows);
    let alone = read("date,A.x\n1970-01-01,1\n").expect("a result");
    assert_eq!(alone[0].1, 7, "as long as the scenario says");
    assert_eq!(read("date,A.x\n").expect("a result"), []);
}

#[test]
fn what_is_no_result_is_refused_with_its_place() {
    for (csv, said) in [
        ("", "out.csv:1: it is empty"),
        (
            "tick,model\n",
            "out.csv:1: a result has the column 'date' first",
        ),
        ("date\n", "out.csv:1: a result has the column 'date' first"),
        (
            "date,A.x\n2026-07-06,1,2\n",
            "out.csv:2: 3 fields, where the header has 2",
        ),
        (
            "date,A.x\n2026-07-06,1\n06.07.2026,1\n",
            "out.csv:3: '06.07.2026' is no date of a result",
        ),
        (
            "date,A.x\n2026-07-06,1\n2026-07-06,1\n",
            "out.csv:3: '2026-07-06' is not later than",
        ),
    ] {
        let error = read(csv).expect_err("no result");
        assert!(error.starts_with(said), "{error}");
    }
    let missing = Reader::open("/nowhere/out.csv".as_ref()).expect_err("not there");
    assert!(crate::chain::chain(&missing).contains("there is no such file"));
    let folder = Reader::open("/".as_ref()).expect_err("a folder");
    assert!(crate::chain::chain(&folder).contains("it is a folder"));
}

#[test]
fn the_scenario_that_the_record_names_says_what_columns_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = folder.path().join("s.yaml");
    let text = "
scenario: {name: s, start_time: '2026-07-06 00:00:00', end_time: '2026-07-07 00:00:00'}
models:
- {name: Homes, type: Load, parameters: {output_type: power}, time_step_size: 4}
- {name: File, type: CSV}
- {name: Sun, type: PV}
connections: [{from: File.Ta, to: Sun.Ta}]
monitor: {items: [Homes.load_dem_state]}
";
    fs::write(&scenario, text).expect("written");
    let path = folder.path().join("sub/out.csv");
    fs::create_dir(folder.path().join("sub")).expect("made");
    fs::write(
        &path,
        "date,Homes.load_dem_state,File.Ta,Other.pv_gen\n2026-07-06,1,2,3\n",
    )
    .expect("written");
    let record = r#"{"made_from": [{"path": "s.yaml", "sha256": "another"}]}"#;
    fs::write(folder.path().join("sub/out.run.json"), record).expect("written");
    let table = Table::open(&path).expect("a result");
    let column = |name: &str, model_type: Option<&str>, unit: Option<&str>| {
        let (model, attribute) = name.split_once('.').expect("both");
        Column {
            name: name.to_owned(),
            model: model.to_owned(),
            attribute: attribute.to_owned(),
            model_type: model_type.map(str::to_owned),
            unit: unit.map(str::to_owned),
            role: None,
            time_step_size: 1,
        }
    };
    let homes = Column {
        role: Some(Role::Used),
        time_step_size: 4,
        ..column("Homes.load_dem_state", Some("Load"), Some("kW"))
    };
    let others = [
        column("File.Ta", Some("CSV"), Some("°C")),
        column("Other.pv_gen", None, None),
    ];
    assert_eq!(table.columns[0], homes);
    assert_eq!(table.columns[1..], others);
    assert_eq!(
        reduce(&table.times, &table.values[2], 0, i64::MAX, 9)[0].high,
        3.0
    );
    let known = super::Provenance::of(&path);
    assert!(
        known.notes[0].contains("is not what this result was made from"),
        "{:?}",
        known.notes
    );
}
