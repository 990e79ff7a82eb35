//! A scenario of a thousand models on many nodes.

use std::fmt::Write;
use std::net::SocketAddr;

/// The layers of the crowd: each node has one model in each.
const LAYERS: usize = 30;

/// The nodes that [`crowd_scenario`] is for.
pub const CROWD_NODES: usize = 32;

/// A thousand models: 30 layers of one adder a node, a tree of 31 adders on the first node, and in
/// the controller the file `drive.csv` and a chain of 8 adders. The file feeds the first layer, and
/// each layer the next. From layer to layer the feeding node is another one, so each node exchanges
/// values with every other. The tree takes the last layer of all nodes at the same time, the chain
/// takes its sum, and goes back to the first layer of the last node, time-shifted.
pub fn crowd_scenario(nodes: &[SocketAddr; CROWD_NODES], ticks: u32) -> String {
    let mut crowd = Crowd::default();
    crowd.models.push_str(
        "- {name: Drive, type: CSV, parameters: {file_path: drive.csv}, states: {u: 0}}\n",
    );
    for (node, address) in nodes.iter().enumerate() {
        for layer in 0..LAYERS {
            crowd.adder(&format!("N{node}L{layer}"), Some(*address));
        }
    }
    for node in 0..CROWD_NODES {
        crowd.connect("Drive.u", &format!("N{node}L0"), 2, false);
        for layer in 1..LAYERS {
            let from = format!("N{}L{}", (node + layer) % CROWD_NODES, layer - 1);
            crowd.feed(&from, &format!("N{node}L{layer}"), 1, false);
        }
        crowd.record(&format!("N{node}L{}", LAYERS - 1));
    }
    let mut last = crowd.gather(nodes[0]);
    for link in 0..8 {
        let name = format!("Here{link}");
        crowd.adder(&name, None);
        crowd.feed(&last, &name, 1, false);
        crowd.connect("Drive.u", &name, 2, false);
        crowd.record(&name);
        last = name;
    }
    crowd.feed(&last, &format!("N{}L0", CROWD_NODES - 1), 1, true);
    let Crowd {
        models,
        connections,
        items,
    } = crowd;
    format!(
        "scenario:\n  name: a thousand models\n  start_time: '2026-07-06 00:00:00'\n  \
         end_time: '2026-07-06 00:{:02}:{:02}'\n  time_resolution: 1\nmodels:\n{models}\
         connections:\n{connections}monitor:\n  file: out.csv\n  items:\n{items}",
        ticks / 60,
        ticks % 60,
    )
}

/// The file `drive.csv` for so many ticks of [`crowd_scenario`].
pub fn crowd_drive(ticks: u32) -> String {
    (0..ticks).fold(String::from("drive\ntime,u\n"), |mut text, tick| {
        let (minute, second) = (tick / 60, tick % 60);
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "2026-07-06 00:{minute:02}:{second:02},{}",
            f64::from(tick % 7) * 0.3
        );
        text
    })
}

/// The sections of a scenario.
#[derive(Default)]
struct Crowd {
    models: String,
    connections: String,
    items: String,
}

impl Crowd {
    fn adder(&mut self, name: &str, node: Option<SocketAddr>) {
        let connect = node.map_or_else(String::new, |address| {
            format!(
                "connect: {{ip: '{}', port: {}}}, ",
                address.ip(),
                address.port()
            )
        });
        let _ = writeln!(
            self.models,
            "- {{name: {name}, type: Adder, {connect}inputs: {{in1: 0.5, in2: 0.1}}}}"
        );
    }

    fn connect(&mut self, from: &str, to: &str, input: u8, time_shifted: bool) {
        let _ = writeln!(
            self.connections,
            "- {{from: {from}, to: {to}.in{input}, time_shifted: {time_shifted}}}"
        );
    }

    fn feed(&mut self, from: &str, to: &str, input: u8, time_shifted: bool) {
        self.connect(&format!("{from}.out1"), to, input, time_shifted);
    }

    fn record(&mut self, name: &str) {
        let _ = writeln!(self.items, "  - {name}.out1");
    }

    /// A tree on one node that adds the last layer of all nodes; returns its root.
    fn gather(&mut self, node: SocketAddr) -> String {
        let mut level: Vec<String> = (0..CROWD_NODES)
            .map(|node| format!("N{node}L{}", LAYERS - 1))
            .collect();
        let mut count = 0;
        while level.len() > 1 {
            level = level
                .chunks(2)
                .map(|pair| {
                    let name = format!("Sum{count}");
                    count += 1;
                    self.adder(&name, Some(node));
                    for (input, from) in (1..).zip(pair) {
                        self.feed(from, &name, input, false);
                    }
                    name
                })
                .collect();
        }
        level.remove(0)
    }
}
