//! Clearing: which bids are accepted, and at what price.

use shared::value::Number;

use super::book::Bid;

/// What became of the bids.
pub(super) struct Clearing {
    /// The price of all accepted bids, in `€/MWh`.
    pub(super) price: Number,
    /// What is accepted of the first bids in merit order, MW. Nothing is of the others.
    pub(super) accepted: Vec<Number>,
    /// The sum of it.
    pub(super) total: Number,
    /// Whether it covers the demand.
    pub(super) is_covered: bool,
}

impl Clearing {
    /// Accepts bids in their order until the demand is covered. The one that covers it sets the
    /// price; where none does, it is the price of scarcity.
    pub(super) fn new(bids: &[Bid], demand: Number, scarcity_price: Number) -> Self {
        let mut clearing = Self {
            price: Number::ZERO,
            accepted: Vec::new(),
            total: Number::ZERO,
            is_covered: true,
        };
        if demand <= 0 {
            return clearing;
        }
        for bid in bids {
            let with_all = clearing.total + bid.offered;
            if with_all < demand {
                clearing.total = with_all;
                clearing.accepted.push(bid.offered);
                continue;
            }
            let amount = if with_all == demand {
                bid.offered
            } else {
                demand - clearing.total
            };
            clearing.total = clearing.total + amount;
            clearing.accepted.push(amount);
            clearing.price = bid.price;
            return clearing;
        }
        clearing.price = scarcity_price;
        clearing.is_covered = false;
        clearing
    }
}
