use super::super::csv::CsvFile;
use super::super::sink::header;
use super::*;
use crate::places::Target;
use crate::scenario::Dates;
use shared::time::{TimeGrid, WallTime};
use std::path::Path;
use std::sync::{Arc, Mutex};

fn recorder(path: &Path) -> Recorder {
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
        resolution: 1,
        ticks: 1_000_000,
    };
    let target = Target::of(path).expect("a target");
    let file = CsvFile::claim(&target, grid, Dates::Short).expect("free");
    Recorder::new(vec![Box::new(file)], &header(grid, &["A.x", "A.y"])).expect("a thread")
}

fn values(tick: Tick) -> [Value; 2] {
    let tick = i64::try_from(tick).expect("small");
    [Value::Int(tick), Value::text("y")]
}

#[test]
fn rows_of_many_blocks_are_in_the_file_in_their_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.csv");
    let mut recorder = recorder(&path);
    assert_eq!(recorder.newest(), []);
    let count = 5 * BLOCK as Tick + 7;
    for tick in 0..count {
        recorder.row(tick, &mut values(tick)).expect("taken");
        assert_eq!(recorder.newest(), values(tick));
        if tick % 1000 == 999 {
            recorder.flush().expect("taken");
        }
    }
    recorder.end(Ending::Complete).expect("written");
    assert!(recorder.is_over() && recorder.rows() == count);
    recorder.settle().expect("settled");
    let text = std::fs::read_to_string(&path).expect("readable");
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(lines.len() as Tick, count);
    for (tick, line) in lines.iter().enumerate() {
        assert!(line.ends_with(&format!(",{tick},y")), "{line}");
    }
}

// Only Linux has a device that is always full.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_written_ends_the_rows_soon_and_says_how_many_there_are() {
    let mut recorder = recorder(Path::new("/dev/full"));
    let refused = (0..1_000_000).find_map(|tick| recorder.row(tick, &mut values(tick)).err());
    let refused = recorder.error(refused.expect("an error"));
    assert!(refused.to_string().contains("'/dev/full'"), "{refused}");
    assert!(recorder.is_over() && recorder.rows() == 0);
    recorder.flush().expect("nothing to do");
}

// Only Linux has a device that is always full.
#[cfg(target_os = "linux")]
#[test]
fn where_one_sink_takes_no_more_the_others_come_to_an_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.csv");
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
        resolution: 1,
        ticks: 1_000_000,
    };
    let file = |path: &Path| -> Box<dyn Sink> {
        let target = Target::of(path).expect("a target");
        Box::new(CsvFile::claim(&target, grid, Dates::Short).expect("free"))
    };
    let sinks = vec![file(&path), file(Path::new("/dev/full"))];
    let mut recorder = Recorder::new(sinks, &header(grid, &["A.x", "A.y"])).expect("a thread");
    let refused = (0..1_000_000).find_map(|tick| recorder.row(tick, &mut values(tick)).err());
    let refused = recorder.error(refused.expect("an error"));
    assert!(refused.to_string().contains("'/dev/full'"), "{refused}");
    let rows = std::fs::read_to_string(folder.path().join("out.partial.csv"));
    let rows = rows.expect("what the other had");
    assert!(rows.lines().count() > BLOCK / 2 && rows.ends_with("y\n"));
}

#[test]
fn without_rows_there_is_a_file_only_if_all_went_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.csv");
    let mut failed = recorder(&path);
    failed.flush().expect("nothing to do");
    failed.end(Ending::Partial).expect("nothing to do");
    assert!(!path.exists());
    drop(failed);
    let mut fine = recorder(&path);
    fine.end(Ending::Complete).expect("written");
    fine.settle().expect("settled");
    assert_eq!(
        std::fs::read_to_string(&path).expect("readable"),
        "date,A.x,A.y\n"
    );
}

/// Notes what it hears of the end of the run.
struct Listener {
    name: &'static str,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    fn hear(&self, what: &str) {
        let mut heard = self.heard.lock().expect("nobody panicked");
        heard.push(format!("{} {what}", self.name));
    }
}

impl Sink for Listener {
    fn begin(&mut self, _: &Header) {}

    fn row(&mut self, _: Tick, _: &[Value]) -> Result<(), WriteError> {
        Ok(())
    }

    fn end(&mut self, _: Ending) -> Result<(), WriteError> {
        Ok(())
    }

    fn over(&mut self) {
        self.hear("over");
    }

    fn finish(&mut self) -> Vec<String> {
        self.hear("finish");
        vec![self.name.to_owned()]
    }

    fn rows(&self) -> Tick {
        0
    }

    fn path(&self) -> PathBuf {
        self.name.into()
    }
}

#[test]
fn all_sinks_hear_that_the_run_is_over_before_the_first_is_waited_for() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listener = |name| -> Box<dyn Sink> {
        let heard = Arc::clone(&heard);
        Box::new(Listener { name, heard })
    };
    let grid = TimeGrid {
        start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
        resolution: 1,
        ticks: 1,
    };
    let sinks = vec![listener("one"), listener("other")];
    let mut recorder = Recorder::new(sinks, &header(grid, &["A.x"])).expect("a thread");
    recorder.end(Ending::Complete).expect("nothing to do");
    assert_eq!(recorder.finish(), ["one", "other"]);
    let heard = heard.lock().expect("nobody panicked");
    assert_eq!(
        *heard,
        ["one over", "other over", "one finish", "other finish"]
    );
}
