//! Whatever happens, no program goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use engine::NoRows;
use foreign::{Host, LocalHost};

use crate::acting::{Watch, acting};
use crate::bench::{Bench, drive, published, request, start, wiring};

/// A host with one program.
fn host(words: &str) -> LocalHost {
    let mut host = LocalHost::new();
    start(
        &mut host,
        request("P", &acting(words), 4, "{}", &[("M", "{}")]),
    )
    .expect("described");
    host
}

fn bench(host: &mut LocalHost) -> Bench {
    let mut wiring = wiring(&[0]);
    wiring.published.push(published("0:e.x"));
    let mut bench = Bench::new(4);
    let unit = bench.add(host.wire(wiring).expect("wired"), &[]);
    bench.watch(unit, 0);
    bench
}

#[test]
fn a_program_ends_when_it_is_told_to() {
    let watch = Watch::new();
    let mut host = host(&watch.word());
    let living = watch.living();
    let (mut engine, answers) = bench(&mut host).engine();
    drive(&mut engine, &answers);
    assert_eq!(engine.failure(), None);
    drop(engine);
    living.wait();
}

#[test]
fn a_program_that_stays_is_killed_with_all_that_it_started() {
    let watch = Watch::new();
    let host = host(&format!("tree stays {}", watch.word()));
    let (one, other) = (watch.living(), watch.living());
    let since = Instant::now();
    drop(host);
    let took = since.elapsed();
    assert!(
        took >= Duration::from_secs(1),
        "it had its second: {took:?}"
    );
    one.wait();
    if cfg!(unix) {
        other.wait();
    }
}

#[test]
fn programs_that_stay_are_waited_for_together() {
    let watch = Watch::new();
    let program = acting(&format!("stays {}", watch.word()));
    let names = ["A", "B", "C", "D", "E"];
    let requests = names.map(|name| request(name, &program, 1, "{}", &[]));
    let mut host = LocalHost::new();
    for described in host.start(requests.into(), &mut |_| {}) {
        described.expect("described");
    }
    let living = names.map(|_| watch.living());
    let since = Instant::now();
    drop(host);
    assert!(
        since.elapsed() < Duration::from_secs(4),
        "{:?}",
        since.elapsed()
    );
    living.into_iter().for_each(crate::acting::Living::wait);
}

#[test]
fn a_program_ends_with_a_run_in_the_middle() {
    let watch = Watch::new();
    let mut host = host(&watch.word());
    let (mut engine, _answers) = bench(&mut host).engine();
    engine.run(1, &mut NoRows).expect("no rows");
    let living = watch.living();
    drop(engine);
    living.wait();
}

#[test]
fn a_program_ends_with_a_panic() {
    let watch = Watch::new();
    let held = host(&format!("tree {}", watch.word()));
    let (one, other) = (watch.living(), watch.living());
    let caught = catch_unwind(AssertUnwindSafe(move || {
        let _held = held;
        std::panic::resume_unwind(Box::new("on purpose"));
    }));
    assert!(caught.is_err());
    one.wait();
    if cfg!(unix) {
        other.wait();
    }
}

#[test]
fn a_unit_that_is_never_built_ends_too() {
    let watch = Watch::new();
    let mut host = host(&watch.word());
    let living = watch.living();
    let unit = host.wire(wiring(&[0])).expect("wired");
    drop(host);
    drop(unit);
    living.wait();
}
