//! What generates electricity.

pub mod pv;
pub mod wind;
