//! Several controllers on the same nodes.

use std::fs;

use rig::{Node, Scenario, Trial, assert_serves, conformance_folder, scenarios};

use super::FOREVER;

#[test]
fn runs_of_different_scenarios_on_the_same_nodes_do_not_see_each_other() {
    let folder = conformance_folder();
    let set = scenarios(&folder.join("scenarios"), &folder.join("expected"));
    let named =
        |name: &str| -> &Scenario { set.iter().find(|s| s.name == name).expect("in the set") };
    let (first, second) = (named("e06_battery_loop"), named("e11_multirate_loop"));
    let mut nodes = [Node::start(), Node::start()];
    let endless = Trial::loop_on(nodes[0].address, FOREVER);
    let in_background = endless.start(&[]);
    endless.wait_for_rows();
    let on = |scenario: &Scenario, shift: usize| {
        let place = |model: usize| Some(nodes[(model + shift) % 2].address);
        Trial::with_data(&folder, &scenario.placed(&place))
    };
    let trials = [on(first, 0), on(second, 1), on(first, 1), on(second, 0)];
    let runs: Vec<_> = trials
        .iter()
        .map(|trial| trial.start(&["--quiet"]))
        .collect();
    for (run, (trial, scenario)) in runs
        .into_iter()
        .zip(trials.iter().zip([first, second].iter().cycle()))
    {
        rig::Ended::from(run.finish()).assert(0, &[]);
        let alone = Trial::with_data(&folder, &scenario.text);
        alone.run(&["--local", "--quiet"]).assert(0, &[]);
        let result = fs::read(trial.path("out.csv")).expect("a result");
        assert_eq!(result, fs::read(alone.path("out.csv")).expect("a result"));
    }
    in_background.signal("INT");
    rig::Ended::from(in_background.finish()).assert(130, &[]);
    Trial::assert_loop_prefix(&endless.csv().expect("a result"));
    nodes.iter_mut().for_each(assert_serves);
}
