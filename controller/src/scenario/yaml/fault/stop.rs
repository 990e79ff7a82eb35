//! Where the parser stopped.

use super::page::Page;
use crate::scenario::problems::Position;

/// Where a fault is, and what to do about it.
pub(super) type Found = (Position, String);

/// What the parser says about a fault.
pub(super) struct Fault<'a> {
    pub(super) page: Page<'a>,
    /// Where it cannot go on.
    pub(super) at: Position,
    /// Where the list, mapping, text or key began that it was reading.
    pub(super) within: Option<Position>,
    pub(super) problem: &'static str,
}
