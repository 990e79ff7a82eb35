//! Viewers that are in nobody's way.

use rig::{Trial, loop_scenario};

use super::Shown;

#[test]
fn a_viewer_that_never_reads_and_two_that_do_change_no_run() {
    const TICKS: u64 = 20_000;
    let trial = Trial::new(&loop_scenario(TICKS));
    let shown = Shown::of(&trial, &["--pace", "20000/s"]);
    let server = shown.server;
    let stuck = server.ask_and_ignore(&["/api/events?viewer=stuck"]);
    let mut viewers = [server.events("one"), server.events("two")];
    viewers[0].wait("state", |state| state["tick"].as_u64() > Some(2_000));
    // More than there is room for between two programs.
    let items = "&item=Cell.soc".repeat(64);
    let much = format!("/api/series?points=16384{items}");
    let full = server.ask_and_ignore(&[much.as_str(); 20]);
    for viewer in &mut viewers {
        assert_eq!(viewer.wait_for_end()["rows"], TICKS);
    }
    trial.assert_whole_loop(TICKS);
    shown.interrupt().assert(0, &["20,000 of 20,000 rows"]);
    for viewer in &mut viewers {
        viewer.wait("bye", |_| true);
        assert_eq!(viewer.next(), None);
    }
    drop((stuck, full));
}

#[test]
fn ctrl_c_ends_a_run_and_its_page() {
    let trial = Trial::new(&loop_scenario(500));
    let shown = Shown::of(&trial, &["--pace", "1/h"]);
    let mut viewer = shown.server.events("one");
    viewer.wait("state", |state| state["tick"] == 1);
    shown
        .interrupt()
        .assert(130, &["1 of 500 rows", "interrupted"]);
    assert_eq!(viewer.wait_for_end()["phase"], "stopped");
    viewer.wait("bye", |_| true);
    assert_eq!(viewer.next(), None);
}
