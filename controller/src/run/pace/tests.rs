//! A pace in virtual time.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A run whose sites do at once what they may, unless they are slow.
struct World {
    start: Instant,
    now: Instant,
    pacer: Pacer,
    done: Tick,
    /// When a tick came, in ms since the start.
    came: Vec<u64>,
    /// When somebody was said to be late, in ms.
    late: Vec<u64>,
    looks: usize,
    /// How long a tick takes here.
    takes: Duration,
    /// When the tick that is being done is done.
    ready: Option<Instant>,
}

impl World {
    fn new(rate: f64, ticks: Tick) -> Self {
        let start = Instant::now();
        Self {
            start,
            now: start,
            pacer: Pacer::new(rate, ticks),
            done: 0,
            came: Vec::new(),
            late: Vec::new(),
            looks: 0,
            takes: Duration::ZERO,
            ready: None,
        }
    }

    fn ms(&self) -> u64 {
        u64::try_from(self.now.duration_since(self.start).as_millis()).expect("short")
    }

    fn far(&self) -> Done {
        Done {
            here: self.done,
            nodes: Tick::MAX,
            age: Duration::ZERO,
        }
    }

    fn ask(&mut self, control: Control) {
        self.pacer.obey(control, self.done, self.now);
    }

    /// Looks at the time, and once more after each turn.
    fn look(&mut self) {
        self.looks += 1;
        let before = self.done;
        let look = self.pacer.look(self.far(), self.now, false);
        if look.behind.is_some() {
            self.late.push(self.ms());
        }
        self.work();
        if self.done != before {
            self.look();
        }
    }

    /// Does what may be done by now.
    fn work(&mut self) {
        let released = self.pacer.told.expect("looked");
        while self.done < released {
            let begun = self.now;
            let ready = *self.ready.get_or_insert(begun + self.takes);
            if self.now < ready {
                return;
            }
            self.ready = None;
            self.done += 1;
            self.came.push(self.ms());
        }
    }

    /// Lets time pass, with a look whenever one is due, a tick is done, or a tenth of a second is over.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        self.look();
        while self.now < end {
            let upkeep = self.now + Duration::from_millis(100);
            let next = [self.pacer.deadline(), self.ready];
            let next = next.into_iter().flatten().min();
            let next = next.map_or(upkeep, |next| next.max(self.now + Duration::from_nanos(1)));
            self.now = next.min(upkeep).min(end);
            self.look();
        }
    }
}

#[test]
fn the_first_tick_comes_at_once_and_each_other_one_in_its_time() {
    let mut world = World::new(2.0, 5);
    world.pass(10 * SECOND);
    assert_eq!(world.came, [0, 500, 1000, 1500, 2000]);
    assert_eq!((world.pacer.deadline(), &*world.late), (None, &[][..]));
}

#[test]
fn a_rate_that_is_no_fraction_of_a_second_does_not_drift() {
    let mut world = World::new(3.0, Tick::MAX);
    world.pass(1000 * SECOND);
    assert_eq!(world.came.len(), 3001);
    let mut world = World::new(700_001.0, Tick::MAX);
    world.pass(10 * SECOND);
    // The last ones wait to be released together.
    assert!(
        (6_996_000..=7_000_030).contains(&world.done),
        "{}",
        world.done
    );
}

#[test]
fn fast_ticks_are_released_together() {
    let mut world = World::new(100_000.0, Tick::MAX);
    world.pass(SECOND);
    assert!((99_500..=100_001).contains(&world.done), "{}", world.done);
    assert!(world.looks <= 450, "{} looks", world.looks);
    world.came.dedup();
    assert!(world.came.len() <= 202, "{} releases", world.came.len());
}

#[test]
fn before_the_first_tick_is_done_no_time_passes() {
    let mut world = World::new(2.0, 100);
    world.takes = 7 * SECOND;
    world.pass(7 * SECOND);
    world.takes = Duration::ZERO;
    world.pass(SECOND);
    assert_eq!(world.came, [7000, 7500, 8000]);
    assert!(world.late.is_empty());
}

#[test]
fn a_pause_holds_the_run_and_is_not_made_up_for() {
    let mut world = World::new(2.0, 100);
    world.pass(Duration::from_millis(1200));
    world.ask(Control::Pause);
    world.pass(60 * SECOND);
    assert_eq!(world.came, [0, 500, 1000]);
    assert!(world.pacer.paced().is_paused);
    world.ask(Control::Resume);
    world.pass(SECOND);
    assert_eq!(world.came[3..], [61_200, 61_700, 62_200]);
    assert!(world.late.is_empty());
}

#[test]
fn a_step_is_one_tick_in_a_pause() {
    let mut world = World::new(2.0, 5);
    world.pass(Duration::from_millis(700));
    for _ in 0..2 {
        world.ask(Control::Step);
        world.pass(10 * SECOND);
    }
    assert_eq!(world.came, [0, 500, 700, 10_700]);
    assert!(world.pacer.paced().is_paused);
    for _ in 0..9 {
        world.ask(Control::Step);
    }
    world.pass(SECOND);
    assert_eq!(world.done, 5, "there are no more");
}

#[test]
fn a_pause_of_a_run_that_is_behind_ends_with_the_tick_that_it_is_at() {
    let mut world = World::new(100.0, 100_000);
    world.pass(SECOND);
    world.takes = Duration::from_millis(100);
    world.pass(Duration::from_millis(950));
    let done = world.done;
    assert!(world.pacer.told > Some(done + 50));
    world.ask(Control::Pause);
    world.pass(10 * SECOND);
    assert_eq!((world.done, world.pacer.told), (done + 1, Some(done + 1)));
}

#[test]
fn a_pause_before_the_start_leaves_the_first_tick() {
    let mut world = World::new(2.0, 5);
    world.ask(Control::Pause);
    world.pass(SECOND);
    assert_eq!(world.came, [0]);
    world.ask(Control::Resume);
    world.pass(SECOND);
    assert_eq!(world.came, [0, 1500, 2000]);
}

#[test]
fn a_change_of_the_rate_counts_from_the_last_tick() {
    let mut world = World::new(2.0, 100);
    world.pass(Duration::from_millis(600));
    world.ask(Control::Faster);
    world.pass(Duration::from_millis(450));
    // 5 ticks a second.
    assert_eq!(world.came, [0, 500, 700, 900]);
    for _ in 0..3 {
        world.ask(Control::Slower);
    }
    // 1 tick in two seconds.
    world.pass(4 * SECOND);
    assert_eq!(world.came[4..], [2900, 4900]);
    world.ask(Control::Faster);
    world.ask(Control::Faster);
    assert_eq!(world.pacer.paced().rate, 2.0);
}

#[test]
fn rates_have_ends() {
    let mut pacer = Pacer::new(0.7, 5);
    let now = Instant::now();
    let mut rates = Vec::new();
    for control in [Control::Faster, Control::Slower, Control::Slower] {
        pacer.obey(control, 0, now);
        rates.push(pacer.paced().rate);
    }
    assert_eq!(rates, [1.0, 0.5, 0.2]);
    for (control, end) in [(Control::Faster, FASTEST), (Control::Slower, SLOWEST)] {
        for _ in 0..60 {
            pacer.obey(control, 0, now);
        }
        assert_eq!(pacer.paced().rate, end);
    }
}

#[test]
fn a_machine_that_slept_goes_on_from_where_it_was() {
    let mut world = World::new(2.0, 10_000);
    world.pass(SECOND);
    world.now += 3600 * SECOND;
    world.pass(SECOND);
    assert_eq!(world.came[3..], [3_601_000, 3_601_500, 3_602_000]);
    assert!(world.late.is_empty(), "nobody was late");
}

#[test]
fn a_clock_that_stands_or_goes_back_does_no_harm() {
    let mut world = World::new(2.0, 100);
    world.pass(5 * SECOND);
    world.now -= 2 * SECOND;
    world.pass(2 * SECOND);
    assert_eq!(world.done, 11);
    world.pass(SECOND);
    assert_eq!(world.done, 13);
}

#[test]
fn a_short_delay_is_made_up_for() {
    let mut world = World::new(10.0, 1000);
    world.pass(SECOND);
    world.takes = Duration::from_millis(700);
    world.pass(Duration::from_millis(750));
    world.takes = Duration::ZERO;
    world.pass(2 * SECOND);
    assert_eq!(world.done, 38);
    assert!(world.late.is_empty());
}

#[test]
fn a_run_that_is_behind_says_so_once_and_does_not_make_up_for_all_of_it() {
    let mut world = World::new(10.0, 100_000);
    world.pass(SECOND);
    let began = world.ms();
    world.takes = Duration::from_millis(250);
    world.pass(60 * SECOND);
    assert_eq!(world.late.len(), 1);
    assert!(
        (began + 1000..began + 3000).contains(&world.late[0]),
        "{:?}",
        world.late
    );
    assert!(world.pacer.paced().is_behind);
    let before = world.done;
    world.takes = Duration::ZERO;
    world.pass(SECOND);
    // A second's worth, and the second that has passed.
    assert!(
        (10..=21).contains(&(world.done - before)),
        "{}",
        world.done - before
    );
}

#[test]
fn being_behind_is_said_again_after_the_pace_was_kept_for_a_while() {
    let mut world = World::new(10.0, 100_000);
    for (kept, said) in [(0, 1), (5, 1), (15, 2), (15, 3)] {
        world.takes = Duration::ZERO;
        world.pass(kept * SECOND);
        world.takes = SECOND;
        world.pass(5 * SECOND);
        assert_eq!(world.late.len(), said, "{:?}", world.late);
    }
}

#[test]
fn a_tick_of_a_slow_run_may_take_as_long_as_a_tick_has() {
    let mut world = World::new(0.1, 100);
    world.takes = Duration::from_millis(9900);
    world.pass(100 * SECOND);
    assert!(world.late.is_empty());
    world.takes = Duration::from_millis(10_100);
    world.pass(100 * SECOND);
    assert_eq!(world.late.len(), 1);
}

#[test]
fn a_long_turn_of_this_machine_is_its_own_fault() {
    let (mut pacer, start) = (Pacer::new(2.0, 100), Instant::now());
    let done = |here| Done {
        here,
        nodes: Tick::MAX,
        age: Duration::ZERO,
    };
    assert_eq!(pacer.look(done(0), start, true).release, Some(1));
    assert_eq!(pacer.look(done(1), start, true), Look::default());
    let look = pacer.look(done(1), start + 4 * SECOND, true);
    assert_eq!((look.release, look.behind), (Some(2), Some(Late::Here)));
}

#[test]
fn a_node_for_which_nobody_waits_is_late_when_it_says_so() {
    let (mut pacer, start) = (Pacer::new(2.0, 100), Instant::now());
    // Of the node one hears once a second.
    let mut look = |ms: u64, nodes| {
        let here = ms / 500 + 1;
        let age = 2 * SECOND;
        let now = start + Duration::from_millis(ms);
        pacer.look(Done { here, nodes, age }, now, false).behind
    };
    for ms in (0..10_000).step_by(100) {
        assert_eq!(look(ms, (ms / 1000 * 2).saturating_sub(1)), None, "{ms}");
    }
    let late = (10_000..20_000)
        .step_by(100)
        .find_map(|ms| look(ms, 19).map(|late| (ms, late)));
    // It has 19 of the ticks, the last of which was done at 9.0 s; it may be two seconds late in saying
    // so, and a second behind.
    let (ms, late) = late.expect("late");
    assert!((12_000..13_500).contains(&ms), "{ms}");
    assert_eq!(late, Late::Nodes);
}

#[test]
fn a_release_of_somebody_else_counts_as_well() {
    let mut world = World::new(2.0, 100);
    world.ask(Control::Release(3));
    world.pass(10 * SECOND);
    assert_eq!(world.came, [0, 500, 1000]);
    world.ask(Control::Release(Tick::MAX));
    world.pass(SECOND);
    assert_eq!(world.came[3..], [10_000, 10_500, 11_000]);
    assert!(world.late.is_empty());
}

#[test]
fn a_run_that_is_late_is_not_looked_at_all_the_time() {
    let start = Instant::now();
    // Of some rates the ticks of a second take a nanosecond more or less.
    for rate in [448.0, 50.0, 3.0, 7.0, 999.0, 1000.0, 12_345.0, 1.0 / 3.0] {
        let mut pacer = Pacer::new(rate, Tick::MAX);
        // Somebody is not done with a tick for a minute.
        let stuck = Done {
            here: 2,
            nodes: Tick::MAX,
            age: Duration::ZERO,
        };
        let (mut now, mut looks) = (start, 0);
        while now < start + 60 * SECOND {
            pacer.look(stuck, now, true);
            looks += 1;
            // The time until it is asked whether another look is due, which it may be by now.
            now += Duration::from_micros(2);
            let deadline = pacer.deadline().expect("there are ticks to come");
            now = now.max(deadline);
            assert!(looks <= 60 * 1000 / 5 + 10, "{rate}: {:?}", now - start);
        }
    }
}
