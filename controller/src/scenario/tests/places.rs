//! Programs at several places: they start at the same time, and what is told of them has the order of the file.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use foreign::{Fault, Host, SimulatorDescription, SimulatorRequest, UnitWiring};
use shared::model::Model;

use super::programs::{FakeHost, text};
use super::samples::{CATALOGUE, files, scenario};
use crate::scenario::{
    Connect, Graph, Hosting, Hosts, LoadError, Machine, load_hosted, load_text, outline_text,
};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which of several hosts have begun, and how many of them have ended.
#[derive(Default)]
struct Course {
    state: Mutex<(usize, usize)>,
    changed: Condvar,
}

impl Course {
    /// Takes note of something, and waits until that is so.
    fn pass(&self, note: impl Fn(&mut (usize, usize)), wanted: impl Fn(&(usize, usize)) -> bool) {
        let mut state = self.state.lock().expect("sound");
        note(&mut state);
        self.changed.notify_all();
        let waited = self
            .changed
            .wait_timeout_while(state, PATIENCE, |state| !wanted(state));
        let (state, limit) = waited.expect("sound");
        drop(state);
        assert!(!limit.timed_out(), "the others do not start meanwhile");
    }
}

/// One of several hosts, which ends its start only once all others have begun theirs, and those behind it have
/// ended it.
struct Patient {
    host: FakeHost,
    name: String,
    behind: usize,
    all: usize,
    course: Arc<Course>,
}

impl Host for Patient {
    fn start(
        &mut self,
        requests: Vec<SimulatorRequest>,
        tell: &mut dyn FnMut(&str),
    ) -> Vec<Result<SimulatorDescription, Fault>> {
        self.course
            .pass(|(begun, _)| *begun += 1, |(begun, _)| *begun == self.all);
        self.course.pass(|_| {}, |(_, ended)| *ended == self.behind);
        let mut tell = |text: &str| tell(&format!("{}: {text}", self.name));
        let mut started = self.host.start(requests, &mut tell);
        for fault in started.iter_mut().filter_map(|one| one.as_mut().err()) {
            fault.simulator = format!("{} at {}", fault.simulator, self.name);
        }
        self.course.pass(|(_, ended)| *ended += 1, |_| true);
        started
    }

    fn unit(&mut self, wiring: &UnitWiring) -> Result<Box<dyn Model>, Fault> {
        self.host.unit(wiring)
    }
}

/// This machine, and others.
struct Everywhere(Vec<Patient>);

impl Everywhere {
    fn new(names: &[&str], fault: Option<&Fault>) -> Self {
        let course = Arc::new(Course::default());
        let host = |(number, name): (usize, &&str)| Patient {
            host: FakeHost::failing(fault.cloned()),
            name: (*name).to_owned(),
            behind: names.len() - 1 - number,
            all: names.len(),
            course: Arc::clone(&course),
        };
        Self(names.iter().enumerate().map(host).collect())
    }

    fn load(&mut self, text: &str) -> (Result<Graph, Vec<String>>, Vec<String>) {
        let mut told = Vec::new();
        let mut hosting = Hosting {
            hosts: self,
            local: false,
            tell: &mut |words| told.push(words.to_owned()),
        };
        let loaded = load_hosted("s.yaml", text, &CATALOGUE, &files(), Some(&mut hosting));
        let graph = loaded.map(|(graph, _)| graph).map_err(|error| match error {
            LoadError::Refused(problems) => problems.iter().map(ToString::to_string).collect(),
            unreadable @ LoadError::Unreadable { .. } => panic!("{unreadable}"),
        });
        (graph, told)
    }
}

impl Hosts for Everywhere {
    fn hosts_at(&mut self, places: &[Option<&Connect>]) -> Vec<Result<&mut dyn Host, String>> {
        let mut hosts: Vec<&mut Patient> = self.0.iter_mut().collect();
        let host = |place: Option<&Connect>| -> Result<&mut dyn Host, String> {
            let name = place.map_or("here", |connect| &connect.host);
            let known = hosts.iter().position(|host| host.name == name);
            match known {
                Some(known) => Ok(hosts.swap_remove(known)),
                None => Err(format!("nobody is at {name}")),
            }
        };
        places.iter().copied().map(host).collect()
    }
}

const MODELS: &str = "- {name: Net, type: Grid.Grid, connect: {ip: 10.0.0.1}}\n\
    - {name: Bath, type: Tub}\n\
    - {name: Sink, type: Tub, connect: {ip: 10.0.0.2, port: 7}}\n\
    - {name: Duct, type: Meter, parameters: {file_path: load.csv}, connect: {ip: 10.0.0.2}}\n\
    - {name: Pool, type: Tub, connect: {ip: 10.0.0.2, port: 7}}";

#[test]
fn programs_at_different_places_start_at_the_same_time() {
    let mut hosts = Everywhere::new(&["10.0.0.1", "here", "10.0.0.2"], None);
    let (graph, told) = hosts.load(&text(MODELS, "", ""));
    let graph = graph.unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(graph.model_count(), 7);
    let asked = hosts.0.iter().map(|host| host.host.names_asked());
    let asked: Vec<Vec<String>> = asked.collect();
    assert_eq!(asked, [vec!["Grid"], vec!["Bath"], vec!["Sink", "Pool"]]);
    let order = ["10.0.0.2: waiting", "here: waiting", "10.0.0.1: waiting"];
    assert_eq!(told, order, "as they come");
}

#[test]
fn what_is_wrong_at_several_places_is_told_in_the_order_of_the_file() {
    let fault = Fault {
        code: "simulator_gone".into(),
        simulator: "it".to_owned(),
        message: "it went".to_owned(),
        request: None,
        output: Vec::new(),
    };
    let mut hosts = Everywhere::new(&["here", "10.0.0.2"], Some(&fault));
    let (graph, _) = hosts.load(&text(MODELS, "", ""));
    let problems = graph.expect_err("refused");
    let wrong = problems.iter().filter(|line| line.contains("error"));
    let wrong: Vec<&str> = wrong
        .filter_map(|line| line.split_once("error: "))
        .map(|(_, what)| what)
        .collect();
    assert_eq!(
        wrong,
        [
            "model 'Net': nobody is at 10.0.0.1",
            "simulator 'it at here': it went",
            "simulator 'it at 10.0.0.2': it went"
        ]
    );
}

#[test]
fn the_machines_of_a_scenario_are_known_before_its_programs_start() {
    let text = text(MODELS, "- {from: 'Net/Bus-1.Vm[pu]', to: Bath.x}", "");
    let outline = outline_text("s.yaml", &text, &CATALOGUE, &files());
    let outline = outline.unwrap_or_else(|error| panic!("{error}"));
    let machine = |machine: Machine<'_>| {
        let Connect { host, port, .. } = machine.connect;
        (format!("{host}:{port}"), machine.runs_programs)
    };
    let machines: Vec<(String, bool)> = outline.machines().map(machine).collect();
    let expected = [
        ("10.0.0.1:5124", true),
        ("10.0.0.2:7", true),
        ("10.0.0.2:5123", false),
        ("10.0.0.2:7", true),
    ];
    assert_eq!(machines, expected.map(|(at, is)| (at.to_owned(), is)));
    assert_eq!(
        outline.hosts_of_programs(),
        [
            ("10.0.0.1", vec!["Net"]),
            ("10.0.0.2", vec!["Sink", "Pool"])
        ]
    );
    let models: Vec<&str> = outline.models.iter().map(|model| &*model.name).collect();
    assert_eq!(
        models,
        ["Meter", "Homes", "Net", "Bath", "Sink", "Duct", "Pool"]
    );
}

#[test]
fn an_outline_is_refused_for_all_that_is_wrong_without_programs() {
    let wrong = text(MODELS, "- {from: Meter.lod, to: Bath.x}", "");
    let refused = outline_text("s.yaml", &wrong, &CATALOGUE, &files()).expect_err("wrong");
    assert!(
        refused.to_string().contains("did you mean 'load'"),
        "{refused}"
    );
    // Without programs nothing is left to be found.
    let plain = scenario("", "", "");
    let (graph, _) = load_text("s.yaml", &plain, &CATALOGUE, &files()).expect("valid");
    let outline = outline_text("s.yaml", &plain, &CATALOGUE, &files()).expect("valid");
    assert_eq!(outline.models.len(), graph.models.len());
}
