//! Machines of their own on one network, with cables that can be pulled.

use std::net::SocketAddr;
use std::path::PathBuf;

use shared::wire::Key;
use tempfile::TempDir;

use crate::namespace::{Namespace, ip, where_possible};
use crate::process::{Node, Run};
use crate::trial::Trial;

/// Nodes on machines of their own and a machine for the controller, with a cable each to a switch.
#[derive(Debug)]
pub struct Lan {
    /// The nodes, by the numbers of their machines.
    pub nodes: Vec<Node>,
    /// The folder with the key of all of them, where they have one.
    key: Option<TempDir>,
    switch: Namespace,
    /// Dropped last: the nodes live there. The last one is the controller's.
    machines: Vec<Namespace>,
}

impl Lan {
    /// One with so many nodes. `None`, said aloud, where this machine cannot have it.
    pub fn new(nodes: usize) -> Option<Self> {
        Self::with(nodes, None)
    }

    /// Likewise, whose nodes and controller share a key.
    pub fn with_key(nodes: usize) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let made = Key::random().expect("random").create(&key_in(&folder));
        made.expect("written");
        Self::with(nodes, Some(folder))
    }

    fn with(nodes: usize, key: Option<TempDir>) -> Option<Self> {
        let test = "a test with an outage in network namespaces";
        where_possible(test, Self::try_new(nodes, key))
    }

    fn try_new(nodes: usize, key: Option<TempDir>) -> Result<Self, String> {
        let switch = Namespace::new()?;
        let on_switch = |arguments: &[&str]| ip(&[&["-n", &switch.name], arguments].concat());
        on_switch(&["link", "add", "lan", "type", "bridge"])?;
        on_switch(&["link", "set", "lan", "up"])?;
        let machines: Result<Vec<_>, _> = (0..=nodes).map(|_| Namespace::new()).collect();
        let machines = machines?;
        for (number, machine) in machines.iter().enumerate() {
            let (port, address) = (port(number), format!("{}/24", address(number).ip()));
            let cable = ["link", "add", &port, "type", "veth", "peer", "name", "eth0"];
            on_switch(&[&cable[..], &["netns", &machine.name]].concat())?;
            on_switch(&["link", "set", &port, "master", "lan", "up"])?;
            ip(&["-n", &machine.name, "addr", "add", &address, "dev", "eth0"])?;
            ip(&["-n", &machine.name, "link", "set", "eth0", "up"])?;
        }
        let node = |number| {
            let address = address(number).to_string();
            let mut arguments = vec!["--listen".to_owned(), address];
            if let Some(folder) = &key {
                arguments.extend(["--key".to_owned(), text_of(folder)]);
            }
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            Node::start_in(&machines[number], &arguments)
        };
        Ok(Self {
            nodes: (0..nodes).map(node).collect(),
            key,
            switch,
            machines,
        })
    }

    /// The network of a machine.
    pub fn machine(&self, number: usize) -> &Namespace {
        &self.machines[number]
    }

    /// The number of the controller's machine.
    pub fn controller(&self) -> usize {
        self.nodes.len()
    }

    /// Starts a run from the controller's machine.
    pub fn start(&self, trial: &Trial, options: &[&str]) -> Run {
        let machine = &self.machines[self.controller()];
        let key = self.key.as_ref().map(text_of);
        let trust = match &key {
            Some(key) => vec!["--key", key],
            None => vec!["--insecure"],
        };
        trial.start_in(machine, &[&trust, options].concat())
    }

    /// Pulls the cable of a machine, or plugs it in: `down` or `up`.
    pub fn set_cable(&self, machine: usize, state: &str) {
        self.set_port(machine, &[state]);
    }

    /// Lets these two reach all others, and each other or not.
    pub fn set_apart(&self, machines: [usize; 2], apart: bool) {
        let state = if apart { "on" } else { "off" };
        for machine in machines {
            self.set_port(machine, &["type", "bridge_slave", "isolated", state]);
        }
    }

    fn set_port(&self, machine: usize, what: &[&str]) {
        let port = port(machine);
        let set = ["-n", &self.switch.name, "link", "set", &port];
        ip(&[&set[..], what].concat()).expect("set");
    }
}

fn key_in(folder: &TempDir) -> PathBuf {
    folder.path().join("cluster.key")
}

fn text_of(folder: &TempDir) -> String {
    let key = key_in(folder);
    key.to_str().expect("a path of a test").to_owned()
}

/// The port of the switch for the cable of a machine.
fn port(machine: usize) -> String {
    format!("port{machine}")
}

/// Where the node of a machine listens.
fn address(machine: usize) -> SocketAddr {
    let last = u8::try_from(machine + 1).expect("few");
    SocketAddr::from(([10, 97, 0, last], 5123))
}
