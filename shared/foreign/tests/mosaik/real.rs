//! Simulators from the package index of Python, as they are.

use std::fmt::Write;

use foreign::{Host, LocalHost, Program, SimulatorRequest};
use shared::value::Origin;

use crate::bench::{Bench, input, inside, published, request, wiring};
use crate::python;

/// A program that serves a class of a package.
fn program(module: &str, class: &str) -> Program {
    let python = python().expect("an environment");
    let serve = format!(
        "import mosaik_api_v3 as api, {module} as module; api.start_simulation(module.{class}())"
    );
    Program::Command {
        line: format!("%(python)s -c '{serve}' %(addr)s"),
        interpreter: python.to_str().map(str::to_owned),
    }
}

#[test]
fn the_sun_of_a_file_shines_on_panels() {
    if python().is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut sun = "Sun\nDate,DNI[W/m2]\n".to_owned();
    for quarter in 0..96 {
        let light = f64::from((quarter - 24).clamp(0, 48)) * 10.0;
        let (hour, minute) = (quarter / 4, quarter % 4 * 15);
        writeln!(sun, "2024-06-01 {hour:02}:{minute:02}:00,{light}").expect("written");
    }
    let file = folder.path().join("sun.csv");
    std::fs::write(&file, sun).expect("written");
    let start = "2024-06-01 00:00:00";
    let init = format!(
        r#"{{"sim_start": "{start}", "datafile": {:?}}}"#,
        file.to_str().expect("plain text")
    );
    let ticks = 86400;
    let csv = request(
        "CSV",
        &program("mosaik_csv", "CSV"),
        ticks,
        &init,
        &[("Sun", "{}")],
    );
    let init = format!(r#"{{"start_date": "{start}", "step_size": 900, "gen_neg": false}}"#);
    let panel =
        r#"{"latitude": 52.0, "area": 2000, "efficiency": 0.2, "el_tilt": 32.0, "az_tilt": 0.0}"#;
    let pv = program("mosaik_components.pv.pvsimulator", "PVSimulator");
    let pv: SimulatorRequest = request("PV", &pv, ticks, &init, &[("PV", panel), ("PV", panel)]);
    let mut host = LocalHost::new();
    let described = host.start(vec![csv, pv], &mut |text| eprintln!("{text}"));
    let described: Vec<_> = described
        .into_iter()
        .map(|one| one.expect("described"))
        .collect();
    let sun = &described[0].entities[0].id;
    let panels: Vec<&str> = described[1]
        .entities
        .iter()
        .map(|entity| entity.id.as_str())
        .collect();
    assert_eq!(panels, ["PV_0", "PV_1"]);
    // One panel has the light of the file, and the other one light from outside.
    let from = format!("0:{sun}.DNI[W/m2]");
    let mut both = wiring(&[0, 1]);
    both.inside.push(inside(&from, "1:PV_0.DNI[W/m2]", 0));
    both.inputs
        .push(input("1:PV_1.DNI[W/m2]", Origin::State, &["Sky-0.sky"]));
    both.published.push(published(&from));
    both.published
        .extend(["1:PV_0.P[MW]", "1:PV_1.P[MW]"].map(published));
    let unit = host.wire(both).expect("wired");
    let mut bench = Bench::new(ticks);
    let sky = bench.script(&["240"]);
    let unit = bench.add(unit, &[vec![(sky, 0)]]);
    let seen: Vec<_> = (0..3).map(|slot| bench.watch(unit, slot)).collect();
    assert_eq!(bench.run(), None);
    let at = |slot: usize, quarter: usize| seen[slot].lock().expect("whole")[quarter * 900].clone();
    assert_eq!(
        (at(0, 23), at(0, 48), at(0, 95)),
        ("0".to_owned(), "240".to_owned(), "480".to_owned())
    );
    let noon: f64 = at(1, 48).parse().expect("a number");
    assert!(noon > 0.0, "{noon}");
    // The same light, and the same panel.
    assert_eq!(at(1, 48), at(2, 48));
    assert_eq!(at(1, 10).parse::<f64>().expect("a number"), 0.0);
}
