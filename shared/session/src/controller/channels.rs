//! The channels to the nodes: what is written there and read from there, and when.

use super::node::NodeState;
use super::session::ControllerSession;
use shared::plan::SiteId;
use shared::wire::{Channel, ConnectionError};

impl ControllerSession {
    /// The channel to write to, as long as the node takes something.
    pub fn channel_to(&mut self, site: SiteId) -> Option<&mut Channel> {
        let node = self.node_mut(site)?;
        (!node.is_write_closed && node.gone.is_none()).then_some(&mut node.channel)
    }

    /// The channel to read into, as long as what the node says is to be heard now. A node whose values
    /// somebody else does not take is to wait as well: what it sends stays in the network.
    pub fn channel_from(&mut self, site: SiteId) -> Option<&mut Channel> {
        let node = self.node_mut(site)?;
        (node.gone.is_none() && node.held_by.is_none()).then_some(&mut node.channel)
    }

    /// Nothing can be written to a node any more. Why it is so may be among what it said before.
    pub fn cannot_write(&mut self, site: SiteId) {
        if let Some(node) = self.node_mut(site) {
            node.is_write_closed = true;
        }
    }

    /// Nothing can be read from a node any more.
    pub fn cannot_read(&mut self, site: SiteId, error: ConnectionError) {
        if let Some(node) = self.node_mut(site) {
            node.gone = Some(error);
        }
    }

    /// The channel to a node that is not known to be lost, to go on over another connection.
    pub fn channel_of(&mut self, site: SiteId) -> Option<&mut Channel> {
        let node = self.node_mut(site)?;
        node.gone.is_none().then_some(&mut node.channel)
    }

    /// The channel to a node whose plan is still to be sent, for the files and models of it.
    pub fn plan_channel(&mut self, site: SiteId) -> Option<&mut Channel> {
        let node = self.node_mut(site)?;
        node.awaits_plan.then_some(&mut node.channel)
    }

    /// The files and models of a node's plan have been queued.
    pub fn planned(&mut self, site: SiteId) {
        if let Some(node) = self.node_mut(site) {
            node.awaits_plan = false;
        }
    }

    /// Whether all nodes have the files and models of their plans.
    pub fn is_planned(&self) -> bool {
        self.nodes.iter().flatten().all(|node| !node.awaits_plan)
    }

    /// Whether something that waited for a node to take what is sent to it can go on. To be asked
    /// whenever something has been written.
    pub fn has_room_again(&self) -> bool {
        let nodes = &mut self.nodes.iter().flatten();
        let is_released = |node: &NodeState| node.held_by.is_some_and(|site| self.has_room(site));
        nodes.clone().any(is_released) || (self.is_full && nodes.all(NodeState::has_room))
    }

    /// Whether more may be sent to a site before it has taken what waits.
    pub(super) fn has_room(&self, site: SiteId) -> bool {
        self.node(site).is_none_or(NodeState::has_room)
    }
}
