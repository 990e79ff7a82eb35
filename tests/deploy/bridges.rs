//! Bridges beside nodes.

use std::fs;

use rig::{Ended, Run};

use crate::deploying::{assert_said, count};
use crate::lan::{Lan, PATIENCE};
use crate::machine::Setup;
use crate::service::append_to;
use crate::system::{ADDRESS, System};

/// A class for the machine.
const COUNTER: &str = "class Counter:
    parameters = {'by': 1.0}
    outputs = {'sum': 0.0}

    def step(self, time, inputs):
        return {'sum': (time + 1) * self.by}
";

/// A scenario in which it runs there.
const SCENARIO: &str = "scenario:
  name: 'counting'
  start_time: '2026-07-06 00:00:00'
  end_time: '2026-07-06 01:00:00'
  time_resolution: 900
simulators:
  Counter: {python: 'counter:Counter'}
models:
- {name: Steps, type: Counter, parameters: {by: 1.5}, connect: {ip: 10.99.0.1}}
connections: []
monitor:
  file: out.csv
  items: [Steps.sum]
";

/// What the owner of the machine writes.
const LIST: &str = "[programs.Counter]\npython = \"counter:Counter\"\nfolder = \"/opt/models\"\n";

const SERVICE: &str = "illuminator-bridge";
const CONFIGURATION: &str = "/etc/illuminator/bridge.toml";

/// Looks at all that a deployment has put on the machine.
fn assert_installed(system: &System) {
    let said = system.sh(
        "stat -c '%a %U %n' /etc/illuminator/bridge* /var/lib/illuminator-bridge
        cmp /etc/illuminator/bridge.key /etc/illuminator/cluster.key
        systemd-analyze verify --man=no illuminator-bridge.service 2>&1 | grep illuminator
        systemctl is-enabled illuminator-bridge; ps -o user:20= -p $(pidof illuminator-bridge)
        test /proc/$(pidof illuminator-bridge)/cwd -ef /var/lib/illuminator-bridge && echo at home",
    );
    let expected = "644 root /etc/illuminator/bridge-deploy.toml\n\
                    600 illuminator-bridge /etc/illuminator/bridge.key\n\
                    644 root /etc/illuminator/bridge.toml\n\
                    750 illuminator-bridge /var/lib/illuminator-bridge\n\
                    enabled\nilluminator-bridge\nat home\n";
    assert_eq!(said, expected);
    let configuration = system.sh(&format!("grep -v '^#' {CONFIGURATION}"));
    assert_eq!(configuration.trim(), "", "it lists no program");
}

/// Has the class run on the machine.
fn assert_class_runs(system: &System) {
    system.write("/opt/models/counter.py", COUNTER);
    fs::write(system.lan.path("counter.yaml"), SCENARIO).expect("written");
    let refused = system.run(&["run", "counter.yaml"]);
    refused.assert(2, &["write [programs.Counter] and python = "]);
    system.write(CONFIGURATION, LIST);
    // Port 5124 is 1404 for the kernel, and what listens has the state 0A.
    system.sh("systemctl restart illuminator-bridge
        for try in $(seq 600); do
            grep -q ':1404 .* 0A ' /proc/net/tcp6 && break
            sleep 0.1
        done");
    system.run(&["run", "counter.yaml"]).assert(0, &[]);
    let csv = fs::read_to_string(system.lan.path("out.csv")).expect("a result");
    let sums = csv.lines().skip(1).map(|row| row.rsplit(',').next());
    let sums: Vec<&str> = sums.map(|sum| sum.expect("a value")).collect();
    assert_eq!(sums, ["1.5", "3.0", "4.5", "6.0"], "{csv}");
}

/// Makes the bridge of the workspace another one, which runs the same.
fn renew(system: &System) {
    let folder = fs::read_dir(system.lan.path("illuminator-node")).expect("a folder");
    let mut files = folder.map(|file| file.expect("readable").path());
    let bridge = files.find(|file| file.to_string_lossy().contains(SERVICE));
    append_to(&bridge.expect("a bridge"));
}

#[test]
fn a_bridge_is_installed_used_brought_up_to_date_and_taken_away() {
    let Some(system) = System::start() else {
        return;
    };
    let before = system.remains();
    system.lan.provide_bridge();
    let first = system.deploy(&["--bridge"]);
    first.assert(0, &[]);
    assert_said(&first, "handshake: the node answers at 10.99.0.1:5123");
    assert_said(
        &first,
        "bridge handshake: the bridge answers at 10.99.0.1:5124",
    );
    assert_eq!(count(&first, "Python"), 0, "it is there: {first:?}");
    assert_installed(&system);
    assert_class_runs(&system);

    // Whether it is asked for or not, what is up to date stays, and so does what is the owner's.
    let process = system.process_of(SERVICE);
    for options in [&["--bridge"][..], &[]] {
        let again = system.deploy(options);
        again.assert(0, &[]);
        assert_eq!(count(&again, "already up to date"), 7 + 6, "{again:?}");
        assert_said(&again, "bridge configuration: it is there, and yours");
        assert_eq!(system.process_of(SERVICE), process);
    }

    system.sh("mv /usr/bin/python3 /usr/bin/python3-away");
    renew(&system);
    let upgraded = system.deploy(&[]);
    upgraded.assert(0, &[]);
    assert_said(&upgraded, "bridge binary: replaced");
    assert_said(&upgraded, "bridge start: started again");
    assert_said(&upgraded, "note: bridge: there is no Python 3.9 or later");
    assert_eq!(count(&upgraded, "sudo apt-get install python3"), 1);
    assert_ne!(system.process_of(SERVICE), process);
    assert_eq!(system.sh(&format!("cat {CONFIGURATION}")), LIST);

    // What does not come up is taken back, and the node has nothing to do with it.
    let (node, sum) = (system.node(), "cksum </usr/local/bin/illuminator-bridge");
    let good = system.sh(sum);
    system.write(CONFIGURATION, "colour = 3\n");
    renew(&system);
    let refused = system.deploy(&[]);
    refused.assert(4, &[]);
    assert_said(
        &refused,
        "failed: bridge start: the bridge does not come up: ",
    );
    assert_said(
        &refused,
        "the bridge that ran does not come up again: error: /etc/illuminator/bridge.toml:1: unknown key",
    );
    assert_eq!((system.node(), system.sh(sum)), (node, good));

    // What a program has written is nobody's but the user's.
    system.sh("echo mine >/var/lib/illuminator-bridge/notes");
    let removed = system.run(&["undeploy", ADDRESS]);
    removed.assert(0, &[]);
    assert_said(&removed, "stays in /var/lib/illuminator-bridge");
    let kept = system.sh("cd /var/lib; stat -c %U illuminator-bridge; cat illuminator-bridge/notes; rm -r illuminator-bridge");
    assert_eq!(kept, "root\nmine\n");
    assert_eq!(system.remains(), before);
    assert_eq!(system.process_of(SERVICE), 0);
}

#[test]
fn a_bridge_that_is_not_here_is_missed_where_it_is_wanted() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    // Away from what is built beside the one of the workspace.
    let controller = lan.path("controller");
    let built = rig::controller_binary().last().expect("a program");
    fs::copy(built, &controller).expect("copied");
    let deploy = |folder: &str, options: &[&str]| {
        let mut command = lan.command_there(controller.to_str().expect("UTF-8"));
        command.args(["deploy", "--binaries", folder, ADDRESS]);
        let run = Run::start(command.args(options));
        Ended::from(run.finish_within(PATIENCE))
    };
    let remains = lan.machines[0].remains();
    let refused = deploy("illuminator-node", &["--bridge"]);
    refused.assert(4, &[]);
    assert_said(&refused, "node/build.sh --bridge ");
    assert_eq!(lan.machines[0].remains(), remains, "nothing was installed");

    lan.provide_bridge();
    let deployed = deploy("illuminator-node", &["--bridge"]);
    deployed.assert(0, &[]);
    assert_said(&deployed, "note: bridge start: systemd does not run here");
    // One that came earlier stays where there is none to bring.
    let [node] = rig::node_binary() else {
        panic!("the network has it")
    };
    lan.provide_node("nodes-alone", node.as_ref());
    let again = deploy("nodes-alone", &[]);
    again.assert(0, &[]);
    let release = env!("CARGO_PKG_VERSION");
    let stays =
        format!("note: bridge: it stays what it is, illuminator-bridge {release}: there is no");
    assert_said(&again, &stays);
}
