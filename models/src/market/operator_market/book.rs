//! The order book: the bids of all companies, in merit order.

use std::cmp::Ordering;
use std::sync::Arc;

use shared::model::StepError;
use shared::value::{Number, Value};

use crate::parts::market_table::{
    AVAILABLE_CAPACITY, BID_CAPACITY, BID_PRICE, COMPANY, COST, TECHNOLOGY, Table, TableError,
};

/// The bids of all companies.
pub(super) struct Book {
    /// The companies, in the order of their tables.
    pub(super) companies: Vec<Arc<str>>,
    /// The bids in merit order: by price, those of one price in the order of the tables.
    pub(super) bids: Vec<Bid>,
    /// The same with all columns.
    pub(super) table: Table,
}

/// A bid.
pub(super) struct Bid {
    /// The place of the company.
    pub(super) company: usize,
    pub(super) technology: Arc<str>,
    /// Marginal cost, in `€/MWh`.
    pub(super) cost: Number,
    /// What the plant can deliver, MW.
    pub(super) available: Number,
    /// What is offered, MW.
    pub(super) offered: Number,
    /// At what price, in `€/MWh`.
    pub(super) price: Number,
}

impl Book {
    /// The bids in one table, or in a list of tables.
    pub(super) fn collect(value: &Value) -> Result<Self, StepError> {
        let tables = match value {
            Value::List(values) => values.iter().map(Table::from_value).collect(),
            one => Table::from_value(one).map(|table| vec![table]),
        };
        let tables: Vec<Table> = tables.map_err(unfit)?;
        let mut companies = Vec::new();
        let mut company_of_row = Vec::new();
        for table in &tables {
            let company = company_of(table)?;
            if companies.contains(&company) {
                return Err(StepError::new(
                    format!("duplicate_company:{company}"),
                    format!(
                        "two tables at 'bids' are of a company '{company}', and settlement tells \
                         companies by their names; give them names of their own"
                    ),
                ));
            }
            company_of_row.resize(company_of_row.len() + table.rows(), companies.len());
            companies.push(company);
        }
        let table = Table::stacked(&tables);
        Self::sorted(companies, &company_of_row, &table).map_err(unfit)
    }

    fn sorted(
        companies: Vec<Arc<str>>,
        company_of_row: &[usize],
        table: &Table,
    ) -> Result<Self, TableError> {
        let technology = table.texts(TECHNOLOGY)?;
        let cost = table.numbers(COST)?;
        let available = table.numbers(AVAILABLE_CAPACITY)?;
        let offered = table.sizes(BID_CAPACITY)?;
        let price = table.numbers(BID_PRICE)?;
        let mut order: Vec<usize> = (0..table.rows()).collect();
        // Stable: bids of one price stay in order. The prices are finite, so they have one.
        order.sort_by(|&a, &b| price[a].partial_cmp(&price[b]).unwrap_or(Ordering::Equal));
        let bids = order.iter().map(|&row| Bid {
            company: company_of_row[row],
            technology: Arc::clone(&technology[row]),
            cost: cost[row],
            available: available[row],
            offered: offered[row],
            price: price[row],
        });
        Ok(Self {
            companies,
            bids: bids.collect(),
            table: table.rows_in_order(&order),
        })
    }
}

/// The one company whose bids a table holds.
fn company_of(table: &Table) -> Result<Arc<str>, StepError> {
    let names = table.texts(COMPANY).map_err(unfit)?;
    let Some(company) = names.first() else {
        return Err(StepError::new(
            "type_mismatch:bids",
            "input 'bids' wants tables with bids, and got one without rows",
        ));
    };
    if let Some(other) = names.iter().find(|name| *name != company) {
        return Err(StepError::new(
            "mixed_companies:bids",
            format!(
                "input 'bids' wants a table for each company, and got one with bids of \
                 '{company}' and '{other}'"
            ),
        ));
    }
    Ok(Arc::clone(company))
}

fn unfit(error: TableError) -> StepError {
    error.at_input("bids", "tables of bids")
}
