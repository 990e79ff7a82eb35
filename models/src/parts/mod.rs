//! What several types have in common.

pub(crate) mod dispatch;
pub(crate) mod market_table;
pub(crate) mod results_folder;
pub(crate) mod rounding;
pub(crate) mod scaling;
pub(crate) mod told;
pub(crate) mod whole_step;
