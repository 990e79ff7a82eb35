//! What is refused, and what is bridged.

use shared::value::Value;

use super::{EPW, Setup, assert_close, at, columns, epw_row};

/// Code and message of what is wrong with a file of an hour from 2023-06-21 on.
fn refusal(file: &str, parameters: &[(&str, Value)]) -> (String, String) {
    let setup = Setup {
        file,
        parameters,
        start: "2023-06-21 00:00:00",
        resolution: 3600,
        ticks: 3,
    };
    let error = setup.refusal();
    (error.code.to_string(), error.message)
}

#[test]
fn a_fault_is_told_with_its_place() {
    let rows = "2023-06-21 00:00:00,0,10,1\n2023-06-21 01:00:00,0,10,1\n";
    let file = |names: &str, rows: &str| format!("{names}\n{rows}");
    let names = "time,G_Gh,Ta,FF";
    let third = |row: &str| file(names, &format!("{rows}{row}\n"));
    for (file, code, said) in [
        (String::new(), "unknown_weather_format", "w:1"),
        ("a,b\n1,2\n".to_owned(), "unknown_weather_format", "KNMI"),
        (file("time,Ta,FF", rows), "file_without_column:G_Gh", "w:1"),
        (file("time,G_Gh,Ta", rows), "file_without_column:FF", "'FF'"),
        (file(names, ""), "file_without_rows", "w:"),
        (
            third("21 June"),
            "bad_time_stamp",
            "w:4: the time stamp '21 June'",
        ),
        (
            third("2023-06-21 02:00:00,0,10"),
            "short_row",
            "w:4: the row has 3 cells",
        ),
        (
            third("2023-06-21 02:00:00,0,x,1"),
            "bad_cell:Ta",
            "w:4: 'x'",
        ),
        (
            third("2023-06-21 02:00:00,0,-999,1"),
            "missing_value:Ta",
            "cannot be meant",
        ),
        (
            third("2023-06-21 02:00:00,inf,9,1"),
            "missing_value:G_Gh",
            "w:4",
        ),
        (
            third("2023-06-21 02:00:00,,9,1"),
            "missing_value:G_Gh",
            "w:4: a value is missing in column 'G_Gh'",
        ),
        (
            third("2023-06-21 02:00:00,0,nan,1"),
            "missing_value:Ta",
            "'max_gap'",
        ),
        (
            third("2023-06-21 01:00:00,0,9,1"),
            "unexpected_time_stamp",
            "w:4: the row is 0 s",
        ),
        (
            third("2023-06-21 00:00:00,0,9,1"),
            "unexpected_time_stamp",
            "all of one place",
        ),
        (
            third("2023-06-21 04:00:00,0,9,1"),
            "unexpected_time_stamp",
            "fill the gap",
        ),
        (
            file(names, rows).replace("01:00:00", "00:00:10"),
            "unexpected_time_stamp",
            "10 s apart",
        ),
        ("\u{0}".to_owned(), "not_utf8", "w:1"),
    ] {
        let (found, message) = refusal(&file, &at(52.1, 5.2));
        assert_eq!(found, code, "{file}: {message}");
        assert!(message.contains(said), "{file}: {message}");
    }
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    let file = columns("2023-06-21 00:00:00", &[[0.0, 10.0, 1.0]; 4]);
    let end = file.rfind(",10").expect("a row");
    let (code, message) = refusal(&file[..end], &at(52.1, 5.2));
    assert_eq!(code, "short_row", "{message}");
    assert!(message.contains("is the file whole?"), "{message}");
}

#[test]
fn place_and_zone_must_be_known() {
    let file = columns("2023-06-21 00:00:00", &[[0.0, 10.0, 1.0]; 4]);
    for missing in 0..3 {
        let mut parameters = at(52.1, 5.2);
        let (name, _) = parameters.remove(missing);
        let (code, message) = refusal(&file, &parameters);
        assert_eq!(code, format!("missing_parameter:{name}"));
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn a_tilted_plane_is_refused() {
    for slope in ["Slope: 35 deg. (optimum)", "Slope: - deg."] {
        let file = format!(
            "Latitude (decimal degrees):\t52.1\nLongitude (decimal degrees):\t5.2\n{slope}\n\
             time,G(i),H_sun,T2m,WS10m,Int\n20230621:0010,0,0,10,1,0\n"
        );
        let (code, message) = refusal(&file, &[]);
        assert_eq!(code, "tilted_plane");
        assert!(message.contains("slope 0"), "{message}");
    }
}

#[test]
fn parameters_that_make_no_sense_are_refused() {
    let file = columns("2023-06-21 00:00:00", &[[0.0, 10.0, 1.0]; 4]);
    for (key, value) in [
        ("latitude", Value::Int(91)),
        ("longitude", Value::Int(-181)),
        ("time_zone", Value::Int(15)),
        ("stamp", Value::text("noon")),
        ("year", Value::text("2020")),
        ("decomposition", Value::text("disc")),
        ("max_gap", Value::Int(-1)),
        ("roughness", Value::Int(10)),
        ("hub_height", Value::Int(0)),
        ("exponent", Value::Int(2)),
        ("date_format", Value::text("DDDD")),
    ] {
        let mut parameters = at(52.1, 5.2);
        parameters.retain(|(known, _)| *known != key);
        parameters.push((key, value));
        let (code, _) = refusal(&file, &parameters);
        assert_eq!(code, format!("invalid_parameter:{key}"));
    }
    let file = Value::List([Value::text("w"), Value::text("w")].into());
    let (code, _) = refusal("", &[("file_path", file)]);
    assert_eq!(code, "invalid_parameter:file_path");
}

#[test]
fn gaps_are_bridged_where_that_is_asked_for() {
    let mut file = EPW.to_owned();
    for (hour, air) in [(1, 10.0), (2, 99.9), (3, 99.9), (4, 13.0)] {
        file += &epw_row((2005, 6, 21), hour, [air, 0.0, 0.0, 0.0, 2.0]);
    }
    let setup = |gap: i64| Setup {
        file: &file,
        parameters: [
            &[("max_gap", Value::Int(0))],
            &[("max_gap", Value::Int(1))],
            &[("max_gap", Value::Int(2))],
        ][usize::try_from(gap).expect("small")],
        start: "2023-06-21 00:00:00",
        resolution: 3600,
        ticks: 4,
    };
    for gap in [0, 1] {
        let error = setup(gap).refusal();
        assert_eq!(error.code, "missing_value:Ta");
        assert!(error.message.starts_with("w:10:"), "{error}");
    }
    let mut rig = setup(2).rig();
    assert!(
        rig.instance.warnings[0].contains("bridges: in 2 of the rows"),
        "{:?}",
        rig.instance.warnings
    );
    for (tick, air) in [10.0, 10.5, 11.5, 12.5].into_iter().enumerate() {
        assert_close(rig.values(tick as u64, ["Ta"])[0], air, 1e-12);
    }
}

#[test]
fn what_is_missing_at_an_end_cannot_be_bridged() {
    let rows = |first: &str, last: &str| {
        format!(
            "time,G_Gh,Ta,FF\n2023-06-21 00:00:00,0,{first},1\n2023-06-21 01:00:00,0,10,1\n\
             2023-06-21 02:00:00,0,{last},1\n"
        )
    };
    let mut parameters = at(52.1, 5.2);
    parameters.push(("max_gap", Value::Int(5)));
    for (file, line) in [(rows("", "9"), "w:2"), (rows("9", ""), "w:4")] {
        let (code, message) = refusal(&file, &parameters);
        assert_eq!(code, "missing_value:Ta");
        assert!(message.starts_with(line), "{message}");
    }
}

#[test]
fn radiation_at_night_gives_a_warning() {
    let file = columns("2023-06-21 00:00:00", &[[500.0, 10.0, 1.0]; 4]);
    let setup = |longitude: f64| {
        let parameters = at(30.0, longitude);
        let setup = Setup {
            file: &file,
            parameters: &parameters,
            start: "2023-06-21 00:00:00",
            resolution: 3600,
            ticks: 4,
        };
        setup.rig().instance.warnings
    };
    assert!(setup(0.0)[0].contains("'stamp'"));
    assert_eq!(setup(150.0), [""; 0]);
}
