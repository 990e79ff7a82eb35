//! The examples that are whole energy systems, through the controller and its result files: what flows adds up, limits
//! are kept, what their pages say of limits is so, and results are what they were.

mod laws;
mod run;

use std::fs;

use rig::{difference, workspace};

use run::{System, text_of};

/// Rows between those that are kept of a result: six hours.
const EVERY: usize = 24;

#[test]
fn results_are_what_they_were() {
    let folder = workspace().join("tests/systems/expected");
    let mut compared = 0;
    for file in fs::read_dir(folder).expect("a folder") {
        let path = file.expect("readable").path();
        let name = path.file_stem().and_then(|name| name.to_str());
        let name = name.expect("UTF-8");
        let result = run::result_of(&text_of(name));
        let mut lines = result.lines();
        let mut kept = format!("{}\n", lines.next().expect("names"));
        for line in lines.step_by(EVERY) {
            kept.extend([line, "\n"]);
        }
        let expected = fs::read_to_string(&path).expect("readable");
        if let Some(difference) = difference(&kept, &expected, 0.0) {
            panic!("{name}: {difference}");
        }
        compared += 1;
    }
    assert_eq!(compared, 4);
}

#[test]
fn a_tank_that_follows_the_sun_lets_the_house_use_more_of_it() {
    let items = ["Panels.pv_gen", "Pump.p_cons", "Meter.p_tot", "Tank.t_mean"];
    let follows = System::new("house").rows(&items);
    let does_not = System::new("house")
        .with("units: 3", "units: 0")
        .rows(&items);
    let sold =
        |rows: &[run::Row]| -> f64 { rows.iter().map(|row| row.get("Meter.p_tot").max(0.0)).sum() };
    assert!(sold(&follows) < 0.85 * sold(&does_not));
    // The warmest quarter of an hour of a sunny day, Friday, is in the afternoon, and then the pump rests until night.
    let friday = &follows[4 * 96..5 * 96];
    let warmth = |row: &run::Row| row.get("Tank.t_mean");
    let warmest = (0..96).max_by(|a, b| warmth(&friday[*a]).total_cmp(&warmth(&friday[*b])));
    let warmest = warmest.expect("rows");
    assert!((48..64).contains(&warmest), "{warmest}");
    assert!(warmth(&friday[warmest]) > 55.0);
    assert!(friday[64..].iter().all(|row| row.get("Pump.p_cons") == 0.0));
    assert!(does_not.iter().all(|row| warmth(row) < 43.0));
}

#[test]
fn the_voltage_of_the_street_limits_the_cars_at_its_end_to_one() {
    let lowest = |cars: &str| {
        let end = "houses_case: 3\n    houses_data: 3\n\n- name: Street";
        let cars = format!("houses_case: {cars}\n    houses_data: 3\n\n- name: Street");
        let rows = System::new("feeder").with(end, &cars).rows(&[
            "Street.vm_min",
            "Street.vm_d",
            "Street.flag_voltage",
            "Street.loading_max",
        ]);
        // All that is outside is flagged, and nothing else; the current is not what limits.
        for row in &rows {
            let is_outside = row.get("Street.vm_min") < 0.95;
            assert_eq!(
                row.get("Street.flag_voltage"),
                f64::from(u8::from(is_outside))
            );
            assert!(row.get("Street.loading_max") < 100.0);
        }
        let voltages = rows.iter().map(|row| row.get("Street.vm_d"));
        voltages.fold(f64::INFINITY, f64::min)
    };
    let [none, one, two, three] = ["0", "1", "2", "3"].map(lowest);
    assert!(none > one && one > 0.95 && 0.95 > two && two > three);
}

#[test]
fn where_the_boiler_is_too_small_the_school_goes_short_and_the_clinic_does_not() {
    let items = [
        "Valve.out_1",
        "Valve.out_2",
        "Valve.rest",
        "Pipes.t_int",
        "Pipes.q_deficit",
    ];
    let enough = System::new("district").rows(&items);
    let short = System::new("district")
        .with("rated_power: 300", "rated_power: 25")
        .rows(&items);
    let missing =
        |rows: &[run::Row]| -> f64 { rows.iter().map(|row| row.get("Pipes.q_deficit")).sum() };
    assert_eq!(missing(&enough), 0.0);
    assert!(missing(&short) > 10.0);
    for (all, some) in enough.iter().zip(&short) {
        for served in ["Valve.out_1", "Valve.out_2"] {
            assert!((all.get(served) - some.get(served)).abs() <= 1e-9 * all.get(served));
        }
        let gap = all.get("Valve.rest") - some.get("Valve.rest") - some.get("Pipes.q_deficit");
        assert!(gap.abs() <= 1e-9 * 1000.0, "{gap}");
    }
}
