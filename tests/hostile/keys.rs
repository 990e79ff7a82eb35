//! The cluster's key: who has it is let in, and nobody else learns or costs anything.

use std::collections::VecDeque;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use node::MAX_PENDING;
use rig::{
    Ended, Node, Peer, Trial, binary_is_native, controller, node_binary, own_memory, run_bounded,
};
use shared::wire::{Key, Preamble};
use tempfile::TempDir;

/// Keys in files of their own.
struct Keys {
    folder: TempDir,
}

impl Keys {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["ours", "other"] {
            let key = Key::random().expect("random");
            key.create(&folder.path().join(name)).expect("written");
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("UTF-8").to_owned()
    }
}

/// A run of the loop on a node, with these options.
fn run_on(node: &Node, options: &[&str]) -> (Trial, Ended) {
    let trial = Trial::loop_on(node.address, 50);
    let ended = trial.run(options);
    (trial, ended)
}

#[track_caller]
fn assert_lets_in(node: &mut Node, key: &str) {
    node.assert_running();
    let (trial, ended) = run_on(node, &["--key", key]);
    ended.assert(0, &[]);
    trial.assert_whole_loop(50);
}

#[test]
fn with_the_same_key_on_both_sides_a_run_gives_what_it_gives_without() {
    let keys = Keys::new();
    let mut node = Node::start_with_key(&keys.path("ours"));
    assert_lets_in(&mut node, &keys.text("ours"));
}

#[test]
fn a_controller_with_another_key_or_none_is_not_let_in_and_says_what_to_do() {
    let keys = Keys::new();
    let mut node = Node::start_with_key(&keys.path("ours"));
    let (trial, ended) = run_on(&node, &["--key", &keys.text("other")]);
    ended.assert(
        4,
        &["it has another cluster key than this controller", "--key"],
    );
    assert_eq!(trial.csv(), None, "nothing ran");
    node.wait_for_report("not let in: the peer has another cluster key");
    let empty = keys.folder.path().join("no configuration");
    let empty = empty.to_str().expect("UTF-8");
    let ended = trial.run_with(&[("XDG_CONFIG_HOME", empty)], &[]);
    ended.assert(
        4,
        &[
            "it asks for the cluster's key, and there is none here",
            empty,
        ],
    );
    node.wait_for_report("not let in: the peer has no cluster key");
    assert_lets_in(&mut node, &keys.text("ours"));
}

#[test]
fn a_controller_with_a_key_finds_it_in_the_configuration_folder() {
    let keys = Keys::new();
    let node = Node::start_with_key(&keys.path("ours"));
    let configuration = keys.folder.path().join("configuration");
    fs::create_dir_all(configuration.join("illuminator")).expect("created");
    fs::rename(
        keys.path("ours"),
        configuration.join("illuminator/cluster.key"),
    )
    .expect("moved");
    let trial = Trial::loop_on(node.address, 50);
    let configuration = configuration.to_str().expect("UTF-8");
    let ended = trial.run_with(&[("XDG_CONFIG_HOME", configuration)], &[]);
    ended.assert(0, &[]);
    trial.assert_whole_loop(50);
}

#[test]
fn a_key_that_others_may_read_is_used_by_neither_side() {
    let keys = Keys::new();
    let node = Node::start_with_key(&keys.path("ours"));
    fs::set_permissions(keys.path("ours"), fs::Permissions::from_mode(0o644)).expect("changed");
    let (_, ended) = run_on(&node, &["--key", &keys.text("ours")]);
    ended.assert(
        1,
        &["is open to others than its owner (mode 644)", "chmod 600"],
    );
    let ended = serve(&["--listen", "127.0.0.1:0", "--key", &keys.text("ours")]);
    ended.assert(
        78,
        &["is open to others than its owner (mode 644)", "chmod 600"],
    );
}

/// A node that ends at once.
fn serve(arguments: &[&str]) -> Ended {
    let (program, first) = node_binary().split_first().expect("a command");
    let mut command = Command::new(program);
    run_bounded(command.args(first).arg("serve").args(arguments)).into()
}

#[test]
fn a_node_lets_other_machines_in_only_with_a_key_or_when_told_so() {
    if Path::new("/etc/illuminator/cluster.key").exists() {
        eprintln!("SKIPPED: this machine is a node of a cluster");
        return;
    }
    let ended = serve(&["--listen", "0.0.0.0:0"]);
    ended.assert(78, &["lets other machines in", "--key", "--insecure"]);
    let ended = serve(&["--listen", "0.0.0.0:0", "--insecure", "--key", "some"]);
    ended.assert(78, &["exclude each other"]);
    let node = Node::start_with(&["--listen", "0.0.0.0:0", "--insecure"]);
    node.wait_for_report("is open: there is no cluster key");
}

/// What a peer without the key tries.
fn tries() -> Vec<Vec<u8>> {
    let keyed = Preamble::ours(true).to_bytes().to_vec();
    let open = Preamble::ours(false).to_bytes().to_vec();
    vec![
        Vec::new(),
        b"ILLU".to_vec(),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        open.clone(),
        [open, vec![0xff; 5000]].concat(),
        keyed.clone(),
        [keyed.clone(), vec![0; 47]].concat(),
        [keyed.clone(), vec![0; 48]].concat(),
        [keyed, vec![0xff; 5000]].concat(),
    ]
}

#[test]
fn a_peer_without_the_key_learns_nothing_but_the_preamble() {
    let keys = Keys::new();
    let mut node = Node::start_with_key(&keys.path("ours"));
    for bytes in tries() {
        let mut peer = Peer::connect(node.address);
        // The node may have closed before all of it is out.
        let _ = peer.send_raw(&bytes);
        peer.finish_sending();
        let said = peer.receive_raw();
        let preamble = Preamble::ours(true).to_bytes();
        assert!(
            preamble.starts_with(&said) && (said.len() == 8 || bytes.len() > 56),
            "{} bytes got {said:?}",
            bytes.len()
        );
    }
    assert_lets_in(&mut node, &keys.text("ours"));
}

#[test]
fn thousands_of_peers_without_the_key_take_no_memory_and_keep_nobody_out() {
    let keys = Keys::new();
    let mut node = Node::start_with_key(&keys.path("ours"));
    assert_lets_in(&mut node, &keys.text("ours"));
    let mut held = VecDeque::new();
    let mut come = |rounds| {
        let mut most = Some(0);
        for _ in 0..rounds {
            for bytes in tries() {
                let mut peer = Peer::connect(node.address);
                let _ = peer.send_raw(&bytes);
                held.push_back(peer);
            }
            // More than the node has room for.
            held.drain(..held.len().saturating_sub(2 * MAX_PENDING));
            most = own_memory(node.pid()).and_then(|now| Some(now.max(most?)));
        }
        most.filter(|_| binary_is_native("ILLUMINATOR_NODE"))
    };
    // The first ones fill its table and bring its allocator to its size.
    let before = come(100);
    match (before, come(400)) {
        (Some(before), Some(after)) => {
            let grown = after.saturating_sub(before);
            assert!(grown < 128 * 1024, "{grown} bytes more");
        }
        _ => eprintln!("SKIPPED: a look at the memory of a node, which is not known here"),
    }
    assert_lets_in(&mut node, &keys.text("ours"));
}

#[test]
fn somebody_in_a_nodes_place_who_has_no_key_is_found_out() {
    let keys = Keys::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::scope(|scope| {
        scope.spawn(|| {
            let (stream, _) = listener.accept().expect("the controller");
            let mut peer = Peer::over(stream);
            let preamble = Preamble::ours(true).to_bytes();
            peer.send_raw(&preamble).expect("the controller listens");
            // What a node would answer with, from somebody who knows no better.
            let _ = peer.send_raw(&[7; 48]);
            peer.wait_for_end();
        });
        let trial = Trial::loop_on(address, 50);
        let ended = trial.run(&["--key", &keys.text("ours")]);
        ended.assert(4, &["it has another cluster key than this controller"]);
        assert_eq!(trial.csv(), None, "nothing ran");
    });
}

#[test]
fn controller_key_new_makes_a_key_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let made: Ended = controller(folder.path(), &["key", "new", "--key", "new/cluster.key"]).into();
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(made.stdout.contains("new/cluster.key"), "{}", made.stdout);
    let path = folder.path().join("new/cluster.key");
    let key = Key::read(&path).expect("a key");
    let again: Ended =
        controller(folder.path(), &["key", "new", "--key", "new/cluster.key"]).into();
    again.assert(1, &["there is a key already"]);
    assert_eq!(Key::read(&path).expect("a key"), key);
}
