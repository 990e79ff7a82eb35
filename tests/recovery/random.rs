//! Faults of all kinds at random, until runs are through.
//!
//! `ILLUMINATOR_LOSSES=1000` asks for more of them, `ILLUMINATOR_SEED=17` for others.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use rig::{Dice, Ended, Node, Run, Trial, wait_within};

use super::{interruptions, loop_over};

/// A run of this takes some seconds at its pace, and as long again for what happens to it.
const TICKS: u64 = 6_000;
const PACE: &str = "1000/s";

/// Longer than any fault takes to be made up for, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// What happens to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// Killed, and started anew after a moment.
    Restart,
    /// Killed, and away until others have taken over.
    Away,
    /// Stopped for longer than the timeout, until it is noticed.
    Hang,
    /// Stopped until others have taken over.
    LongHang,
    /// Stopped for less than the timeout.
    Pause,
    /// Told to end, and started anew.
    Leave,
    /// Killed together with another one, both of which are started anew.
    Pair,
    /// Killed, and another one as soon as the run holds; both are started anew.
    Chase,
}

const FAULTS: [Fault; 8] = [
    Fault::Restart,
    Fault::Away,
    Fault::Hang,
    Fault::LongHang,
    Fault::Pause,
    Fault::Leave,
    Fault::Pair,
    Fault::Chase,
];

/// Asked for by whoever runs the tests.
fn asked(variable: &str, otherwise: u64) -> u64 {
    let asked = env::var(variable).ok();
    asked.map_or(otherwise, |text| text.parse().expect("a number"))
}

/// A run that is under way, and what it says.
struct Course {
    trial: Trial,
    run: Run,
    /// Three of the scenario, and two spare ones.
    nodes: Vec<Option<Node>>,
    addresses: Vec<String>,
}

impl Course {
    fn start() -> Self {
        let nodes: Vec<Node> = (0..5).map(|_| Node::start()).collect();
        let addresses: Vec<_> = nodes.iter().map(|node| node.address).collect();
        let trial = loop_over(&addresses[..3], TICKS);
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        let mut options = vec![
            "--json",
            "--pace",
            PACE,
            "--timeout",
            "2",
            "--patience",
            "20",
        ];
        // Whoever was replaced is a spare one later.
        for spare in addresses[3..]
            .iter()
            .chain(&addresses[..3])
            .chain(&addresses[3..])
        {
            options.extend(["--spare", spare]);
        }
        let said = File::create(trial.path("said")).expect("created");
        let run =
            Run::start_with_streams(&mut trial.command(&options), Stdio::piped(), said.into());
        trial.wait_for_rows();
        Self {
            trial,
            run,
            nodes: nodes.into_iter().map(Some).collect(),
            addresses,
        }
    }

    /// How often it has said this.
    fn count(&self, words: &str) -> usize {
        let said = fs::read_to_string(self.trial.path("said")).expect("readable");
        said.matches(words).count()
    }

    fn signal(&self, node: usize, name: &str) {
        self.nodes[node].as_ref().expect("it is there").signal(name);
    }

    fn kill(&mut self, node: usize) {
        self.signal(node, "KILL");
        self.nodes[node] = None;
    }

    fn start_anew(&mut self, node: usize) {
        self.nodes[node] = Some(Node::start_at(&self.addresses[node]));
    }

    /// Waits until it has said this more often than so many times, or it does well without: it has made many rows since
    /// then, or has ended.
    fn wait_to_say(&mut self, words: &str, before: usize) {
        let rows = self.trial.rows();
        wait_within(PATIENCE, words, || {
            let has_said = self.count(words) > before;
            let is_well = self.run.is_over() || self.trial.rows() > rows + 500;
            (has_said || is_well).then_some(())
        });
    }

    /// Has something happen to a node, and waits until the run goes on.
    fn suffer(&mut self, fault: Fault, dice: &mut Dice) {
        const HOLDS: &str = "; the run holds at tick ";
        const GOES_ON: &str = ": the run goes on at tick ";
        let node = dice.throw(self.nodes.len());
        let other = (node + 1 + dice.throw(self.nodes.len() - 1)) % self.nodes.len();
        let (held, gone_on) = (self.count(HOLDS), self.count(GOES_ON));
        match fault {
            Fault::Restart => {
                self.kill(node);
                thread::sleep(Duration::from_millis(dice.throw(1_000) as u64));
                self.start_anew(node);
                self.wait_to_say(GOES_ON, gone_on);
            }
            Fault::Away => {
                self.kill(node);
                self.wait_to_say(GOES_ON, gone_on);
                self.start_anew(node);
            }
            Fault::Hang | Fault::LongHang => {
                self.signal(node, "STOP");
                self.wait_to_say(
                    if fault == Fault::Hang { HOLDS } else { GOES_ON },
                    held.max(gone_on),
                );
                self.signal(node, "CONT");
                self.wait_to_say(GOES_ON, gone_on);
            }
            Fault::Pause => {
                self.signal(node, "STOP");
                thread::sleep(Duration::from_millis(200 + dice.throw(800) as u64));
                self.signal(node, "CONT");
                self.wait_to_say(GOES_ON, gone_on);
            }
            Fault::Leave => {
                self.signal(node, "TERM");
                let ended = self.nodes[node].take().map(|mut node| node.wait());
                assert_eq!(ended, Some(Some(0)));
                self.start_anew(node);
                self.wait_to_say(GOES_ON, gone_on);
            }
            Fault::Pair => {
                self.kill(node);
                self.kill(other);
                self.start_anew(node);
                self.start_anew(other);
                self.wait_to_say(GOES_ON, gone_on);
            }
            Fault::Chase => {
                self.kill(node);
                self.wait_to_say(HOLDS, held);
                self.kill(other);
                self.start_anew(node);
                thread::sleep(Duration::from_millis(dice.throw(500) as u64));
                self.start_anew(other);
                self.wait_to_say(GOES_ON, gone_on);
            }
        }
    }
}

/// What came of the faults of one kind.
#[derive(Default)]
struct Tally {
    faults: usize,
    /// For how long runs were held by them, in seconds.
    held: Vec<f64>,
}

#[test]
fn nodes_that_are_lost_at_random_cost_time_and_no_row() {
    let (losses, seed) = (
        asked("ILLUMINATOR_LOSSES", 30),
        asked("ILLUMINATOR_SEED", 1),
    );
    println!("ILLUMINATOR_LOSSES={losses} ILLUMINATOR_SEED={seed}");
    let mut dice = Dice::new(seed);
    let mut tallies = BTreeMap::<Fault, Tally>::new();
    let (mut faults, mut runs) = (0, 0);
    while faults < losses {
        let mut course = Course::start();
        // What happened, and how often the run had gone on after it.
        let mut suffered = Vec::new();
        while faults < losses && course.trial.rows() < TICKS - 1_000 && !course.run.is_over() {
            let fault = FAULTS[dice.throw(FAULTS.len())];
            thread::sleep(Duration::from_millis(dice.throw(300) as u64));
            course.suffer(fault, &mut dice);
            suffered.push((fault, course.count(": the run goes on at tick ")));
            faults += 1;
        }
        let Course {
            trial, run, nodes, ..
        } = course;
        let ended = Ended::from(run.finish_within(PATIENCE));
        let said = fs::read_to_string(trial.path("said")).expect("readable");
        let what = format!("run {runs} with seed {seed}: {suffered:?}\n{said}");
        assert_eq!(ended.code, Some(0), "{what}");
        println!("run {runs}: {suffered:?}");
        trial.assert_whole_loop(TICKS);
        let mut held = interruptions(&ended).into_iter();
        let mut before = 0;
        for (fault, gone_on) in suffered {
            let tally = tallies.entry(fault).or_default();
            tally.faults += 1;
            for interruption in held.by_ref().take(gone_on - before) {
                tally
                    .held
                    .push(interruption["held_seconds"].as_f64().expect("a number"));
            }
            before = gone_on;
        }
        drop(nodes);
        runs += 1;
    }
    println!("fault      faults  held  median    worst");
    for (fault, Tally { faults, mut held }) in tallies {
        held.sort_by(f64::total_cmp);
        let (median, worst) = (held.get(held.len() / 2), held.last());
        let shown = |time: Option<&f64>| time.map_or("-".to_owned(), |time| format!("{time:.2} s"));
        println!(
            "{:10} {faults:6} {:5}  {:>8} {:>8}",
            format!("{fault:?}"),
            held.len(),
            shown(median),
            shown(worst)
        );
    }
    println!("{faults} faults in {runs} runs");
}
