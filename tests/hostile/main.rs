//! Peers that do not keep to the protocol, by mistake or on purpose: nothing that arrives on a
//! connection ends a node or changes what it does for others, and a controller ends with a message.

mod connections;
mod floods;
mod keys;
mod links;
mod memory;
mod mutations;
mod permissions;
mod plans;
mod queues;
mod session;
mod sessions;
mod to_controller;
mod variants;
