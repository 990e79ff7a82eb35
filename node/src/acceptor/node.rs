//! What all connections of a node share.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use shared::wire::NodeStatus;
use smol::Timer;

use super::table::Table;
use super::updates::Updates;
use crate::access::Access;
use crate::sessions::Sessions;
use crate::{log, machine};

/// What all connections of a node share.
pub(crate) struct Node {
    pub(super) table: RefCell<Table>,
    pub(super) access: Rc<Access>,
    pub(super) sessions: Sessions,
    pub(super) updates: Option<Updates>,
}

impl Node {
    pub(crate) fn new(access: Rc<Access>, sessions: Sessions, updates: Option<Updates>) -> Self {
        Self {
            table: RefCell::default(),
            access,
            sessions,
            updates,
        }
    }

    /// How the node is.
    pub(super) fn status(&self) -> NodeStatus {
        NodeStatus {
            release: env!("CARGO_PKG_VERSION").to_owned(),
            processor: std::env::consts::ARCH.to_owned(),
            machine: machine::name(),
            uptime: log::uptime(),
            temperature: machine::temperature(),
            load: machine::load(),
            lights: self.sessions.resources.lights.describe(),
            sockets: self.sessions.resources.cables.status(),
            sessions: self.table.borrow_mut().status(),
        }
    }

    /// Waits until there are no sessions.
    pub(crate) async fn until_idle(&self, pause: Duration) {
        while self.table.borrow_mut().count() > 0 {
            Timer::after(pause).await;
        }
    }
}
