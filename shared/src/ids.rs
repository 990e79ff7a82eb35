//! What numbers in plans and messages stand for.

use crate::index::{Index, index_types};

index_types! {
    /// A model of a scenario: its place in the file.
    pub ModelId(u32);
    /// A process that runs models: the controller, or a node. Nodes count from 1.
    pub SiteId(u16);
    /// A model of a site: its place in the plan of the site.
    pub LocalId(u32);
    /// A stream that arrives at a site: its place among the imports of the site's plan.
    pub ImportId(u32);
    /// A stream from one site to another: its place among all those that go the same way.
    pub StreamId(u32);
    /// A value of a stream: its place in each of the publications.
    pub Position(u32);
}

impl SiteId {
    /// The sites of all nodes that there can be.
    pub fn nodes() -> impl Iterator<Item = Self> {
        (1..=u16::MAX).map(Self)
    }

    /// The site of a node, by its place among the nodes of a run.
    pub fn of_node(node: usize) -> Self {
        Self::at(node.saturating_add(1))
    }

    /// The place among the nodes of a run; `None` for the controller.
    pub fn node(self) -> Option<usize> {
        self.place().checked_sub(1)
    }
}
