//! The controller of the Illuminator cluster: from a scenario file to its results.

pub mod scenario;
