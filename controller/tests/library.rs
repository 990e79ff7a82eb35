//! The controller as a library: runs of a program of one's own.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use controller::{
    Control, Ending, Event, Header, Options, Output, Pace, Run, RunError, Scenario, Sink, Table,
    WriteError,
};
use shared::cable::SocketWish;
use shared::files::MemoryFiles;
use shared::model::{Model, ModelType, Step, StepError};
use shared::time::Tick;
use shared::value::{Kind, Origin, Value};
use smol::channel::{Sender, unbounded};

const TICKS: Tick = 2 * 96;

/// A battery that takes half a kilowatt for two days.
fn scenario() -> Scenario {
    let text = "\
scenario: {name: Nights, start_time: '2012-01-01 00:00:00', end_time: '2012-01-03 00:00:00'}
models:
- name: Store
  type: Battery
  parameters: {max_p: 8, min_p: -8, max_energy: 20, charge_efficiency: 100,
    discharge_efficiency: 100, soc_min: 0, soc_max: 100}
  states: {soc: 0}
- {name: Source, type: Constant, parameters: {power: 0.5}, outputs: {power: 0}}
connections:
- {from: Source.power, to: Store.flow2b}
monitor: {file: out.csv, items: [Store.soc, Store.p_out, Source.power]}
";
    load("nights.yaml", text)
}

fn load(name: &str, text: &str) -> Scenario {
    let files = MemoryFiles::default();
    Scenario::from_text(name, text, &models::CATALOGUE, &files).expect("sound")
}

fn in_memory(table: &Table) -> Run<'static> {
    let run = Run::new(scenario()).output(Output::Nowhere);
    run.sink(table.clone())
}

#[test]
fn rows_go_to_memory_with_columns_that_know_name_unit_and_kind() {
    let table = Table::default();
    let outcome = in_memory(&table).start().expect("a run");
    assert_eq!((outcome.rows, outcome.ticks), (TICKS, TICKS));
    assert!(outcome.settled && outcome.file().is_none());
    assert_eq!(table.rows(), TICKS);
    let columns = table.columns();
    let known = |place: usize| {
        let column = &columns[place];
        (&*column.name, column.unit.as_deref(), column.origin)
    };
    assert_eq!(known(0), ("Store.soc", Some("%"), Origin::State));
    assert_eq!(known(1), ("Store.p_out", Some("kW"), Origin::Output));
    assert_eq!(known(2), ("Source.power", None, Origin::Output));
    assert!(columns.iter().all(|column| column.kind == Kind::Number));
    // 0.5 kW for a quarter of an hour are 0.625 % of 20 kWh.
    let levels = table.column("Store.soc").expect("a column");
    assert_eq!(levels[..2], [0.625, 1.25].map(Value::Float));
    assert_eq!(table.column("Store.flow2b"), None);
}

#[test]
fn a_run_writes_the_same_into_a_file_and_hands_it_to_sinks() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("out.csv");
    let table = Table::default();
    let run = Run::new(scenario()).output(Output::File(file.clone()));
    let outcome = run.sink(table.clone()).start().expect("a run");
    assert_eq!(outcome.file(), Some(&*file));
    let text = std::fs::read_to_string(file).expect("readable");
    assert_eq!(text.lines().count() as Tick, 1 + table.rows());
    assert!(
        text.starts_with("date,Store.soc,Store.p_out,Source.power\n2012-01-01,0.625,0.5,0.5\n")
    );
}

#[test]
fn a_run_is_held_at_its_release_and_let_go_on() {
    let (controls, asked) = unbounded();
    controls.try_send(Control::Release(10)).expect("room");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (ticks, let_go) = (seen.clone(), controls);
    let observer = move |event: Event<'_>| {
        if let Event::Progress(progress) = event {
            ticks.lock().expect("whole").push(progress.tick);
            if progress.tick == 10 {
                let_go.try_send(Control::Release(Tick::MAX)).expect("room");
            }
        }
    };
    let run = in_memory(&Table::default()).observe(observer);
    let outcome = run.control(asked).start().expect("a run");
    assert_eq!(outcome.rows, TICKS);
    let seen = seen.lock().expect("whole");
    assert_eq!(seen.iter().find(|&&tick| tick >= 10), Some(&10), "{seen:?}");
}

#[test]
fn a_run_that_is_stopped_keeps_its_rows_and_tells_of_its_end() {
    let (controls, asked): (Sender<Control>, _) = unbounded();
    controls.try_send(Control::Release(10)).expect("room");
    let ended = Arc::new(Mutex::new(None));
    let kept = ended.clone();
    let observer = move |event: Event<'_>| match event {
        Event::Progress(progress) if progress.tick == 10 => {
            controls.try_send(Control::Stop).expect("room");
        }
        Event::Ended(outcome) => *kept.lock().expect("whole") = Some(outcome.rows),
        _ => {}
    };
    let table = Table::default();
    let run = in_memory(&table).observe(observer).control(asked);
    let error = run.start().expect_err("stopped");
    assert!(matches!(error, RunError::Interrupted), "{error}");
    assert_eq!(*ended.lock().expect("whole"), Some(10));
    assert_eq!(table.rows(), 10);
}

/// Takes three rows, and no more.
#[derive(Default)]
struct Full {
    rows: Tick,
    ending: Arc<Mutex<Option<Ending>>>,
}

impl Sink for Full {
    fn begin(&mut self, header: &Header) {
        assert_eq!((header.columns.len(), header.grid.ticks), (3, TICKS));
    }

    fn row(&mut self, tick: Tick, _: &[Value]) -> Result<(), WriteError> {
        if self.rows == 3 {
            let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(WriteError::new(Path::new("the shelf"), full));
        }
        self.rows = tick + 1;
        Ok(())
    }

    fn end(&mut self, ending: Ending) -> Result<(), WriteError> {
        *self.ending.lock().expect("whole") = Some(ending);
        Ok(())
    }

    fn rows(&self) -> Tick {
        self.rows
    }

    fn path(&self) -> PathBuf {
        "the shelf".into()
    }
}

#[test]
fn a_sink_that_takes_no_more_ends_the_run_and_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("out.csv");
    let run = Run::new(scenario()).output(Output::File(file.clone()));
    let error = run.sink(Full::default()).start().expect_err("no room");
    assert_eq!(error.code(), "output");
    assert!(error.to_string().contains("'the shelf'"), "{error}");
    assert!(!file.exists(), "the result does not take its place");
}

#[test]
fn sinks_know_whether_there_is_a_row_for_each_tick() {
    let sink = Full::default();
    let ending = sink.ending.clone();
    let (controls, asked) = unbounded();
    controls.try_send(Control::Release(2)).expect("room");
    let observer = move |event: Event<'_>| {
        if matches!(event, Event::Progress(progress) if progress.tick == 2) {
            controls.try_send(Control::Stop).expect("room");
        }
    };
    let run = Run::new(scenario()).output(Output::Nowhere).sink(sink);
    let stopped = run.observe(observer).control(asked).start();
    assert!(stopped.is_err());
    assert_eq!(*ending.lock().expect("whole"), Some(Ending::Partial));
}

#[test]
fn warnings_are_told_and_are_errors_where_that_is_asked_for() {
    let text = "\
scenario: {name: Full, start_time: '2012-01-01 00:00:00', end_time: '2012-01-01 01:00:00'}
models:
- name: Store
  type: Battery
  parameters: {max_p: 8, min_p: -8, max_energy: 20, charge_efficiency: 100,
    discharge_efficiency: 100, soc_min: 10, soc_max: 90}
  states: {soc: 95}
- {name: Source, type: Constant, parameters: {power: 0.5}}
connections:
- {from: Source.power, to: Store.flow2b}
monitor: {file: out.csv, items: [Store.soc]}
";
    let load = || load("full.yaml", text);
    assert_eq!(load().warnings().len(), 1);
    let mut warnings = 0;
    let options = |strict| Options {
        output: Output::Nowhere,
        strict,
        ..Options::default()
    };
    let count = |event: Event<'_>| warnings += usize::from(matches!(event, Event::Problem(_)));
    let run = Run::new(load()).options(options(false)).observe(count);
    run.start().expect("a run");
    assert_eq!(warnings, 1);
    let strict = Run::new(load()).options(options(true)).start();
    assert!(matches!(strict, Err(RunError::Strict(problems)) if problems.len() == 1));
}

fn with_pace(pace: Pace) -> Options {
    Options {
        output: Output::Nowhere,
        pace: Some(pace),
        ..Options::default()
    }
}

/// The columns of a run.
fn values(table: &Table) -> Vec<Vec<Value>> {
    let columns = table.columns();
    let values = columns
        .iter()
        .filter_map(|column| table.column(&column.name));
    values.collect()
}

#[test]
fn a_run_with_a_pace_takes_its_time_and_gives_the_same_rows() {
    let (freely, paced) = (Table::default(), Table::default());
    in_memory(&freely).start().expect("a run");
    let pace = with_pace(Pace::ticks(1000.0).expect("a pace"));
    let outcome = in_memory(&paced).options(pace).start().expect("a run");
    assert!(values(&freely) == values(&paced));
    // The first tick comes at once.
    let least = std::time::Duration::from_millis(TICKS - 1);
    assert!(outcome.wall_time >= least, "{:?}", outcome.wall_time);
}

#[test]
fn a_run_is_paused_makes_single_steps_and_goes_on_at_another_pace() {
    let (controls, asked) = unbounded();
    controls.try_send(Control::Pause).expect("room");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (heard, mut rows) = (seen.clone(), 0);
    let observer = move |event: Event<'_>| {
        let Event::Progress(progress) = event else {
            return;
        };
        let pace = progress.pace.expect("a pace");
        if pace.is_paused && progress.tick > rows {
            assert_eq!(progress.tick, rows + 1, "one at a time");
            rows = progress.tick;
            heard.lock().expect("whole").push(pace.rate);
            let next = match rows {
                1 => &[Control::Step][..],
                2 => &[
                    Control::Faster,
                    Control::Slower,
                    Control::Slower,
                    Control::Step,
                ],
                3 => &[Control::Faster; 20],
                _ => panic!("it goes on"),
            };
            for control in next {
                controls.try_send(*control).expect("room");
            }
            if rows == 3 {
                controls.try_send(Control::Resume).expect("room");
            }
        }
    };
    let run = in_memory(&Table::default()).options(with_pace("2/s".parse().expect("a pace")));
    let outcome = run.observe(observer).control(asked).start().expect("a run");
    assert_eq!(outcome.rows, TICKS);
    assert_eq!(*seen.lock().expect("whole"), [2.0, 2.0, 1.0]);
}

#[test]
fn a_release_holds_a_run_with_a_pace_as_well() {
    let (controls, asked) = unbounded();
    controls.try_send(Control::Release(10)).expect("room");
    let mut looks = 0;
    let observer = move |event: Event<'_>| {
        if let Event::Progress(progress) = event {
            assert!(progress.tick <= 10);
            looks += u32::from(progress.tick == 10);
            if looks == 3 {
                controls.try_send(Control::Stop).expect("room");
            }
        }
    };
    let run = in_memory(&Table::default()).options(with_pace(Pace::ticks(1e6).expect("a pace")));
    let stopped = run.observe(observer).control(asked).start();
    assert!(matches!(stopped, Err(RunError::Interrupted)));
}

#[test]
fn a_pace_that_no_run_can_have_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("out.csv");
    let options = Options {
        output: Output::File(file.clone()),
        ..with_pace(Pace::real_time(1e-3).expect("a pace"))
    };
    let refused = Run::new(scenario()).options(options).start();
    let refused = refused.expect_err("too slow");
    assert_eq!(refused.code(), "usage");
    assert!(refused.to_string().contains("900 s"), "{refused}");
    assert!(!file.exists());
}

/// Looks at a socket.
struct Watcher;

impl Model for Watcher {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        step.sight(0);
        Ok(())
    }
}

/// A scenario with a model that looks at sockets.
fn with_sockets() -> Scenario {
    let described = ModelType::described("Watcher".to_owned(), |build| {
        build.look_at(SocketWish {
            devices: vec!["ttyACM0".to_owned()],
            misses: 3,
        });
        Ok(Box::new(Watcher))
    });
    let mut types = models::CATALOGUE.clone();
    types.add(described).expect("sound");
    let text = "\
scenario: {name: Table, start_time: '2012-01-01 00:00:00', end_time: '2012-01-01 01:00:00'}
models:
- {name: Eye, type: Watcher}
- {name: Source, type: Constant, parameters: {power: 0.5}}
connections: []
monitor: {file: out.csv, items: [Source.power]}
";
    Scenario::from_text("table.yaml", text, &types, &MemoryFiles::default()).expect("sound")
}

#[test]
fn a_run_past_sockets_without_a_pace_gives_a_warning() {
    let mut warnings = Vec::new();
    let keep = |event: Event<'_>| {
        if let Event::Problem(problem) = event {
            warnings.push((problem.code.to_string(), problem.message.clone()));
        }
    };
    let run = Run::new(with_sockets())
        .output(Output::Nowhere)
        .observe(keep);
    run.start().expect("a run");
    let [(code, message)] = &warnings[..] else {
        panic!("{warnings:?}");
    };
    assert_eq!(code, "no_pace");
    assert!(message.contains("'Eye' (Watcher)") && message.contains("--pace 2/s"));
    let strict = Options {
        output: Output::Nowhere,
        strict: true,
        ..Options::default()
    };
    let refused = Run::new(with_sockets()).options(strict.clone()).start();
    assert!(matches!(refused, Err(RunError::Strict(_))), "{refused:?}");
    let paced = Options {
        pace: Some(Pace::ticks(1000.0).expect("a pace")),
        ..strict
    };
    Run::new(with_sockets())
        .options(paced)
        .start()
        .expect("a run");
}
