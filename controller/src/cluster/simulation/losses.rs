//! Runs that lose nodes, links and their controller's attention again and again, and go on: whatever happens, there are the
//! rows that the rules give, once each.
//!
//! `ILLUMINATOR_SEEDS=100000` tries as many seeds.

use super::*;
use crate::cluster::Endpoint;
use crate::placement::Snapshot;
use crate::placement::tests::cases::{expected, graph, plans_of};
use crate::run::{Again, Asides, Lost, Standby};
use crate::scenario::{Connect, Graph};

/// Faults that happen to each run; then it is left in peace.
const FAULTS: usize = 10;

/// Seeds, where nobody asks for more.
const SEEDS: u64 = 10_000;

/// How long a node may be away until this machine runs its models.
const PATIENCE: Duration = Duration::from_secs(30);

/// A case in which sites 1 and 2 and the controller wait for each other in every tick, and whatever else a seed gives.
fn entangled(seed: u64, dice: &mut Dice) -> Case {
    let mut case = case(seed);
    while case.step_sizes.len() < 3 {
        case.step_sizes.push(1);
        case.sites.push(CONTROLLER);
    }
    for (place, site) in [1, 2, 0].into_iter().enumerate() {
        (case.step_sizes[place], case.sites[place]) = (1, SiteId(site));
    }
    let circle = [(0, 1, false), (1, 2, false), (2, 0, true)];
    case.connections.retain(|known| {
        !circle
            .iter()
            .any(|new| (new.0, new.1) == (known.0, known.1))
    });
    case.connections.extend(circle);
    case.ticks = 40 + dice.throw(160) as u64;
    case
}

/// The node of a site, as a scenario has it.
fn name(site: SiteId) -> Option<Connect> {
    let place = site.node()?;
    Some(Connect::parse(&format!("node{place}")).expect("a name"))
}

/// What happens to a run from some moment on, in the next second or so: one thing, or two at a time.
fn misfortune(dice: &mut Dice) -> (Faults, usize) {
    let mut faults = Faults::default();
    let count = 1 + dice.throw(4) / 3;
    for _ in 0..count {
        let begin = dice.throw(400) as u64;
        let site = SiteId::of_node(dice.throw(2));
        let other = SiteId::of_node(1 - site.node().expect("a node"));
        let span = begin..begin + 500 + dice.throw(40_000) as u64;
        match dice.throw(9) {
            0 | 1 => faults.kill = Some((site, begin)),
            2 => faults.hang = Some((site, begin)),
            3 => faults.outage = Some((site, span)),
            4 => faults.link_outage = Some(span),
            5 => faults.link_cut = Some(begin),
            6 => {
                faults.one_way = Some((
                    [(site, CONTROLLER), (CONTROLLER, site)][dice.throw(2)],
                    span,
                ))
            }
            7 => faults.one_way = Some(((site, other), span)),
            _ => faults.away = Some(span),
        }
    }
    (faults, count)
}

/// Where each model runs, by what the scenario says of nodes now.
fn sites(graph: &Graph) -> Vec<SiteId> {
    let endpoints = Endpoint::all_of(graph.machines());
    let site = |connect: &Option<Connect>| {
        let connect = connect.as_ref()?;
        let is_it = |endpoint: &Endpoint| endpoint.host == connect.host;
        endpoints.iter().position(is_it).map(SiteId::of_node)
    };
    let models = graph.models.iter();
    models
        .map(|model| site(&model.connect).unwrap_or(CONTROLLER))
        .collect()
}

/// Waits until all nodes are there that models are to run on, or others have taken over.
fn find_nodes(graph: &mut Graph, standby: &mut Standby, lost: Option<String>, dice: &mut Dice) {
    let mut now = Instant::now();
    let mut away: Vec<(String, Instant)> = Vec::new();
    let back = |dice: &mut Dice, now: Instant| now + dice.time(50_000);
    away.extend(lost.map(|node| (node, back(dice, now))));
    for _ in 0..1000 {
        // Another one, while this is repaired.
        if dice.throw(100) == 0 {
            let node = Endpoint::all_of(graph.machines()).pop();
            away.extend(node.map(|node| (node.to_string(), back(dice, now))));
        }
        let wanted: Vec<String> = Endpoint::all_of(graph.machines())
            .iter()
            .map(ToString::to_string)
            .collect();
        let missing: Vec<String> = wanted
            .into_iter()
            .filter(|node| away.iter().any(|(gone, back)| gone == node && *back > now))
            .collect();
        if missing.is_empty() {
            standby.all_are_there();
            return;
        }
        for node in &missing {
            standby.lose(node, now);
        }
        standby
            .take_over(graph, &missing, now)
            .expect("this machine can run all models");
        now += Duration::from_millis(250);
    }
    panic!("nobody is found");
}

/// Runs a case through all that its seed has happen to it. Returns how many faults there were, and how often it went on.
fn run(seed: u64) -> (usize, usize) {
    let mut dice = Dice::new(seed);
    let mut case = entangled(seed, &mut dice);
    let expected = expected(&case);
    let mut graph = graph(&case);
    for (model, site) in graph.models.iter_mut().zip(&case.sites) {
        model.connect = name(*site);
    }
    let spares: Vec<Connect> = (0..dice.throw(3))
        .map(|number| Connect::parse(&format!("spare{number}")).expect("a name"))
        .collect();
    let mut standby = Standby::new(&spares, PATIENCE);
    let mut snapshot = Snapshot::start(&graph);
    let mut rows = Collected::default();
    let (mut faults, mut losses) = (0, 0);
    for _ in 0..100 {
        case.sites = sites(&graph);
        let (misfortune, count) = if faults < FAULTS {
            misfortune(&mut dice)
        } else {
            (Faults::default(), 0)
        };
        faults += count;
        let is_left_in_peace = count == 0;
        let plans = plans_of(&case, &graph, &snapshot);
        let leg = seed.wrapping_mul(1000) + losses as u64;
        let world = World::of(plans, case.step_sizes.len(), rows, leg, misfortune);
        let ended = world.run();
        let made = ended.rows.len() as u64;
        let end = match ended.result {
            Ok(()) => {
                assert_eq!(ended.rows, expected);
                return (faults, losses);
            }
            Err(end) => end,
        };
        assert!(!is_left_in_peace, "nothing has happened: {end:?}");
        losses += 1;
        let lost = Lost::of(&end).unwrap_or_else(|| panic!("{end:?}"));
        let mut again =
            Again::new(&graph, &snapshot, made, &[], &MemoryFiles::default()).expect("as before");
        while again.go_on(&mut Asides::default()).expect("no rows") {}
        snapshot = again.snapshot().expect("all models are saved");
        let endpoints = Endpoint::all_of(graph.machines());
        let node = match lost {
            Lost::Node(site) | Lost::Room(site) => site.node().and_then(|n| endpoints.get(n)),
            Lost::Link => None,
        };
        let node = node.map(ToString::to_string);
        find_nodes(&mut graph, &mut standby, node, &mut dice);
        rows = Collected::from_rows(ended.rows);
    }
    panic!("it does not come to its end");
}

#[test]
fn whatever_is_lost_a_run_comes_to_its_end_with_the_same_rows() {
    let seeds = std::env::var("ILLUMINATOR_SEEDS").ok();
    let seeds = seeds.and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS);
    let total = std::cell::Cell::new((0, 0));
    with_seeds(seeds, |seed| {
        let (faults, losses) = run(seed);
        let (all_faults, all_losses) = total.get();
        total.set((all_faults + faults, all_losses + losses));
    });
    let (faults, losses) = total.get();
    println!("{seeds} seeds, {faults} faults, {losses} losses");
}
