//! What a run can go on without.

use session::{End, LossCause};
use shared::plan::SiteId;
use shared::wire::Refusal;

/// What a run has lost that it can go on without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// A node.
    Node(SiteId),
    /// The link between two nodes that are both there.
    Link,
    /// Nothing: a node does not take the models that it is to run.
    Room(SiteId),
}

impl Lost {
    /// What is lost by this end of a session, if others can make up for it.
    pub(crate) fn of(end: &End) -> Option<Self> {
        match end {
            End::Lost(site, cause) => match cause {
                LossCause::Connection(_)
                | LossCause::Silent(_)
                | LossCause::Stalled(_)
                | LossCause::Stopped
                // What it had sent last was lost with a link.
                | LossCause::Unfinished(_)
                | LossCause::Refused(Refusal::Silence { .. }) => Some(Self::Node(*site)),
                LossCause::Refused(_) => Some(Self::Room(*site)),
                LossCause::Confused(_) => None,
            },
            End::LinkLost(_) => Some(Self::Link),
            End::NotReady(site, ..) | End::TooLarge(site, _) => Some(Self::Room(*site)),
            End::Rows(_) => None,
        }
    }
}
