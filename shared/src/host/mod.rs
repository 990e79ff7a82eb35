//! The stepping of a part of the graph.

pub mod combine;
