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
            "listen = [\"127.0.0.1:0\"]\nkey = \"{}\"\n[leds]\noutput = \"sim:{}\"\n{}",
            key.display(),
            there.path().join("leds").display(),
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
    let text = table.file("toys.yaml");
    write(table.here.path(), &with_lights(&text));
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
    // At the end A has 11, and 2 at its input.
    for (light, shown) in [
        ("18 A", "on"),
        ("23 A", "50 %"),
        ("strip spi0 A", "4 × #00ff00"),
        ("24 B", "dark"),
    ] {
        wait_for(&format!("{light} at {shown}"), || {
            let text = fs::read_to_string(table.there.path().join("leds")).ok()?;
            let line = format!("{light}: {shown}");
            let last = text.lines().rfind(|line| line.contains(light))?;
            last.ends_with(&line).then_some(())
        });
    }
    assert_eq!(table.bridge.stop(), Some(0));
}

/// A scenario whose programs have lights.
fn with_lights(text: &str) -> String {
    text.replace(
        "type: First}",
        "type: First, leds: [{attribute: y, pin: 18, above: 10}, {attribute: x, pin: 23, min: 0, max: 4}, \
         {attribute: y, strip: spi0, pixels: 4, from: red, to: '#00ff00', min: 0, max: 11}]}",
    )
    .replace(
        "type: Second.Toy}",
        "type: Second.Toy, leds: [{attribute: y, pin: 24, below: 20}]}",
    )
}

/// What a program asks for in real time is on record, wherever it runs, and comes again without a pace.
#[test]
fn steps_that_a_program_asks_for_come_again_from_the_journal() {
    let table = Table::lay(", parameters: {at: 2, every: 5, then: ask}");
    // The simulator asks in the middle of a step, and takes what comes next for the answer.
    let text = table.file("toys.yaml");
    let text = text.replace("%(addr)s'}\nmodels", "%(addr)s', pipeline: false}\nmodels");
    write(table.here.path(), &text);
    let run = |arguments: &[&str], code| {
        let run = controller(table.here.path(), arguments);
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(code), "{said}");
        said
    };
    let pace = ["--pace", "1000/s"];
    run(&[&["run", "toys.yaml", "--local"], &pace[..]].concat(), 0);
    let (rows, journal) = (table.file("out.csv"), table.file("out.journal.csv"));
    // The second program makes its steps at 0 and 5, and 7 and 9 come of what it asks for; A is 2 more than the tick.
    let second = rows.lines().skip(1).map(|row| row.split(',').nth(2));
    let second: Vec<&str> = second.map(|cell| cell.expect("a cell")).collect();
    assert_eq!(
        second,
        [
            "2.0", "2.0", "2.0", "2.0", "2.0", "12.0", "12.0", "16.0", "16.0", "20.0"
        ]
    );
    assert_eq!(journal, "tick,model,what,value\n7,B,step,0\n9,B,step,0\n");

    let there = ["-o", "there.csv", "--journal", "there.journal.csv"];
    run(&[&RUN, &pace[..], &there].concat(), 0);
    assert_eq!(table.file("there.csv"), rows);
    assert_eq!(table.file("there.journal.csv"), journal);
    for place in [&RUN[..], &["run", "toys.yaml", "--local"]] {
        let again = ["--replay", "out.journal.csv", "-o", "again.csv"];
        run(&[place, &again].concat(), 0);
        assert_eq!(table.file("again.csv"), rows);
        fs::remove_file(table.here.path().join("again.csv")).expect("there");
    }
    let said = run(&["run", "toys.yaml", "--local", "-o", "none.csv"], 3);
    assert!(said.contains("failed at tick 5"), "{said}");
    assert!(
        said.contains("give it a pace, such as --pace 1/s"),
        "{said}"
    );

    for (line, words) in [
        ("3,B,step,1", "'1' is no simulator of 'B', which has 0 to 0"),
        ("3,Sum,step,0", "'Sum' is no model that programs step"),
    ] {
        let text = format!("tick,model,what,value\n{line}\n");
        fs::write(table.here.path().join("wrong.csv"), text).expect("written");
        let wrong = ["run", "toys.yaml", "--local", "--replay", "wrong.csv"];
        let said = run(&wrong, 2);
        assert!(said.contains(&format!("wrong.csv:2: {words}")), "{said}");
    }
}

#[test]
fn a_check_asks_a_bridge_and_leaves_nothing_there() {
    let table = Table::lay("");
    // Each scenario has programs of its own.
    let check = ["check", "toys.yaml", "toys.yaml", "--key", "cluster.key"];
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
    let run = controller_in(
        table.here.path(),
        &[&RUN[..], &["--patience", "0"]].concat(),
    );
    wait_for_rows(table.here.path());
    let address = table.bridge.address;
    drop(table.bridge);
    let ended = run.finish();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(4), "{said}");
    let why = format!("the run cannot go on: the bridge at {address} cannot be used: ");
    assert!(said.contains(&why), "{said}");
    let partial = fs::read_to_string(table.here.path().join("out.partial.csv")).expect("rows");
    assert_eq!(partial.lines().count(), 1 + 4, "{partial}");
    assert_gone(table.there.path());
}
