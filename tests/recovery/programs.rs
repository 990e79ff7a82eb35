//! Programs on this machine while a node is lost: they stay, and are not asked again.

use std::fs;

use rig::{Node, Trial, placed};

use super::{bytes, interruption};

pub(crate) const TICKS: usize = 600;

/// A tank in Python that the battery on a node looks at and that looks at the battery, and that notes each step that it makes.
pub(crate) const TANK: &str = "
class Tank:
    inputs = {'soc': 0.0}
    outputs = {'flow': 0.0}

    def step(self, time, inputs):
        with open('asked.txt', 'a') as asked:
            asked.write(f'{time}\\n')
        self.level = (getattr(self, 'level', 0.0) + inputs['soc'] * 0.37) % 5.0
        return {'flow': self.level - 2.5}
";

pub(crate) const SCENARIO: &str = "
scenario:
  name: 'a tank and a battery'
  start_time: '2026-07-06 00:00:00'
  end_time: '2026-07-06 00:10:00'
  time_resolution: 1
simulators:
  Tank: {python: 'tank:Tank'}
models:
- name: Store
  type: Battery
  parameters: {max_p: 5, min_p: -5, max_energy: 10, charge_efficiency: 90, discharge_efficiency: 90, soc_min: 0, soc_max: 100}
  inputs: {flow2b: 0}
  states: {soc: 50}
- name: Tank
  type: Tank
connections:
- {from: Store.soc, to: Tank.soc}
- {from: Tank.flow, to: Store.flow2b, time_shifted: true}
monitor:
  file: out.csv
  items: [Store.soc, Tank.flow]
";

fn trial(scenario: &str) -> Trial {
    let trial = Trial::new(scenario);
    fs::write(trial.path("tank.py"), TANK).expect("written");
    trial
}

#[test]
fn a_program_here_is_asked_once_for_each_step_although_a_node_is_lost() {
    let Some(_) = rig::python() else {
        return;
    };
    let alone = trial(SCENARIO);
    alone.run(&["--local"]).assert(0, &[]);
    let node = Node::start();
    let trial = trial(&placed(SCENARIO, &|model| {
        let address = node.address;
        (model == "Store").then(|| (address.ip().to_string(), address.port()))
    }));
    let run = trial.start(&["--pace", "200/s", "--json", "--patience", "0"]);
    trial.wait_for_row(150);
    node.signal("KILL");
    let ended = rig::Ended::from(run.finish());
    ended.assert(0, &[]);
    assert!(interruption(&ended)["ticks_computed_again"].as_u64() >= Some(150));
    assert_eq!(bytes(&trial, "out.csv"), bytes(&alone, "out.csv"));
    let asked = fs::read_to_string(trial.path("asked.txt")).expect("it was asked");
    let expected: Vec<String> = (0..TICKS).map(|tick| tick.to_string()).collect();
    assert_eq!(asked.lines().collect::<Vec<_>>(), expected);
}
