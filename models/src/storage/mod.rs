//! What stores energy.

pub mod battery;
