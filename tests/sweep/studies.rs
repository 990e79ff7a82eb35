//! The examples for those who study a scenario in Python: they are as they are published.

use std::path::Path;
use std::process::Command;

use rig::{Ended, controller_binary, environment, run_bounded, workspace};

/// The variable with the environment that has `SALib` and Optuna.
const STUDIES: &str = "ILLUMINATOR_REQUIRE_STUDIES";

/// Runs an example, if there is an interpreter for it.
fn run(example: &str, modules: &[&str]) -> Option<Ended> {
    let interpreter = environment(STUDIES, modules)?;
    let controller = Path::new(controller_binary().last().expect("a program"));
    let folder = controller.parent().expect("a folder").display();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(interpreter);
    command.arg(workspace().join("scenarios/sweeps").join(example));
    command
        .current_dir(workspace())
        .env("PATH", format!("{folder}:{path}"));
    Some(run_bounded(&mut command).into())
}

#[test]
fn households_decide_most_of_what_is_bought() {
    let Some(ended) = run("sobol.py", &["SALib"]) else {
        return;
    };
    ended.assert(0, &[]);
    let totals: Vec<f64> = ended
        .stdout
        .lines()
        .map(|line| {
            line.rsplit(' ')
                .next()
                .and_then(|cell| cell.parse().ok())
                .expect("a number")
        })
        .collect();
    let [battery, panels, homes] = totals[..] else {
        panic!("{}", ended.stdout);
    };
    assert!(
        battery < panels && panels < homes && homes < 1.0,
        "{}",
        ended.stdout
    );
}

#[test]
fn a_battery_is_found_that_costs_least() {
    let Some(ended) = run("cheapest_battery.py", &["optuna"]) else {
        return;
    };
    ended.assert(0, &[]);
    let size = ended
        .stdout
        .split(' ')
        .next()
        .and_then(|cell| cell.parse().ok());
    let size: f64 = size.expect("a number");
    // By a sweep over all sizes it is between these.
    assert!((50.0..80.0).contains(&size), "{}", ended.stdout);
}
