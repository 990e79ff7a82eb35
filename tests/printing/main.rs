//! Standard streams that nobody reads, that end early, or that are full: nothing that is printed ends
//! or holds up a controller or a node.

mod controllers;
mod nodes;
mod streams;
