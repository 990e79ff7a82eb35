//! Which row a step gets.

use shared::value::Value;

use super::{Setup, assert_close, at, columns, typical_year};

/// The hour of the year that the air tells of, in the middle of an hour: the air is that of its end.
fn hour_of_year(file: &str, start: &str) -> f64 {
    let setup = Setup {
        file,
        parameters: &[],
        start,
        resolution: 3600,
        ticks: 1,
    };
    setup.rig().values(0, ["Ta"])[0] * 200.0 + 0.5
}

#[test]
fn a_typical_year_stands_for_any_year() {
    let file = typical_year(false);
    for (start, hour) in [
        ("2026-01-01 05:00:00", 5.0),
        ("2024-02-28 23:00:00", 1415.0),
        ("2023-03-01 00:00:00", 1416.0),
        // 29 February is like the day before.
        ("2024-02-29 05:00:00", 1397.0),
        ("2024-03-01 05:00:00", 1421.0),
        ("2024-12-31 23:00:00", 8759.0),
    ] {
        assert_close(hour_of_year(&file, start), hour, 1e-6);
    }
    let file = typical_year(true);
    for (start, hour) in [
        ("2024-02-29 05:00:00", 1421.0),
        ("2024-03-01 05:00:00", 1445.0),
        ("2023-03-01 05:00:00", 1445.0),
    ] {
        assert_close(hour_of_year(&file, start), hour, 1e-6);
    }
}

#[test]
fn a_run_goes_over_new_year_and_over_29_february() {
    let file = typical_year(false);
    for (start, hours) in [
        ("2023-12-31 22:00:00", vec![8758.0, 8759.0, 0.5, 1.0]),
        ("2024-02-28 23:00:00", vec![1415.0, 1392.0, 1393.0]),
        ("2024-02-29 23:00:00", vec![1415.0, 1416.0, 1417.0]),
        ("2023-02-28 23:00:00", vec![1415.0, 1416.0]),
    ] {
        let setup = Setup {
            file: &file,
            parameters: &[],
            start,
            resolution: 3600,
            ticks: hours.len() as u64,
        };
        let mut rig = setup.rig();
        for (tick, hour) in (0..).zip(hours) {
            let [air] = rig.values(tick, ["Ta"]);
            // The first row of a year has none before it, and holds.
            assert_close(air * 200.0 + 0.5, hour, 1e-6);
        }
    }
}

#[test]
fn the_clock_of_the_scenario_may_be_in_another_zone() {
    let file = columns(
        "2023-06-21 09:00:00",
        &[
            [1.0, 9.0, 0.0],
            [1.0, 10.0, 0.0],
            [1.0, 11.0, 0.0],
            [1.0, 12.0, 0.0],
        ],
    );
    // Stamps of columns are in the zone of the scenario, and the sun is further on for those in the west.
    let with_zone = |zone: i64| {
        let mut parameters = at(52.1, 5.2);
        parameters[2].1 = Value::Int(zone);
        let setup = Setup {
            file: &file,
            parameters: &parameters,
            start: "2023-06-21 10:00:00",
            resolution: 3600,
            ticks: 1,
        };
        setup.rig().values(0, ["Ta", "Az"])
    };
    let ([air, utc], [same_air, east]) = (with_zone(0), with_zone(2));
    assert_eq!((air, same_air), (10.0, 10.0));
    assert!(utc > east + 30.0, "{utc} {east}");
    // An EPW file is one hour ahead of UTC here: its row of 10 o'clock is 9 o'clock UTC.
    let file = typical_year(false);
    let hour = |zone: Value, start: &str| {
        let setup = Setup {
            file: &file,
            parameters: &[("time_zone", zone)],
            start,
            resolution: 3600,
            ticks: 1,
        };
        setup.rig().values(0, ["Ta", "hs", "Az"])
    };
    let own = hour(Value::Null, "2026-03-09 10:00:00");
    assert_eq!(own, hour(Value::Int(1), "2026-03-09 10:00:00"));
    assert_eq!(own, hour(Value::Int(0), "2026-03-09 09:00:00"));
    assert_eq!(own, hour(Value::Float(5.5), "2026-03-09 14:30:00"));
}

#[test]
fn the_time_stamp_is_where_the_parameter_says() {
    let file = columns(
        "2023-06-21 12:00:00",
        &[[100.0, 10.0, 0.0], [200.0, 20.0, 0.0]],
    );
    for (stamp, start) in [
        ("start", "12:00:00"),
        ("middle", "11:30:00"),
        ("end", "11:00:00"),
    ] {
        let mut parameters = at(52.1, 5.2);
        parameters.push(("stamp", Value::text(stamp)));
        let setup = Setup {
            file: &file,
            parameters: &parameters,
            start: &format!("2023-06-21 {start}"),
            resolution: 3600,
            ticks: 2,
        };
        let mut rig = setup.rig();
        assert_eq!(rig.values(0, ["G_Gh", "Ta"]), [100.0, 10.0], "{stamp}");
        assert_eq!(rig.values(1, ["G_Gh", "Ta"]), [200.0, 20.0], "{stamp}");
    }
}

#[test]
fn real_years_must_have_the_run_unless_they_stand_for_any() {
    let file = columns("2023-06-21 00:00:00", &[[0.0, 10.0, 1.0]; 24]);
    let parameters = at(52.1, 5.2);
    let file = &file;
    let setup = |start, ticks, parameters| Setup {
        file,
        parameters,
        start,
        resolution: 3600,
        ticks,
    };
    for (start, ticks) in [
        ("2024-06-21 00:00:00", 1),
        ("2023-06-20 22:00:00", 4),
        ("2023-06-21 20:00:00", 6),
        ("2023-06-21 00:00:00", 8760),
    ] {
        let error = setup(start, ticks, &parameters).refusal();
        assert_eq!(error.code, "span_not_in_file", "{start}");
        for said in ["2023-06-21 00:00:00", "2023-06-22 00:00:00", "'year: any'"] {
            assert!(error.message.contains(said), "{error}");
        }
    }
    // A row holds before the first and after the last one.
    for (start, ticks) in [("2023-06-20 23:00:00", 2), ("2023-06-21 20:00:00", 5)] {
        setup(start, ticks, &parameters).rig();
    }
    let any = [parameters.clone(), vec![("year", Value::text("any"))]].concat();
    setup("2031-06-21 00:00:00", 24, &any).rig();
    for (start, ticks) in [("2031-06-20 22:00:00", 4), ("2031-06-21 20:00:00", 8784)] {
        let error = setup(start, ticks, &any).refusal();
        assert_eq!(error.code, "span_not_in_file", "{start}");
        assert!(
            error.message.contains(" 06-21 00:00:00 to 06-22"),
            "{error}"
        );
    }
}

#[test]
fn a_typical_year_without_its_last_day_is_no_whole_year() {
    let file = typical_year(true);
    let end = file.find("2002,12,31,").expect("rows of the last day");
    let setup = |start| Setup {
        file: &file[..end],
        parameters: &[],
        start,
        resolution: 3600,
        ticks: 24,
    };
    setup("2026-12-30 00:00:00").rig();
    for start in ["2026-12-31 00:00:00", "2026-12-30 12:00:00"] {
        assert_eq!(setup(start).refusal().code, "span_not_in_file");
    }
}

#[test]
fn what_a_run_does_not_need_is_not_looked_at() {
    let mut file = columns("2023-06-21 00:00:00", &[[0.0, 10.0, 1.0]; 24]);
    file = file.replace("2023-06-21 03:00:00,0,10,1", "2023-06-21 03:00:00,n/a");
    file = file.replace("2023-06-21 05:00:00,0,10,1\n", "");
    file += "nonsense";
    let parameters = at(52.1, 5.2);
    let setup = Setup {
        file: &file,
        parameters: &parameters,
        start: "2023-06-21 09:00:00",
        resolution: 3600,
        ticks: 10,
    };
    setup.rig();
}
