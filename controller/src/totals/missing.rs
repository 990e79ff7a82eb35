//! What would have to be monitored for totals that are whole.

use shared::model::Role;

use crate::results::{Column, role_in};
use crate::scenario::{Written, WrittenModel};

/// An attribute that is part of the balance and not in the result.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Missing {
    pub(super) item: String,
    pub(super) role: Role,
}

/// The attributes with a role that no column shows, in the order of the scenario. Prices and emissions are not missed, and
/// neither is what another model counts.
pub(super) fn missing(outline: &Written, columns: &[Column]) -> Vec<Missing> {
    let of_model = |model: &WrittenModel| {
        let Some(model_type) = &model.model_type else {
            return Vec::new();
        };
        let name = model.config.name.clone();
        let own = |column: &&Column| column.model == name;
        let shown: Vec<Option<Role>> = columns.iter().filter(own).map(|c| c.role).collect();
        let published = model_type.published.iter().filter(|p| p.repeats.is_none());
        let wanted = published.filter_map(|published| {
            let role = role_in(outline, model, published)?;
            let is_missing =
                !matches!(role, Role::Price | Role::Emissions) && !shown.contains(&Some(role));
            is_missing.then(|| Missing {
                item: format!("{name}.{}", published.name),
                role,
            })
        });
        wanted.collect()
    };
    outline.models.iter().flat_map(of_model).collect()
}

/// Models of types that say nothing of the balance, because they are programs: each with its type.
pub(super) fn programs(outline: &Written) -> Vec<(String, String)> {
    let programs = outline
        .models
        .iter()
        .filter(|model| model.model_type.is_none());
    let pair = |model: &WrittenModel| {
        let config = &model.config;
        (config.name.clone(), config.model_type.clone())
    };
    programs.map(pair).collect()
}
