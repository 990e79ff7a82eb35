//! The lights of a node: what they show of real runs, written down by the output `sim`.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use rig::{
    Ended, Node, Trial, assert_serves, loop_scenario, node_binary, placed, run_bounded, wait_for,
};
use shared::led::{Colour, LedRule, Palette, StripRule};
use shared::wire::Key;
use tempfile::TempDir;

/// More steps than any test waits for.
const FOREVER: u64 = 60_000_000;

/// The pins of the three lights, as arguments.
const THREE: [&str; 6] = ["--led-ready", "17", "--led-step", "27", "--led-fault", "22"];

/// What is written down about the lights of a node.
struct Paper {
    folder: TempDir,
}

impl Paper {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("leds")
    }

    /// The argument that has a node write here.
    fn output(&self) -> String {
        format!("sim:{}", self.path().display())
    }

    /// A node with the three lights, and more arguments.
    fn node(&self, more: &[&str]) -> Node {
        let output = self.output();
        let arguments = [&THREE, &["--led-output", &output][..], more].concat();
        Node::start_with(&arguments)
    }

    /// What has happened to a light so far, with its times in seconds.
    fn of(&self, light: &str) -> Vec<(f64, String)> {
        let text = fs::read_to_string(self.path()).unwrap_or_default();
        // The last line may be on its way.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let events = whole.lines().filter_map(|line| {
            let (time, event) = line.split_once(' ').expect("a line of a light");
            let (lamp, what) = event.split_once(": ").expect("what it does");
            let is_asked = lamp.strip_prefix("pin ").unwrap_or(lamp) == light;
            is_asked.then(|| (time.parse().expect("seconds"), what.to_owned()))
        });
        events.collect()
    }

    /// Waits until a light is to show this, after the first `seen` things that it was to show.
    /// Returns how many there are then.
    fn wait(&self, light: &str, what: &str, seen: usize) -> usize {
        wait_for(&format!("'{light}' to be shown '{what}'"), || {
            let shown = self.of(light);
            let new = shown.iter().skip(seen);
            let place = new.into_iter().position(|(_, shown)| shown == what)?;
            Some(seen + place + 1)
        })
    }
}

const READY: &str = "17 ready";
const STEP: &str = "27 step";
const FAULT: &str = "22 fault";

#[test]
fn a_node_breathes_until_it_has_a_session_and_again_after_it() {
    let paper = Paper::new();
    let mut node = paper.node(&[]);
    let seen = paper.wait(READY, "breathing", 0);
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&[]);
    let seen = paper.wait(READY, "steady", seen);
    trial.wait_for_rows();
    run.signal("INT");
    Ended::from(run.finish()).assert(130, &[]);
    let seen = paper.wait(READY, "breathing", seen);
    assert_serves(&mut node);
    let seen = paper.wait(READY, "steady", seen);
    paper.wait(READY, "breathing", seen);
    let faults: Vec<String> = paper.of(FAULT).into_iter().map(|(_, what)| what).collect();
    assert_eq!(faults, ["off", "dark"], "no fault at all");
    node.signal("TERM");
    assert_eq!(node.wait(), Some(0));
}

#[test]
fn steps_blink_ten_times_a_second_at_most() {
    let paper = Paper::new();
    let node = paper.node(&[]);
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&[]);
    let mut seen = 0;
    for _ in 0..15 {
        seen = paper.wait(STEP, "on", seen);
    }
    run.signal("INT");
    run.finish();
    paper.wait(STEP, "dark", seen);
    let shown = paper.of(STEP);
    let lit = shown.iter().filter(|(_, what)| what == "on");
    let began: Vec<f64> = lit.map(|(time, _)| *time).collect();
    // A line is written a little after its moment, so two may be closer than they should be.
    let span = began.last().expect("some") - began[0];
    let blinks = began.len() - 1;
    assert!(
        blinks as f64 <= span * 10.0 + 1.0,
        "{blinks} blinks in {span} s: {began:?}"
    );
}

#[test]
fn a_model_that_fails_and_a_controller_that_is_lost_are_shown_until_the_next_session() {
    let paper = Paper::new();
    let mut node = paper.node(&[]);
    let scenario = loop_scenario(100).replace("houses: 0.03", "houses: 9223372036854775807");
    let failing = Trial::new(&placed(&scenario, &|model| {
        let place = (node.address.ip().to_string(), node.address.port());
        (model == "Homes").then_some(place)
    }));
    failing.run(&[]).assert(3, &[]);
    let seen = paper.wait(FAULT, "1 blink", 0);
    assert_serves(&mut node);
    let seen = paper.wait(FAULT, "off", seen);

    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&[]);
    trial.wait_for_rows();
    run.signal("KILL");
    run.finish();
    let seen = paper.wait(FAULT, "2 blinks", seen);
    assert_serves(&mut node);
    paper.wait(FAULT, "off", seen);
}

#[test]
fn a_controller_with_a_wrong_key_is_shown_with_three_blinks() {
    let paper = Paper::new();
    let keys = tempfile::tempdir().expect("a folder");
    let key = |name: &str| {
        let path = keys.path().join(name);
        let made = Key::random().expect("random").create(&path);
        made.expect("written");
        path.to_str().expect("UTF-8").to_owned()
    };
    let (ours, other) = (key("ours"), key("other"));
    let node = paper.node(&["--key", &ours]);
    let trial = Trial::loop_on(node.address, 50);
    trial
        .run(&["--key", &other])
        .assert(4, &["another cluster key"]);
    let shown = paper.wait(FAULT, "3 blinks", 0);
    paper.wait(FAULT, "on", shown);
}

#[test]
fn a_node_that_is_asked_to_show_itself_blinks_with_all_its_lights() {
    let paper = Paper::new();
    let node = paper.node(&[]);
    let address = node.address.to_string();
    let asked = ["identify", "--seconds", "1", &address];
    let identified: Ended = rig::controller(Path::new("/"), &asked).into();
    identified.assert(0, &[]);
    for light in [READY, STEP, FAULT] {
        let shown = paper.wait(light, "quick blinks", 0);
        let shown = paper.wait(light, "on", shown);
        paper.wait(light, "dark", shown);
    }
    // And then it goes back to what it was.
    let shown = paper.wait(READY, "quick blinks", 0);
    paper.wait(READY, "breathing", shown);
}

/// The loop with lights that show the level of `Cell`, on a node if there is one.
fn loop_with_lights(ticks: u64, node: Option<&Node>) -> Trial {
    let scenario = loop_scenario(ticks).replace(
        "  states: {soc: 80}\n",
        "  states: {soc: 80}
  leds:
  - {attribute: soc, pin: 17, min: 5, max: 95}
  - {attribute: soc, pin: 23, above: 70}
  - {attribute: soc, pin: 24, below: 70, active_low: true}
  - {attribute: flow2b, pin: 25, min: -2, max: 2}
  - {attribute: soc, strip: spi0, pixels: 20, from: red, to: '#004080', min: 5, max: 95}
  - {attribute: soc, strip: spi1, pixels: 7, palette: battery}
",
    );
    Trial::new(&placed(&scenario, &|model| {
        let node = node.filter(|_| model == "Cell")?;
        Some((node.address.ip().to_string(), node.address.port()))
    }))
}

/// The last value of a column of a result.
fn last(csv: &str, column: &str) -> f64 {
    let (header, row) = (csv.lines().next(), csv.lines().last());
    let cells = header
        .expect("a header")
        .split(',')
        .zip(row.expect("a row").split(','));
    let found = cells.into_iter().find(|(name, _)| *name == column);
    found.expect("a column").1.parse().expect("a number")
}

#[test]
fn lights_follow_the_values_that_they_are_bound_to() {
    let paper = Paper::new();
    let node = Node::start_with(&["--led-output", &paper.output()]);
    for ticks in [1, 40, 2000] {
        let trial = loop_with_lights(ticks, Some(&node));
        trial.run(&[]).assert(0, &[]);
        trial.assert_whole_loop(ticks);
        let soc = last(&trial.csv().expect("a result"), "Cell.soc");
        let range = LedRule::Range {
            min: 5.0,
            max: 95.0,
        };
        let brightness = format!("{} %", range.percent(soc));
        let mix = StripRule::Mix {
            from: Colour::new(255, 0, 0),
            to: Colour::new(0, 0x40, 0x80),
            min: 5.0,
            max: 95.0,
        };
        let mixed = format!("20 × {}", mix.colour(soc));
        let palette = StripRule::Palette(Palette::Battery).colour(soc);
        let palette = format!("7 × {palette}");
        let switched = |on: bool| if on { "on" } else { "dark" };
        // What was shown last, once all has been shown: the light glows on after the session.
        for (light, expected) in [
            ("17 Cell", brightness.as_str()),
            ("strip spi0 Cell", mixed.as_str()),
            ("strip spi1 Cell", palette.as_str()),
            ("23 Cell", switched(soc > 70.0)),
            ("24 Cell", switched(soc < 70.0)),
        ] {
            wait_for(
                &format!("{light} at {expected} after {ticks} ticks"),
                || {
                    let shown = paper.of(light);
                    (shown.last()?.1 == expected).then_some(())
                },
            );
        }
    }
    assert!(!paper.of("25 Cell").is_empty(), "an input");
}

#[test]
fn lights_change_nothing_about_a_result_and_stay_dark_in_the_controller() {
    let alone = loop_with_lights(50, None);
    let note = "note: the LEDs of Cell stay dark, because the controller drives none";
    alone.run(&[]).assert(0, &[note]);
    alone.assert_whole_loop(50);
}

#[test]
fn a_light_whose_place_is_in_use_stays_dark_with_a_notice() {
    let paper = Paper::new();
    let output = paper.output();
    let pins = ["--led-ready", "17", "--led-step", "8"];
    let node = Node::start_with(&[&pins[..], &["--led-output", &output]].concat());
    let trial = loop_with_lights(50, Some(&node));
    let pin = "its LED stays dark: pin 17 of the node shows 'ready'; give it another pin";
    let strip = "its strip stays dark: strip spi0 of the node cannot be used beside pin 8, which shows \
                 'step'; give it another bus";
    trial.run(&[]).assert(0, &[pin, strip]);
    trial.assert_whole_loop(50);
}

/// A named pipe.
fn pipe(folder: &Path) -> PathBuf {
    let path = folder.join("pipe");
    let made = Command::new("mkfifo").arg(&path).status();
    assert!(made.is_ok_and(|status| status.success()), "a named pipe");
    path
}

/// A node whose lights are written to a pipe.
fn node_with_lights_on(pipe: &Path) -> Node {
    let output = format!("sim:{}", pipe.display());
    Node::start_with(&[&THREE, &["--led-output", &output][..]].concat())
}

/// Runs the loop with lights on a node to its end.
fn assert_runs_with_lights(node: &Node) {
    const TICKS: u64 = 200;
    let trial = loop_with_lights(TICKS, Some(node));
    trial.run(&["--quiet"]).assert(0, &[]);
    trial.assert_whole_loop(TICKS);
}

/// All that can be read without waiting.
fn read_what_is_there(pipe: &mut fs::File) -> String {
    let mut bytes = Vec::new();
    let error = pipe
        .read_to_end(&mut bytes)
        .expect_err("open for writing, too");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn a_run_comes_to_its_end_while_its_lights_hang() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = pipe(folder.path());
    // Open for both, it waits for nobody; and it is full, so whoever writes to it waits.
    let mut options = OpenOptions::new();
    let mut filled = options.read(true).write(true).open(&path).expect("opened");
    rustix::io::ioctl_fionbio(&filled, true).expect("set");
    let mut filling = 0;
    while let Ok(written) = filled.write(&[b'.'; 4096]) {
        filling += written;
    }
    let node = node_with_lights_on(&path);
    assert_runs_with_lights(&node);
    // No light has been set in all the time: what was there is all there, and nothing was among it.
    // Now there is room, and comes the first word, which is of the start of the node.
    let mut said = String::new();
    wait_for("a light to be set", || {
        said += &read_what_is_there(&mut filled);
        said.contains('\n').then_some(())
    });
    let (before, said) = said.split_at(filling);
    assert!(before.bytes().all(|byte| byte == b'.'), "a word in between");
    assert!(
        said.starts_with("0.0") && said.contains("pin 17 ready: "),
        "{said}"
    );
}

#[test]
fn a_node_whose_lights_hang_serves_and_ends_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    // Nobody reads from it, so whoever opens it to write waits.
    let mut node = node_with_lights_on(&pipe(folder.path()));
    assert_runs_with_lights(&node);
    node.signal("TERM");
    assert_eq!(node.wait(), Some(0));
}

#[test]
fn a_node_without_pins_says_so_once_and_serves() {
    if Path::new("/sys/firmware/devicetree/base/model").exists() {
        eprintln!("SKIPPED: this machine may be a Raspberry Pi");
        return;
    }
    let mut node = Node::start_with(&THREE);
    let said = "no LEDs: ";
    let line = node.wait_for_report(said);
    assert!(line.ends_with("; the node goes on without them"), "{line}");
    assert_serves(&mut node);
    let lines = node.log();
    assert_eq!(lines.iter().filter(|line| line.contains(said)).count(), 1);
}

#[test]
fn a_configuration_file_names_the_lights_and_the_command_line_wins() {
    let paper = Paper::new();
    let file = paper.folder.path().join("node.toml");
    let output = paper.output();
    let text = format!("quiet = true\n[leds]\nready = 5\nstep = 6\noutput = '{output}'\n");
    fs::write(&file, text).expect("written");
    let file = file.to_str().expect("UTF-8");
    let mut node = Node::start_with(&["--config", file, "--led-step", "7"]);
    paper.wait("5 ready", "breathing", 0);
    assert_serves(&mut node);
    paper.wait("7 step", "on", 0);
    assert_eq!(node.log(), [""; 0], "quiet");
}

/// What a node says that does not start.
fn refused(arguments: &[&str], code: i32) -> String {
    let (program, first) = node_binary().split_first().expect("a command");
    let mut command = Command::new(program);
    command.args(first).arg("serve").args(arguments);
    let ended = Ended::from(run_bounded(&mut command));
    assert_eq!(ended.code, Some(code), "{ended:?}");
    ended.stdout + &ended.stderr
}

#[test]
fn a_node_whose_configuration_is_nonsense_about_lights_does_not_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("node.toml");
    fs::write(&file, "quiet = true\n[leds]\nredy = 17\n").expect("written");
    let file = file.to_str().expect("UTF-8");
    // A wrong command line, and what is wrong in a configuration.
    let (usage, configuration) = (1, 78);
    for (arguments, code, said) in [
        (
            &["--config", file][..],
            configuration,
            "node.toml:3: unknown key 'leds.redy' ([leds] has: ready, ",
        ),
        (
            &["--config", "/no/such/file"],
            configuration,
            "cannot read the configuration '/no/such/file': ",
        ),
        (
            &["--led-ready", "28"],
            usage,
            "'28' is no pin; give its BCM number, from 0 to 27, such as 17",
        ),
        (
            &["--led-output", "pwm"],
            usage,
            "'pwm' drives no LEDs; give 'gpio', ",
        ),
        (
            &["--led-ready", "4", "--led-fault", "4"],
            configuration,
            "the LEDs 'ready' and 'fault' have the same pin 4; give each its own",
        ),
    ] {
        let shown = refused(arguments, code);
        assert!(shown.contains(said), "{arguments:?}: {shown}");
    }
}
