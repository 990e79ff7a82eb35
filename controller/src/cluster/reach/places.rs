//! Which endpoint is served by which node.

use std::net::SocketAddr;

use shared::plan::{CONTROLLER, ModelId, SiteId};

use super::outcome::{End, Reached};
use crate::cluster::endpoint::Endpoint;
use crate::cluster::error::Unreachable;
use crate::cluster::open::OpenSession;
use crate::cluster::unusable::Unusable;
use crate::scenario::Graph;

/// An endpoint, and the models that shall run there.
pub(super) struct Wanted {
    endpoint: Endpoint,
    models: Vec<ModelId>,
}

impl Wanted {
    pub(super) fn all_of(graph: &Graph) -> Vec<Self> {
        let wanted = |endpoint: Endpoint| {
            let is_there = |model: ModelId| {
                let connect = graph.models[model].connect.as_ref();
                connect.is_some_and(|connect| endpoint.is_at(connect))
            };
            let models: Vec<ModelId> = graph.models.ids().filter(|&m| is_there(m)).collect();
            Self { endpoint, models }
        };
        Endpoint::all_of(graph.machines())
            .into_iter()
            .map(wanted)
            .collect()
    }

    pub(super) fn name(&self) -> String {
        self.endpoint.to_string()
    }

    /// The names of its models.
    pub(super) fn models(&self, graph: &Graph) -> Vec<String> {
        let models = self.models.iter();
        models
            .map(|&model| graph.models[model].config.name.clone())
            .collect()
    }
}

/// What is known of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It is being dialled for the first time.
    Unknown,
    /// Something accepts connections, at this address.
    Something(SocketAddr),
    /// It is another name of the one that is at this address.
    Alias(SocketAddr),
    /// Nothing does, at any of these addresses.
    Nothing(Vec<SocketAddr>),
}

/// All endpoints of a scenario, in its order.
#[derive(Clone)]
pub(super) struct Places<'a> {
    wanted: &'a [Wanted],
    found: Vec<Found>,
}

impl<'a> Places<'a> {
    pub(super) fn new(wanted: &'a [Wanted]) -> Self {
        let found = vec![Found::Unknown; wanted.len()];
        Self { wanted, found }
    }

    pub(super) fn endpoint(&self, number: usize) -> Endpoint {
        self.wanted[number].endpoint.clone()
    }

    /// The name of an endpoint and those of its models.
    pub(super) fn describe(&self, graph: &Graph, number: usize) -> (String, String) {
        let wanted = &self.wanted[number];
        (wanted.name(), wanted.models(graph).join(", "))
    }

    /// Takes note that nothing answers at any of the addresses of an endpoint. Where something has
    /// answered before, that is still its place.
    pub(super) fn nothing_at(&mut self, number: usize, addresses: Vec<SocketAddr>) {
        let found = &mut self.found[number];
        if matches!(found, Found::Unknown | Found::Nothing(_)) {
            *found = Found::Nothing(addresses);
        }
    }

    /// Takes note that an endpoint is at this address. Returns whether it is the first one there: two
    /// names of one node make one session.
    pub(super) fn take(&mut self, number: usize, address: SocketAddr) -> bool {
        let here = Found::Something(address);
        let mut others = self.found.iter().enumerate();
        let is_taken = others.any(|(other, found)| other != number && *found == here);
        self.found[number] = if is_taken {
            Found::Alias(address)
        } else {
            here
        };
        !is_taken
    }

    /// The address of the node that makes up for an endpoint that does not answer: one at the same
    /// address, as scenario files often give each model of a Pi a port of its own. The first in
    /// the order of the scenario is it.
    pub(super) fn stand_in(&self, number: usize) -> Option<SocketAddr> {
        let Found::Nothing(addresses) = &self.found[number] else {
            return None;
        };
        // What is to run by a bridge no node can make up for.
        let service = self.wanted[number].endpoint.service;
        let others = self.found.iter().zip(self.wanted);
        let mut others = others.filter(|(_, other)| other.endpoint.service == service);
        others.find_map(|(found, _)| match found {
            Found::Something(there) if addresses.iter().any(|a| a.ip() == there.ip()) => {
                Some(*there)
            }
            _ => None,
        })
    }

    /// Where the models of an endpoint run, if anywhere.
    fn place_of(&self, number: usize) -> Option<SocketAddr> {
        match self.found[number] {
            Found::Something(address) | Found::Alias(address) => Some(address),
            Found::Unknown | Found::Nothing(_) => self.stand_in(number),
        }
    }

    /// The models for the node at this address.
    pub(super) fn models_at(&self, address: SocketAddr) -> Vec<ModelId> {
        let numbers = (0..self.wanted.len()).filter(|&n| self.place_of(n) == Some(address));
        numbers
            .flat_map(|number| self.wanted[number].models.iter().copied())
            .collect()
    }

    /// Makes sites of the sessions that there are, in the order of the scenario, or says who has
    /// none. Then those that there are end.
    pub(super) async fn settle(
        self,
        graph: &Graph,
        ends: Vec<End>,
    ) -> Result<Reached, Vec<Unreachable>> {
        let (mut sessions, mut lacking) = (Vec::new(), Vec::new());
        for (number, end) in ends.into_iter().enumerate() {
            match end {
                End::Session(address, session) => sessions.push((address, session)),
                End::Unusable(unusable) => lacking.push((number, unusable)),
                End::Elsewhere => {}
            }
        }
        let mut unreachable = self.unreachable(graph, &lacking);
        let reached = self.sites(graph, sessions);
        if unreachable.is_empty() {
            unreachable = self.left_over(graph, &reached);
        }
        if unreachable.is_empty() {
            return Ok(reached);
        }
        reached.close().await;
        Err(unreachable)
    }

    /// Who cannot be used, with all models that were to run there.
    fn unreachable(&self, graph: &Graph, lacking: &[(usize, Unusable)]) -> Vec<Unreachable> {
        let of = |(number, unusable): &(usize, Unusable)| {
            let number = *number;
            let models = match self.found[number] {
                Found::Something(address) => self.models_at(address),
                _ => self.wanted[number].models.clone(),
            };
            let names = models.iter().map(|&m| graph.models[m].config.name.clone());
            Unreachable {
                node: self.wanted[number].name(),
                models: names.collect(),
                reason: unusable.reason.clone(),
            }
        };
        lacking.iter().map(of).collect()
    }

    /// Endpoints that counted on a node which has come back at another address.
    fn left_over(&self, graph: &Graph, reached: &Reached) -> Vec<Unreachable> {
        let is_left = |wanted: &&Wanted| {
            wanted
                .models
                .iter()
                .any(|&m| reached.site_of[m] == CONTROLLER)
        };
        let of = |wanted: &Wanted| Unreachable {
            node: wanted.name(),
            models: wanted.models(graph),
            reason: "it has moved to another address meanwhile; try again".to_owned(),
        };
        self.wanted.iter().filter(is_left).map(of).collect()
    }

    /// Those that answer come first, in the order of the scenario, and give nodes their names.
    fn sites(&self, graph: &Graph, mut sessions: Vec<(SocketAddr, Box<OpenSession>)>) -> Reached {
        let mut reached = Reached::none(graph);
        let is_silent = |&number: &usize| matches!(self.found[number], Found::Nothing(_));
        let all = 0..self.wanted.len();
        let (silent, answered): (Vec<usize>, Vec<usize>) = all.partition(is_silent);
        for number in answered.into_iter().chain(silent) {
            let Some(address) = self.place_of(number) else {
                continue;
            };
            let wanted = &self.wanted[number];
            let known = reached
                .nodes
                .iter()
                .position(|node| node.address == address);
            let site = known.or_else(|| {
                let session = sessions.iter().position(|(at, _)| *at == address)?;
                let (_, session) = sessions.swap_remove(session);
                reached.add_node(wanted.name(), address, *session);
                Some(reached.nodes.len() - 1)
            });
            let Some(site) = site else {
                continue;
            };
            let node = &mut reached.nodes[site];
            if is_silent(&number) {
                let (name, models) = self.describe(graph, number);
                reached.remarks.push(format!(
                    "{name} does not answer; the node at {} runs {models}",
                    node.name
                ));
            }
            node.models.extend(wanted.models(graph));
            for &model in &wanted.models {
                reached.site_of[model] = SiteId::of_node(site);
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::service::Service;
    use shared::index::Index;

    fn wanted(hosts: &[&str]) -> Vec<Wanted> {
        let endpoint = |host: &&str| Endpoint::parse(host).expect("valid");
        let hosts = hosts.iter().enumerate();
        hosts
            .map(|(number, host)| Wanted {
                endpoint: endpoint(host),
                models: vec![ModelId::at(number)],
            })
            .collect()
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("valid")
    }

    #[test]
    fn two_names_of_one_node_have_one_place_whoever_comes_first() {
        let wanted = wanted(&["pi1", "10.0.0.1"]);
        let mut places = Places::new(&wanted);
        let there = address("10.0.0.1:5123");
        assert!(places.take(1, there));
        assert!(!places.take(0, there));
        assert!(places.take(1, there), "it may come again");
        assert_eq!(places.models_at(there), [0, 1].map(ModelId));
    }

    #[test]
    fn a_port_that_does_not_answer_is_made_up_for_by_the_first_node_of_its_machine() {
        let wanted = wanted(&["10.0.0.1:1", "10.0.0.1:2", "10.0.0.1:3", "10.0.0.2:1"]);
        let mut places = Places::new(&wanted);
        assert!(places.take(2, address("10.0.0.1:3")));
        assert!(places.take(1, address("10.0.0.1:2")));
        places.nothing_at(0, vec![address("10.0.0.1:1")]);
        places.nothing_at(3, vec![address("10.0.0.2:1")]);
        assert_eq!(places.stand_in(0), Some(address("10.0.0.1:2")));
        assert_eq!(places.stand_in(3), None);
        assert_eq!(places.models_at(address("10.0.0.1:2")), [0, 1].map(ModelId));
        // One that has answered before has its place, whatever becomes of it.
        places.nothing_at(2, vec![address("10.0.0.1:3")]);
        assert_eq!(places.models_at(address("10.0.0.1:3")), [2].map(ModelId));
    }

    #[test]
    fn neither_a_node_nor_a_bridge_makes_up_for_the_other() {
        let mut wanted = wanted(&["10.0.0.1:1", "10.0.0.1:2", "10.0.0.1:3"]);
        wanted[1].endpoint.service = Service::Bridge;
        wanted[2].endpoint.service = Service::Bridge;
        let mut places = Places::new(&wanted);
        places.nothing_at(0, vec![address("10.0.0.1:1")]);
        assert!(places.take(1, address("10.0.0.1:2")));
        assert_eq!(places.stand_in(0), None);
        places.nothing_at(2, vec![address("10.0.0.1:3")]);
        assert_eq!(places.stand_in(2), Some(address("10.0.0.1:2")));
    }
}
