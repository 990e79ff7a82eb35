//! Peer links: calling other nodes, and letting in those that call.

mod call;
mod lobby;
mod reach;

pub(crate) use call::{NoLink, VainCalls, call_node};
pub(crate) use lobby::Lobby;
