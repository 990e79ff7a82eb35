//! Tables in Parquet.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use rig::{MOSAIK, environment, run_bounded, wait_for, workspace};

use super::Place;

/// A table as it is in the file.
struct Table {
    columns: Vec<(String, String)>,
    words: BTreeMap<String, String>,
    rows: Vec<Vec<Field>>,
}

impl Table {
    fn read(path: &Path) -> Self {
        let file = File::open(path).expect("there");
        let reader = SerializedFileReader::new(file).expect("a Parquet file");
        let metadata = reader.metadata().file_metadata();
        let fields = metadata.schema().get_fields().iter();
        let columns = fields.map(|field| {
            let name = field.name().to_owned();
            (name, field.get_physical_type().to_string())
        });
        let words = metadata.key_value_metadata().into_iter().flatten();
        let words = words.map(|word| (word.key.clone(), word.value.clone().expect("a value")));
        let rows = reader.get_row_iter(None).expect("rows");
        let rows = rows.map(|row| {
            let row = row.expect("a row");
            row.get_column_iter()
                .map(|(_, field)| field.clone())
                .collect()
        });
        Self {
            columns: columns.collect(),
            words: words.collect(),
            rows: rows.collect(),
        }
    }

    fn kind(&self, name: &str) -> &str {
        let mut columns = self.columns.iter();
        let column = columns.find(|(known, _)| known == name);
        &column
            .unwrap_or_else(|| panic!("no {name} in {:?}", self.columns))
            .1
    }

    /// The same cells as a table in CSV, none of which has a comma in it.
    #[track_caller]
    fn assert_is(&self, csv: &str) {
        let mut lines = csv.lines();
        let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, header);
        assert_eq!(self.rows.len(), lines.clone().count());
        for (row, line) in self.rows.iter().zip(lines) {
            for (field, cell) in row.iter().zip(line.split(',')) {
                let is_same = match field {
                    Field::Null => cell.is_empty(),
                    Field::Bool(flag) => cell == if *flag { "True" } else { "False" },
                    Field::Long(int) => cell == int.to_string(),
                    Field::Double(float) => cell.parse() == Ok(*float),
                    Field::Str(text) => cell == text,
                    _ => false,
                };
                assert!(is_same, "{field:?} and '{cell}' in {line}");
            }
        }
    }
}

/// Values of every kind: integers, integers and fractions, texts, flags.
const VALUES: [&str; 8] = [
    "--set",
    "Storage.max_energy=10,90",
    "--set",
    "Homes.houses=10,30.5",
    "--set",
    "Panels.output_type=power,energy",
    "--set",
    "Control.battery_active=true,false",
];

fn totals<'a>(set: &[&'a str], output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let asked = ["--indicators", "totals", "-o", output];
    [&["scenario.yaml"], set, &asked, more].concat()
}

#[test]
fn a_table_in_parquet_has_the_cells_of_that_in_csv_as_what_they_are() {
    let place = Place::with_power_balance(&|text| text);
    for output in ["table.csv", "t/table.parquet"] {
        let said = format!("16 variants in {output}");
        place
            .sweep(&totals(&VALUES, output, &[]))
            .assert(0, &[&said]);
    }
    let table = Table::read(&place.path("t/table.parquet"));
    table.assert_is(&place.read("table.csv"));
    for (name, kind) in [
        ("simulationID", "INT64"),
        ("Storage.parameter.max_energy", "INT64"),
        ("Homes.parameter.houses", "DOUBLE"),
        ("Panels.parameter.output_type", "BYTE_ARRAY"),
        ("Control.parameter.battery_active", "BOOLEAN"),
        ("made [kWh]", "DOUBLE"),
        ("paid [EUR]", "DOUBLE"),
    ] {
        assert_eq!(table.kind(name), kind, "{name}");
    }
    assert_eq!(table.words["unit bought [kWh]"], "kWh");
    assert_eq!(table.words["unit self_sufficiency [-]"], "-");
    assert!(
        table
            .rows
            .iter()
            .all(|row| row.last() == Some(&Field::Null)),
        "no price is known"
    );
    let left: Vec<_> = place.files("t").into_keys().collect();
    assert_eq!(
        left,
        [Path::new("table.parquet")],
        "nothing is left beside it"
    );
}

#[test]
fn pandas_reads_it_as_it_reads_the_csv() {
    let Some(python) = environment(MOSAIK, &["pandas", "pyarrow"]) else {
        return;
    };
    let place = Place::with_power_balance(&|text| text);
    for output in ["table.csv", "table.parquet"] {
        place.sweep(&totals(&VALUES, output, &[])).assert(0, &[]);
    }
    let mut command = Command::new(python);
    command.arg(workspace().join("tests/sweep/same_table.py"));
    command.args([place.path("table.parquet"), place.path("table.csv")]);
    command.args([
        "simulationID=int64",
        "Homes.parameter.houses=double",
        "Panels.parameter.output_type=string",
        "Control.parameter.battery_active=bool",
    ]);
    let compared = run_bounded(&mut command);
    let said = String::from_utf8_lossy(&compared.stderr);
    assert!(compared.status.success(), "{said}");
}

#[test]
fn the_values_of_samples_are_what_they_are_in_their_table() {
    let place = Place::with_power_balance(&|text| text);
    place.write(
        "samples.csv",
        "Storage.max_energy,Homes.houses\n10,30\n20.5,31\n30,32\n",
    );
    let samples = ["--samples", "samples.csv"];
    for output in ["table.csv", "table.parquet"] {
        place.sweep(&totals(&samples, output, &[])).assert(0, &[]);
    }
    let table = Table::read(&place.path("table.parquet"));
    table.assert_is(&place.read("table.csv"));
    assert_eq!(table.kind("Storage.parameter.max_energy"), "DOUBLE");
    assert_eq!(table.kind("Homes.parameter.houses"), "INT64");
}

#[test]
fn a_variant_that_fails_has_empty_cells() {
    let place = Place::with_power_balance(&|text| text);
    let values = ["--set", "Homes.houses=-1,2"];
    let ended = place.sweep(&totals(&values, "table.parquet", &[]));
    ended.assert(3, &["variant 1 (Homes.houses = -1)"]);
    let table = Table::read(&place.path("table.parquet"));
    assert_eq!(table.rows[0][..2], [Field::Long(1), Field::Long(-1)]);
    assert!(table.rows[0][2..].iter().all(|cell| *cell == Field::Null));
    assert!(matches!(table.rows[1][2], Field::Double(_)));
}

/// So many variants that they are not done before somebody ends them.
const MANY: [&str; 2] = ["--set", "Storage.max_energy=range(1,20001,1)"];

#[test]
fn what_is_missing_after_a_kill_or_an_interruption_is_done_then() {
    let place = Place::with_power_balance(&|text| {
        text.replace("'2026-07-10 00:00:00'", "'2026-07-06 06:00:00'")
    });
    let quiet = totals(&MANY, "table.parquet", &["-q"]);
    place.sweep(&quiet).assert(0, &[]);
    let wanted = place.bytes("table.parquet");
    for signal in ["KILL", "INT"] {
        fs::remove_file(place.path("table.parquet")).expect("removed");
        let run = place.start(&quiet);
        wait_for("rows of the table", || {
            let partial = fs::read_to_string(place.path("table.parquet.partial.csv")).ok()?;
            (partial.lines().count() > 100).then_some(())
        });
        run.signal(signal);
        run.finish();
        let left = ["table.parquet.partial.csv", "table.parquet.sweep.json"];
        assert_eq!(place.names(), left, "{signal}: it is not whole");
        let resumed = place.sweep(&totals(&MANY, "table.parquet", &["--resume"]));
        resumed.assert(0, &["were there from the sweep before"]);
        assert!(place.bytes("table.parquet") == wanted, "{signal}");
        assert_eq!(place.names(), ["table.parquet", "table.parquet.sweep.json"]);
    }
    let again = place.sweep(&totals(&MANY, "table.parquet", &["--resume"]));
    again.assert(0, &["0 variants in table.parquet", "20,000 variants were"]);
}

#[test]
fn the_last_part_makes_the_table_of_one_process() {
    let place = Place::with_power_balance(&|text| text);
    place
        .sweep(&totals(&VALUES, "whole.parquet", &[]))
        .assert(0, &[]);
    let part = |part| totals(&VALUES, "table.parquet", &["--shard", part]);
    let missing = "when the other parts are there: 1/2";
    place.sweep(&part("2/2")).assert(0, &[missing]);
    assert!(place.path("table.parquet.part-2-of-2.csv").exists());
    place.sweep(&part("1/2")).assert(0, &["in table.parquet"]);
    assert!(place.bytes("table.parquet") == place.bytes("whole.parquet"));
    assert!(place.names().iter().all(|name| !name.contains(".part-")));
}

#[test]
fn a_table_that_cannot_be_made_yet_is_made_of_what_is_there() {
    let place = Place::with_power_balance(&|text| text);
    let values = &VALUES[..2];
    // Where the file in the making would be.
    fs::create_dir(place.path("table.parquet.merging")).expect("made");
    let failed = place.sweep(&totals(values, "table.parquet", &[]));
    failed.assert(
        5,
        &["cannot write 'table.parquet'", "--resume goes on with it"],
    );
    assert!(!place.path("table.parquet").exists());
    fs::remove_dir(place.path("table.parquet.merging")).expect("removed");
    let resumed = place.sweep(&totals(values, "table.parquet", &["--resume"]));
    resumed.assert(0, &["0 variants in table.parquet", "2 variants were there"]);
    assert_eq!(Table::read(&place.path("table.parquet")).rows.len(), 2);
}

#[test]
fn places_and_forms_that_cannot_be_are_refused_before_anything_runs() {
    let place = Place::with_power_balance(&|text| text);
    fs::create_dir(place.path("folder.parquet")).expect("made");
    for (output, code, said) in [
        (
            "table.xlsx",
            1,
            "a table is a .csv or a .parquet, and 'table.xlsx' is neither",
        ),
        (
            "scenario.yaml/t.parquet",
            5,
            "choose another file with --output",
        ),
        ("folder.parquet", 5, "choose another file with --output"),
    ] {
        place.sweep(&totals(&[], output, &[])).assert(code, &[said]);
    }
    std::os::unix::fs::symlink("/dev/null", place.path("null.parquet")).expect("linked");
    let refused = place.sweep(&totals(&[], "null.parquet", &[]));
    refused.assert(5, &["no ordinary file"]);
    let results = place.sweep(&["scenario.yaml", "-o", "out.parquet"]);
    results.assert(1, &["results of variants are CSV", "--indicators"]);
    fs::copy(
        place.path("scenario.yaml"),
        place.path("t.parquet.partial.csv"),
    )
    .expect("copied");
    let read = ["--samples", "t.parquet.partial.csv"];
    let ended = place.sweep(&totals(&read, "t.parquet", &[]));
    assert_ne!(ended.code, Some(0));
    assert_eq!(
        place.read("t.parquet.partial.csv"),
        place.read("scenario.yaml")
    );
    assert!(!place.path("results").exists(), "nothing ran");
}

#[test]
fn its_report_is_that_of_the_table_in_csv() {
    let place = Place::with_power_balance(&|text| text);
    for output in ["table.csv", "table.parquet"] {
        place.sweep(&totals(&VALUES, output, &[])).assert(0, &[]);
    }
    let report = |table: &str, page: &str| {
        place
            .controller(&["report", table, "-o", page])
            .assert(0, &[]);
        place.read(page).replace(table, "TABLE")
    };
    let page = report("table.parquet", "parquet.html");
    assert!(page.contains("16 variants, in which 4 parameters had other values"));
    assert!(page == report("table.csv", "csv.html"));
}
