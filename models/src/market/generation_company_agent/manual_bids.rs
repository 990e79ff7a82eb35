//! Bids that are written in the scenario.

use shared::model::BuildError;
use shared::value::Value;

use crate::parts::market_table::{BID_CAPACITY, BID_PRICE, unify_kind};

/// Bids by hand, in the order of the plants.
pub(super) struct ManualBids {
    pub(super) capacity: Vec<Value>,
    pub(super) price: Vec<Value>,
}

impl ManualBids {
    /// The bids of the parameter `bids_manual`. Each column has one kind.
    pub(super) fn new(records: &Value) -> Result<Self, BuildError> {
        let records = match records {
            Value::Null => {
                return Err(BuildError::missing_parameter(
                    "bids_manual",
                    "'automated_bids' is false, so 'bids_manual' must be given under 'parameters': \
                     a list with a bid for each plant",
                ));
            }
            Value::List(records) => records,
            other => {
                return Err(unfit_bid(&format!(
                    "must be a list of records, not {other}"
                )));
            }
        };
        let mut bids = Self {
            capacity: column(records, BID_CAPACITY)?,
            price: column(records, BID_PRICE)?,
        };
        unify_kind(&mut bids.capacity);
        unify_kind(&mut bids.price);
        Ok(bids)
    }
}

/// A field of all manual bids.
fn column(records: &[Value], name: &str) -> Result<Vec<Value>, BuildError> {
    let cell = |(place, record): (usize, &Value)| match record.get(name) {
        Some(&Value::Int(int)) if int >= 0 || name == BID_PRICE => Ok(int.into()),
        Some(&(Value::Float(x) | Value::Numpy(x)))
            if x.is_finite() && (x >= 0.0 || name == BID_PRICE) =>
        {
            Ok(x.into())
        }
        Some(other) => Err(unfit_bid(&format!(
            "wants a number for '{name}' in bid {}{}, not {other}",
            place + 1,
            if name == BID_PRICE {
                ""
            } else {
                ", not below zero"
            }
        ))),
        None => Err(unfit_bid(&format!("lacks '{name}' in bid {}", place + 1))),
    };
    records.iter().enumerate().map(cell).collect()
}

fn unfit_bid(what: &str) -> BuildError {
    BuildError::invalid_parameter("bids_manual", format!("parameter 'bids_manual' {what}"))
}
