//! Flows of energy between models, for the picture of all of them.

use std::collections::BTreeSet;

use shared::model::Role;

use crate::chart::Link;
use crate::scenario::Written;
use crate::totals::Totals;

/// What is less than this part of all energy is not drawn.
const UNSEEN: f64 = 1e-4;

/// Where energy meets, where no model exchanges it with the grid.
const BALANCE: &str = "balance";

/// From what makes energy, through where it meets, to what uses it. Empty where there is none.
pub(super) fn links(totals: &Totals, outline: Option<&Written>) -> Vec<Link> {
    let hubs = hubs(totals, outline);
    let hub_of = |model: &str| {
        let met = outline.and_then(|outline| {
            let joined = joined(outline, model);
            hubs.iter().find(|hub| joined.contains(hub.as_str()))
        });
        met.or(hubs.first())
            .map_or_else(|| BALANCE.to_owned(), Clone::clone)
    };
    let (mut into, mut out) = (Vec::new(), Vec::new());
    for flow in &totals.flows {
        let hub = hub_of(&flow.model);
        let enters = |colour, energy| Link {
            from: flow.name.clone(),
            to: hub.clone(),
            energy,
            colour,
        };
        let leaves = |to: String, colour, energy| Link {
            from: hub.clone(),
            to,
            energy,
            colour,
        };
        match flow.role {
            Role::Made => into.push(enters(4, flow.net())),
            Role::Used => out.push(leaves(flow.name.clone(), 0, flow.net())),
            Role::Stored => {
                into.push(Link {
                    from: format!("out of {}", flow.name),
                    ..enters(3, flow.negative)
                });
                out.push(leaves(format!("into {}", flow.name), 3, flow.positive));
            }
            Role::Spilled => out.push(leaves("without use".to_owned(), 7, flow.net())),
            Role::Exchanged => {
                into.push(Link {
                    from: "bought".to_owned(),
                    ..enters(1, flow.negative)
                });
                out.push(leaves("sold".to_owned(), 2, flow.positive));
            }
            Role::Converted => out.push(leaves(flow.name.clone(), 3, flow.net())),
            Role::Reconverted => into.push(enters(3, flow.net())),
            // No other role is that of a flow.
            _ => {}
        }
    }
    if !totals.has(Role::Exchanged)
        && let Some((bought, sold)) = totals.grid
    {
        let hub = hubs.first().map_or(BALANCE, String::as_str);
        let link = |from: &str, to: &str, energy, colour| Link {
            from: from.to_owned(),
            to: to.to_owned(),
            energy,
            colour,
        };
        into.push(link("bought", hub, bought, 1));
        out.push(link(hub, "sold", sold, 2));
    }
    into.append(&mut out);
    let all: f64 = into.iter().map(|link| link.energy.max(0.0)).sum();
    into.retain(|link| link.energy > all * UNSEEN);
    into
}

/// The models where energy meets: those that exchange it with the grid, or see that some finds no use.
fn hubs(totals: &Totals, outline: Option<&Written>) -> Vec<String> {
    let is_hub = |role| matches!(role, Some(Role::Exchanged | Role::Imported | Role::Spilled));
    if let Some(outline) = outline {
        let models = outline.models.iter().filter(|model| {
            let published = model.model_type.iter().flat_map(|known| &*known.published);
            published
                .into_iter()
                .any(|published| is_hub(published.role))
        });
        return models.map(|model| model.config.name.clone()).collect();
    }
    let flows = totals.flows.iter().filter(|flow| is_hub(Some(flow.role)));
    let mut hubs: Vec<String> = flows.map(|flow| flow.model.clone()).collect();
    hubs.dedup();
    hubs
}

/// The models that values of one reach, and those whose values reach it, through any others; itself as well.
fn joined<'a>(outline: &'a Written, model: &'a str) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    for (near, far) in [(0, 1), (1, 0)] {
        let (mut met, mut next) = (BTreeSet::from([model]), vec![model]);
        while let Some(model) = next.pop() {
            for connection in &outline.connections {
                let (from, to) = (&*connection.ends[near].0, &*connection.ends[far].0);
                if from == model && met.insert(to) {
                    next.push(to);
                }
            }
        }
        all.append(&mut met);
    }
    all
}
