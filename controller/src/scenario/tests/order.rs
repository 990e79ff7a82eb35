//! In which order models step, and values are combined.

use super::{Graph, load, scenario};
use shared::plan::ModelId;

fn sources(graph: &Graph, model: u32) -> Vec<Vec<(u32, usize, bool)>> {
    let inputs = graph.models[ModelId(model)].inputs.iter();
    inputs
        .map(|input| {
            let sources = input.sources.iter();
            sources
                .map(|s| (s.from.model.0, s.from.slot.index(), s.shifted))
                .collect()
        })
        .collect()
}

fn graph(models: &str, connections: &str) -> Graph {
    load(&scenario(models, connections, "")).0
}

const MARKET: &str = "\
- {name: A, type: Meter, parameters: {file_path: load.csv}}
- {name: B, type: Meter, parameters: {file_path: load.csv}}
- {name: C, type: Meter, parameters: {file_path: load.csv}}
- {name: T, type: Market, inputs: {bids: [], anything: 0}}";

#[test]
fn sources_come_in_the_order_of_their_first_contact_with_the_target() {
    let graph = graph(
        MARKET,
        "- {from: A.u, to: T.bids}\n- {from: B.u, to: T.anything}\n\
         - {from: A.load, to: T.anything}\n- {from: C.load, to: T.anything}\n\
         - {from: B.load, to: T.bids}",
    );
    assert_eq!(
        sources(&graph, 5),
        [
            vec![(2, 1, false), (3, 0, false)],
            vec![(2, 0, false), (3, 1, false), (4, 0, false)]
        ]
    );
}

#[test]
fn a_connection_into_an_unused_name_counts_as_contact() {
    let graph = graph(
        MARKET,
        "- {from: C.u, to: T.price}\n- {from: A.u, to: T.anything}\n\
         - {from: C.u, to: T.anything}\n- {from: B.u, to: T.bids}\n- {from: A.load, to: T.bids}",
    );
    assert_eq!(sources(&graph, 5)[1], [(4, 1, false), (2, 1, false)]);
}

#[test]
fn of_several_attributes_of_one_model_the_last_one_counts_at_the_place_of_the_first() {
    let graph = graph(
        MARKET,
        "- {from: A.u, to: T.anything}\n- {from: B.u, to: T.anything}\n\
         - {from: A.load, to: T.anything}",
    );
    assert_eq!(sources(&graph, 5), [[(2, 0, false), (3, 1, false)]]);
}

#[test]
fn direct_and_shifted_are_two_groups_with_one_place() {
    // The shifted group is opened first, so the direct one comes later and counts.
    let graph = graph(
        MARKET,
        "- {from: A.load, to: T.anything, time_shifted: true}\n- {from: B.u, to: T.anything}\n\
         - {from: A.u, to: T.anything}\n- {from: A.u, to: T.anything, time_shifted: true}",
    );
    assert_eq!(sources(&graph, 5), [[(2, 1, false), (3, 1, false)]]);
}

#[test]
fn models_step_after_those_with_a_direct_connection_into_them() {
    let graph = graph(
        "- {name: Q, type: Pipe}\n- {name: P, type: Pipe, inputs: {x: 0}}\n\
         - {name: C, type: Company}",
        "- {from: P.y, to: Q.x}\n- {from: Homes.load_dem, to: P.x}\n\
         - {from: C.bid, to: Q.level}",
    );
    assert_eq!(graph.order, [0, 1, 3, 4, 2].map(ModelId));
    let after: Vec<_> = graph
        .models
        .iter()
        .map(|model| model.after.clone())
        .collect();
    assert_eq!(
        after,
        [&[][..], &[0], &[3, 4], &[1], &[]].map(|after| after
            .iter()
            .copied()
            .map(ModelId)
            .collect::<Vec<_>>())
    );
}

#[test]
fn a_shifted_connection_orders_nothing() {
    let graph = graph(
        "- {name: P, type: Pipe, inputs: {x: 0}}\n- {name: Q, type: Pipe}",
        "- {from: Q.y, to: P.x, time_shifted: true}\n- {from: P.y, to: Q.x}",
    );
    assert_eq!(graph.order, [0, 1, 2, 3].map(ModelId));
    assert_eq!(graph.models[ModelId(2)].after, []);
}
