//! What several types have in common.

pub(crate) mod dispatch;
pub(crate) mod hydrogen;
pub(crate) mod limited_store;
pub(crate) mod market_table;
pub(crate) mod mixed_heat;
pub(crate) mod profile;
pub(crate) mod quantities;
pub(crate) mod results_folder;
pub(crate) mod rounding;
pub(crate) mod scaling;
pub(crate) mod splitter;
pub(crate) mod told;
pub(crate) mod whole_step;
