//! What all sessions have in common.

use std::sync::Arc;

use shared::model::Registry;

use super::connections::Connections;
use super::places::Places;
use crate::log::Quota;

/// What all sessions have in common.
#[derive(Debug)]
pub(super) struct Serving {
    /// The types that there are.
    pub(super) types: Registry,
    /// Where models run.
    pub(super) places: Places,
    /// Sessions are not reported.
    pub(super) is_quiet: bool,
    /// What is said of those who are no session.
    pub(super) strangers: Quota,
    /// Those who are connected.
    pub(super) connections: Arc<Connections>,
}

impl Serving {
    pub(super) fn new(types: Registry, places: Places, is_quiet: bool) -> Self {
        Self {
            types,
            places,
            is_quiet,
            strangers: Quota::new(),
            connections: Arc::default(),
        }
    }
}
