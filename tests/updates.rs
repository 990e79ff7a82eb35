//! Updates over the protocol: real nodes and controllers, and what the first process of a Pi does, in this process. The
//! card is a file.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use image::Card;
use init::{Node, Places};
use rig::{controller, controller_in, node_binary, run_bounded, wait_for};
use tempfile::TempDir;

/// How long programs are tried here.
const TRIAL: Duration = Duration::from_secs(20);

/// A Pi whose first process is a thread, and a controller that has its key.
struct Pi {
    folder: TempDir,
    port: String,
    running: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
    takes_updates: bool,
}

impl Pi {
    fn new(takes_updates: bool) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let folder = tempfile::tempdir().expect("a folder");
        let mut pi = Self {
            folder,
            port: free.expect("a free port").port().to_string(),
            running: None,
            takes_updates,
        };
        fs::write(pi.path("card"), Card::empty().expect("a card").bytes()).expect("written");
        fs::create_dir(pi.path("nodes")).expect("made");
        stripped(pi.folder.path());
        let key = pi.controller(&["key", "new", "--key", "cluster.key"]);
        assert!(key.status.success(), "{}", said(&key));
        pi.switch_on();
        pi
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn switch_on(&mut self) {
        let address = format!("127.0.0.1:{}", self.port);
        let arguments = ["serve", "--listen", &address, "--devices", "none", "--key"];
        let mut arguments: Vec<_> = arguments.iter().map(Into::into).collect();
        arguments.push(self.path("cluster.key").into());
        let places = Places {
            program: self.path("node"),
            arguments,
            memory: self.path("memory"),
            card: self.path("card"),
        };
        let is_on = Arc::new(AtomicBool::new(true));
        let (stays_on, takes_updates) = (Arc::clone(&is_on), self.takes_updates);
        let first = thread::spawn(move || {
            let mut node = Node::new(places, takes_updates, TRIAL);
            while stays_on.load(Ordering::Relaxed) {
                node.look();
                node.attend(Duration::from_millis(50));
            }
        });
        self.running = Some((is_on, first));
        wait_for("the node answers", || {
            let answer = self.controller(&["nodes", "--key", "cluster.key", &address]);
            answer.status.success().then_some(())
        });
    }

    fn switch_off(&mut self) {
        if let Some((is_on, first)) = self.running.take() {
            is_on.store(false, Ordering::Relaxed);
            first.join().expect("it ends well");
        }
    }

    fn controller(&self, arguments: &[&str]) -> Output {
        controller(self.folder.path(), arguments)
    }

    /// Has the node replaced by one with these bytes.
    fn deploy(&self, program: &[u8], more: &[&str]) -> Output {
        let name = "illuminator-node-x86_64-unknown-linux-musl";
        fs::write(self.path("nodes").join(name), program).expect("written");
        let deploy = ["deploy", "127.0.0.1", "--listen-port", &self.port];
        let with = ["--key", "cluster.key", "--binaries", "nodes"];
        self.controller(&[&deploy[..], &with, more].concat())
    }

    fn card(&self) -> Vec<u8> {
        fs::read(self.path("card")).expect("read")
    }
}

impl Drop for Pi {
    fn drop(&mut self) {
        if let Some((is_on, first)) = self.running.take() {
            is_on.store(false, Ordering::Relaxed);
            let _ = first.join();
        }
    }
}

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr]
        .map(String::from_utf8_lossy)
        .concat()
}

fn is_done(output: &Output, what: &str) {
    let said = said(output);
    assert!(output.status.success() && said.contains(what), "{said}");
}

fn is_refused(output: &Output, what: &str) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains(what), "{said}");
}

/// The node as it is sent to Pis: without what is there for those who debug it.
fn stripped(folder: &Path) -> PathBuf {
    let path = folder.join("node");
    let mut strip = Command::new("strip");
    let strip = strip.arg("-o").arg(&path).arg(&node_binary()[0]);
    let output = run_bounded(strip);
    assert!(output.status.success(), "{}", said(&output));
    path
}

#[test]
fn a_node_is_updated_over_the_protocol_and_is_there_after_the_plug_was_pulled() {
    let mut pi = Pi::new(true);
    let mut program = fs::read(pi.path("node")).expect("read");
    is_done(&pi.deploy(&program, &[]), "is up to date");
    let before = pi.card();
    // Behind a program there may be bytes that nobody reads.
    program.extend_from_slice(b"another one");
    is_done(&pi.deploy(&program, &[]), "is kept on its card");
    is_done(&pi.deploy(&program, &[]), "is up to date");
    let card = pi.card();
    assert!(card != before);
    assert!(card.windows(11).any(|bytes| bytes == b"another one"));
    pi.switch_off();
    pi.switch_on();
    is_done(&pi.deploy(&program, &[]), "is up to date");
    assert!(pi.card() == card, "nothing is written but an update");
}

#[test]
fn what_does_not_serve_gives_way_to_the_old_node_and_is_not_kept() {
    let pi = Pi::new(true);
    let card = pi.card();
    let ends = fs::read("/bin/true").expect("read");
    let deployed = pi.deploy(&ends, &[]);
    is_refused(&deployed, "the old node is back");
    is_refused(&deployed, "has ended (exit status: 0)");
    let mut other = ends;
    other[18] = 183;
    is_refused(&pi.deploy(&other, &[]), "for another processor");
    assert!(pi.card() == card);
    let program = fs::read(pi.path("node")).expect("read");
    is_done(&pi.deploy(&program, &[]), "is up to date");
}

#[test]
fn a_node_that_runs_something_is_updated_by_force_only() {
    let pi = Pi::new(true);
    let scenario = format!(
        "scenario: {{name: long, start_time: '2026-07-06 00:00:00', end_time: '2026-07-07 00:00:00', \
         time_resolution: 60}}\n\
         models:\n- {{name: House_LED, type: LED_connection, connect: {{ip: 127.0.0.1, port: {}}},\n   \
         parameters: {{min_speed: 0, max_speed: 1, direction: 1, sockets: [ttyUSB0]}}}}\n\
         connections: []\nmonitor: {{file: out.csv, items: [House_LED.connections]}}\n",
        pi.port
    );
    fs::write(pi.path("long.yaml"), scenario).expect("written");
    let run = [
        "run",
        "--pace",
        "1/s",
        "--key",
        "cluster.key",
        "--timeout",
        "2",
        "--patience",
        "0",
    ];
    let run = controller_in(pi.folder.path(), &[&run[..], &["long.yaml"]].concat());
    wait_for("the run has begun", || {
        // The file is there before the node knows what it is to run, its first row is not.
        let rows = fs::read_to_string(pi.path("out.partial.csv")).ok()?;
        (rows.lines().count() > 1).then_some(())
    });
    let mut program = fs::read(pi.path("node")).expect("read");
    program.extend_from_slice(b"another one");
    is_refused(
        &pi.deploy(&program, &[]),
        "runs 'long' (1 model) for 127.0.0.1; wait for the end of that, or end it with --force",
    );
    is_done(&pi.deploy(&program, &["--force"]), "is kept on its card");
    drop(run);
}

#[test]
fn a_node_that_takes_no_updates_is_deployed_to_by_ssh_as_ever() {
    let pi = Pi::new(false);
    let card = pi.card();
    let mut program = fs::read(pi.path("node")).expect("read");
    program.extend_from_slice(b"another one");
    // There is no ssh at this port.
    let deployed = pi.deploy(&program, &["--port", "1"]);
    is_refused(&deployed, "takes no updates; if it started from a card");
    is_refused(&deployed, "if it did not: ssh");
    assert!(pi.card() == card);
}

#[test]
fn a_node_that_has_the_key_of_another_cluster_is_named_and_so_is_the_remedy() {
    let pi = Pi::new(true);
    let (key, of_the_card) = (pi.path("cluster.key"), pi.path("of-the-card.key"));
    fs::rename(&key, &of_the_card).expect("renamed");
    let other = pi.controller(&["key", "new", "--key", "cluster.key"]);
    assert!(other.status.success(), "{}", said(&other));
    let mut program = fs::read(pi.path("node")).expect("read");
    program.extend_from_slice(b"another one");
    let card = pi.card();
    // There is no ssh at this port.
    let deployed = pi.deploy(&program, &["--port", "1"]);
    let address = format!("the node at 127.0.0.1:{} has another cluster key", pi.port);
    is_refused(&deployed, &address);
    is_refused(&deployed, "illuminator.toml");
    assert!(pi.card() == card);
    fs::rename(&of_the_card, &key).expect("renamed");
    is_done(&pi.deploy(&program, &[]), "is kept on its card");
}

#[test]
fn a_node_that_nobody_updates_says_so_at_once() {
    let mut serve = Command::new(&node_binary()[0]);
    let ended = run_bounded(serve.args(["serve", "--listen", "127.0.0.1:0", "--updates"]));
    assert_eq!(ended.status.code(), Some(78));
    assert!(said(&ended).contains("'--updates' wants a socket"));
}
