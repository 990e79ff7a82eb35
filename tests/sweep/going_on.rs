//! Sweeps that are ended in the middle, and go on.

use std::fs;

use super::Place;
use rig::wait_for;

/// So many variants that they are not done before somebody ends them.
const MANY: &str = "Storage.max_energy=range(1,20001,1)";

fn options<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let all = [
        "scenario.yaml",
        "--set",
        MANY,
        "--indicators",
        "totals",
        "-o",
        "table.csv",
        "--jobs",
        "2",
    ];
    [&all, more].concat()
}

/// A table `t.csv` of these values.
fn table_of<'a>(set: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let all = [
        "scenario.yaml",
        "--set",
        set,
        "--indicators",
        "totals",
        "-o",
        "t.csv",
    ];
    [&all, more].concat()
}

/// A short scenario, so that many variants take a moment.
fn place() -> Place {
    Place::with_power_balance(&|text| {
        text.replace("'2026-07-10 00:00:00'", "'2026-07-06 06:00:00'")
    })
}

#[test]
fn what_is_missing_after_a_kill_or_an_interruption_is_done_then() {
    let place = place();
    place.sweep(&options(&["-q"])).assert(0, &[]);
    let wanted = place.read("table.csv");
    for signal in ["KILL", "INT", "TERM"] {
        fs::remove_file(place.path("table.csv")).expect("removed");
        let run = place.start(&options(&["-q"]));
        wait_for("rows of the table", || {
            let partial = fs::read_to_string(place.path("table.partial.csv")).ok()?;
            (partial.lines().count() > 100).then_some(())
        });
        run.signal(signal);
        let ended = rig::Ended::from(run.finish());
        if signal != "KILL" {
            ended.assert(130, &["error: interrupted"]);
        }
        assert!(!place.path("table.csv").exists(), "it is not whole");
        // Half a line is none.
        let partial = place.read("table.partial.csv");
        fs::write(place.path("table.partial.csv"), partial + "17,").expect("written");
        let resumed = place.sweep(&options(&["--resume"]));
        resumed.assert(0, &["were there from the sweep before"]);
        assert!(place.read("table.csv") == wanted, "{signal}");
        assert!(!place.path("table.partial.csv").exists());
    }
}

#[test]
fn results_that_are_there_are_not_made_again() {
    let place = place();
    let set = ["scenario.yaml", "--set", "Storage.max_energy=1,2,3,4"];
    place.sweep(&set).assert(0, &[]);
    let wanted = place.files("results");
    for lost in [2, 4] {
        fs::remove_file(place.path(&format!("results/power-balance_{lost}.csv"))).expect("removed");
    }
    let resumed = place.sweep(&[&set[..], &["--resume"]].concat());
    resumed.assert(
        0,
        &[
            "2 variants in results",
            "2 variants were there from the sweep before",
        ],
    );
    assert!(place.files("results") == wanted);
}

#[test]
fn another_sweep_is_not_gone_on_with() {
    let place = place();
    let set = table_of("Storage.max_energy=1,2", &[]);
    place.sweep(&set).assert(0, &[]);
    let before = place.read("t.csv");
    let other = table_of("Storage.max_energy=1,3", &[]);
    let refused = place.sweep(&[&other[..], &["--resume"]].concat());
    refused.assert(2, &["cannot be gone on with: 'set' was"]);
    let text = place
        .read("scenario.yaml")
        .replace("houses: 30", "houses: 31");
    place.write("scenario.yaml", &text);
    let refused = place.sweep(&[&set[..], &["--resume"]].concat());
    refused.assert(2, &["'scenario.yaml' has changed since"]);
    assert_eq!(place.read("t.csv"), before);
}

#[test]
fn a_table_that_is_whole_is_not_made_again() {
    let place = place();
    let set = table_of("Storage.max_energy=1,2,3", &["--resume"]);
    place.sweep(&set).assert(0, &["3 variants in t.csv"]);
    let before = place.read("t.csv");
    let again = place.sweep(&set);
    again.assert(
        0,
        &[
            "0 variants in t.csv",
            "3 variants were there from the sweep",
        ],
    );
    assert_eq!(place.read("t.csv"), before);
    assert_eq!(place.names(), ["t.csv", "t.sweep.json"]);
    fs::remove_file(place.path("t.csv")).expect("removed");
    place.sweep(&set).assert(0, &["3 variants in t.csv"]);
    assert_eq!(place.read("t.csv"), before);
}

#[test]
fn lines_that_are_older_than_the_sweep_are_not_gone_on_with() {
    let place = place();
    let set = table_of("Storage.max_energy=1,2,3", &[]);
    place.sweep(&set).assert(0, &[]);
    let wanted = place.read("t.csv");
    fs::remove_file(place.path("t.csv")).expect("removed");
    // Of a sweep before, which this one was killed too early to write over.
    place.write("t.partial.csv", &wanted.replace("\n1,1,", "\n1,7,"));
    let partial = fs::File::options()
        .write(true)
        .open(place.path("t.partial.csv"));
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    partial
        .and_then(|file| file.set_modified(long_ago))
        .expect("set");
    place
        .sweep(&[&set[..], &["--resume"]].concat())
        .assert(0, &["3 variants in t.csv"]);
    assert_eq!(place.read("t.csv"), wanted);
}

#[test]
fn what_goes_into_no_file_is_not_gone_on_with_and_leaves_none() {
    let place = place();
    let to_stdout = |more: &[&str]| {
        let options = ["scenario.yaml", "--indicators", "totals", "-q", "-o", "-"];
        place.sweep(&[&options, more].concat())
    };
    let ended = to_stdout(&[]);
    ended.assert(0, &[]);
    assert!(
        ended.stdout.starts_with("simulationID,"),
        "{}",
        ended.stdout
    );
    assert_eq!(place.names(), Vec::<String>::new());
    to_stdout(&["--resume"]).assert(1, &["this one goes into none"]);
    to_stdout(&["--shard", "1/2"]).assert(1, &["put together in a file"]);
}

#[test]
fn two_sweeps_do_not_write_one_table() {
    let place = place();
    // The second one checks its values first, and the other is not to be done by then.
    let run = place.start(&options(&["-q", "--set", "Storage.max_p=range(1,101,1)"]));
    wait_for("rows of the table", || {
        place.path("table.partial.csv").exists().then_some(())
    });
    place
        .sweep(&["scenario.yaml", "--indicators", "totals", "-o", "table.csv"])
        .assert(5, &["is being written by another run"]);
    run.signal("INT");
    run.finish();
}
