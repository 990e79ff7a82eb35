//! Placement never changes the result: random graphs on random sites, with batches that arrive in
//! any order between sites, against a plain loop over all ticks.

pub(crate) mod cases;

use std::collections::{BTreeMap, VecDeque};

use engine::{Engine, NoRows, Rows, Turn};
use proptest::prelude::*;
use scratch::Scratch;
use shared::files::MemoryFiles;
use shared::index::Index;
use shared::model::build;
use shared::plan::{CONTROLLER, SiteId, WINDOW};
use shared::time::Tick;
use shared::value::Value;

use super::{Plans, Snapshot, plan};
use crate::run::{Again, Asides, Comparison, Part, Sources};
use cases::{Case, Collected, MIXER, SITES, cases, expected, graph, plans, plans_of};

/// Runs all sites in turns, with batches on their way between them.
fn run(case: &Case) -> Vec<Vec<Value>> {
    run_plans(case, &plans(case), 0)
}

/// Likewise from a tick on.
fn run_plans(case: &Case, plans: &Plans, from: Tick) -> Vec<Vec<Value>> {
    let files = MemoryFiles::default();
    let mut engines: Vec<Engine> = Vec::new();
    for (site, plan) in plans.sites.iter().enumerate() {
        let instances = plan
            .models
            .iter()
            .map(|planned| build(&MIXER, &planned.config, plan.grid, &files).expect("builds"));
        let items = if site == 0 { &plans.items[..] } else { &[] };
        let mut engine = Engine::new(plan, instances.collect(), items).expect("a sound plan");
        if case.schedule.get(site).is_some_and(|throw| throw % 2 == 0) {
            engine.look_ahead(|_| true).expect("a thread");
        }
        engines.push(engine);
    }
    let mut rows = Collected::from(from);
    // What is on its way from site to site.
    let mut wires: BTreeMap<(usize, usize), VecDeque<Vec<u8>>> = BTreeMap::new();
    let mut schedule = case.schedule.iter().cycle().copied();
    for round in 0..100_000 {
        let mut throw = |sides: usize| schedule.next().expect("cycles") % sides;
        let site = round % SITES;
        let budget = 1 + throw(5);
        let engine = &mut engines[site];
        let sink: &mut dyn Rows = if site == 0 { &mut rows } else { &mut NoRows };
        let turn = engine.run(budget, sink).expect("collecting cannot fail");
        for peer in engine.peers() {
            let batch = engine.take_batch(peer);
            if !batch.is_empty() {
                wires
                    .entry((site, peer.place()))
                    .or_default()
                    .push_back(batch);
            }
        }
        let waiting: Vec<(usize, usize)> = wires
            .iter()
            .filter(|(_, wire)| !wire.is_empty())
            .map(|(ends, _)| *ends)
            .collect();
        if waiting.is_empty() {
            if turn == Turn::Finished && engines.iter().all(Engine::is_finished) {
                return rows.rows;
            }
            continue;
        }
        let (from, to) = waiting[throw(waiting.len())];
        let batch = wires
            .get_mut(&(from, to))
            .and_then(VecDeque::pop_front)
            .expect("waiting");
        let from = SiteId::at(from);
        engines[to].receive(from, &batch).expect("a sound batch");
    }
    panic!("the run stands still at rows {}", rows.rows.len());
}

#[test]
fn models_beside_the_monitor_run_as_far_ahead_of_late_rows_as_those_elsewhere() {
    let case = Case {
        step_sizes: vec![1, 1],
        connections: Vec::new(),
        sites: vec![SiteId(0), SiteId(1)],
        ticks: 10_000,
        window: WINDOW,
        schedule: vec![0],
    };
    let graph = graph(&case);
    let plans = plan(
        &graph,
        &case.sites.clone().into(),
        SITES,
        &Snapshot::start(&graph),
    );
    let own = &plans.sites[0];
    let config = &own.models[0].config;
    let own_model = build(&MIXER, config, own.grid, &MemoryFiles::default()).expect("builds");
    let mut engine = Engine::new(own, vec![own_model], &plans.items).expect("a sound plan");
    // Nothing comes from the other site, so that there is no row.
    while engine.run(1000, &mut NoRows).expect("no row") == Turn::Again {}
    assert_eq!((engine.rows(), engine.steps()), (0, case.ticks));
}

/// Models 0 and 2 step together. Between them others have their turn, and what model 2 reads of model 3 may get another
/// place meanwhile.
#[test]
fn a_step_that_was_interrupted_finds_its_values_where_they_are() {
    let case = Case {
        step_sizes: vec![1, 2, 1, 1, 2],
        connections: vec![(4, 0, true), (0, 2, false), (3, 2, true)],
        sites: [0, 0, 0, 0, 1].map(SiteId).into(),
        ticks: 43,
        window: 2,
        schedule: vec![2],
    };
    assert_eq!(run(&case), expected(&case));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn placement_and_arrival_never_change_the_result(case in cases()) {
        prop_assert_eq!(run(&case), expected(&case));
    }

    #[test]
    fn a_run_goes_on_from_any_tick_on_any_sites(case in cases(), tick: Tick, between: Tick) {
        let tick = tick % (case.ticks + 1);
        let mut graph = graph(&case);
        let sources = Sources::of(&mut graph, Scratch::new(Vec::new()));
        let mut snapshot = Snapshot::start(&graph);
        // Twice, as after a second loss.
        for to in [between % (tick + 1), tick] {
            let (part, rows, files) = (Part::of(to), Comparison::default(), MemoryFiles::default());
            let mut again = Again::new(&graph, &sources, &snapshot, &part, to, rows, &files)
                .expect("as before");
            let mut asides = Asides::default();
            while again.go_on(&mut asides) {}
            (snapshot, _) = again.snapshot().expect("all models are saved");
        }
        let plans = plans_of(&case, &graph, &snapshot);
        let from = usize::try_from(tick).expect("small");
        prop_assert_eq!(run_plans(&case, &plans, tick), &expected(&case)[from..]);
    }

    #[test]
    fn with_windows_of_two_any_cut_has_the_rows_of_one_site(case in cases()) {
        let sites = vec![CONTROLLER; case.sites.len()];
        let whole = Case { sites, ..case.clone() };
        let cut = Case { window: 2, ..case };
        prop_assert_eq!(run(&cut), run(&whole));
    }
}
