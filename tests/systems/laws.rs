//! What flows adds up, within 1e-9 of it, in each row.

use std::f64::consts::FRAC_PI_4;

use crate::run::{Row, System};

/// Hours of a row.
const HOURS: f64 = 0.25;

fn assert_balanced(what: &str, gap: f64, flows: f64) {
    assert!(
        gap.abs() <= 1e-9 * flows.max(1.0),
        "{what}: {gap} of {flows}"
    );
}

#[test]
fn in_the_house_power_and_heat_add_up_and_the_tank_keeps_its_limits() {
    let rows = System::new("house").rows(&[
        "Panels.pv_gen",
        "Home.load_dem",
        "Demand.q_dem",
        "Pump.p_cons",
        "Pump.q_gen",
        "Pump.q_source",
        "Tank.p_cons",
        "Tank.q_in",
        "Tank.q_out",
        "Tank.q_loss",
        "Tank.q_excess",
        "Tank.q_deficit",
        "Tank.t_mean",
        "Tank.t_top",
        "Tank.t_bottom",
        "Meter.p_tot",
    ]);
    assert_eq!(rows.len(), 7 * 96);
    // Of 1 m³, in kWh/K.
    let capacity = 1000.0 * 4.18 / 3600.0;
    let mut before = 42.0;
    for row in &rows {
        let get = |item: &str| row.get(item);
        let used = get("Home.load_dem") + get("Pump.p_cons") + get("Tank.p_cons");
        let power = get("Panels.pv_gen") - used - get("Meter.p_tot");
        assert_balanced("power", power, used);
        let pump = get("Pump.p_cons") + get("Pump.q_source") - get("Pump.q_gen");
        assert_balanced("pump", pump, get("Pump.q_gen"));
        let coil = get("Pump.q_gen") - get("Tank.q_in") - get("Tank.q_excess");
        assert_balanced("coil", coil, get("Pump.q_gen"));
        let draw = get("Demand.q_dem") - get("Tank.q_out") - get("Tank.q_deficit");
        assert_balanced("draw", draw, get("Demand.q_dem"));
        let into = get("Tank.q_in") + get("Tank.p_cons");
        let out = get("Tank.q_out") + get("Tank.q_loss");
        let stored = capacity * (get("Tank.t_mean") - before) / HOURS;
        // A temperature is kept to 1e-14 of its size, and the water holds 300 kW for each row of it.
        assert_balanced("tank", into - out - stored, into + out + 300.0);
        before = get("Tank.t_mean");
        // The surroundings, and what the coil may warm it to.
        assert!(20.0 <= get("Tank.t_bottom") && get("Tank.t_top") <= 70.0);
        assert!(get("Tank.t_bottom") <= before + 1e-9 && before <= get("Tank.t_top") + 1e-9);
    }
}

const HYDROGEN: [&str; 22] = [
    "Control.flow",
    "Control.flow2b",
    "Control.flow2e",
    "Control.h2_out",
    "Control.dump",
    "Storage.p_out",
    "Storage.soc",
    "Electrolyser.p_cons",
    "Electrolyser.h2_gen",
    "Compressor.p_cons",
    "Compressor.h2_out",
    "Compressor.h2_excess",
    "Bottles.mass",
    "Bottles.soc",
    "Bottles.h2_room",
    "Bottles.h2_out",
    "Bottles.h2_excess",
    "Bottles.h2_deficit",
    "FuelCell.h2_cons",
    "FuelCell.p_gen",
    "FuelCell.load",
    "Grid.p_tot",
];

/// With bottles that are never full, and with some that are.
fn hydrogen() -> [Vec<Row>; 2] {
    let small = System::new("hydrogen").with("capacity: 12  ", "capacity: 3  ");
    [System::new("hydrogen"), small].map(|system| system.rows(&HYDROGEN))
}

#[test]
fn no_hydrogen_is_lost_on_its_way_and_no_power_comes_from_nowhere() {
    for rows in hydrogen() {
        let mut before = 0.0;
        let (mut into, mut back) = (0.0, 0.0);
        for row in &rows {
            let get = |item: &str| row.get(item);
            let used = get("Electrolyser.p_cons") + get("Compressor.p_cons") + get("Storage.p_out");
            let made = get("Control.flow") + get("FuelCell.p_gen");
            assert_balanced(
                "power",
                made - used - get("Grid.p_tot"),
                made.abs() + used.abs(),
            );
            assert_eq!(get("Electrolyser.h2_gen"), get("Compressor.h2_out"));
            assert_eq!(get("Compressor.h2_excess"), 0.0);
            // The bottles take and give what they said they could.
            assert_balanced("room", get("Bottles.h2_excess"), get("Compressor.h2_out"));
            assert_balanced(
                "content",
                get("Bottles.h2_deficit"),
                get("FuelCell.h2_cons"),
            );
            let stored = (get("Bottles.mass") - before) / HOURS;
            let net = get("Compressor.h2_out") - get("FuelCell.h2_cons");
            assert_balanced(
                "hydrogen",
                net - stored,
                get("Bottles.mass") / HOURS + net.abs(),
            );
            before = get("Bottles.mass");
            assert!((0.0..=100.0 + 1e-9).contains(&get("Bottles.soc")));
            into += get("Electrolyser.p_cons") + get("Compressor.p_cons");
            back += get("FuelCell.p_gen");
        }
        assert!(
            back > 0.1 * into && back + before * 33.33 / HOURS < 0.7 * into,
            "{back} of {into}"
        );
    }
}

#[test]
fn the_controller_of_the_reference_works_with_the_types_of_hydrogen() {
    let [large, small] = hydrogen();
    let (mut made, mut asked, mut full) = (0, 0, 0);
    for rows in [&large, &small] {
        for (before, row) in rows.iter().zip(&rows[1..]) {
            let get = |item: &str| row.get(item);
            // Its 'flow2e': all of it within what the electrolyser can, unless it has no room.
            let wanted = get("Control.flow2e").min(20.0);
            // 33.33 kWh of 63.59 %.
            let room = before.get("Bottles.h2_room") * 33.33 / 0.6359;
            if wanted >= 2.0 && wanted < room {
                assert_balanced("flow2e", get("Electrolyser.p_cons") - wanted, wanted);
                made += 1;
            }
            // Its 'h2_out', which is negative: what is missing comes back, as far as there is something. Its 'fc_eff' has
            // four digits.
            let request = -get("Control.h2_out");
            assert!(get("FuelCell.h2_cons") <= request + 1e-9);
            if request > 0.0 && get("FuelCell.h2_cons") == request {
                let missing = -get("Control.flow");
                assert!((get("FuelCell.p_gen") - missing).abs() <= 1e-4 * missing);
                asked += 1;
            }
            // Its 'h2_soc': bottles that are full, beside a battery that is full, get nothing more.
            let is_full = before.get("Bottles.soc") >= 100.0 && before.get("Storage.soc") >= 90.0;
            if is_full && get("Control.flow") > 0.0 {
                assert_eq!(get("Control.flow2e"), 0.0);
                assert_eq!(get("Control.dump"), get("Control.flow"));
                assert_eq!(get("Electrolyser.p_cons"), 0.0);
                full += 1;
            }
        }
    }
    assert!(
        made > 100 && asked > 50 && full > 20,
        "{made} {asked} {full}"
    );
}

#[test]
fn in_the_district_heat_adds_up_in_store_pipes_and_valve() {
    let rows = System::new("district").rows(&[
        "HeatFile.district",
        "Feed.q_dem",
        "HeatPump.p_cons",
        "HeatPump.q_gen",
        "HeatPump.q_source",
        "Store.t_int",
        "Store.q_out",
        "Store.q_excess",
        "Store.q_deficit",
        "Store.q_loss",
        "Boiler.q_gen",
        "Boiler.p_cons",
        "Pipes.t_int",
        "Pipes.q_out",
        "Pipes.q_excess",
        "Pipes.q_deficit",
        "Pipes.q_loss",
        "Valve.out_1",
        "Valve.out_2",
        "Valve.rest",
    ]);
    // Water in a cylinder, in kWh/K.
    let capacity =
        |length: f64, diameter: f64| FRAC_PI_4 * diameter * diameter * length * 4180.0 / 3600.0;
    let (store, pipes) = (capacity(8.0, 4.0), capacity(2500.0, 0.1));
    let (mut in_store, mut in_pipes) = (70.0, 60.0);
    for row in &rows {
        let get = |item: &str| row.get(item);
        let pump = get("HeatPump.p_cons") + get("HeatPump.q_source") - get("HeatPump.q_gen");
        assert_balanced("pump", pump, get("HeatPump.q_gen"));
        let fed = get("Store.q_out") + get("Store.q_deficit") - get("Feed.q_dem");
        assert_balanced("fed in", fed, get("Feed.q_dem"));
        assert_balanced(
            "boiler",
            get("Boiler.q_gen") - get("Store.q_deficit"),
            get("Boiler.q_gen"),
        );
        assert!(get("Boiler.q_gen") <= get("Boiler.p_cons"));
        let stored = store * (get("Store.t_int") - in_store) / HOURS;
        let out = get("Store.q_out") + get("Store.q_loss") + get("Store.q_excess");
        // Temperatures have their last digits.
        let held = store * get("Store.t_int") / HOURS * 1e-4;
        assert_balanced("store", get("HeatPump.q_gen") - out - stored, out + held);
        let stored = pipes * (get("Pipes.t_int") - in_pipes) / HOURS;
        let into = get("Store.q_out") + get("Boiler.q_gen");
        let out = get("Pipes.q_out") + get("Pipes.q_loss") + get("Pipes.q_excess");
        assert_balanced("pipes", into - out - stored, into + out);
        let asked = get("HeatFile.district") - get("Pipes.q_out") - get("Pipes.q_deficit");
        assert_balanced("consumers", asked, get("Pipes.q_out"));
        let divided = get("Valve.out_1") + get("Valve.out_2") + get("Valve.rest");
        assert_balanced("valve", divided - get("Pipes.q_out"), divided);
        (in_store, in_pipes) = (get("Store.t_int"), get("Pipes.t_int"));
        // Below its lower limit it only cools.
        assert!(61.9 < in_store && in_store <= 85.0 && 50.0 < in_pipes && in_pipes < 90.0);
    }
}

#[test]
fn in_the_street_power_adds_up_and_falls_along_the_cable() {
    let rows = System::new("feeder").rows(&[
        "HomesA.load_dem",
        "HomesB.load_dem",
        "HomesC.load_dem",
        "HomesD.load_dem",
        "Middle.load_EV",
        "End.load_EV",
        "Roofs.pv_gen",
        "Street.p_grid",
        "Street.p_loss",
        "Street.i_l1",
        "Street.i_l2",
        "Street.i_l3",
        "Street.i_l4",
        "Street.vm_station",
        "Street.vm_a",
        "Street.vm_b",
        "Street.vm_c",
        "Street.vm_d",
        "Street.converged",
    ]);
    let mut cars = 0.0;
    for row in &rows {
        let get = |item: &str| row.get(item);
        assert_eq!(get("Street.converged"), 1.0);
        let homes = ["HomesA", "HomesB", "HomesC", "HomesD"];
        let homes: f64 = homes
            .iter()
            .map(|home| get(&format!("{home}.load_dem")))
            .sum();
        let used = homes + get("Middle.load_EV") + get("End.load_EV");
        let gap = get("Street.p_grid") + get("Roofs.pv_gen") - used - get("Street.p_loss");
        assert_balanced("power", gap, used + get("Roofs.pv_gen"));
        // Three times I²·R of each cable is lost, the rest in the transformer: at least what its iron takes.
        let squares = [1, 2, 3, 4].map(|line| get(&format!("Street.i_l{line}")).powi(2));
        let copper = 3.0 * 0.032 * squares.iter().sum::<f64>() / 1000.0;
        // Its windings have 0.015 Ω, seen from the street.
        let windings = 3.0 * 0.015 * squares[0] / 1000.0;
        let iron = get("Street.p_loss") - copper - windings;
        assert!((0.28..=0.31).contains(&iron), "{iron}");
        if get("Roofs.pv_gen") == 0.0 {
            let along = ["station", "a", "b", "c", "d"].map(|bus| get(&format!("Street.vm_{bus}")));
            assert!(along.is_sorted_by(|a, b| a > b), "{along:?}");
        }
        cars += (get("Middle.load_EV") + get("End.load_EV")) * HOURS;
    }
    // Each charges 20 kWh on five days and after one trip at the weekend.
    assert_balanced("cars", cars - 6.0 * 6.0 * 20.0, cars);
}
