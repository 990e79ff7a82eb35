//! Runs that lose nodes, links and their controller's attention again and again, and go on: whatever happens, there are the
//! rows that the rules give, once each.
//!
//! `ILLUMINATOR_SEEDS=10000` tries as many seeds, which `.ci/run` does.

use std::sync::atomic::{AtomicUsize, Ordering};

use scratch::Scratch;

use super::*;
use crate::cluster::Endpoint;
use crate::placement::Snapshot;
use crate::placement::tests::cases::{expected, graph, plans_of};
use crate::run::{Again, Asides, Comparison, Lost, Part, Sources, Standby};
use crate::scenario::{Connect, Graph};

/// Faults that happen to each run; then it is left in peace.
const FAULTS: usize = 10;

/// Seeds, where nobody asks for more.
const SEEDS: u64 = 1000;

/// How long a node may be away until this machine runs its models.
const PATIENCE: Duration = Duration::from_secs(30);

/// A case in which sites 1 and 2 and the controller wait for each other in every tick, and whatever else a seed gives.
fn entangled(seed: u64, length: u64, dice: &mut Dice) -> Case {
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
    case.ticks = length * (60 + dice.throw(60) as u64);
    case
}

/// The node of a site, as a scenario has it.
fn name(site: SiteId) -> Option<Connect> {
    let place = site.node()?;
    Some(Connect::parse(&format!("node{place}")).expect("a name"))
}

/// What happens to a run from its start on, so many things, the next one last.
fn blows(count: usize, dice: &mut Dice) -> Vec<(u64, Blow)> {
    let mut time = 0;
    let most = [30, 100, 400, 4000][dice.throw(4)];
    let mut blows: Vec<(u64, Blow)> = (0..count)
        .map(|_| {
            time += dice.throw(most) as u64;
            (time, blow(dice))
        })
        .collect();
    blows.reverse();
    blows
}

fn blow(dice: &mut Dice) -> Blow {
    let place = dice.throw(2);
    let (site, other) = (SiteId::of_node(place), SiteId::of_node(1 - place));
    let most = [1000, 9000, 60_000][dice.throw(3)];
    let ms = 100 + dice.throw(most) as u64;
    match dice.throw(12) {
        0 | 1 => Blow::Kill(site),
        2 => Blow::Hang(site, ms),
        3 => Blow::Cut(site, other),
        4 => Blow::Cut(CONTROLLER, site),
        5 => Blow::Silence(site, other, ms),
        6 => Blow::Silence(site, CONTROLLER, ms),
        7 => Blow::Silence(CONTROLLER, site, ms),
        8 => Blow::Outage(site, other, ms),
        9 => Blow::Outage(CONTROLLER, site, ms),
        10 => Blow::Away(ms),
        _ => Blow::SlowDisk(ms.min(5000)),
    }
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
fn find_nodes(
    graph: &mut Graph,
    standby: &mut Standby,
    lost: Option<String>,
    longest: usize,
    dice: &mut Dice,
) {
    let mut now = Instant::now();
    let mut away: Vec<(String, Instant)> = Vec::new();
    let back = |dice: &mut Dice, now: Instant| {
        let most = [100, 1900, longest][dice.throw(3)];
        now + dice.time(most)
    };
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

/// Runs a case through all that its seed has happen to it. Returns how many faults there were, how often it went on, and how
/// often two sites did over another connection, with nothing lost.
fn run(seed: u64, length: u64) -> [usize; 3] {
    let mut dice = Dice::new(seed);
    let mut case = entangled(seed, length, &mut dice);
    let expected = expected(&case);
    let mut graph = graph(&case);
    for (model, site) in graph.models.iter_mut().zip(&case.sites) {
        model.connect = name(*site);
    }
    let sources = Sources::of(&mut graph, Scratch::new(Vec::new()));
    let spares: Vec<Connect> = (0..dice.throw(3))
        .map(|number| Connect::parse(&format!("spare{number}")).expect("a name"))
        .collect();
    let mut standby = Standby::new(&spares, PATIENCE);
    let mut snapshot = Snapshot::start(&graph);
    let mut rows = Collected::default();
    let (mut faults, mut losses, mut reconnected) = (0, 0, 0);
    for _ in 0..100 {
        case.sites = sites(&graph);
        let left = FAULTS.saturating_sub(faults);
        let blows = blows(left, &mut dice);
        let plans = plans_of(&case, &graph, &snapshot);
        let leg = seed.wrapping_mul(1000) + losses as u64;
        let patience = [Duration::ZERO, PATIENCE][dice.throw(2)];
        let grace = |dice: &mut Dice| [0, 2, 30][dice.throw(3)];
        let graces = [grace(&mut dice), grace(&mut dice)].map(Duration::from_secs);
        let misfortune = Faults {
            blows,
            patience,
            graces: graces.to_vec(),
            late: [0, 120_000][dice.throw(2)],
            ..Faults::default()
        };
        let world = World::of(plans, case.step_sizes.len(), rows, leg, misfortune);
        let ended = world.run();
        faults += ended.blows;
        reconnected += ended.reconnected;
        let made = ended.rows.len() as u64;
        let end = match ended.result {
            Ok(()) => {
                assert_eq!(ended.rows, expected);
                return [faults, losses, reconnected];
            }
            Err(end) => end,
        };
        assert!(ended.blows > 0, "nothing has happened: {end:?}");
        losses += 1;
        let lost = Lost::of(&end).unwrap_or_else(|| panic!("{end:?}"));
        let mut again = Again::new(
            &graph,
            &sources,
            &snapshot,
            &Part::of(made),
            made,
            Comparison::default(),
            &MemoryFiles::default(),
        )
        .expect("as before");
        while again.go_on(&mut Asides::default()) {}
        (snapshot, _) = again.snapshot().expect("all models are saved");
        let endpoints = Endpoint::all_of(graph.machines());
        let node = match lost {
            Lost::Node(site) | Lost::Room(site) => site.node().and_then(|n| endpoints.get(n)),
            Lost::Link => None,
        };
        let node = node.map(ToString::to_string);
        // While faults are left, somebody is to be left to whom they happen.
        let longest = if faults < FAULTS { 28_000 } else { 50_000 };
        find_nodes(&mut graph, &mut standby, node, longest, &mut dice);
        rows = Collected::from_rows(ended.rows);
    }
    panic!("it does not come to its end");
}

#[test]
#[allow(
    clippy::print_stderr,
    reason = "how much was tried is for whoever asks for more"
)]
fn whatever_is_lost_a_run_comes_to_its_end_with_the_same_rows() {
    let seeds = std::env::var("ILLUMINATOR_SEEDS").ok();
    let seeds = seeds.and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS);
    let [faults, losses, reconnected, short] = [const { AtomicUsize::new(0) }; 4];
    with_seeds(seeds, |seed| {
        let mut came_to = [0; 3];
        for length in [1, 4, 16] {
            // Where it is over before all faults have happened, a longer one.
            if came_to[0] < FAULTS {
                came_to = run(seed, length);
            }
        }
        for (sum, number) in [&faults, &losses, &reconnected].into_iter().zip(came_to) {
            sum.fetch_add(number, Ordering::Relaxed);
        }
        short.fetch_add(usize::from(came_to[0] < FAULTS), Ordering::Relaxed);
    });
    let [faults, losses, reconnected, short] =
        [faults, losses, reconnected, short].map(AtomicUsize::into_inner);
    eprintln!(
        "{seeds} seeds, {faults} faults, {losses} losses, {reconnected} times over another connection; {short} seeds have \
         fewer than {FAULTS} faults"
    );
    assert!(reconnected > 0, "no connection was taken the place of");
    // Where this machine runs all models nothing happens to nodes any more.
    assert!(short as u64 <= seeds / 100, "{short} seeds had few faults");
}
