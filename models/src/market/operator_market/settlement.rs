//! Settlement: what a company supplies, earns and spends.

use shared::value::Number;

use super::book::{Bid, Book};
use super::clearing::Clearing;

/// The account of a company for a step.
pub(super) struct Account {
    /// In MW.
    pub(super) supplied: Number,
    /// In `€/h`, as are the others.
    pub(super) revenue: Number,
    pub(super) costs: Number,
    pub(super) profit: Number,
    /// Whether reserve plants took the place of what was supplied before them.
    pub(super) is_overwritten: bool,
}

/// What is owed and not delivered counts from this share of what is owed on, where reserve plants
/// are added up; what is less comes from rounding.
const ROUNDING: f64 = 1e-9;

/// Settles the bids of a company. Where it offered more than is available, plants of technologies
/// without an accepted bid stand in as a reserve, in merit order: each takes the place of what was
/// supplied so far, or with `add_reserve` is added to it.
pub(super) fn settle(
    book: &Book,
    clearing: &Clearing,
    company: usize,
    add_reserve: bool,
) -> Account {
    let is_own = |bid: &&Bid| bid.company == company;
    let accepted = book.bids.iter().zip(&clearing.accepted);
    let accepted: Vec<(&Bid, Number)> = accepted
        .filter(|(bid, _)| is_own(bid))
        .map(|(bid, &amount)| (bid, amount))
        .collect();
    let floats = matches!(
        clearing.accepted.first(),
        Some(Number::Float(_) | Number::Numpy(_))
    );
    let amounts: Vec<Number> = accepted.iter().map(|(_, amount)| *amount).collect();
    let owed = sum(&amounts, floats);
    let revenue = clearing.price * owed;

    let mut supplied = Number::ZERO;
    let mut costs = Number::ZERO;
    for (bid, amount) in &accepted {
        let delivered = bid.available.min(*amount);
        costs = costs + delivered * bid.cost;
        supplied = supplied + delivered;
    }
    let negligible = if add_reserve {
        Number::Float(ROUNDING * owed.to_f64().max(1.0))
    } else {
        Number::ZERO
    };
    let reserve = book.bids.iter().filter(is_own).filter(|plant| {
        accepted
            .iter()
            .all(|(bid, _)| bid.technology != plant.technology)
    });
    let mut is_overwritten = false;
    for plant in reserve {
        let missing = owed - supplied;
        if missing > negligible {
            let delivered = missing.min(plant.available);
            costs = costs + delivered * plant.cost;
            if add_reserve {
                supplied = supplied + delivered;
            } else {
                is_overwritten |= supplied != 0;
                supplied = delivered;
            }
        }
    }
    Account {
        supplied,
        revenue,
        costs,
        profit: revenue - costs,
        is_overwritten,
    }
}

/// The sum of accepted amounts. Whether the amounts of the market are floats is decided for all
/// companies together.
fn sum(amounts: &[Number], floats: bool) -> Number {
    if floats {
        let floats: Vec<f64> = amounts.iter().map(|amount| amount.to_f64()).collect();
        Number::Float(pairwise_sum(&floats))
    } else {
        amounts
            .iter()
            .copied()
            .reduce(|sum, amount| sum + amount)
            .unwrap_or(Number::ZERO)
    }
}

/// The sum of floats in the order in which numpy adds them: eight running sums for up to 128 of
/// them, halves beyond that.
fn pairwise_sum(terms: &[f64]) -> f64 {
    const LANES: usize = 8;
    const BLOCK: usize = 128;
    if terms.len() < LANES {
        return terms.iter().fold(0.0, |sum, term| sum + term);
    }
    if terms.len() > BLOCK {
        let half = terms.len() / 2;
        let (first, rest) = terms.split_at(half - half % LANES);
        return pairwise_sum(first) + pairwise_sum(rest);
    }
    let (groups, rest) = terms.as_chunks::<LANES>();
    let mut lanes = [-0.0; LANES];
    for group in groups {
        for (lane, term) in lanes.iter_mut().zip(group) {
            *lane += term;
        }
    }
    let sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
        + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    rest.iter().fold(sum, |sum, term| sum + term)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Beyond 10¹⁶ floats are two apart, so that a single 1 added to it is lost.
    const LARGE: f64 = 1e16;

    #[test]
    fn fewer_than_eight_floats_are_added_one_by_one() {
        assert_eq!(pairwise_sum(&[LARGE, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]), LARGE);
        assert_eq!(pairwise_sum(&[]).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn eight_floats_are_added_in_pairs_and_what_is_left_over_one_by_one() {
        let terms = [LARGE, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5];
        // ((10¹⁶ + 1) + (1 + 1)) + ((1 + 1) + (1 + 1)), and then twice a half, which is lost.
        assert_eq!(pairwise_sum(&terms[..8]), LARGE + 6.0);
        assert_eq!(pairwise_sum(&terms), LARGE + 6.0);
    }

    #[test]
    fn more_than_128_floats_are_split_at_a_multiple_of_eight() {
        let with_ones_at = |place: usize| {
            let mut terms = vec![0.0; 136];
            terms[0] = LARGE;
            terms[place] = 1.0;
            terms[place + 8] = 1.0;
            pairwise_sum(&terms)
        };
        assert_eq!(with_ones_at(64), LARGE + 2.0, "both in the second part");
        assert_eq!(with_ones_at(56), LARGE, "one in each part");
    }

    #[test]
    fn integers_are_added_exactly_and_nothing_is_the_integer_zero() {
        let amounts = [Number::Int(3), Number::Int(4)];
        assert!(matches!(sum(&amounts, false), Number::Int(7)));
        assert!(matches!(sum(&[], false), Number::Int(0)));
        assert!(matches!(sum(&[], true), Number::Float(0.0)));
    }
}
