//! Requests of simulators for values of others, while they are being met.

use std::collections::VecDeque;
use std::sync::Arc;

use shared::model::Entries;
use shared::value::Value;

/// The requests that are being met, in their order.
#[derive(Debug, Default)]
pub(super) struct Loans(pub(super) VecDeque<Loan>);

/// A request of a simulator for values of others.
#[derive(Debug)]
pub(super) struct Loan {
    pub(super) place: usize,
    pub(super) number: u64,
    /// What is there already, in the order in which it is asked for.
    pub(super) data: Vec<(Arc<str>, Entries)>,
    /// What is still to be asked: whom, and for which attributes of which entity.
    pub(super) missing: VecDeque<(usize, Arc<str>, Vec<Value>)>,
}
