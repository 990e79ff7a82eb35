//! Who runs the models of nodes that are away.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use shared::plan::ModelId;

use crate::cluster::{Endpoint, Service, THIS_MACHINE};
use crate::scenario::{Connect, Graph};

/// So long a node may take to be there again before another one takes its models over: its service has started anew then.
const RETURN: Duration = Duration::from_secs(2);

/// Who takes over from whom.
#[derive(Debug)]
pub(crate) struct Standby {
    /// Nodes that nobody else needs.
    spares: VecDeque<Connect>,
    /// How long nodes that cannot be used are waited for, until this machine runs their models.
    patience: Duration,
    /// The nodes that are away, and since when.
    away: BTreeMap<String, Instant>,
    /// Those of them that nobody tries to reach any more.
    given_up: BTreeSet<String>,
    /// The models that run somewhere else than the scenario says.
    moved: BTreeSet<ModelId>,
}

/// Models that run somewhere else from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// Where they ran.
    pub from: String,
    /// Where they run.
    pub by: String,
    /// Their names.
    pub models: Vec<String>,
}

impl Standby {
    pub(crate) fn new(spares: &[Connect], patience: Duration) -> Self {
        Self {
            spares: spares.iter().cloned().collect(),
            patience,
            away: BTreeMap::new(),
            given_up: BTreeSet::new(),
            moved: BTreeSet::new(),
        }
    }

    /// Whether nobody waits for a node that was lost, not even for one attempt to reach it.
    pub(crate) fn is_past(&self, node: &str) -> bool {
        self.patience.is_zero() || self.given_up.contains(node)
    }

    /// How long a node of which nothing is heard is waited for before its connection is given up: until somebody else
    /// would run its models.
    pub(crate) fn grace(&self, graph: &Graph, node: &str) -> Duration {
        let models = models_at(graph, node);
        if self.given_up.contains(node) {
            return Duration::ZERO;
        }
        let is_program = |&model: &ModelId| graph.models[model].programs.is_some();
        let has_other = !self.spares.is_empty() || self.other(graph, node, &models).is_some();
        if has_other && !models.iter().any(is_program) {
            return self.patience.min(RETURN);
        }
        self.patience
    }

    /// A node is away.
    pub(crate) fn lose(&mut self, node: &str, now: Instant) {
        self.away.entry(node.to_owned()).or_insert(now);
    }

    /// A node that is there again and again is of no use.
    pub(crate) fn give_up(&mut self, node: &str, now: Instant) {
        let long_ago = now.checked_sub(self.patience.max(RETURN)).unwrap_or(now);
        self.away.insert(node.to_owned(), long_ago);
        self.given_up.insert(node.to_owned());
    }

    /// The nodes that are away.
    pub(crate) fn away(&self) -> Vec<String> {
        self.away.keys().cloned().collect()
    }

    /// All nodes are there.
    pub(crate) fn all_are_there(&mut self) {
        self.away.clear();
        self.given_up.clear();
    }

    /// Has others run the models of these nodes, once they have been waited for. `None` where one has been waited for and
    /// nobody else can run its models.
    pub(crate) fn take_over(
        &mut self,
        graph: &mut Graph,
        missing: &[String],
        now: Instant,
    ) -> Option<Vec<Takeover>> {
        let mut takeovers = Vec::new();
        for node in missing {
            let Some(&since) = self.away.get(node) else {
                continue;
            };
            let waited = now.saturating_duration_since(since);
            let is_over = waited >= self.patience;
            let models = models_at(graph, node);
            if models
                .iter()
                .any(|&model| graph.models[model].programs.is_some())
            {
                if is_over {
                    return None;
                }
                continue;
            }
            let next = if is_over || waited >= RETURN {
                self.next(graph, node, &models)
            } else {
                None
            };
            let by = match (next, is_over) {
                (Some(connect), _) => Some(connect),
                (None, true) => None,
                (None, false) => continue,
            };
            let name = by.as_ref().map_or(THIS_MACHINE.to_owned(), name_of);
            self.away.remove(node);
            if by.is_some() {
                // Whoever does not answer now is not waited for once more.
                self.away.entry(name.clone()).or_insert(since);
            }
            takeovers.push(self.move_to(graph, &models, node, by.as_ref(), name));
        }
        Some(takeovers)
    }

    /// A node does not take the models that have been moved there: this machine does. Nothing where there are none.
    pub(crate) fn has_no_room(&mut self, graph: &mut Graph, node: &str) -> Option<Takeover> {
        let mut models = models_at(graph, node);
        models.retain(|model| self.moved.contains(model));
        let by = THIS_MACHINE.to_owned();
        (!models.is_empty()).then(|| self.move_to(graph, &models, node, None, by))
    }

    fn move_to(
        &mut self,
        graph: &mut Graph,
        models: &[ModelId],
        from: &str,
        by: Option<&Connect>,
        name: String,
    ) -> Takeover {
        let mut names = Vec::new();
        for &model in models {
            self.moved.insert(model);
            let model = &mut graph.models[model];
            model.connect = by.cloned();
            names.push(model.config.name.clone());
        }
        Takeover {
            from: from.to_owned(),
            by: name,
            models: names,
        }
    }

    /// The next node that could run the models of one that is away: a spare one, or, where no light and no cable is at
    /// the place, one of the scenario, that with the fewest models first.
    fn next(&mut self, graph: &Graph, node: &str, models: &[ModelId]) -> Option<Connect> {
        let spare = self.spares.pop_front();
        spare.or_else(|| self.other(graph, node, models))
    }

    /// Of the nodes of the scenario, the one that could run them.
    fn other(&self, graph: &Graph, node: &str, models: &[ModelId]) -> Option<Connect> {
        let is_bound = |&model: &ModelId| {
            let model = &graph.models[model];
            !model.leds.is_empty() || model.instance.sockets.is_some()
        };
        if models.iter().any(is_bound) {
            return None;
        }
        let endpoints = Endpoint::all_of(graph.machines()).into_iter();
        let others = endpoints.filter(|endpoint| {
            let name = endpoint.to_string();
            endpoint.service == Service::Node && name != node && !self.away.contains_key(&name)
        });
        let other = others.min_by_key(|other| models_at(graph, &other.to_string()).len())?;
        let mut connects = graph
            .models
            .iter()
            .filter_map(|model| model.connect.as_ref());
        connects.find(|connect| other.is_at(connect)).cloned()
    }
}

fn name_of(connect: &Connect) -> String {
    Endpoint::of(connect, Service::Node).to_string()
}

/// The models that are to run on a node.
fn models_at(graph: &Graph, node: &str) -> Vec<ModelId> {
    let is_there = |model: &ModelId| {
        let connect = graph.models[*model].connect.as_ref();
        connect.is_some_and(|connect| name_of(connect) == node)
    };
    graph.models.ids().filter(is_there).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placement::tests::cases::{Case, graph};
    use crate::scenario::Programs;
    use shared::led::{LedKind, LedRule, PinLed, ValueLed};
    use shared::model::{AttributeSlot, PublishedSlot};
    use shared::plan::SiteId;

    /// A scenario whose models are on these nodes.
    fn on(nodes: &[&str]) -> Graph {
        let mut graph = graph(&Case {
            ticks: 10,
            step_sizes: vec![1; nodes.len()],
            sites: vec![SiteId(0); nodes.len()],
            connections: Vec::new(),
            window: 16,
            schedule: vec![0],
        });
        for (model, node) in graph.models.iter_mut().zip(nodes) {
            model.connect = Some(connect(node));
        }
        graph
    }

    fn connect(node: &str) -> Connect {
        Connect::parse(node).expect("an address")
    }

    fn after(seconds: u64) -> impl Fn(Instant) -> Instant {
        move |start| start + Duration::from_secs(seconds)
    }

    /// Who takes over from pi1 after so many seconds.
    fn by(graph: &mut Graph, standby: &mut Standby, seconds: u64) -> Option<Vec<String>> {
        let start = Instant::now();
        standby.away.clear();
        standby.lose("pi1:5123", start);
        let missing = ["pi1:5123".to_owned()];
        let takeovers = standby.take_over(graph, &missing, after(seconds)(start))?;
        Some(takeovers.into_iter().map(|takeover| takeover.by).collect())
    }

    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn spare_nodes_come_first_then_those_of_the_scenario_then_this_machine() {
        let spares = ["pi8", "pi9:1"].map(connect);
        for (seconds, spares, nodes, expected) in [
            (1, &spares[..], &["pi1", "pi2", "pi1"][..], &[][..]),
            (2, &spares, &["pi1", "pi2", "pi1"], &["pi8:5123"]),
            (2, &[], &["pi1", "pi2", "pi3", "pi2", "pi1"], &["pi3:5123"]),
            (29, &[], &["pi1", "pi1"], &[]),
            (30, &[], &["pi1", "pi1"], &[THIS_MACHINE]),
        ] {
            let (mut graph, mut standby) = (on(nodes), Standby::new(spares, PATIENCE));
            let by = by(&mut graph, &mut standby, seconds);
            assert_eq!(
                by.as_deref(),
                Some(&*expected.iter().map(|&n| n.to_owned()).collect::<Vec<_>>())
            );
        }
        let (mut graph, mut standby) = (on(&["pi1", "pi2"]), Standby::new(&[], Duration::ZERO));
        assert!(standby.is_past("pi1:5123"));
        assert_eq!(
            by(&mut graph, &mut standby, 0),
            Some(vec!["pi2:5123".to_owned()])
        );
    }

    #[test]
    fn a_spare_node_that_does_not_answer_is_not_waited_for() {
        let spares = ["pi8", "pi9"].map(connect);
        let (mut graph, mut standby) = (on(&["pi1", "pi1"]), Standby::new(&spares, PATIENCE));
        let start = Instant::now();
        standby.lose("pi1:5123", start);
        for (missing, seconds, expected) in [
            ("pi1:5123", 2, "pi8:5123"),
            ("pi8:5123", 3, "pi9:5123"),
            ("pi9:5123", 31, THIS_MACHINE),
        ] {
            assert_eq!(standby.away(), [missing]);
            let missing = [missing.to_owned()];
            let takeovers = standby.take_over(&mut graph, &missing, after(seconds)(start));
            let takeovers = takeovers.expect("somebody can");
            assert_eq!(takeovers[0].by, expected);
            assert_eq!(takeovers[0].models, ["M0", "M1"]);
        }
        assert!(graph.models.iter().all(|model| model.connect.is_none()));
        assert_eq!(standby.away(), [] as [String; 0]);
    }

    #[test]
    fn nothing_may_be_heard_of_a_node_until_somebody_else_would_run_its_models() {
        let standby = |spares: &[Connect]| Standby::new(spares, PATIENCE);
        let grace = |nodes, standby: Standby| standby.grace(&on(nodes), "pi1:5123");
        assert_eq!(grace(&["pi1", "pi1"], standby(&[])), PATIENCE);
        assert_eq!(grace(&["pi1", "pi1"], standby(&[connect("pi8")])), RETURN);
        assert_eq!(grace(&["pi1", "pi2"], standby(&[])), RETURN);
        let hasty = Standby::new(&[], Duration::ZERO);
        assert_eq!(grace(&["pi1", "pi2"], hasty), Duration::ZERO);
        let mut without = standby(&[]);
        without.give_up("pi1:5123", Instant::now());
        assert_eq!(grace(&["pi1"], without), Duration::ZERO);
    }

    #[test]
    fn a_node_that_is_given_up_is_not_asked_whether_it_is_there() {
        let (mut graph, mut standby) = (on(&["pi1", "pi2"]), Standby::new(&[], PATIENCE));
        let now = Instant::now();
        standby.lose("pi1:5123", now);
        assert!(!standby.is_past("pi1:5123"));
        standby.give_up("pi1:5123", now);
        assert!(standby.is_past("pi1:5123"));
        let takeovers = standby.take_over(&mut graph, &["pi1:5123".to_owned()], now);
        assert_eq!(takeovers.expect("pi2 can")[0].by, "pi2:5123");
    }

    #[test]
    fn models_with_lights_wait_for_their_own_node() {
        let (mut graph, mut standby) = (on(&["pi1", "pi2"]), Standby::new(&[], PATIENCE));
        graph.models[ModelId(0)].leds.push(ValueLed {
            attribute: AttributeSlot::Published(PublishedSlot::from(0)),
            kind: LedKind::Pin(PinLed {
                pin: 18,
                active_low: false,
                rule: LedRule::Below(1.0),
            }),
        });
        assert_eq!(by(&mut graph, &mut standby, 29), Some(vec![]));
        assert_eq!(
            by(&mut graph, &mut standby, 30),
            Some(vec![THIS_MACHINE.to_owned()])
        );
    }

    #[test]
    fn nobody_takes_over_from_a_bridge() {
        let (mut graph, mut standby) = (on(&["pi1", "pi2"]), Standby::new(&[], PATIENCE));
        graph.models[ModelId(0)].programs = Some(Programs {
            models: Vec::new(),
            simulators: 1,
            run_by: Vec::new(),
            bridge: None,
        });
        let start = Instant::now();
        standby.lose("pi1:5123", start);
        let missing = ["pi1:5123".to_owned()];
        let mut takeovers =
            |seconds| standby.take_over(&mut graph, &missing, after(seconds)(start));
        assert_eq!(takeovers(29), Some(Vec::new()));
        assert_eq!(takeovers(30), None);
    }

    #[test]
    fn what_a_node_has_no_room_for_runs_here() {
        let (mut graph, mut standby) = (on(&["pi1", "pi2"]), Standby::new(&[], PATIENCE));
        assert_eq!(
            standby.has_no_room(&mut graph, "pi2:5123"),
            None,
            "it is its own"
        );
        assert_eq!(
            by(&mut graph, &mut standby, 2),
            Some(vec!["pi2:5123".to_owned()])
        );
        let takeover = standby
            .has_no_room(&mut graph, "pi2:5123")
            .expect("moved there");
        assert_eq!(
            (takeover.by.as_str(), takeover.models),
            (THIS_MACHINE, vec!["M0".to_owned()])
        );
        assert!(graph.models[ModelId(1)].connect.is_some());
    }
}
