//! The operator of an electricity market.

mod book;
mod clearing;
mod settlement;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use shared::model::{
    Build, BuildError, Input, Literal, Memory, Model, ModelType, Need, Parameter, Published, Range,
    Role, Step, StepError,
};
use shared::model_type;
use shared::value::{Kind, Number, PythonFloat, Value};

use crate::parts::market_table::{
    COMPANY, PROFIT, REVENUE, SUPPLIED_CAPACITY, TOTAL_COSTS, Table, to_floats,
};
use crate::parts::results_folder::{ResultsFolder, results_dir};
use book::Book;
use clearing::Clearing;
use settlement::{Account, settle};

model_type! {
    /// Market operator: clears a one-sided electricity auction at a uniform price, and settles it.
    ///
    /// # Model
    ///
    /// *Merit order.* The bids of all companies are sorted by price; those of one price stay in the
    /// order in which they came.
    ///
    /// *Clearing.* Bids are accepted in that order until the demand D is covered, the last one in
    /// part if need be. The bid that covers the demand sets the price P for all of them:
    ///
    /// ```text
    /// x_j = min(q_j, D − Σ x_i)        P = p_m        m: the first bid with Σ x_i = D
    /// ```
    ///
    /// Where all bids together do not cover the demand, all are accepted and P is the price of
    /// scarcity, P_s. Without demand nothing is accepted and P = 0.
    ///
    /// *Settlement*, for each company:
    ///
    /// ```text
    /// X = Σ x_j        R = P·X        S = Σ min(A_j, x_j)        K = Σ min(A_j, x_j)·k_j
    /// ```
    ///
    /// A company that bid more than it has available, S < X, fetches the rest from its plants of
    /// technologies without an accepted bid, in merit order: Z = min(X − S, A_j) at the cost k_j.
    /// The profit is R − K.
    ///
    /// | symbol | column | unit |
    /// |---|---|---|
    /// | q, p | `Bid Capacity (MW)`, `Bid Price (€/MWh)` of `bids` | MW, €/MWh |
    /// | A, k | `Available Capacity (MW)`, `Cost (€/MWh)` of `bids` | MW, €/MWh |
    /// | S, R | `Supplied Capacity (MW)`, `Revenue (€)` of `market_results_summary` | MW, €/h |
    /// | K, R − K | `Total Costs (€)`, `Profit (€)` of `market_results_summary` | €/h |
    ///
    /// `bids` takes the tables of one or several companies (see `GenerationCompanyAgent`); the
    /// order of the connections is the order of the companies. The last demand received stays in
    /// force; until there is one it is the initial value of the state `demand`.
    ///
    /// Each step t writes two files into `results_dir`: `all_bids_sorted_<t>.csv`, the bids in merit
    /// order, and `market_resukts_summary_<t>.csv`, the settlement.
    ///
    /// # Assumptions
    ///
    /// Inelastic demand, one price zone, no network, no ramps, no block bids. Nothing is multiplied
    /// by the length of a step: revenues and costs are euro per hour, and euro per step only where
    /// a step is an hour. Bids are not negative.
    ///
    /// # Source
    ///
    /// F. Sensfuß, M. Ragwitz, M. Genoese, "The merit-order effect: a detailed analysis of the price
    /// effect of renewable electricity generation on spot market prices in Germany", *Energy
    /// Policy* 36 (2008) 3086-3094, doi:10.1016/j.enpol.2008.03.035; D. S. Kirschen, G. Strbac,
    /// *Fundamentals of Power System Economics*, 2nd edition, Wiley, 2018.
    ///
    /// # Errors
    ///
    /// An initial `demand` that is no number is refused. What is no table of bids, a table without
    /// rows or with bids of several companies, two tables of one company, bid capacities below zero
    /// and numbers that are not finite stop the run, and so does a demand that is not-a-number.
    ///
    /// # Example
    ///
    /// 50 MW at 40 €/MWh and 60 MW at 80 €/MWh are offered for a demand of 70 MW. The second bid is
    /// accepted with 20 MW and sets the price, 80 €/MWh. At those costs the company earns
    /// 70 × 80 − (50 × 40 + 20 × 80) = 2000 €/h.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: `scarcity_price` is 0 unless it is given, so that all companies lose their costs where
    /// the bids do not cover the demand. What a reserve plant delivers replaces the supply so far,
    /// S = Z, which also distorts the following Z and K; with `add_reserve: true` it is added,
    /// S + Z. Without that flag rounding can start this rule for an honest company with eight and
    /// more accepted plants. Both are told when they first happen. Revenue is paid also for what is
    /// not delivered. A plant with the technology of an accepted one is no reserve, nor is what is
    /// left of a plant that is accepted in part. A file name is misspelt, and the files are written
    /// in each step unless `write_results` is false. In `market_results_summary` a column holds
    /// floats if its first cell does, else integers and floats as they come.
    ///
    /// Ties: bids of one price are taken in the order in which they come in, by the connections of the
    /// scenario and the rows of each table, wherever models run. There the order among more than 16
    /// bids comes from a sort that does not keep it, and differs by processor.
    ///
    /// Fixed: two tables of one company, which were settled together and twice, are refused. An
    /// initial demand of 0 is a demand.
    pub static OPERATOR_MARKET =
        ModelType::new("Operator_Market", |build| Ok(Box::new(OperatorMarket::new(build)?)));
    parameters {
        RESULTS_DIR = results_dir("operator_results", &[BIDS_FILE, SUMMARY_FILE])
            .used_with("write_results"),
        WRITE_RESULTS = Parameter::flag("write_results", "write the two files of each step")
            .with_default(Literal::Bool(true))
            .if_missing(Literal::Bool(true)),
        SCARCITY_PRICE = Parameter::number(
            "scarcity_price",
            "€/MWh",
            "price where the bids do not cover the demand: the value of lost load",
        )
        .symbol("P_s")
        .with_default(Literal::Int(0))
        .if_missing(Literal::Int(0))
        .in_range(Range::NOT_NEGATIVE),
        ADD_RESERVE = Parameter::flag(
            "add_reserve",
            "add up what reserve plants deliver for a company that bid too much",
        )
        .with_default(Literal::Bool(false))
        .if_missing(Literal::Bool(false)),
    }
    inputs {
        BIDS = Input::number("bids", "-", "table of the bids of a company; one or several")
            .symbol("q, p, A, k")
            .with_kind(Kind::Any)
            .with_initial(Literal::EmptyMap),
        DEMAND = Input::number("demand", "MW", "demand; the last one received is kept")
            .symbol("D")
            .with_need(Need::sometimes("where the state 'demand' starts from null"))
            .with_initial(Literal::Null),
    }
    published {
        PRICE = Published::state("market_clearing_price", "€/MWh", "uniform price").symbol("P").role(Role::Price),
        DEMAND_USED = Published::state(
            "demand",
            "MW",
            "demand of this step; initially that until one is received",
        )
        .symbol("D")
        .with_initial(Literal::Null)
        .role(Role::Used),
        SUMMARY = Published::state(
            "market_results_summary",
            "-",
            "table of the settlement, one row for each company",
        )
        .symbol("S, R, K, R − K")
        .with_kind(Kind::Map)
        .with_initial(Literal::Null),
    }
}

/// The bids in merit order.
const BIDS_FILE: &str = "all_bids_sorted";
/// What each company has made of them; the Python Illuminator writes it so.
const SUMMARY_FILE: &str = "market_resukts_summary";

struct OperatorMarket {
    /// Where results are written.
    folder: Option<ResultsFolder>,
    scarcity_price: Number,
    add_reserve: bool,
    /// The last one received.
    demand: Option<Number>,
    /// What the user has been told.
    told_of_scarcity: bool,
    told_of_reserve: bool,
}

impl OperatorMarket {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let folder = if build.flag(WRITE_RESULTS) {
            Some(ResultsFolder::new(build, RESULTS_DIR)?)
        } else {
            None
        };
        let demand = match build.initial_published(DEMAND_USED) {
            Value::Null => {
                build.require(DEMAND);
                None
            }
            _ => Some(build.initial_number(DEMAND_USED)?),
        };
        Ok(Self {
            folder,
            scarcity_price: build.number(SCARCITY_PRICE),
            add_reserve: build.flag(ADD_RESERVE),
            demand,
            told_of_scarcity: false,
            told_of_reserve: false,
        })
    }

    fn newest_demand(&mut self, step: &Step<'_>) -> Result<Number, StepError> {
        if let Some(received) = step.optional_number(DEMAND)? {
            self.demand = Some(received);
        }
        // Where nothing was ever received this names the input.
        let demand = self.demand.map_or_else(|| step.number(DEMAND), Ok)?;
        if demand.to_f64().is_nan() {
            return Err(StepError::new(
                "type_mismatch:demand",
                "input 'demand' wants a power in MW and got not-a-number",
            ));
        }
        Ok(demand)
    }

    /// Tells the user of results that are kept as they are in the Python Illuminator.
    fn tell(
        &mut self,
        book: &Book,
        demand: Number,
        clearing: &Clearing,
        accounts: &[Account],
        step: &mut Step<'_>,
    ) {
        if !clearing.is_covered && !self.told_of_scarcity {
            self.told_of_scarcity = true;
            step.notice(format!(
                "the bids, {} MW, do not cover the demand, {} MW, so the price is {} €/MWh; \
                 'scarcity_price' under 'parameters' sets it (said once)",
                PythonFloat(clearing.total.to_f64()),
                PythonFloat(demand.to_f64()),
                PythonFloat(clearing.price.to_f64())
            ));
        }
        let overwritten = accounts.iter().position(|account| account.is_overwritten);
        if let Some(company) = overwritten
            && !self.told_of_reserve
        {
            self.told_of_reserve = true;
            step.notice(format!(
                "'{}' sold more than is available, and what a reserve plant delivers replaces its \
                 supply so far; write 'add_reserve: true' under 'parameters' to add it (said once)",
                book.companies[company]
            ));
        }
    }
}

impl Model for OperatorMarket {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let Some(bids) = step.value(BIDS) else {
            return Err(StepError::missing_input("bids"));
        };
        let demand = self.newest_demand(step)?;
        let book = Book::collect(bids)?;
        let clearing = Clearing::new(&book.bids, demand, self.scarcity_price);
        let accounts: Vec<Account> = (0..book.companies.len())
            .map(|company| settle(&book, &clearing, company, self.add_reserve))
            .collect();
        let summary = summary(&book.companies, &accounts)?;
        self.tell(&book, demand, &clearing, &accounts, step);
        if let Some(folder) = &self.folder {
            folder.write(step, BIDS_FILE, &book.table)?;
            folder.write(step, SUMMARY_FILE, &summary)?;
        }
        step.publish(PRICE, clearing.price.to_f64());
        step.publish(DEMAND_USED, demand.to_f64());
        step.publish(SUMMARY, summary.to_value());
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.demand);
        memory.keep(&mut self.told_of_scarcity);
        memory.keep(&mut self.told_of_reserve);
        true
    }
}

/// An entry of an account.
type Entry = fn(&Account) -> Number;

/// The table of the accounts.
fn summary(companies: &[Arc<str>], accounts: &[Account]) -> Result<Table, StepError> {
    let mut table = Table::default();
    let names = companies.iter().map(|name| Value::Text(Arc::clone(name)));
    table.push(COMPANY, names.collect());
    let columns: [(&str, Entry); 4] = [
        (SUPPLIED_CAPACITY, |account| account.supplied),
        (REVENUE, |account| account.revenue),
        (TOTAL_COSTS, |account| account.costs),
        (PROFIT, |account| account.profit),
    ];
    for (name, entry) in columns {
        let cells = accounts.iter().map(|account| entry(account).to_value());
        let mut cells: Vec<Value> = cells
            .collect::<Result<_, _>>()
            .map_err(|_| StepError::overflow("market_results_summary"))?;
        if matches!(cells.first(), Some(Value::Float(_) | Value::Numpy(_))) {
            to_floats(&mut cells);
        }
        table.push(name, cells);
    }
    Ok(table)
}
