//! What is connected to what in a whole scenario, in mosaik's names.

use foreign::{Entity, RelationGraph};

use crate::scenario::models::Candidate;
use crate::scenario::wiring::Connection;

/// The entity that each model of ours is for a simulator that asks.
pub(super) fn id_of_model(name: &str) -> String {
    format!("{name}-0.time-based_0")
}

/// All entities with their children, and what is connected.
pub(crate) fn relations(candidates: &[Candidate], connections: &[Connection]) -> RelationGraph {
    let mut graph = RelationGraph::default();
    for candidate in candidates {
        if let Some(met) = candidate.met() {
            add(&mut graph, &met.mosaik_name(), &met.entity);
        } else {
            let kind = candidate.model_type.as_ref();
            let kind = kind.map_or(String::new(), |kind| kind.name.to_string());
            graph.nodes.push((id_of_model(candidate.name()), kind));
        }
    }
    for connection in connections {
        let ends = source_id(candidates, connection).zip(target_id(candidates, connection));
        if let Some(edge) = ends
            && !graph.edges.contains(&edge)
        {
            graph.edges.push(edge);
        }
    }
    graph
}

fn add(graph: &mut RelationGraph, simulator: &str, entity: &Entity) {
    let id = |entity: &str| format!("{simulator}.{entity}");
    for child in &entity.children {
        add(graph, simulator, child);
    }
    graph
        .nodes
        .push((id(&entity.id), entity.entity_type.clone()));
    let related = entity.related.iter();
    graph
        .edges
        .extend(related.map(|other| (id(&entity.id), id(other))));
}

/// Whose values a connection delivers.
pub(super) fn source_id(candidates: &[Candidate], connection: &Connection) -> Option<String> {
    let candidate = &candidates[connection.source_model?];
    let Some(met) = candidate.met() else {
        return Some(id_of_model(candidate.name()));
    };
    let entity = if connection.is_for_requests {
        &met.entity.id
    } else {
        &candidate
            .place_published(connection.published?.slot)?
            .spot
            .entity
    };
    Some(format!("{}.{entity}", met.mosaik_name()))
}

fn target_id(candidates: &[Candidate], connection: &Connection) -> Option<String> {
    let candidate = &candidates[connection.target_model?];
    let Some(met) = candidate.met() else {
        return Some(id_of_model(candidate.name()));
    };
    let entity = if connection.is_for_requests {
        &met.entity.id
    } else {
        &met.inputs.get(connection.input()?)?.spot.entity
    };
    Some(format!("{}.{entity}", met.mosaik_name()))
}
