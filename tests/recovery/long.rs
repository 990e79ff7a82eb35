//! Runs over years that lose nodes, with a program and with values that somebody changes: what is kept for going on has a
//! bound in memory, and where its file is of no use any more, that is said.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rig::{Disk, Ended, Node, Run, Trial, peak_memory, placed, wait_within};

use super::programs::SCENARIO;
use super::{bytes, interruptions};

/// So much of what is kept stays in memory, in bytes.
const IN_MEMORY: (&str, &str) = ("ILLUMINATOR_KEPT_IN_MEMORY", "65536");

/// A run over years is to be over by then, however busy the machine is.
const LONG: Duration = Duration::from_secs(300);

const YEARS: u64 = 10;
const HOURS: u64 = 24 * (365 * YEARS + 3);

/// The most that a run of ten years with losses may take beyond one of a year without: what is kept in memory, what is
/// read of the file, and engines that compute again. What ten years have to keep is more than twice that.
const BEYOND: u64 = 8 * 1024 * 1024;

const TANK: &str = "
class Tank:
    inputs = {'soc': 0.0}
    outputs = {'flow': 0.0}

    def step(self, time, inputs):
        self.level = (getattr(self, 'level', 0.0) + inputs['soc'] * 0.37) % 5.0
        return {'flow': self.level - 2.5}
";

/// The battery, on a node if there is one, and the tank, by the hour, until a day in 2026 or later.
fn by_the_hour(end: &str, node: Option<&Node>) -> String {
    let text = SCENARIO
        .replace("2026-07-06 00:10:00", end)
        .replace("time_resolution: 1", "time_resolution: 3600");
    placed(&text, &|model| {
        let address = node.filter(|_| model == "Store")?.address;
        Some((address.ip().to_string(), address.port()))
    })
}

/// A trial with the tank, and with a journal: every second hour, so many times, somebody changes a limit of the battery.
fn trial(scenario: &str, hours: u64, times: u64) -> Trial {
    let trial = Trial::new(scenario);
    fs::write(trial.path("tank.py"), TANK).expect("written");
    let mut journal = "tick,model,what,value\n".to_owned();
    for tick in (0..hours).step_by(2) {
        for time in 0..times {
            let limit = 1 + (tick / 2 + time) % 11;
            // Writing into a string cannot fail.
            let _ = writeln!(journal, "{tick},Store,parameter max_p,{limit}");
        }
    }
    fs::write(trial.path("journal.csv"), journal).expect("written");
    trial
}

fn start(trial: &Trial, options: &[&str]) -> Run {
    let journal = trial.path("journal.csv");
    let journal = journal.to_str().expect("UTF-8");
    let options = [&["--replay", journal], options].concat();
    Run::start(trial.command(&options).envs([IN_MEMORY]))
}

/// Waits for the end of a run; returns it with the most memory that the run has taken.
fn end(mut run: Run) -> (Ended, u64) {
    let mut peak = 0;
    wait_within(LONG, "the end of the run", || {
        peak = peak.max(peak_memory(run.pid()).unwrap_or(0));
        run.is_over().then_some(())
    });
    (run.finish().into(), peak)
}

#[test]
fn ten_years_that_lose_nodes_take_no_more_memory_than_one() {
    let Some(_) = rig::python() else {
        return;
    };
    let mut node = Node::start();
    let address = node.address.to_string();
    let year = by_the_hour("2027-07-06 00:00:00", Some(&node));
    // With as many changes, which a run has read before it starts.
    let year = trial(&year, 24 * 365, YEARS);
    let (ended, one) = end(start(&year, &["--json"]));
    ended.assert(0, &[]);

    let ten = trial(&by_the_hour("2036-07-06 00:00:00", Some(&node)), HOURS, 1);
    let run = start(&ten, &["--json"]);
    for rows in [HOURS / 2, HOURS * 5 / 8, HOURS * 7 / 8] {
        let size = rows * bytes(&year, "out.csv").len() as u64 / (24 * 365);
        wait_within(LONG, "rows of the result", || {
            let written = fs::metadata(ten.path("out.partial.csv")).ok()?;
            (written.len() >= size).then_some(())
        });
        node.signal("KILL");
        node.wait();
        node = Node::start_at(&address);
    }
    let (ended, most) = end(run);
    ended.assert(0, &[]);
    let all = interruptions(&ended);
    assert_eq!(all.len(), 3, "{all:#?}");
    let again = |place: usize| all[place]["ticks_computed_again"].as_u64();
    assert!(again(0) >= Some(HOURS * 2 / 5), "{all:#?}");
    assert!(again(1) < Some(HOURS / 4), "{all:#?}");
    assert!(most < one + BEYOND, "{one} bytes in a year, {most} in ten");

    let alone = trial(&by_the_hour("2036-07-06 00:00:00", None), HOURS, 1);
    let (ended, _) = end(start(&alone, &["--json"]));
    ended.assert(0, &[]);
    assert!(
        bytes(&ten, "out.csv") == bytes(&alone, "out.csv"),
        "other rows"
    );
}

/// The rows of a result that has room on a small disk.
const FEW_HOURS: u64 = 10 * 24;

/// Days in which somebody changes a limit so often that what is kept of it does not stay in memory.
fn restless(node: &Node) -> Trial {
    let ten_days = by_the_hour("2026-07-16 00:00:00", Some(node));
    trial(&ten_days, FEW_HOURS, 300)
}

const PACE: [&str; 4] = ["--pace", "50/s", "--patience", "0"];

/// The files without a name that a process has in a folder, as it has them.
fn unnamed(run: &Run, trial: &Trial) -> Vec<PathBuf> {
    let open = fs::read_dir(format!("/proc/{}/fd", run.pid())).expect("a system with /proc");
    let open = open.flatten().map(|entry| entry.path());
    let folder = fs::canonicalize(trial.path("")).expect("there");
    let is_unnamed = |file: &PathBuf| {
        let target = fs::read_link(file).unwrap_or_default();
        target.starts_with(&folder) && target.to_string_lossy().ends_with(" (deleted)")
    };
    open.filter(is_unnamed).collect()
}

#[test]
fn a_file_that_was_cut_is_noticed_where_it_is_needed() {
    let Some(_) = rig::python() else {
        return;
    };
    for goes_on in [false, true] {
        let node = Node::start();
        let trial = restless(&node);
        let mut run = start(&trial, &PACE);
        let kept = loop {
            // Each change is said, and the run ends where nothing gets into the file.
            run.wait_to_say("max_p is");
            let mut kept = unnamed(&run, &trial).into_iter();
            if let Some(full) = kept.find(|it| fs::metadata(it).is_ok_and(|it| it.len() > 0)) {
                break full;
            }
        };
        let mut options = fs::OpenOptions::new();
        let kept = options.write(true).truncate(true).open(kept).expect("cut");
        let length = || kept.metadata().expect("there").len();
        if goes_on {
            wait_within(LONG, "more in the file", || (length() > 0).then_some(()));
        }
        node.signal("KILL");
        let note =
            run.wait_to_say("the run cannot go on: what it needs for that is not kept any more");
        assert!(note.contains("its file in the folder"), "{note}");
        let (ended, _) = end(run);
        ended.assert(4, &["lost node"]);
        // What was written behind the cut, maybe before the node was missed, has nothing before it that was written.
        let reason = match length() {
            0 => "its end is missing",
            _ => "it is not what was written there",
        };
        assert!(note.contains(reason), "{reason}: {note}");
        // Nothing that was computed is lost, and nothing is left beside it.
        assert!(trial.partial().expect("rows").lines().count() > 1);
        let left = fs::read_dir(trial.path("")).expect("there");
        let left: Vec<String> = left
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        assert!(
            !left.iter().any(|name| name.starts_with(".tmp")),
            "{left:?}"
        );
    }
}

#[test]
fn on_a_disk_that_is_full_a_run_goes_on_and_says_that_it_cannot_lose_a_node() {
    let Some(_) = rig::python() else {
        return;
    };
    let said = "what a loss needs to be computed again can no longer be kept";
    for is_lost in [false, true] {
        let node = Node::start();
        let trial = restless(&node);
        let elsewhere = trial.path("new.journal.csv");
        let journal = trial.path("journal.csv");
        let texts = [&journal, &elsewhere].map(|path| path.to_str().expect("UTF-8"));
        let options = ["--replay", texts[0], "--journal", texts[1]];
        let options = [&options[..], &PACE].concat();
        let Some(mut run) = trial.start_on(Disk::Small, &[IN_MEMORY], &options) else {
            return;
        };
        let note = run.wait_to_say(said);
        // Whichever came to the end of the disk first, what is kept or a row.
        let [full, gave_way] = [
            "No space left on device",
            "made room on a disk that is full",
        ];
        let why = [full, gave_way].into_iter().find(|why| note.contains(why));
        let why = why.unwrap_or_else(|| panic!("{note}"));
        assert!(note.contains("make room there"), "{note}");
        if is_lost {
            node.signal("KILL");
        }
        let (ended, _) = end(run);
        assert!(!ended.stderr.contains(said), "twice: {}", ended.stderr);
        if is_lost {
            let words =
                "the run cannot go on elsewhere: what it needs for that is not kept any more";
            ended.assert(4, &[words, why]);
        } else {
            ended.assert(0, &[]);
            let rows = fs::read_to_string(trial.path("kept.csv")).expect("rows");
            assert_eq!(rows.lines().count() as u64, FEW_HOURS + 1);
        }
    }
}
