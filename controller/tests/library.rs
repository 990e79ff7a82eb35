//! The controller as a library: runs of a program of one's own.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use controller::{
    Control, Ending, Event, Header, Options, Output, Run, RunError, Scenario, Sink, Table,
    WriteError,
};
use shared::files::MemoryFiles;
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
