//! What sessions make of slow networks, outages, cuts, and nodes that hang or die.

use session::{Cause, LossCause};
use shared::plan::ModelId;
use shared::wire::{Refusal, SILENCE_GRACE};

use super::*;
use crate::placement::tests::cases::expected;

/// A case whose models need each other across sites, for so many ticks: M0 here, M1 on site 1, M2 on
/// site 2, and each reads the one before, in a circle.
fn circle(ticks: u64) -> Case {
    Case {
        ticks,
        step_sizes: vec![1; 3],
        sites: [0, 1, 2].map(SiteId).to_vec(),
        connections: vec![(0, 1, false), (1, 2, false), (2, 0, true)],
        window: 16,
        schedule: vec![0],
    }
}

/// A case whose models on two nodes need each other at the same tick: M0 and M3 on site 1, between them M1 on site 2, and
/// M2 there as well or here.
fn to_and_fro(ticks: u64, last: SiteId) -> Case {
    Case {
        step_sizes: vec![1; 4],
        sites: vec![SiteId(1), SiteId(2), last, SiteId(1)],
        connections: vec![(0, 1, false), (1, 2, false), (2, 3, false), (3, 0, true)],
        ..circle(ticks)
    }
}

/// One of the nodes.
fn site_of(seed: u64) -> SiteId {
    [SiteId(1), SiteId(2)][usize::from(seed % 2 == 1)]
}

fn run(case: &Case, seed: u64, faults: Faults) -> Ended {
    World::new(case, seed, faults).run()
}

/// Checks that a run came to its end with all rows.
#[track_caller]
fn assert_whole(case: &Case, ended: &Ended) {
    assert!(ended.result.is_ok(), "{:?}", ended.result);
    assert_eq!(ended.rows, expected(case));
    let is_over = |state: &State| matches!(state, State::Over(Err(_)));
    assert!(!ended.nodes.iter().any(is_over), "{:?}", ended.nodes);
    let is_reported = |node: &session::NodeState| node.report.is_some();
    assert!(ended.outcome.nodes.iter().all(is_reported));
}

/// Checks that the rows are right as far as they go.
#[track_caller]
fn assert_prefix(case: &Case, ended: &Ended) {
    let expected = expected(case);
    assert!(ended.rows.len() < expected.len());
    assert_eq!(ended.rows, expected[..ended.rows.len()]);
}

#[test]
fn the_result_is_the_same_over_any_network() {
    with_seeds(100, |seed| {
        let case = case(seed);
        let ended = run(&case, seed, Faults::default());
        assert_whole(&case, &ended);
        assert!(ended.outcome.relayed.is_empty());
    });
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let twice = [0, 1].map(|_| {
        let ended = run(&circle(50), 5, Faults::default());
        (ended.rows, ended.time)
    });
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn windows_of_two_never_stand_still() {
    with_seeds(100, |seed| {
        let case = Case {
            window: 2,
            ..case(seed)
        };
        assert_whole(&case, &run(&case, seed, Faults::default()));
    });
}

#[test]
fn a_run_that_is_held_at_ticks_gives_the_same_rows_and_nobody_goes_beyond() {
    with_seeds(100, |seed| {
        let case = Case {
            ticks: 60,
            ..case(seed)
        };
        let pause = 100 + 10 * (seed % 30);
        let faults = Faults {
            hold: Some((1 + seed % 13, pause)),
            ..Faults::default()
        };
        let ended = run(&case, seed, faults);
        assert_whole(&case, &ended);
        let holds = case.ticks / (1 + seed % 13) - 1;
        assert!(ended.time >= Duration::from_millis(holds * pause));
    });
}

#[test]
fn without_links_the_controller_passes_values_on() {
    with_seeds(20, |seed| {
        let faults = Faults {
            no_links: true,
            ..Faults::default()
        };
        let case = circle(40);
        let ended = run(&case, seed, faults);
        assert_whole(&case, &ended);
        assert_eq!(ended.outcome.relayed, [(SiteId(1), SiteId(2))]);
        let reported = |report: &&Report| matches!(report, Report::Relayed(SiteId(1), SiteId(2), why) if why == "no link");
        assert_eq!(ended.reports.iter().filter(reported).count(), 1);
    });
}

#[test]
fn an_outage_that_is_shorter_than_the_timeout_is_survived() {
    with_seeds(40, |seed| {
        let (case, mut dice) = (circle(100), Dice::new(seed));
        let begin = dice.throw(400) as u64;
        let time = begin..begin + 1000 + dice.throw(8000) as u64;
        let faults = if seed % 2 == 0 {
            Faults {
                outage: Some((SiteId(1), time.clone())),
                ..Faults::default()
            }
        } else {
            Faults {
                link_outage: Some(time.clone()),
                ..Faults::default()
            }
        };
        let ended = run(&case, seed, faults);
        assert_whole(&case, &ended);
        assert!(ended.time > Duration::from_millis(time.end), "it was there");
    });
}

#[test]
fn a_node_that_is_silent_for_the_timeout_is_lost_and_named() {
    with_seeds(40, |seed| {
        let case = circle(3000);
        let (site, ms) = (site_of(seed), 300 + 37 * seed);
        let faults = if seed % 4 < 2 {
            Faults {
                hang: Some((site, ms)),
                ..Faults::default()
            }
        } else {
            Faults {
                outage: Some((site, ms..1_000_000)),
                ..Faults::default()
            }
        };
        let ended = run(&case, seed, faults);
        let Err(End::Lost(lost, LossCause::Silent(10))) = ended.result else {
            panic!("{:?}", ended.result);
        };
        assert_eq!(lost, site);
        assert_prefix(&case, &ended);
        let since = ended.time.saturating_sub(Duration::from_millis(ms));
        let limit = TIMEOUT + SILENCE_GRACE;
        // What was said last arrived a moment later, and a heartbeat may have been a second old.
        let earliest = limit.saturating_sub(Duration::from_secs(1));
        let latest = limit + Duration::from_millis(500);
        assert!(since > earliest && since < latest, "{since:?}");
    });
}

#[test]
fn a_node_that_is_out_of_reach_for_less_than_its_grace_is_not_lost() {
    with_seeds(40, |seed| {
        let case = circle(300);
        let (begun, seconds) = (200 + 37 * seed, 15 + seed % 20);
        let ended = run(
            &case,
            seed,
            Faults {
                outage: Some((site_of(seed), begun..begun + 1000 * seconds)),
                graces: vec![Duration::from_secs(30); 2],
                ..Faults::default()
            },
        );
        assert!(ended.result.is_ok(), "{:?}", ended.result);
        assert_eq!(ended.rows, expected(&case));
    });
}

#[test]
fn nodes_that_are_all_out_of_reach_may_be_heard_again_one_after_the_other() {
    with_seeds(40, |seed| {
        let case = circle(300);
        let [one, other] = [site_of(seed), site_of(seed + 1)];
        let longer = 300 * (seed % 40);
        let ended = run(
            &case,
            seed,
            Faults {
                blows: vec![
                    (200, Blow::Outage(CONTROLLER, one, 16_000 + longer)),
                    (200, Blow::Outage(CONTROLLER, other, 16_000)),
                ],
                patience: Duration::from_secs(30),
                graces: vec![Duration::from_secs(2); 2],
                ..Faults::default()
            },
        );
        assert!(ended.result.is_ok(), "{:?}", ended.result);
        assert_eq!(ended.rows, expected(&case));
    });
}

#[test]
fn a_link_over_which_nothing_comes_is_lost_although_nodes_are_patient() {
    with_seeds(40, |seed| {
        let cases = [
            circle(3000),
            to_and_fro(3000, SiteId(2)),
            to_and_fro(3000, CONTROLLER),
        ];
        for case in cases {
            let begun = 200 + 37 * seed;
            let ended = run(
                &case,
                seed,
                Faults {
                    link_outage: Some(begun..1_000_000),
                    graces: vec![Duration::from_secs(60); 2],
                    ..Faults::default()
                },
            );
            let Err(End::LinkLost(loss)) = &ended.result else {
                panic!("{:?}", ended.result);
            };
            assert_eq!(loss.cause, "nothing has come from it for 18 s");
            assert_prefix(&case, &ended);
            let since = ended.time.saturating_sub(Duration::from_millis(begun));
            assert!(since < TIMEOUT + 4 * SILENCE_GRACE, "{since:?}");
        }
    });
}

#[test]
fn a_node_that_dies_is_lost_at_once_and_named() {
    with_seeds(40, |seed| {
        let case = circle(3000);
        let (site, ms) = (site_of(seed), 200 + 37 * seed);
        let kill = Some((site, ms));
        let faults = Faults {
            kill,
            ..Faults::default()
        };
        let ended = run(&case, seed, faults);
        let Err(End::Lost(lost, LossCause::Connection(_))) = ended.result else {
            panic!("{:?}", ended.result);
        };
        assert_eq!(lost, site);
        assert_prefix(&case, &ended);
        assert!(ended.time < Duration::from_millis(ms + 200));
    });
}

#[test]
fn a_link_that_is_cut_ends_the_run_and_both_sides_are_named() {
    with_seeds(40, |seed| {
        let case = circle(3000);
        let faults = Faults {
            link_cut: Some(300 + 37 * seed),
            ..Faults::default()
        };
        let ended = run(&case, seed, faults);
        let Err(End::LinkLost(loss)) = &ended.result else {
            panic!("{:?}", ended.result);
        };
        assert_eq!(loss.site.min(loss.other), SiteId(1));
        assert_eq!(loss.site.max(loss.other), SiteId(2));
        assert!(loss.cause.contains("closed the connection"), "{loss:?}");
        assert_prefix(&case, &ended);
        // Both are there to the end.
        let is_well = |state: &State| matches!(state, State::Works);
        assert!(ended.nodes.iter().all(is_well), "{:?}", ended.nodes);
    });
}

#[test]
fn a_link_that_is_silent_for_longer_than_the_timeout_ends_the_run_and_both_sides_are_named() {
    with_seeds(40, |seed| {
        let (case, ms) = (circle(3000), 300 + 37 * seed);
        let faults = Faults {
            link_outage: Some(ms..1_000_000),
            ..Faults::default()
        };
        let ended = run(&case, seed, faults);
        let Err(End::LinkLost(loss)) = &ended.result else {
            panic!("{:?}", ended.result);
        };
        assert_eq!(loss.site.min(loss.other), SiteId(1));
        assert_eq!(loss.site.max(loss.other), SiteId(2));
        // A second more than the controller has patience with a node.
        assert_eq!(loss.cause, "no sign of life for 14 s");
        assert_prefix(&case, &ended);
    });
}

#[test]
fn a_controller_that_was_away_for_less_than_its_nodes_wait_finds_them_again() {
    with_seeds(20, |seed| {
        let case = circle(400);
        let begin = 300 + 37 * seed;
        // A node waits for 30 s, and the controller has said something a second before at the latest.
        let time = 1000 + 900 * (seed % 30);
        let faults = Faults {
            away: Some(begin..begin + time),
            ..Faults::default()
        };
        let ended = run(&case, seed, faults);
        assert_whole(&case, &ended);
        assert!(ended.time > Duration::from_millis(begin + time));
    });
}

#[test]
fn a_controller_that_was_away_for_too_long_hears_what_its_nodes_made_of_it() {
    with_seeds(40, |seed| {
        let case = circle(3000);
        let begin = 300 + 37 * seed;
        let faults = Faults {
            away: Some(begin..begin + 32_000 + 1000 * seed),
            ..Faults::default()
        };
        let ended = run(&case, seed, faults);
        let Err(End::Lost(_, LossCause::Refused(Refusal::Silence { seconds: 30 }))) = ended.result
        else {
            panic!("{:?}", ended.result);
        };
        assert_prefix(&case, &ended);
    });
}

#[test]
fn of_a_node_that_dies_there_is_what_it_said_last_and_of_the_others_what_they_did() {
    with_seeds(40, |seed| {
        let case = circle(3000);
        let site = 1 + usize::from(seed % 2 == 1);
        // Each says how far it is every second.
        let faults = Faults {
            kill: Some((SiteId::at(site), 1500 + 37 * seed)),
            ..Faults::default()
        };
        let ended = run(&case, seed, faults);
        let node = |site: usize| &ended.outcome.nodes[site - 1];
        let (lost, well) = (node(site), node(3 - site));
        assert!(lost.report.is_none() && lost.steps > 0, "{lost:?}");
        assert!(well.is_there() && well.steps > 0, "{well:?}");
    });
}

#[test]
fn a_node_that_hangs_is_named_within_two_seconds_with_all_who_wait_for_it() {
    with_seeds(60, |seed| {
        // M0 on site 1 is read by M1 on site 2, and that by M2 here.
        let case = Case {
            sites: [1, 2, 0].map(SiteId).to_vec(),
            ..circle(3000)
        };
        let ms = 300 + 37 * seed;
        let faults = Faults {
            hang: Some((SiteId(1), ms)),
            ..Faults::default()
        };
        let ended = run(&case, seed, faults);
        let hung = Duration::from_millis(ms);
        let (said, stall) = ended.stalls.last().expect("it stands still");
        assert!(
            *said >= hung && said.saturating_sub(hung) <= Duration::from_secs(2),
            "{said:?}"
        );
        assert_eq!((stall.site, stall.model), (SiteId(1), Some(ModelId(0))));
        assert!(
            matches!(stall.cause, Cause::Silent(_) | Cause::Busy),
            "{stall:?}"
        );
        let waits = stall.waits.iter();
        let waits: Vec<_> = waits
            .map(|(site, wait)| (site.0, wait.model, wait.source))
            .collect();
        let [m0, m1, m2] = [0, 1, 2].map(|model| Some(ModelId(model)));
        // A row has all models; with what comes from site 1 it waits for that alone.
        let whole = [(0, m2, m1), (2, m1, m0)];
        assert!(waits == whole || waits == [(0, None, m0)], "{stall:?}");
        assert!(seed != 0 || waits == whole, "{stall:?}");
    });
}

#[test]
fn a_run_that_goes_on_stands_never_still() {
    with_seeds(40, |seed| {
        let ended = run(&circle(200), seed, Faults::default());
        assert_eq!(ended.stalls, []);
    });
}

#[test]
fn of_an_outage_between_two_nodes_the_one_is_named_whose_values_do_not_come() {
    with_seeds(40, |seed| {
        let (case, ms) = (circle(3000), 400 + 37 * seed);
        let faults = Faults {
            link_outage: Some(ms..ms + 5000),
            ..Faults::default()
        };
        let ended = run(&case, seed, faults);
        assert_whole(&case, &ended);
        // Where some of it comes before they go on over another connection, the run stands still once more.
        assert!(matches!(ended.stalls.len(), 1 | 2), "{:?}", ended.stalls);
        for (_, stall) in &ended.stalls {
            // Of the circle only what goes from node 1 to node 2 crosses their link.
            assert_eq!((stall.site, stall.model), (SiteId(1), Some(ModelId(1))));
            assert_eq!(stall.waits.len(), 2);
            assert!(
                matches!(stall.cause, Cause::OnItsWay | Cause::Circle),
                "{stall:?}"
            );
        }
    });
}
