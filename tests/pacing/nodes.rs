//! Runs on nodes that are held.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs;
use std::rc::Rc;

use controller::{Control, Event, NodeAccess, Options, Output, Pace, Run, Scenario, Table};
use rig::{Dice, Node, loop_scenario, placed, wait_for};
use shared::led::LedRule;
use shared::value::Value;
use smol::channel::{Sender, unbounded};

/// The loop with some of its models on a node, and a light that shows a level.
fn scenario_on(node: &Node, ticks: u64) -> Scenario {
    let text = placed(&loop_scenario(ticks), &|model| {
        let is_there = ["Cell", "Mill", "Homes"].contains(&model);
        is_there.then(|| (node.address.ip().to_string(), node.address.port()))
    });
    let light = "  leds: [{attribute: soc, pin: 18, min: 79, max: 81}]\n";
    let text = text.replace("- name: Cell\n", &format!("- name: Cell\n{light}"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("loop.yaml");
    fs::write(&path, text).expect("written");
    Scenario::load(path).expect("sound")
}

fn options() -> Options {
    Options {
        output: Output::Nowhere,
        access: NodeAccess {
            insecure: true,
            ..NodeAccess::default()
        },
        ..Options::default()
    }
}

/// The columns of a run.
fn values(table: &Table) -> Vec<String> {
    let columns = table.columns();
    let text = |name: &str| format!("{:?}", table.column(name));
    columns.iter().map(|column| text(&column.name)).collect()
}

/// What a run in one process and without a hold gives.
fn freely(ticks: u64) -> Table {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("loop.yaml");
    fs::write(&path, loop_scenario(ticks)).expect("written");
    let table = Table::default();
    let run = Run::new(Scenario::load(path).expect("sound")).options(options());
    run.sink(table.clone()).start().expect("a run");
    table
}

/// What the light shows at each tick.
fn levels(ticks: u64) -> Vec<String> {
    let levels = freely(ticks).column("Cell.soc").expect("a column");
    let light = LedRule::Range {
        min: 79.0,
        max: 81.0,
    };
    let level = |level: &Value| {
        let level = match level {
            Value::Float(level) => *level,
            Value::Int(level) => *level as f64,
            other => panic!("{other:?}"),
        };
        format!(": {} %", light.percent(level))
    };
    levels.iter().map(level).collect()
}

#[test]
fn a_run_that_is_let_go_on_step_by_step_at_random_gives_the_same_rows() {
    const TICKS: u64 = 40;
    let expected = values(&freely(TICKS));
    let node = Node::start();
    for seed in 0..3 {
        let (controls, asked) = unbounded();
        let dice = Rc::new(RefCell::new(Dice::new(seed)));
        let release = move |from: u64| {
            let more = dice.borrow_mut().throw(6) as u64;
            let to = from + more + 1;
            controls.try_send(Control::Release(to)).expect("room");
            to
        };
        let mut released = release(0);
        let observer = move |event: Event<'_>| {
            if let Event::Progress(progress) = event {
                assert!(progress.tick <= released, "{} of {released}", progress.tick);
                if progress.tick == released {
                    released = release(released);
                }
            }
        };
        let table = Table::default();
        let run = Run::new(scenario_on(&node, TICKS)).options(options());
        let run = run.sink(table.clone()).observe(observer).control(asked);
        run.start().expect("a run");
        assert!(values(&table) == expected, "with seed {seed}");
    }
}

/// Asks for the next thing of a list as soon as a paused run has one row more.
fn ask_in_turn(controls: Sender<Control>, asked: &[Control]) -> impl FnMut(Event<'_>) {
    let mut rows = 1;
    let mut asked = VecDeque::from(asked.to_vec());
    move |event: Event<'_>| {
        let Event::Progress(progress) = event else {
            return;
        };
        let is_paused = progress.pace.is_some_and(|pace| pace.is_paused);
        if is_paused && progress.tick == rows {
            rows += 1;
            let next = asked.pop_front().unwrap_or(Control::Stop);
            controls.try_send(next).expect("room");
        }
    }
}

#[test]
fn every_step_of_a_held_run_gives_its_row_and_what_its_lights_show_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let paper = folder.path().join("leds");
    let output = format!("sim:{}", paper.display());
    let node = Node::start_with(&["--led-output", &output]);
    let levels = levels(6);
    assert!(levels.windows(2).any(|pair| pair[0] != pair[1]));
    let shows = |level: &str| {
        let text = fs::read_to_string(&paper).unwrap_or_default();
        let last = text.lines().rfind(|line| line.contains(" pin 18 Cell: "));
        last.is_some_and(|line| line.ends_with(level))
    };
    let (controls, asked) = unbounded();
    controls.try_send(Control::Pause).expect("room");
    let mut ask = ask_in_turn(controls, &[Control::Step; 5]);
    let mut rows = 0;
    let observer = |event: Event<'_>| {
        if let Event::Progress(progress) = event
            && progress.tick > rows
        {
            // No later tick has been asked for, and the light has what this one gave.
            assert_eq!(progress.tick, rows + 1);
            rows = progress.tick;
            let level = &levels[usize::try_from(rows).expect("small") - 1];
            wait_for(&format!("a light with {level} at row {rows}"), || {
                shows(level).then_some(())
            });
        }
        ask(event);
    };
    let options = Options {
        pace: Some(Pace::ticks(2.0).expect("a pace")),
        ..options()
    };
    let table = Table::default();
    let run = Run::new(scenario_on(&node, 1000)).options(options);
    let run = run.sink(table.clone()).observe(observer).control(asked);
    let stopped = run.start().expect_err("stopped");
    assert_eq!(stopped.code(), "interrupted");
    assert_eq!(table.rows(), 6);
}
