//! Seeds for the fuzz targets in `tests/fuzz`: what real runs say, and files that are read in earnest.
//!
//! They are written to the folder that `ILLUMINATOR_FUZZ_SEEDS` names; without it, to one that is
//! removed again.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use image::Settings;
use rig::{Node, Recorder, Recording, Trial, placed, workspace};
use shared::wire::update::{Request, Wanted};
use shared::wire::{FrameBuffer, Key, MAX_FRAME, PREAMBLE_LENGTH, Preamble};

/// The longest part of a data file that is a seed.
const MAX_SEED: usize = 2000;

/// The folder of all seeds.
struct Seeds(PathBuf);

impl Seeds {
    fn add(&self, target: &str, name: &str, content: &[u8]) {
        let folder = self.0.join(target);
        fs::create_dir_all(&folder).expect("created");
        fs::write(folder.join(name), content).expect("written");
    }

    fn count(&self, target: &str) -> usize {
        let entries = fs::read_dir(self.0.join(target));
        entries.map_or(0, Iterator::count)
    }
}

/// The files of a folder of the workspace whose names end in this way.
fn files(folder: &str, end: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(workspace().join(folder)).expect("a folder");
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.expect("a name").to_owned();
        if name.ends_with(end) {
            files.push((name, fs::read(path).expect("read")));
        }
    }
    files.sort();
    files
}

/// What both sides say in a run of a scenario, of which a part is on the node.
fn record(node: &Node, scenario: impl FnOnce(SocketAddr) -> Trial) -> Recording {
    let recorder = Recorder::before(node.address);
    scenario(recorder.address).run(&[]).assert(0, &[]);
    recorder.finish()
}

/// The scenario of the target `controller`.
fn of_target(address: SocketAddr) -> Trial {
    let path = workspace().join("tests/fuzz/targets/controller.yaml");
    let scenario = fs::read_to_string(path).expect("read");
    Trial::new(&scenario.replace("5123", &address.port().to_string()))
}

/// The loop, with a reader of a file.
fn with_file(address: SocketAddr) -> Trial {
    let scenario = rig::loop_scenario(50).replace(
        "models:\n",
        "models:\n- name: Meter\n  type: CSV\n  parameters: {file_path: a.csv}\n",
    );
    let trial = Trial::new(&placed(&scenario, &|model| {
        let place = (address.ip().to_string(), address.port());
        ["Cell", "Brain", "Meter"].contains(&model).then_some(place)
    }));
    let data = "title\ntime,x\n2012-01-01 00:00:00,1\n2012-01-01 00:00:01,2\n";
    fs::write(trial.path("a.csv"), data).expect("written");
    trial
}

fn frames(recorded: &[u8]) -> Vec<Vec<u8>> {
    let mut buffer = FrameBuffer::new(MAX_FRAME);
    let mut rest = &recorded[PREAMBLE_LENGTH..];
    let mut frames = Vec::new();
    while !rest.is_empty() {
        rest = &rest[buffer.push(rest)..];
        while let Some(frame) = buffer.next_frame().expect("frames") {
            frames.push(frame.to_vec());
        }
    }
    frames
}

fn sessions(seeds: &Seeds) {
    let node = Node::start();
    for (name, recording) in [
        ("target", record(&node, of_target)),
        ("file", record(&node, with_file)),
    ] {
        let Recording {
            to_node,
            to_controller,
        } = recording;
        seeds.add("node", name, &to_node);
        seeds.add("controller", name, &to_controller);
        let said = [frames(&to_node), frames(&to_controller)].concat();
        for (number, frame) in said.iter().enumerate().take(100) {
            seeds.add("messages", &format!("{name}-{number}"), frame);
        }
    }
    for has_key in [false, true] {
        let mut bytes = vec![u8::from(has_key)];
        bytes.extend(Preamble::ours(has_key).to_bytes());
        bytes.resize(bytes.len() + 48, 7);
        seeds.add("handshake", &format!("key-{has_key}"), &bytes);
    }
    seeds.add("handshake", "unchanged", &[4; 1]);
    seeds.add("handshake", "changed", &[&[4][..], &[0; 60], &[1]].concat());
}

fn texts(seeds: &Seeds) {
    for folder in [
        "scenarios",
        "tests/conformance/scenarios",
        "tests/conformance/fail",
    ] {
        for (name, content) in files(folder, ".yaml") {
            seeds.add("scenario", &name, &content);
        }
    }
    for (name, content) in files("tests/conformance/data", ".csv") {
        let content = &content[..content.len().min(MAX_SEED)];
        let seed = [&b"YYYY-MM-DD HH:mm:ss\n,\n"[..], content].concat();
        seeds.add("csv", &name, &seed);
    }
    for (name, head, stamp) in [
        ("german", "DD.MM.YYYY HH:mm\n;", "01.01.2012 00:00;"),
        ("short", "M/D/YY h:mm A\n,", "1/1/12 12:00 AM,"),
        (
            "words",
            "D MMMM YYYY[ at ]HH:mm:ss.S\n, ",
            "1 January 2012 at 00:00:00.0, ",
        ),
    ] {
        let seed = format!(
            "{head}\ntitle\ntime{0}x\n{stamp}1.5\n",
            &stamp[stamp.len() - 1..]
        );
        seeds.add("csv", name, seed.as_bytes());
    }
    for (name, content) in files("node/packaging", ".toml") {
        seeds.add("node_config", &name, &content);
        let text = String::from_utf8(content).expect("UTF-8");
        seeds.add("node_config", "all.toml", text.replace('#', "").as_bytes());
        seeds.add(
            "node_config",
            "settings.toml",
            text.replace("\n#", "\n").as_bytes(),
        );
    }
}

/// Questions that a node answers to all, and to one.
fn questions(seeds: &Seeds) {
    let service = b"\x0c_illuminator\x04_tcp\x05local\0";
    let instance = b"\x22Illuminator node on pi1 (a23c7311)\xc0\x0c";
    let head = |questions, answers| [0, 7, 0, 0, 0, questions, 0, answers, 0, 0, 0, 0];
    let browse = [&service[..], &[0, 12, 0, 1]].concat();
    let known = [
        &[0xc0, 12, 0, 12, 0, 1, 0, 0, 17, 148, 0, 37],
        &instance[..],
    ]
    .concat();
    for (name, port, packet) in [
        ("browse", 0, [&head(1, 0)[..], &browse].concat()),
        ("browse-alone", 1, [&head(1, 0)[..], &browse].concat()),
        ("known", 0, [&head(1, 1)[..], &browse, &known].concat()),
        (
            "resolve",
            0,
            [&head(2, 0)[..], &browse, instance, &[0, 33, 0, 1]].concat(),
        ),
    ] {
        seeds.add("mdns", name, &[&[port][..], &packet].concat());
    }
}

/// Whole updates, and what is in their way; and each request by itself, as a packet.
fn updates(seeds: &Seeds) {
    let step = |happens: u8, content: &[u8]| {
        let length = u8::try_from(content.len()).expect("short");
        [&[happens, length], content].concat()
    };
    let (send, confirm, wait) = (131, 2, |seconds| vec![3, seconds]);
    let sent = [step(send, b"a program"), wait(1)].concat();
    for (name, steps) in [
        ("kept", [&sent[..], &step(confirm, b"")].concat()),
        ("other", [&sent[..], &step(confirm, &[9; 32])].concat()),
        ("late", [&sent[..], &wait(60)].concat()),
        ("ended", [&sent[..], &step(4, b"")].concat()),
    ] {
        seeds.add("updates", name, &steps);
    }
    let begin = Wanted::Begin {
        length: 3,
        digest: [9; 32],
        release: "0.2.0",
    };
    let wanted = [
        Wanted::Running,
        begin,
        Wanted::Piece(b"abc"),
        Wanted::Try,
        Wanted::Keep([9; 32]),
    ];
    for (number, wanted) in wanted.into_iter().enumerate() {
        let request = Request {
            sessions: 0,
            force: false,
            conversation: 7,
            wanted,
        };
        let packet = step(0, &request.to_bytes());
        seeds.add("updates", &format!("request-{number}"), &packet);
    }
}

/// Files of cards.
fn cards(seeds: &Seeds) {
    let (_, empty) = files("node/image/card", ".toml").remove(0);
    seeds.add("card", "empty.toml", &empty);
    let settings = Settings {
        name: "pi1".to_owned(),
        key: Key::random().ok(),
        address: "192.168.0.11/24".parse().ok(),
        gateway: Some(Ipv4Addr::new(192, 168, 0, 1)),
        updates: false,
        node: "listen = [\"[::]:5123\"]\n\n[leds]\nready = 17\n".to_owned(),
    };
    seeds.add("card", "whole.toml", settings.to_text().as_bytes());
}

/// What others say to a Pi without an address, and who asks for its name.
fn network(seeds: &Seeds) {
    let mac = [0xb8, 0x27, 0xeb, 1, 2, 3];
    for kind in [2, 5] {
        let mut reply = vec![kind, 2, 1, 6, 0, 1, 2, 3, 4];
        reply.resize(1 + 16, 0);
        reply.extend([192, 168, 0, 77]);
        reply.resize(1 + 28, 0);
        reply.extend(mac);
        reply.resize(1 + 236, 0);
        reply.extend([99, 130, 83, 99, 53, 1, kind, 54, 4, 192, 168, 0, 1]);
        reply.extend([1, 4, 255, 255, 255, 0, 3, 4, 192, 168, 0, 1]);
        reply.extend([51, 4, 0, 0, 14, 16, 255]);
        seeds.add("network", &format!("dhcp-{kind}"), &reply);
    }
    let question = b"\0\0\x07\0\0\0\x01\0\0\0\0\0\0\x03pi1\x05local\0\0\x01\0\x01";
    seeds.add("network", "name", question);
    let mut frame = vec![1];
    frame.extend([0xff; 6]);
    frame.extend([0xb8, 0x27, 0xeb, 1, 2, 4, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1]);
    frame.extend([0xb8, 0x27, 0xeb, 1, 2, 4, 169, 254, 7, 9]);
    frame.extend([0, 0, 0, 0, 0, 0, 169, 254, 7, 9]);
    seeds.add("network", "arp", &frame);
}

#[test]
fn real_runs_and_files_are_seeds_for_every_fuzz_target() {
    let scratch = tempfile::tempdir().expect("a folder");
    let named = env::var_os("ILLUMINATOR_FUZZ_SEEDS").map(PathBuf::from);
    let seeds = Seeds(named.unwrap_or_else(|| scratch.path().to_owned()));
    sessions(&seeds);
    texts(&seeds);
    questions(&seeds);
    updates(&seeds);
    cards(&seeds);
    network(&seeds);
    let targets = workspace().join("tests/fuzz/targets");
    for (name, _) in files("tests/fuzz/targets", ".rs") {
        let target = Path::new(&name).with_extension("");
        let target = target.to_str().expect("UTF-8");
        assert!(seeds.count(target) > 1, "{target} of {}", targets.display());
    }
}
