//! Runs with a world outside: what came from there is in their journal.

use std::fs;

use rig::{Node, TABLE_JOURNAL, Trial, loop_scenario, table_on, workspace};

use super::{kill_at, names, same};

#[test]
fn what_a_journal_has_is_seen_again_and_then_what_there_is() {
    let nodes = [
        Node::start_with(&["--listen", "127.0.0.1:0", "--devices", "none"]),
        Node::start(),
    ];
    let trial = Trial::with_data(workspace(), &table_on(&nodes));
    let whole = trial.path("whole.csv").display().to_string();
    let options = ["--insecure", "--devices", "none"];
    let replay = [
        &options[..],
        &["--replay", TABLE_JOURNAL, "--output", &whole],
    ]
    .concat();
    trial.run(&replay).assert(0, &[]);
    let whole = fs::read_to_string(whole).expect("a result");

    // A visit, and then the controller is killed: what it leaves is what a live run leaves.
    let visit = [
        &options[..],
        &["--replay", TABLE_JOURNAL, "--pace", "60/s", "--journal"],
    ]
    .concat();
    let journal = trial.path("out.journal.csv").display().to_string();
    let left = kill_at(&trial, &[&visit[..], &[&journal]].concat(), 90);
    // A live run is not made from a journal.
    fs::remove_file(trial.path("out.partial.run.json")).expect("removed");
    let partial = trial.path("out.journal.partial.csv");
    let entries = fs::read_to_string(&partial).expect("a journal");
    assert!(entries.lines().count() > 5, "{entries}");

    // Nobody has plugged anything in since, so all plugs are gone from then on.
    let resume = [&options[..], &["--resume", "--pace", "200/s"]].concat();
    trial
        .run(&resume)
        .assert(0, &["they are computed again and compared"]);
    let rows = trial.csv().expect("a result");
    let same = rows.lines().zip(whole.lines()).take_while(|(a, b)| a == b);
    let same = same.count() as u64 - 1;
    // Of what came in its last second, the run that was killed has no record.
    let newest = entries
        .lines()
        .last()
        .and_then(|line| line.split(',').next());
    let newest: u64 = newest.expect("a tick").parse().expect("a number");
    assert!(
        (newest + 1..=left).contains(&same),
        "{same} of {left} rows, the newest entry at {newest}"
    );
    let after = fs::read_to_string(&journal).expect("a journal");
    assert!(after.starts_with(&entries), "{entries}\n\n{after}");
    let gone = after.lines().skip(entries.lines().count());
    assert!(
        gone.clone().count() > 2 && gone.into_iter().all(|line| line.ends_with(',')),
        "{after}"
    );

    // And all of that comes again from the journal.
    let again = trial.path("again.csv").display().to_string();
    let replay = [&options[..], &["--replay", &journal, "--output", &again]].concat();
    trial.run(&replay).assert(0, &[]);
    assert_eq!(fs::read_to_string(again).expect("a result"), rows);
    assert!(names(&trial).contains(&"out.journal.csv".to_owned()));
}

#[test]
fn rows_of_what_is_on_no_record_are_made_anew() {
    let trial = Trial::new(&loop_scenario(2_000));
    let path = |name: &str| trial.path(name).display().to_string();
    let (journal, expected) = (path("j.csv"), path("expected.csv"));
    fs::write(
        &journal,
        "tick,model,what,value\n5,Homes,parameter houses,0.25\n",
    )
    .expect("written");
    trial
        .run(&["--replay", &journal, "--output", &expected])
        .assert(0, &[]);
    let expected = fs::read_to_string(&expected).expect("a result");

    // A run was killed at tick 12; at 9 something came that its journal does not have yet.
    let mut lines: Vec<String> = expected.lines().take(13).map(str::to_owned).collect();
    lines[10].push('1');
    let rows = lines.join("\n") + "\n";
    fs::write(path("out.partial.csv"), &rows).expect("written");
    fs::copy(&journal, path("out.journal.partial.csv")).expect("written");
    // The journal is known by its place: no option has to say that there is one.
    let ended = trial.run(&["--resume"]);
    ended.assert(
        0,
        &[
            "12 rows: they are computed again",
            "9 rows of 12 from an earlier run are the same",
        ],
    );
    assert_eq!(trial.csv().as_ref(), Some(&expected));

    // What was on record when a row was made has to give that row.
    fs::remove_file(trial.path("out.csv")).expect("removed");
    lines[10].pop();
    lines[4].push('1');
    let rows = lines.join("\n") + "\n";
    fs::write(path("out.partial.csv"), &rows).expect("written");
    fs::copy(&journal, path("out.journal.partial.csv")).expect("written");
    trial
        .run(&["--resume"])
        .assert(5, &["3 rows of 12", "line 5 of"]);
    assert_eq!(trial.partial(), Some(rows));
}

#[test]
fn the_journal_of_another_run_is_none_of_these_rows() {
    let trial = Trial::new(&loop_scenario(20_000));
    let journal = trial.path("out.journal.csv").display().to_string();
    let partial = trial.path("out.journal.partial.csv");
    let other = "tick,model,what,value\n5,Homes,parameter houses,0.25\n";
    fs::write(&partial, other).expect("written");
    let left = kill_at(&trial, &["--pace", "5000/s", "--journal", &journal], 500);
    let head = fs::read_to_string(&partial).expect("a journal");
    assert_eq!(head, "tick,model,what,value\n");
    trial.run(&["--resume"]).assert(0, &[&same(left)]);
    trial.assert_whole_loop(20_000);
}
