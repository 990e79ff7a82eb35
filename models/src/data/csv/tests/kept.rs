//! Rows that are kept from the examination of a file to the steps.

use std::fmt::Write;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use shared::files::{Content, FileError, Files, State, WithState};
use shared::time::WallTime;
use shared::value::Value;

use super::{Rig, Setup};

/// Several lots of rows, each of which are read in several goes.
const ROWS: u64 = 10_000;

/// So many rows are read at a time at most, or kept in a lot.
const AT_ONCE: u64 = 2100;

/// A file on a disk, for all who have opened it.
#[derive(Clone)]
struct OnDisk(Arc<Mutex<Now>>);

/// What it is now.
struct Now {
    content: Vec<u8>,
    modified: Duration,
    /// How often something has been read.
    reads: usize,
}

impl OnDisk {
    fn new(content: String) -> Self {
        Self(Arc::new(Mutex::new(Now {
            content: content.into_bytes(),
            modified: Duration::ZERO,
            reads: 0,
        })))
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.0.lock().expect("nobody panicked")
    }

    fn change(&self, content: String) {
        let mut now = self.now();
        now.content = content.into_bytes();
        now.modified += Duration::from_nanos(1);
    }

    /// A reader of it, examined, of which so many bytes may be kept.
    fn examined(&self, room: usize) -> Rig {
        let setup = Setup {
            ticks: ROWS,
            ..Setup::default()
        };
        let mut rig = setup.build_as(&super::CSV, self).expect("buildable");
        let room = AtomicUsize::new(room);
        let findings = rig.instance.examine(&[None, None], &[false], &room);
        assert_eq!(findings, []);
        self.now().reads = 0;
        rig
    }
}

impl Files for OnDisk {
    fn open(&self, _: &str) -> Result<Box<dyn Content>, FileError> {
        let (file, at) = (self.clone(), 0);
        let reading = BufReader::with_capacity(16 * 1024, Reading { file, at });
        let state = |reading: &BufReader<Reading>| {
            let now = reading.get_ref().file.now();
            Some(State {
                length: now.content.len() as u64,
                modified: now.modified,
            })
        };
        Ok(Box::new(WithState {
            content: reading,
            state,
        }))
    }
}

struct Reading {
    file: OnDisk,
    at: u64,
}

impl Read for Reading {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut now = self.file.now();
        now.reads += 1;
        let at = usize::try_from(self.at).expect("small");
        let count = now.content.get(at..).unwrap_or_default().read(into)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Reading {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(way) => self.at.checked_add_signed(way).expect("in it"),
            SeekFrom::End(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(self.at)
    }
}

/// A row for each quarter of an hour, with its number and something else in place of which one may have something wrong.
fn rows(other: &str, wrong: Option<(u64, &str)>) -> String {
    let start = WallTime::parse("2012-02-01 00:00:00").expect("a time");
    let mut file = "t\ntime,x,y\n".to_owned();
    for row in 0..ROWS {
        let stamp = start.plus(row.cast_signed() * 900);
        let other = wrong
            .filter(|(at, _)| *at == row)
            .map_or(other, |(_, cell)| cell);
        // Writing into a string cannot fail.
        let _ = writeln!(file, "{stamp},{row:05},{other}");
    }
    file
}

/// Makes steps; returns what is beside the number of each row.
fn steps(rig: &mut Rig, ticks: Range<u64>) -> Vec<Value> {
    let step = |tick| {
        rig.step(tick).expect("a row");
        assert_eq!(rig.value("x"), Value::Float(tick as f64));
        rig.value("y")
    };
    ticks.map(step).collect()
}

#[test]
fn what_is_kept_is_not_read_again() {
    for wrong in [None, Some((3000, "1e0")), Some((7777, " 1\t"))] {
        let disk = OnDisk::new(rows("1", wrong));
        let mut rig = disk.examined(usize::MAX);
        assert!(rig.instance.model.has_at_hand(), "{wrong:?}");
        let read = steps(&mut rig, 0..ROWS - 1);
        assert_eq!((read.len(), disk.now().reads), (9999, 0), "{wrong:?}");
        assert!(read.iter().all(|y| *y == Value::Float(1.0)));
        rig.step(ROWS - 1)
            .expect("the last row, behind which is the end");
        assert!(disk.now().reads > 0);
    }
}

#[test]
fn what_has_no_room_is_read_again() {
    let numbers = usize::try_from(2 * ROWS).expect("small");
    let all = numbers * size_of::<f64>();
    for room in [0, 1, all / 10, all / 3, all / 2, all - 17] {
        let disk = OnDisk::new(rows("1", None));
        let mut rig = disk.examined(room);
        assert!(!rig.instance.model.has_at_hand(), "{room}");
        steps(&mut rig, 0..ROWS);
        assert!(disk.now().reads > 0, "{room}");
    }
    let lots = |room| {
        let disk = OnDisk::new(rows("1", None));
        steps(&mut disk.examined(room), 0..ROWS);
        disk.now().reads
    };
    assert!(lots(0) > lots(all / 3) && lots(all / 3) > lots(all));
}

#[test]
fn a_file_that_changes_after_its_examination_is_read_again_from_there_on() {
    for at in [0, 1, 2, 1000, 5000, 9998] {
        let disk = OnDisk::new(rows("1", None));
        let mut rig = disk.examined(usize::MAX);
        let mut seen = steps(&mut rig, 0..at);
        disk.change(rows("2", None));
        seen.extend(steps(&mut rig, at..ROWS));
        let old = seen.iter().take_while(|y| **y == Value::Float(1.0)).count();
        assert!((at..=at + AT_ONCE).contains(&(old as u64)), "{at}: {old}");
        assert!(seen[old..].iter().all(|y| *y == Value::Float(2.0)), "{at}");
    }
}

#[test]
fn what_is_wrong_with_a_file_that_changes_is_told_with_its_place() {
    let disk = OnDisk::new(rows("1", None));
    let mut rig = disk.examined(usize::MAX);
    steps(&mut rig, 0..10);
    disk.change(rows("1", Some((5000, "x"))));
    steps(&mut rig, 10..5000);
    let error = rig.step(5000).expect_err("no number");
    assert_eq!(error.code, "bad_cell:y");
    assert!(error.message.starts_with("a.csv:5003: "), "{error}");
}

#[test]
fn rows_that_come_to_a_file_during_a_run_are_read() {
    let lines: Vec<String> = rows("1", None).lines().map(str::to_owned).collect();
    let begun = lines[..9002].join("\n") + "\n";
    let disk = OnDisk::new(begun);
    let setup = Setup {
        ticks: ROWS,
        ..Setup::default()
    };
    let mut rig = setup.build_as(&super::CSV, &disk).expect("buildable");
    let findings = rig.examine(&[None, None], &[false]);
    assert_eq!(findings.len(), 1, "it ends early: {findings:?}");
    steps(&mut rig, 0..8000);
    disk.change(rows("1", None));
    steps(&mut rig, 8000..ROWS);
}
