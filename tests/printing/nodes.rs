//! Nodes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use rig::{Node, Run, Terminal, Trial, node_binary, wait_for};

use crate::streams::pipe;

/// Starts a node on a free port, which prints to these streams.
fn start(stdout: Stdio, stderr: Stdio) -> Run {
    let (program, first) = node_binary().split_first().expect("a command");
    let mut command = Command::new(program);
    command
        .args(first)
        .args(["serve", "--listen", "127.0.0.1:0"]);
    command.arg("--insecure");
    Run::start_with_streams(&mut command, stdout, stderr)
}

/// Runs a scenario on a node.
#[track_caller]
fn assert_serves(address: SocketAddr) {
    let trial = Trial::loop_on(address, 50);
    trial.run(&[]).assert(0, &[]);
    trial.assert_whole_loop(50);
}

/// The address in what a node said.
fn address_in(text: &str) -> SocketAddr {
    let address = text.trim().rsplit(' ').next().and_then(|a| a.parse().ok());
    address.unwrap_or_else(|| panic!("no address in {text:?}"))
}

/// Somebody without any business on a node, until the node has had enough of them.
fn knock(address: SocketAddr) {
    let mut stranger = TcpStream::connect(address).expect("the node listens");
    // The node may have closed the connection already.
    let _ = stranger.write_all(b"GET / HTTP/1.1\r\n\r\n");
    let _ = stranger.read_to_end(&mut Vec::new());
}

#[test]
fn a_node_whose_terminal_is_stopped_goes_on_serving() {
    let terminal = Terminal::new(80);
    let node = start(terminal.stdio(), terminal.stdio());
    terminal.wait_for("\n");
    let address = address_in(&terminal.seen());
    assert_serves(address);
    terminal.wait_for("session over");
    terminal.stop();
    let before = terminal.seen();
    for _ in 0..3 {
        assert_serves(address);
    }
    assert_eq!(terminal.seen(), before);
    terminal.go_on();
    wait_for("the lines of the meantime", || {
        (terminal.seen().matches("session over").count() == 4).then_some(())
    });
    terminal.stop();
    assert_serves(address);
    node.signal("TERM");
    assert_eq!(node.finish().status.code(), Some(0));
}

#[test]
fn strangers_do_not_silence_a_node_to_whom_nobody_listens() {
    let (reader, stdout) = pipe();
    let (_unread, stderr) = pipe();
    let node = start(stdout.into(), stderr.into());
    let mut line = String::new();
    BufReader::new(reader).read_line(&mut line).expect("UTF-8");
    let address = address_in(&line);
    for _ in 0..1500 {
        knock(address);
    }
    assert_serves(address);
    node.signal("TERM");
    assert_eq!(node.finish().status.code(), Some(0));
}

#[test]
fn of_many_strangers_the_first_are_named_and_the_others_counted() {
    let mut node = Node::start();
    for _ in 0..300 {
        knock(node.address);
    }
    let trial = Trial::loop_on(node.address, 50);
    trial.run(&[]).assert(0, &[]);
    node.wait_for_report("session over");
    node.signal("TERM");
    assert_eq!(node.wait(), Some(0));
    node.wait_for_report("295 more connections not let in, last from 127.0.0.1:");
    let lines = node.log().into_iter();
    assert_eq!(
        lines.filter(|line| line.contains(": not let in: ")).count(),
        5
    );
}

#[test]
fn lines_of_a_node_have_two_times() {
    let node = Node::start();
    let trial = Trial::loop_on(node.address, 50);
    trial.run(&[]).assert(0, &[]);
    node.wait_for_report("session over");
    for line in node.log() {
        let parts: Vec<&str> = line.splitn(4, ' ').collect();
        let [date, time, uptime, said] = parts[..] else {
            panic!("{line}");
        };
        assert!(date.len() == 10 && date.starts_with("20"), "{line}");
        assert!(time.len() == 9 && time.ends_with('Z'), "{line}");
        assert!(
            uptime.parse::<f64>().is_ok_and(|time| time < 60.0),
            "{line}"
        );
        assert!(said.starts_with("127.0.0.1:"), "{line}");
    }
}
