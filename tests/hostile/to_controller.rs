//! Nodes that do not keep to the protocol: a run on them ends with a message, in time.

use std::fs;
use std::net::SocketAddr;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use rig::{Ended, FakeNode, Node, PATIENCE, Peer, Trial, loop_scenario, placed};
use shared::model::{Notice, Severity};
use shared::plan::{ModelId, SiteId};
use shared::progress::{Failure, Wait};
use shared::wire::{MAX_FRAME, Preamble, Refusal, SiteReport, Standing, ToController};

use crate::session::encoded;

/// Runs the loop with `Cell` on a node that plays this part.
fn run_with(play: impl FnMut(Peer) + Send + 'static) -> Ended {
    let fake = FakeNode::start(play);
    let trial = Trial::loop_on(fake.address, 50);
    let ended = trial.run(&["--timeout", "2", "--patience", "0"]);
    if ended.code == Some(0) {
        trial.assert_whole_loop(50);
    } else {
        assert_eq!(trial.csv(), None, "no row is complete");
    }
    ended
}

/// Checks that a node was lost for this reason, and that the run came to its end without it, with the right result.
#[track_caller]
fn assert_made_up_for(ended: &Ended, said: &str) {
    let lost = [
        "note: lost node 127.0.0.1:",
        ", which ran Cell and had done at least ",
        said,
        "; the run holds at tick 0",
        "note: this machine runs Cell in place of 127.0.0.1:",
    ];
    ended.assert(0, &lost);
}

/// A node that takes its plan and then plays this part, to the end of the connection.
fn after_its_plan(mut play: impl FnMut(&mut Peer) + Send + 'static) -> Ended {
    run_with(move |mut peer| {
        if peer.takes_a_plan() {
            play(&mut peer);
            peer.wait_for_end();
        }
    })
}

/// What a node says instead of what it should, and what comes of it.
fn assert_lost(message: ToController<'static>, said: &str) {
    let shown = format!("{message:?}");
    let ended = after_its_plan(move |peer| peer.send(&message));
    assert_eq!(ended.code, Some(4), "{shown}: {}", ended.stderr);
    let lost = [
        "error: lost node 127.0.0.1:",
        ", which ran Cell and had done at least 0 ticks: ",
        said,
    ];
    ended.assert(4, &lost);
}

fn batch(to: u16, batch: Vec<u8>) -> ToController<'static> {
    ToController::Batch {
        to: SiteId(to),
        batch: Vec::leak(batch),
    }
}

#[test]
fn messages_that_do_not_belong_there_end_a_run() {
    assert_lost(
        ToController::Welcome {
            release: "",
            processor: "",
            sessions: 0,
        },
        "a second welcome",
    );
    assert_lost(batch(1, vec![]), "a batch for nobody");
    assert_lost(batch(7, vec![]), "a batch for nobody");
    assert_lost(batch(u16::MAX, vec![]), "a batch for nobody");
    assert_lost(batch(0, vec![1]), "a publication is cut or holds no value");
    assert_lost(batch(0, encoded(&(2u64, 0u64))), "a publication is cut");
    assert_lost(
        batch(0, encoded(&((4u64, 0u64, 1u64), 0u8))),
        "stream 2 is not in the plan",
    );
    assert_lost(
        batch(0, encoded(&((0u64, 9u64, 1u64), 0u8))),
        "stream 0 came with tick 9 where 0 is due",
    );
    assert_lost(
        batch(0, encoded(&(1u64, 1000u64))),
        "stream 0 got credit for more than was sent",
    );
    assert_lost(
        ToController::Refused(Refusal::InconsistentPlan),
        "it finds the plan inconsistent",
    );
}

#[test]
fn a_node_that_leaves_is_made_up_for() {
    let ended = after_its_plan(|peer| peer.send(&ToController::Leaving));
    assert_made_up_for(&ended, "somebody stopped the node");
}

#[test]
fn a_node_that_finishes_too_early_is_found_out() {
    let ended = after_its_plan(|peer| peer.send(&ToController::Finished(SiteReport::default())));
    let said = "it says that it has finished, and model 'Homes' still waits for values of 'Cell' at tick 0";
    assert_made_up_for(&ended, said);
}

#[test]
fn a_node_that_finishes_too_early_for_another_node_is_found_out() {
    let node = Node::start();
    let fake = FakeNode::start(|mut peer| {
        if !peer.takes_a_plan() {
            return;
        }
        peer.send(&ToController::Finished(SiteReport::default()));
        while peer.receive().is_some() {
            // The controller is there every second, and so is the node.
            peer.send(&ToController::Alive(Standing {
                progress: 50,
                steps: 50,
                ..Standing::default()
            }));
        }
    });
    // What comes of `Tank` is read on the other node only, and that is all that is recorded.
    let scenario = loop_scenario(50).replace(
        "- {from: Tank.soc, to: Roof.load}",
        "- {from: Cell.soc, to: Roof.load}",
    );
    let addresses = [("Tank", fake.address), ("Mill", node.address)];
    let trial = Trial::new(&placed(&scenario, &|model| {
        let (_, address) = addresses.iter().find(|(placed, _)| *placed == model)?;
        Some((address.ip().to_string(), address.port()))
    }));
    let ended = trial.run(&["--timeout", "2", "--patience", "0"]);
    let said =
        "it says that it has finished, and model 'Mill' still waits for values of 'Tank' at tick 0";
    let by = format!("{} runs Tank in place of {}", node.address, fake.address);
    ended.assert(0, &[said, &by]);
    let result = trial.csv();
    trial.run(&["--local"]).assert(0, &[]);
    assert_eq!(result, trial.csv());
}

#[test]
fn a_failure_after_the_end_of_the_run_is_not_believed() {
    // `Cell`, which is there; the run has 50 ticks.
    for tick in [50, 1 << 40, u64::MAX] {
        assert_lost(
            ToController::Failed(Failure {
                model: ModelId(4),
                tick,
                code: "x".into(),
                message: "x".into(),
                inputs: Vec::new(),
            }),
            "it speaks of a step after the end of the run",
        );
    }
}

#[test]
fn a_failure_of_a_model_elsewhere_is_not_believed() {
    for model in [0, u32::MAX] {
        assert_lost(
            ToController::Failed(Failure {
                model: ModelId(model),
                tick: 0,
                code: "x".into(),
                message: "x".into(),
                inputs: Vec::new(),
            }),
            "it speaks for a model that it does not run",
        );
    }
}

#[test]
fn frames_that_are_none_end_a_run() {
    for (bytes, said) in [
        (
            &[0xff; 4][..],
            "a frame of 4294967295 bytes is over the limit of 1048576",
        ),
        (&[0; 4], "a frame without content"),
        (&[1, 0, 0, 0, 99], "a frame whose content is no message"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "is over the limit"),
    ] {
        let ended = after_its_plan(move |peer| {
            // The controller may have closed the connection already.
            let _ = peer.send_raw(bytes);
        });
        ended.assert(4, &["error: lost node ", said]);
    }
    let ended = after_its_plan(|peer| {
        let _ = peer.send_raw(&[9, 0, 0, 0, 1]);
        peer.finish_sending();
    });
    let said = "the peer closed the connection in the middle of a frame";
    assert_made_up_for(&ended, said);
}

#[test]
fn nonsense_in_the_handshake_ends_a_run_before_it_begins() {
    for (bytes, said) in [
        (
            &[0xff; 4][..],
            "a frame of 4294967295 bytes is over the limit of 8192",
        ),
        (&[1, 0, 0, 0, 99], "a frame whose content is no message"),
        (&[1, 0, 0, 0, 2], "it answers out of order; update it"),
    ] {
        let ended = run_with(move |mut peer| {
            peer.greet();
            // The controller may have closed the connection already.
            let _ = peer.send_raw(bytes);
            peer.wait_for_end();
        });
        ended.assert(4, &["error: node 127.0.0.1:", " (for Cell): ", said]);
    }
    run_with(drop).assert(4, &["(for Cell): "]);
    let half = run_with(|mut peer| {
        let _ = peer.send_raw(&Preamble::ours(false).to_bytes()[..5]);
    });
    half.assert(4, &["(for Cell): "]);
}

#[test]
fn silence_is_noticed_in_time() {
    let silent = run_with(|mut peer| peer.wait_for_end());
    silent.assert(4, &["(for Cell): no answer for 5 s"]);
    let after_its_plan = after_its_plan(|_| ());
    let said = "no sign of life for 2 s; see whether the node hangs";
    assert_made_up_for(&after_its_plan, said);
}

/// A run with a large file for a node at this address.
fn trial_with_file(address: SocketAddr) -> Trial {
    let scenario = loop_scenario(50).replace(
        "models:\n",
        "models:\n- name: Meter\n  type: CSV\n  parameters: {file_path: a.csv}\n",
    );
    let trial = Trial::new(&placed(&scenario, &|model| {
        (model == "Meter").then(|| (address.ip().to_string(), address.port()))
    }));
    let mut data = b"title\ntime,x\n2012-01-01 00:00:00,1\n".to_vec();
    // Blank lines, and few of them: the file is read to its end before the run.
    let mut blank = vec![b' '; 60_000];
    blank.push(b'\n');
    for _ in 0..200 {
        data.extend_from_slice(&blank);
    }
    fs::write(trial.path("a.csv"), data).expect("written");
    trial
}

#[test]
fn a_node_that_takes_no_files_does_not_hold_a_run_up() {
    let (over, is_over) = mpsc::channel::<()>();
    let fake = FakeNode::start(move |mut peer| {
        peer.welcome();
        // It reads nothing, for as long as the controller waits.
        assert_eq!(
            is_over.recv_timeout(PATIENCE),
            Err(RecvTimeoutError::Disconnected)
        );
    });
    let trial = trial_with_file(fake.address);
    let ended = trial.run(&["--timeout", "2", "--patience", "0"]);
    drop(over);
    let said = [
        "note: lost node ",
        "no sign of life for 2 s",
        "this machine runs Meter",
    ];
    ended.assert(0, &said);
    trial.assert_whole_loop(50);
}

#[test]
fn a_run_is_interrupted_while_a_node_takes_its_files() {
    let (over, is_over) = mpsc::channel::<()>();
    let (reached, is_reached) = mpsc::channel();
    let fake = FakeNode::start(move |mut peer| {
        peer.welcome();
        peer.receive();
        reached.send(()).expect("the test listens");
        // There, but slow.
        let while_slow = Duration::from_millis(200);
        while is_over.recv_timeout(while_slow) == Err(RecvTimeoutError::Timeout) {
            peer.send(&ToController::Alive(Standing::default()));
        }
    });
    let trial = trial_with_file(fake.address);
    let run = trial.start(&["--timeout", "2"]);
    is_reached.recv_timeout(PATIENCE).expect("reached");
    run.signal("INT");
    let ended = Ended::from(run.finish());
    drop(over);
    ended.assert(130, &["error: interrupted"]);
    assert_eq!(trial.csv(), None);
}

#[test]
fn a_run_is_interrupted_while_it_waits_for_a_node() {
    let (reached, is_reached) = mpsc::channel();
    let fake = FakeNode::start(move |mut peer| {
        peer.preamble().expect("a controller");
        reached.send(()).expect("the test listens");
        peer.wait_for_end();
    });
    let trial = Trial::loop_on(fake.address, 50);
    let run = trial.start(&["--json"]);
    is_reached.recv_timeout(PATIENCE).expect("reached");
    run.signal("INT");
    let ended = Ended::from(run.finish());
    ended.assert(130, &["error: interrupted"]);
    assert!(ended.stdout.contains("\"interrupted\""), "{}", ended.stdout);
    assert_eq!(trial.csv(), None);
}

#[test]
fn what_a_node_says_does_not_reach_the_terminal_as_it_is() {
    let ended = after_its_plan(|peer| {
        peer.send(&ToController::Notice(Notice {
            severity: Severity::Warning,
            model: ModelId(4),
            tick: 0,
            text: "\x1b[2Jgone".into(),
        }));
        peer.send(&ToController::Failed(Failure {
            model: ModelId(4),
            tick: 0,
            code: "x".into(),
            message: "\x1b[2Jaway".into(),
            inputs: Vec::new(),
        }));
        peer.send(&ToController::Finished(SiteReport::default()));
    });
    ended.assert(3, &[r"\u{1b}[2Jgone", r"\u{1b}[2Jaway"]);
    assert!(!ended.stderr.contains('\x1b'), "{:?}", ended.stderr);
}

#[test]
fn numbers_without_sense_are_shown_and_not_counted_with() {
    let ended = after_its_plan(|peer| {
        let wait = Some(Wait {
            model: Some(ModelId(u32::MAX)),
            tick: u64::MAX,
            site: SiteId(u16::MAX),
            source: Some(ModelId(u32::MAX)),
        });
        peer.send(&ToController::Alive(Standing {
            progress: u64::MAX,
            steps: 0,
            wait,
            still: Duration::MAX,
        }));
        peer.send(&ToController::Notice(Notice {
            severity: Severity::Warning,
            model: ModelId(u32::MAX),
            tick: u64::MAX,
            text: "x".repeat(MAX_FRAME / 2),
        }));
        peer.finish_sending();
    });
    assert_made_up_for(&ended, "the peer closed the connection");
}

#[test]
fn what_a_node_says_is_limited_and_does_not_look_like_words_of_the_controller() {
    const LIE: &str = "x\nerror: the result is lost\r\x1b[2Jok";
    let ended = after_its_plan(|peer| {
        let notice = |text: String| {
            ToController::Notice(Notice {
                severity: Severity::Warning,
                model: ModelId(0),
                tick: 0,
                text,
            })
        };
        peer.send(&notice(format!("{LIE}{}", "y".repeat(10_000))));
        for number in 0..3000 {
            peer.send(&notice(format!("{LIE} {number}")));
        }
        let types = vec![LIE.to_owned()];
        peer.send(&ToController::Refused(Refusal::MissingTypes(types)));
    });
    ended.assert(
        4,
        &[
            r"x\nerror: the result is lost\r\u{1b}[2Jok",
            "… (10034 bytes in all)",
            "more warnings of models left out here",
            r"it has no model type x\nerror: the result is lost",
        ],
    );
    let notices = ended.stderr.matches(" at tick 0 ").count();
    assert!((1..=1000).contains(&notices), "{notices}");
    let lies = ended
        .stderr
        .lines()
        .filter(|line| line.starts_with("error: the result"));
    assert_eq!(lies.count(), 0);
    assert!(!ended.stderr.contains('\x1b'));
}
