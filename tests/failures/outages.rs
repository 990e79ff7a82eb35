//! Networks that are away for a while, between machines of their own.

use std::time::Duration;

use rig::{Ended, Namespace, Node, Trial, ip, wait_for_heartbeats, wait_within, where_possible};

use super::FOREVER;
use super::links::loop_between;

/// How long a machine with other things to do may take over some rows.
const PATIENCE: Duration = Duration::from_secs(120);

/// Two nodes on machines of their own, with a cable each to a switch, where the controller runs.
struct Lan {
    nodes: [Node; 2],
    switch: Namespace,
    /// Dropped last: the nodes live there.
    _machines: [Namespace; 2],
}

impl Lan {
    /// `None`, said aloud, where this machine cannot have it.
    fn new() -> Option<Self> {
        where_possible(
            "a test with an outage in network namespaces",
            Self::try_new(),
        )
    }

    fn try_new() -> Result<Self, String> {
        let switch = Namespace::new()?;
        ip(&["-n", &switch.name, "link", "add", "lan", "type", "bridge"])?;
        ip(&["-n", &switch.name, "link", "set", "lan", "up"])?;
        let own = ["addr", "add", "10.97.0.254/24", "dev", "lan"];
        ip(&[&["-n", &switch.name][..], &own].concat())?;
        let machines = [Namespace::new()?, Namespace::new()?];
        for (number, machine) in machines.iter().enumerate() {
            let (port, address) = (
                format!("port{number}"),
                format!("10.97.0.{}/24", number + 1),
            );
            let cable = ["link", "add", &port, "type", "veth", "peer", "name", "eth0"];
            let ends = ["netns", &machine.name];
            ip(&[&["-n", &switch.name][..], &cable, &ends].concat())?;
            ip(&[
                "-n",
                &switch.name,
                "link",
                "set",
                &port,
                "master",
                "lan",
                "up",
            ])?;
            ip(&["-n", &machine.name, "addr", "add", &address, "dev", "eth0"])?;
            ip(&["-n", &machine.name, "link", "set", "eth0", "up"])?;
        }
        let node = |number: usize| {
            let address = format!("10.97.0.{}:5123", number + 1);
            Node::start_in(&machines[number], &["--listen", &address])
        };
        Ok(Self {
            nodes: [node(0), node(1)],
            switch,
            _machines: machines,
        })
    }

    /// Pulls the cable of a machine, or plugs it in.
    fn set_cable(&self, number: usize, state: &str) {
        let port = format!("port{number}");
        ip(&["-n", &self.switch.name, "link", "set", &port, state]).expect("set");
    }

    /// A run of both nodes, each of which needs the other one and the controller at every step.
    fn start(&self, timeout: &str) -> (Trial, rig::Run) {
        let [first, second] = &self.nodes;
        let trial = loop_between(first.address, second.address, FOREVER);
        let run = trial.start_in(&self.switch, &["--insecure", "--timeout", timeout]);
        trial.wait_for_rows();
        (trial, run)
    }
}

#[test]
fn an_outage_that_is_shorter_than_the_timeout_is_survived_by_sessions_and_links() {
    let Some(lan) = Lan::new() else {
        return;
    };
    // A node that nobody disturbs says every second that it is there.
    let clock = Node::start();
    // Without `Socket::keep_trying` the system tries again 12.6 s after what was lost, and everybody gives
    // up after 11 s.
    for cable in [0, 1] {
        let (trial, mut run) = lan.start("8");
        lan.set_cable(cable, "down");
        // How long it lasts is all that there is to an outage.
        wait_for_heartbeats(clock.address, 7);
        let rows = trial.csv().expect("a result").len();
        lan.set_cable(cable, "up");
        // A run that is over has something to say, which its end shows; one that does not find back is soon.
        // All other time is what this machine takes for some rows.
        wait_within(PATIENCE, "more rows after the outage", || {
            (run.is_over() || trial.csv()?.len() > rows + 1000).then_some(())
        });
        if !run.is_over() {
            run.signal("INT");
        }
        Ended::from(run.finish()).assert(130, &["error: interrupted"]);
        Trial::assert_loop_prefix(&trial.csv().expect("a result"));
    }
}

#[test]
fn an_outage_that_is_longer_than_the_timeout_ends_the_run_and_the_node_is_named() {
    let Some(lan) = Lan::new() else {
        return;
    };
    let (trial, run) = lan.start("2");
    lan.set_cable(0, "down");
    let ended = Ended::from(run.finish());
    let lost = format!(
        "error: lost node {}, which ran Homes, Cell",
        lan.nodes[0].address
    );
    ended.assert(
        4,
        &[&lost, "no sign of life for 2 s; see whether the node hangs"],
    );
    Trial::assert_loop_prefix(&trial.csv().expect("a result"));
    // The other one is well, and says what it has done.
    let other = format!("  {}: 1 model, ", lan.nodes[1].address);
    let summary = ended.stderr.lines().find(|line| line.starts_with(&other));
    let summary = summary.expect("a line about the other one");
    assert!(
        !summary.contains("at least") && !summary.contains(", 0 steps"),
        "{summary}"
    );
}
