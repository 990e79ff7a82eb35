//! Models that are other programs, in runs of the real controller.

mod bridge;
mod ending;
mod mosaik;
mod pace;
mod running;
mod toys;
