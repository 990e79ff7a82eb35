//! Scenarios with small simulators, in a folder of their own.

use std::fs;
use std::path::Path;

use rig::wait_for;

/// The simulator of these tests.
pub(crate) const TOY: &str = env!("CARGO_BIN_EXE_toy-simulator");

/// A constant, and two simulators in a row; the second one does something at a tick.
pub(crate) fn scenario(then: &str) -> String {
    let quoted = TOY.replace('\\', "/");
    format!(
        "scenario: {{name: toys, start_time: '2012-01-01 00:00:00', end_time: '2012-01-01 02:30:00'}}\n\
         simulators:\n\
         \x20 First: {{command: '\"{quoted}\" %(addr)s'}}\n\
         \x20 Second: {{command: '\"{quoted}\" %(addr)s'}}\n\
         models:\n\
         - {{name: Source, type: Constant, parameters: {{c: 2}}}}\n\
         - {{name: A, type: First}}\n\
         - {{name: B, type: Second.Toy{then}}}\n\
         - {{name: Sum, type: Adder, inputs: {{in1: 0, in2: 0}}}}\n\
         connections:\n\
         - {{from: Source.c, to: A.x}}\n\
         - {{from: A.y, to: B.x}}\n\
         - {{from: A.y, to: Sum.in1}}\n\
         - {{from: B.y, to: Sum.in2}}\n\
         monitor: {{file: out.csv, dates: whole, items: [A.y, B.y, Sum.out1]}}\n"
    )
}

/// Writes a scenario into a folder.
pub(crate) fn write(folder: &Path, text: &str) {
    fs::write(folder.join("toys.yaml"), text).expect("written");
}

/// Whether the simulator that noted its number last has gone, within bounds.
pub(crate) fn assert_gone(folder: &Path) {
    let pid = fs::read_to_string(folder.join("toy.pid")).expect("it was there");
    wait_for("the end of the simulator", || {
        (!Path::new("/proc").join(&pid).exists()).then_some(())
    });
}
