//! Runs with a pace: what keys do at a terminal, what is said, and that a run on nodes is held where it
//! should be.

mod keys;
mod nodes;
mod words;
