//! Programs behind a bridge: they step there as they step here, and neither who dies nor who asks for what is not
//! listed leaves one behind.

use std::fs;
use std::path::Path;

use rig::{Bridge, Node, controller, controller_in, wait_for};
use shared::wire::Key;
use tempfile::TempDir;

use crate::toys::{TOY, assert_gone, scenario, write};

/// The arguments of a run.
const RUN: [&str; 4] = ["run", "toys.yaml", "--key", "cluster.key"];

/// A bridge that lists the simulators of the scenario, in a folder of its own; and a folder with the scenario and the
/// key.
struct Table {
    bridge: Bridge,
    there: TempDir,
    here: TempDir,
}

impl Table {
    fn lay(then: &str) -> Self {
        let (there, here) = (
            TempDir::new().expect("a folder"),
            TempDir::new().expect("a folder"),
        );
        let key = here.path().join("cluster.key");
        Key::random().expect("random").create(&key).expect("made");
        let list = ["First", "Second"].map(|name| {
            format!(
                "[programs.{name}]\ncommand = '\"{}\" %(addr)s'\n",
                TOY.replace('\\', "/")
            )
        });
        let config = there.path().join("bridge.toml");
        let text = format!(
            "listen = [\"127.0.0.1:0\"]\nkey = \"{}\"\n{}",
            key.display(),
            list.concat()
        );
        fs::write(&config, text).expect("written");
        let config = config.to_str().expect("UTF-8");
        let bridge = Bridge::start_in(there.path(), &["serve", "--config", config]);
        let table = Self {
            bridge,
            there,
            here,
        };
        let text = Self::placed(&scenario(then), table.bridge.address.port());
        write(table.here.path(), &text);
        table
    }

    /// A scenario whose simulators are behind the bridge.
    fn placed(text: &str, port: u16) -> String {
        let connect = format!("connect: {{ip: 127.0.0.1, port: {port}}}");
        text.replace("name: A,", &format!("name: A, {connect},"))
            .replace("name: B,", &format!("name: B, {connect},"))
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.here.path().join(name)).unwrap_or_default()
    }
}

#[test]
fn programs_behind_a_bridge_step_as_they_do_here() {
    let table = Table::lay("");
    let run = controller(table.here.path(), &["run", "toys.yaml", "--local"]);
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let here = table.file("out.csv");
    for _ in 0..2 {
        fs::remove_file(table.here.path().join("out.csv")).expect("there");
        let run = controller(table.here.path(), &RUN);
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{said}");
        assert!(said.contains("this machine: Source, Sum"), "{said}");
        assert_eq!(table.file("out.csv"), here);
        assert_gone(table.there.path());
    }
    assert_eq!(table.bridge.stop(), Some(0));
}

#[test]
fn a_check_asks_a_bridge_and_leaves_nothing_there() {
    let table = Table::lay("");
    let check = ["check", "toys.yaml", "--key", "cluster.key"];
    let checked = controller(table.here.path(), &check);
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{said}");
    assert_gone(table.there.path());
}

#[test]
fn who_has_no_key_starts_nothing() {
    let table = Table::lay("");
    let other = table.here.path().join("other.key");
    Key::random().expect("random").create(&other).expect("made");
    let run = controller(
        table.here.path(),
        &["run", "toys.yaml", "--key", "other.key"],
    );
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.contains("toys.yaml:7:"), "{said}");
    assert!(said.contains("another cluster key"), "{said}");
    assert!(!table.there.path().join("toy.pid").exists());
}

#[test]
fn a_bridge_starts_only_what_it_lists() {
    let table = Table::lay("");
    let text = fs::read_to_string(table.here.path().join("toys.yaml")).expect("written");
    write(
        table.here.path(),
        &text.replacen("%(addr)s'", "%(addr)s; reboot'", 1),
    );
    let run = controller(table.here.path(), &RUN);
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(
        said.contains("toys.yaml:3:3: error: simulator 'First'"),
        "{said}"
    );
    assert!(
        said.contains("of this machine lists it with command = "),
        "{said}"
    );
    write(table.here.path(), &text.replace("First", "Fist"));
    let run = controller(table.here.path(), &RUN);
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.contains("did you mean 'First'?"), "{said}");
    assert_gone(table.there.path());
}

#[test]
fn who_looks_for_machines_starts_nothing() {
    let table = Table::lay("");
    let ask = |arguments: &[&str]| {
        let ended = controller(table.here.path(), arguments);
        let said = |bytes| String::from_utf8_lossy(bytes).into_owned();
        (
            ended.status.code(),
            said(&ended.stdout) + &said(&ended.stderr),
        )
    };
    let (code, said) = ask(&["nodes", "toys.yaml", "--key", "cluster.key"]);
    assert_eq!(code, Some(0), "{said}");
    let address = format!("127.0.0.1:{}", table.bridge.address.port());
    assert!(said.contains(&address), "{said}");
    let (code, said) = ask(&["deploy", "toys.yaml", "--dry-run"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("'illuminator-bridge serve' runs there"),
        "{said}"
    );
    let both = fs::read_to_string(table.here.path().join("toys.yaml")).expect("written");
    let node = "models:\n- {name: Elsewhere, type: Constant, parameters: {c: 1}, connect: {ip: pi9.local}}\n";
    write(table.here.path(), &both.replace("models:\n", node));
    let (code, said) = ask(&["deploy", "toys.yaml", "--dry-run"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("pi9.local"), "{said}");
    assert!(
        said.contains("127.0.0.1 runs programs, for A, B: a bridge does that"),
        "{said}"
    );
    assert!(!table.there.path().join("toy.pid").exists());
}

#[test]
fn a_node_says_that_it_runs_no_programs() {
    let table = Table::lay("");
    let node = Node::start_with_key(&table.here.path().join("cluster.key"));
    write(
        table.here.path(),
        &Table::placed(&scenario(""), node.address.port()),
    );
    let run = controller(table.here.path(), &RUN);
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(
        said.contains("'illuminator-bridge serve' must listen there"),
        "{said}"
    );
}

#[test]
fn what_goes_wrong_there_is_told_here() {
    for (then, code, words) in [
        ("fail", 3, "the tub is full"),
        ("nonsense", 3, "soon"),
        ("die", 4, "this is the end"),
    ] {
        let table = Table::lay(&format!(", parameters: {{at: 4, then: {then}}}"));
        let run = controller(table.here.path(), &RUN);
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(code), "{then}: {said}");
        assert!(said.contains("model 'B'"), "{said}");
        assert!(said.contains("failed at tick 4"), "{said}");
        assert!(said.contains(words), "{said}");
        let partial = table.file("out.partial.csv");
        assert_eq!(partial.lines().count(), 1 + 4, "{partial}");
        assert_gone(table.there.path());
    }
}

/// Waits until the run has come to the step that never ends.
fn wait_for_rows(folder: &Path) {
    let partial = folder.join("out.partial.csv");
    wait_for("rows", || {
        let text = fs::read_to_string(&partial).ok()?;
        (text.lines().count() == 5).then_some(())
    });
}

#[test]
fn a_controller_that_is_killed_takes_its_programs_along() {
    let table = Table::lay(", parameters: {at: 4, then: wait}");
    let run = controller_in(table.here.path(), &RUN);
    wait_for_rows(table.here.path());
    run.signal("KILL");
    assert_gone(table.there.path());
    // The bridge is there for the next one.
    let run = controller(
        table.here.path(),
        &["check", "toys.yaml", "--key", "cluster.key"],
    );
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
}

#[test]
fn a_bridge_that_is_killed_ends_the_run_and_its_programs() {
    let table = Table::lay(", parameters: {at: 4, then: wait}");
    let run = controller_in(table.here.path(), &RUN);
    wait_for_rows(table.here.path());
    drop(table.bridge);
    let ended = run.finish();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(4), "{said}");
    let partial = fs::read_to_string(table.here.path().join("out.partial.csv")).expect("rows");
    assert_eq!(partial.lines().count(), 1 + 4, "{partial}");
    assert_gone(table.there.path());
}
