//! What is said of a pace.

use rig::{Trial, loop_scenario};

#[test]
fn what_is_no_pace_is_refused_with_what_would_be_one() {
    let trial = Trial::new(&loop_scenario(10));
    for (options, said) in [
        (&["--pace", "0/s"][..], "--pace"),
        (&["--pace", "-2/s"], "--pace"),
        (&["--pace", "nan/s"], "--pace"),
        (&["--pace", "2"], "such as 2/s, 0.5/s or 120/min"),
        (&["--pace", "9999999/s"], "at most 1,000,000"),
        (&["--real-time", "0"], "--real-time"),
        (&["--real-time", "fast"], "such as 900"),
        (
            &["--real-time", "1e12"],
            "(time_resolution); give a factor from",
        ),
        (&["--pace", "2/s", "--real-time", "9"], "give one of them"),
    ] {
        let ended = trial.run(options);
        ended.assert(1, &[said]);
        assert_eq!(trial.csv(), None, "{options:?}");
    }
}

#[test]
fn a_run_that_cannot_keep_its_pace_says_so_once_with_the_reason() {
    // No machine makes a million of these a second.
    let trial = Trial::new(&loop_scenario(100_000_000));
    let mut run = trial.start(&["--pace", "1000000/s"]);
    let said = run.wait_to_say("behind its pace of 1000000 ticks/s");
    assert!(
        said.contains("the models on this machine take longer"),
        "{said}"
    );
    trial.wait_for_rows();
    run.signal("INT");
    let ended: rig::Ended = run.finish().into();
    ended.assert(130, &[]);
    assert!(
        !ended.stderr.contains("behind its pace"),
        "{}",
        ended.stderr
    );
}

#[test]
fn simulated_time_has_a_pace_as_well() {
    // A tick is a second, and 60 of them come in no time.
    let trial = Trial::new(&loop_scenario(60));
    trial.run(&["--real-time", "20000"]).assert(0, &[]);
    trial.assert_whole_loop(60);
}
