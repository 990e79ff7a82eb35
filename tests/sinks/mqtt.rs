//! A real server for MQTT, and what subscribers hear.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};

use rig::{Run, Trial, run_bounded, wait_for};
use tempfile::TempDir;

use super::{has, scenario, table};

/// A server that is started on the same port again and again.
pub(super) struct Broker {
    port: u16,
    folder: TempDir,
}

impl Broker {
    pub(super) fn new() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        Self {
            port: free.local_addr().expect("an address").port(),
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub(super) fn start(&self) -> Run {
        let configuration = self.folder.path().join("mosquitto.conf");
        let text = format!("listener {} 127.0.0.1\nallow_anonymous true\n", self.port);
        fs::write(&configuration, text).expect("written");
        let mut command = Command::new("mosquitto");
        command.arg("-c").arg(&configuration);
        let server = Run::start_with_streams(&mut command, Stdio::null(), Stdio::null());
        wait_for("a server that listens", || {
            TcpStream::connect(("127.0.0.1", self.port)).ok()
        });
        server
    }

    pub(super) fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }

    fn subscriber(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("mosquitto_sub");
        let port = self.port.to_string();
        command.args(["-h", "127.0.0.1", "-p", &port, "-t", "#", "-v", "-W", "60"]);
        command.args(arguments);
        command
    }

    /// What the server keeps for those who come later: topics with their payloads.
    pub(super) fn kept(&self, count: usize) -> Vec<(String, String)> {
        let count = count.to_string();
        let heard = run_bounded(&mut self.subscriber(&["--retained-only", "-C", &count]));
        let heard = String::from_utf8(heard.stdout).expect("text");
        let pair = |line: &str| {
            let (topic, payload) = line.split_once(' ').expect("a payload");
            (topic.to_owned(), payload.to_owned())
        };
        heard.lines().map(pair).collect()
    }
}

/// Hears what is said as it is said.
struct Subscriber {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Subscriber {
    fn start(broker: &Broker) -> Self {
        let mut command = broker.subscriber(&[]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, lines }
    }

    /// The next message that begins so. The subscriber ends within bounds, and this with it.
    fn hear(&mut self, begin: &str) -> String {
        loop {
            let mut line = String::new();
            let count = self.lines.read_line(&mut line).expect("text");
            assert!(count > 0, "nobody said '{begin}'");
            if line.starts_with(begin) {
                return line.trim_end().to_owned();
            }
        }
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn home_assistant_finds_every_item_with_its_last_value() {
    if !has("mosquitto") || !has("mosquitto_sub") {
        return;
    }
    let broker = Broker::new();
    let _server = broker.start();
    let ticks = 50_000;
    let trial = Trial::new(&scenario(
        ticks,
        &format!("mqtt: {{url: '{}', topic: lab/table}}", broker.url()),
    ));
    let ended = trial.run(&[]);
    ended.assert(0, &["50,000 of 50,000 rows"]);
    assert!(!ended.stderr.contains("mqtt:"), "{}", ended.stderr);
    let csv = trial.csv().expect("a result");
    let (columns, rows) = table(&csv);
    let items = columns.len() - 1;
    let kept = broker.kept(2 * items + 1);
    assert_eq!(kept.len(), 2 * items + 1, "{kept:?}");
    let payload = |topic: &str| {
        let found = kept.iter().find(|(there, _)| there == topic);
        &*found.unwrap_or_else(|| panic!("no {topic} in {kept:?}")).1
    };
    for (item, cell) in columns.iter().zip(&rows[rows.len() - 1]).skip(1) {
        let topic = format!("lab/table/{}", item.replace('.', "/"));
        assert_eq!(payload(&topic), *cell, "{item}");
        let discovery = format!(
            "homeassistant/sensor/illuminator_loop/{}/config",
            item.replace('.', "_")
        );
        let described: serde_json::Value = serde_json::from_str(payload(&discovery)).expect("JSON");
        assert_eq!(described["state_topic"], *topic);
        assert_eq!(described["availability_topic"], "lab/table/availability");
        assert_eq!(described["device"]["name"], "loop");
        if *item == "Cell.soc" {
            assert_eq!(described["unit_of_measurement"], "%");
        }
    }
    assert_eq!(
        payload("lab/table/availability"),
        "offline",
        "the run is over"
    );
}

#[test]
fn a_server_that_goes_and_comes_back_is_told_everything_anew_and_hears_of_the_end_of_a_killed_run()
{
    if !has("mosquitto") || !has("mosquitto_sub") {
        return;
    }
    let broker = Broker::new();
    let server = broker.start();
    let trial = Trial::new(&scenario(1_000_000, "dates: short"));
    let run = trial.start(&["--mqtt", &broker.url(), "--pace", "100/s"]);
    Subscriber::start(&broker).hear("illuminator/loop/Cell/soc ");
    drop(server);
    let _server = broker.start();
    let mut subscriber = Subscriber::start(&broker);
    subscriber.hear("homeassistant/sensor/illuminator_loop/Cell_soc/config ");
    let one = subscriber.hear("illuminator/loop/Cell/soc ");
    let two = subscriber.hear("illuminator/loop/Cell/soc ");
    assert_ne!(one, two);
    run.signal("KILL");
    subscriber.hear("illuminator/loop/availability offline");
}
