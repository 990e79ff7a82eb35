//! Programs by a bridge while a node is lost, and while the bridge itself is.

use std::fs;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use rig::{Bridge, Ended, Lan, Node, Run, Trial, placed};

use super::programs::{SCENARIO, TANK, TICKS};
use super::{bytes, interruption, interruptions};

/// Writes what a bridge may start into the folder of a trial. Returns its arguments.
fn arguments(folder: &Trial, listen: &str) -> [String; 3] {
    let config = folder.path("bridge.toml");
    let there = folder.path("");
    let there = there.display();
    let text = format!(
        "listen = [\"{listen}\"]\n[programs.Tank]\npython = \"tank:Tank\"\nfolder = '{there}'\n"
    );
    fs::write(&config, text).expect("written");
    let config = config.to_str().expect("UTF-8").to_owned();
    ["serve".to_owned(), "--config".to_owned(), config]
}

/// A bridge that runs the tank, a node that runs the battery, and a scenario with both.
struct Table {
    bridge: Bridge,
    node: Node,
    trial: Trial,
}

/// Starts a bridge that runs the tank in the folder of a trial.
fn bridge(folder: &Trial, listen: &str) -> Bridge {
    let arguments = arguments(folder, listen);
    let arguments = arguments.each_ref().map(String::as_str);
    Bridge::start_in(&folder.path(""), &arguments)
}

impl Table {
    fn lay(tank: &str) -> Self {
        let there = Trial::new(SCENARIO);
        let (bridge, node) = (bridge(&there, "127.0.0.1:0"), Node::start());
        let (programs, models) = (bridge.address, node.address);
        let text = placed(SCENARIO, &|model| {
            let address: SocketAddr = if model == "Tank" { programs } else { models };
            Some((address.ip().to_string(), address.port()))
        });
        fs::write(there.path("tank.py"), tank).expect("written");
        fs::write(there.path("scenario.yaml"), text).expect("written");
        Self {
            bridge,
            node,
            trial: there,
        }
    }

    fn start(&self, patience: &str) -> Run {
        self.trial
            .start(&["--pace", "200/s", "--json", "--patience", patience])
    }

    /// Kills the bridge, and starts it anew where it was.
    fn restart_bridge(&mut self) {
        let address = self.bridge.address.to_string();
        self.bridge.signal("KILL");
        self.bridge.wait();
        self.bridge = bridge(&self.trial, &address);
    }

    /// What the run leaves on one machine.
    fn alone(tank: &str) -> Vec<u8> {
        let alone = Trial::new(SCENARIO);
        fs::write(alone.path("tank.py"), tank).expect("written");
        alone.run(&["--local"]).assert(0, &[]);
        bytes(&alone, "out.csv")
    }

    /// The ticks at which the program was asked.
    fn asked(&self) -> Vec<String> {
        let asked = fs::read_to_string(self.trial.path("asked.txt")).expect("it was asked");
        asked.lines().map(str::to_owned).collect()
    }
}

fn ticks() -> Vec<String> {
    (0..TICKS).map(|tick| tick.to_string()).collect()
}

#[test]
fn a_program_by_a_bridge_is_asked_once_for_each_step_although_a_node_is_lost() {
    let Some(_) = rig::python() else {
        return;
    };
    let table = Table::lay(TANK);
    let run = table.start("0");
    table.trial.wait_for_row(150);
    table.node.signal("KILL");
    let ended = Ended::from(run.finish());
    ended.assert(0, &[]);
    assert!(interruption(&ended)["ticks_computed_again"].as_u64() >= Some(150));
    assert_eq!(bytes(&table.trial, "out.csv"), Table::alone(TANK));
    assert_eq!(table.asked(), ticks());
}

#[test]
fn the_programs_of_a_bridge_that_was_lost_are_started_anew_and_asked_once_more() {
    let Some(_) = rig::python() else {
        return;
    };
    let mut table = Table::lay(TANK);
    let run = table.start("30");
    table.trial.wait_for_row(100);
    // A snapshot lies between the first step and the loss of the bridge.
    table.node.signal("KILL");
    let address = table.node.address.to_string();
    table.node.wait();
    table.node = Node::start_at(&address);
    table.trial.wait_for_row(250);
    table.restart_bridge();
    let ended = Ended::from(run.finish());
    ended.assert(0, &[]);
    let all = interruptions(&ended);
    assert_eq!(all.len(), 2, "{all:#?}");
    assert!(
        all[1]["ticks_computed_again"].as_u64() >= Some(250),
        "{all:#?}"
    );
    assert_eq!(bytes(&table.trial, "out.csv"), Table::alone(TANK));
    let asked = table.asked();
    let again = asked.iter().skip(1).position(|tick| tick == "0");
    assert_eq!(asked[again.expect("it was asked anew") + 1..], ticks());
}

/// Each time its programs are asked from the first tick on, up to where the run holds.
#[test]
fn a_bridge_may_be_restarted_again_and_again_while_a_node_is_awaited() {
    let Some(_) = rig::python() else {
        return;
    };
    let mut table = Table::lay(TANK);
    let mut run = table.start("60");
    table.trial.wait_for_row(150);
    table.node.signal("KILL");
    let address = table.node.address.to_string();
    table.node.wait();
    run.wait_to_say("the run holds at tick ");
    for restarts in 1..=2 {
        table.restart_bridge();
        rig::wait_for("questions to the program", || {
            let asked = table.asked();
            let begun = asked.iter().filter(|tick| *tick == "0").count();
            let newest: usize = asked.last()?.parse().ok()?;
            (begun > restarts && newest >= 149).then_some(())
        });
    }
    table.node = Node::start_at(&address);
    let ended = Ended::from(run.finish());
    ended.assert(0, &[]);
    assert!(interruption(&ended)["ticks_computed_again"].as_u64() >= Some(150));
    assert_eq!(bytes(&table.trial, "out.csv"), Table::alone(TANK));
    let asked = table.asked();
    let last = asked.iter().rposition(|tick| tick == "0");
    assert_eq!(asked[last.expect("it was asked")..], ticks());
}

/// An outage that is longer than a node may be away costs the session with the bridge, and not its programs.
#[test]
fn programs_by_a_bridge_stay_through_an_outage() {
    let (Some(_), Some(lan)) = (rig::python(), Lan::new(1)) else {
        return;
    };
    let trial = Trial::new(SCENARIO);
    let address = SocketAddr::new(lan.nodes[0].address.ip(), 5124);
    let arguments = arguments(&trial, &address.to_string());
    let arguments = arguments.each_ref().map(String::as_str);
    let arguments = [&arguments[..], &["--insecure"]].concat();
    let bridge = Bridge::start_within(lan.machine(0), &trial.path(""), &arguments);
    let text = placed(SCENARIO, &|model| {
        (model == "Tank").then(|| (bridge.address.ip().to_string(), bridge.address.port()))
    });
    fs::write(trial.path("tank.py"), TANK).expect("written");
    fs::write(trial.path("scenario.yaml"), text).expect("written");
    let run = lan.start(&trial, &["--pace", "100/s", "--json", "--timeout", "2"]);
    trial.wait_for_row(100);
    lan.set_cable(lan.controller(), "down");
    // How long it lasts is all that there is to an outage.
    thread::sleep(Duration::from_secs(10));
    lan.set_cable(lan.controller(), "up");
    let ended = Ended::from(run.finish());
    ended.assert(0, &[]);
    let held = interruption(&ended)["held_seconds"].as_f64();
    assert!(held < Some(9.0), "{held:?}");
    assert_eq!(bytes(&trial, "out.csv"), Table::alone(TANK));
    let asked = fs::read_to_string(trial.path("asked.txt")).expect("it was asked");
    assert_eq!(asked.lines().collect::<Vec<_>>(), ticks());
}

/// A tank that answers otherwise from its second start on, from a tick on.
fn fickle() -> String {
    TANK.replace(
        "        return",
        "        if time == 40 and open('asked.txt').read().split().count('0') > 1:\n            self.level += 1\n        return",
    )
}

#[test]
fn a_program_that_answers_otherwise_when_it_is_asked_once_more_is_the_end_of_the_run() {
    let Some(_) = rig::python() else {
        return;
    };
    let mut table = Table::lay(&fickle());
    let run = table.start("30");
    table.trial.wait_for_row(150);
    table.restart_bridge();
    let ended = Ended::from(run.finish());
    ended.assert(
        4,
        &[
            "the program of Tank was started anew and asked again from the first tick on",
            "what it answers at tick 40 is not what it answered before",
        ],
    );
    // Nothing that was computed is lost.
    let partial = table.trial.partial().expect("rows");
    let whole = String::from_utf8(Table::alone(TANK)).expect("UTF-8");
    assert!(partial.lines().count() > 150 && whole.starts_with(&partial));
}

#[test]
fn a_bridge_that_does_not_come_back_is_the_end_of_the_run() {
    let Some(_) = rig::python() else {
        return;
    };
    let table = Table::lay(TANK);
    let run = table.start("1");
    table.trial.wait_for_row(100);
    table.bridge.signal("KILL");
    let ended = Ended::from(run.finish());
    let address = table.bridge.address;
    let said = format!("the bridge at {address} cannot be used");
    ended.assert(4, &["the run cannot go on", &said]);
}

#[test]
fn a_bridge_lets_go_of_programs_whose_controller_is_killed() {
    let Some(_) = rig::python() else {
        return;
    };
    // Written once, well before it is read: a file that is written at each step may be empty at that moment.
    let tank = TANK.replace(
        "        self.level",
        "        if time == 0:\n            open('pid.txt', 'w').write(str(__import__('os').getpid()))\n        self.level",
    );
    let table = Table::lay(&tank);
    let run = table.start("30");
    table.trial.wait_for_row(100);
    let pid = fs::read_to_string(table.trial.path("pid.txt")).expect("it was asked");
    let pid: u32 = pid.parse().expect("the id of a process");
    run.signal("KILL");
    rig::wait_for("the end of the program", || {
        let is_there = fs::exists(format!("/proc/{pid}")).expect("a system with /proc");
        (!is_there).then_some(())
    });
}
