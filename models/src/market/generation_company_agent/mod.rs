//! The generating company that bids in a market.

mod manual_bids;
mod plants;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use shared::model::{
    Build, BuildError, Input, Literal, Memory, Model, ModelType, Need, Parameter, Place, Published,
    Section, Step, StepError,
};
use shared::model_type;
use shared::value::{Kind, Number, PythonFloat, Value};

use crate::parts::market_table::{
    AVAILABILITY, AVAILABLE_CAPACITY, BID_CAPACITY, BID_PRICE, CAPACITY, COMPANY, COST, TECHNOLOGY,
    Table, TableError,
};
use manual_bids::ManualBids;

model_type! {
    /// Generating company: bids the capacity of its plants in a market, at cost or by hand.
    ///
    /// # Model
    ///
    /// In every step each plant j makes one bid. A company that takes the price as given offers
    /// what is available at marginal cost:
    ///
    /// ```text
    /// A_j = C_j·a_j        q_j = A_j        p_j = k_j
    /// ```
    ///
    /// A company that bids by hand offers the q_j and p_j of `bids_manual`, in the order of the
    /// plants, whatever is available.
    ///
    /// | symbol | column or field | unit |
    /// |---|---|---|
    /// | C, k, a | `Capacity (MW)`, `Cost (€/MWh)`, `Availability` of `portfolio` | MW, €/MWh, 0..1 |
    /// | q, p | `Bid Capacity (MW)`, `Bid Price (€/MWh)` of `bids_manual` and `bids` | MW, €/MWh |
    /// | A | `Available Capacity (MW)` of `bids` | MW |
    ///
    /// The initial value of `portfolio`, under `inputs`, is the list of plants until a row arrives:
    /// a list of records with `Technology` and the three fields above; more fields are carried
    /// along. A row comes from a reader with `send_row: true`. Its first column is the time; the
    /// others are called `<technology>_capacity`, `<technology>_cost` and
    /// `<technology>_availability`. It replaces the list, and stays in force when later steps bring
    /// none.
    ///
    /// `bids` is a table: a mapping from columns to mappings from row numbers to cells. Its columns
    /// are `Company`, those of the plants, and the three of the bids. A column of numbers holds
    /// integers if all of them are, else floats.
    ///
    /// # Assumptions
    ///
    /// Constant marginal cost up to the full capacity; no start-up, no ramps, no minimum output. All
    /// quantities are powers, so the length of a step plays no part. Capacities are not negative;
    /// availabilities outside of 0..1 are taken as they are. A company has each technology once.
    ///
    /// # Source
    ///
    /// D. S. Kirschen, G. Strbac, *Fundamentals of Power System Economics*, 2nd edition, Wiley,
    /// 2018; S. Stoft, *Power System Economics*, IEEE/Wiley, 2002.
    ///
    /// # Errors
    ///
    /// Plants with missing fields, with fields that bids add, with numbers that are not finite or
    /// with capacities below zero are refused, and so is bidding by hand without `bids_manual`.
    /// In a step a row with a wrong column or cell, fewer manual bids than plants, and no plants
    /// at all stop the run.
    ///
    /// # Example
    ///
    /// A wind farm of 310 MW with an availability of 0.47 and a cost of 18 €/MWh bids
    /// 310 × 0.47 = 145.7 MW at 18 €/MWh.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: `profit` stays at its initial value; the profits of a company are in
    /// `market_results_summary` of the market operator. A row that lacks plants of the list so far
    /// drops them, which is told when it happens. Surplus manual bids are dropped, but have a say in
    /// the kind of the columns. A company whose bids differ from what is available is told once it
    /// begins.
    ///
    /// Fixed: the availability in a row may be a fraction, which was refused as text and cut off as
    /// a number. The first column of a row is the time whatever its name, and the name of a
    /// technology may hold underscores. `automated_bids` is true or false, where any text was true.
    /// Fewer manual bids than plants left gaps in the table.
    pub static GENERATION_COMPANY_AGENT = ModelType::new("GenerationCompanyAgent", |build| {
        Ok(Box::new(GenerationCompany::new(build)?))
    });
    parameters {
        COMPANY_NAME = Parameter::text("company_name", "name of the company in its bids")
            .with_default(Literal::text("no name")),
        AUTOMATED_BIDS = Parameter::flag(
            "automated_bids",
            "bid what is available at cost, and not by hand",
        )
        .with_default(Literal::Bool(true)),
        BIDS_MANUAL = Parameter::any(
            "bids_manual",
            "bids by hand: a list of records, one for each plant",
        )
        .symbol("q, p")
        .with_default(Literal::Null),
    }
    inputs {
        PORTFOLIO = Input::number(
            "portfolio",
            "-",
            "plants: the row of a reader; until there is one, the initial list of records",
        )
        .symbol("C, k, a")
        .with_kind(Kind::Map)
        .with_need(Need::sometimes("where its initial value has no plants"))
        .with_initial(Literal::EmptyList),
    }
    published {
        BIDS = Published::state(
            "bids",
            "-",
            "table of the bids of this step, one row for each plant",
        )
        .symbol("A, q, p")
        .with_kind(Kind::Map)
        .with_initial(Literal::EmptyMap),
        PROFIT = Published::state(
            "profit",
            "€",
            "always its initial value; profits are in the results of the market operator",
        ),
    }
}

struct GenerationCompany {
    name: Value,
    /// Where the company bids by hand.
    manual: Option<ManualBids>,
    plants: Table,
    /// The bids for these plants, once they are made.
    bids: Option<Value>,
    /// Whether they differ in sum from what is available.
    unmatched: bool,
    profit: Value,
}

impl GenerationCompany {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let manual = if build.flag(AUTOMATED_BIDS) {
            None
        } else {
            Some(ManualBids::new(build.parameter(BIDS_MANUAL))?)
        };
        let plants = plants::from_initial(&build.initial_input(PORTFOLIO))?;
        if plants.rows() == 0 {
            build.require(PORTFOLIO);
        }
        for technology in repeated(&technologies(&plants)) {
            build.warn(|| format!(
                "'{technology}' stands more than once in 'portfolio'; the market operator takes \
                 plants of one name for one when it looks for a reserve, so give them names of \
                 their own"
            ));
        }
        Ok(Self {
            name: Value::text(build.text(COMPANY_NAME)),
            manual,
            plants,
            bids: None,
            unmatched: false,
            profit: initial_profit(build)?,
        })
    }

    /// Takes a row with new plants.
    fn replace_plants(&mut self, row: &Value, step: &mut Step<'_>) -> Result<(), StepError> {
        let plants = plants_in(row)?;
        let there = technologies(&plants);
        let gone: Vec<String> = technologies(&self.plants)
            .iter()
            .filter(|technology| !there.contains(technology))
            .map(|technology| format!("'{technology}'"))
            .collect();
        if !gone.is_empty() {
            step.notice(format!(
                "the row at 'portfolio' replaces the plants so far, and lacks {}",
                gone.join(", ")
            ));
        }
        self.plants = plants;
        self.bids = None;
        Ok(())
    }

    /// Makes the bids of the plants.
    fn bid(&mut self, step: &mut Step<'_>) -> Result<Value, StepError> {
        let count = self.plants.rows();
        if count == 0 {
            return Err(no_plants());
        }
        let capacity = self.plants.numbers(CAPACITY).map_err(unfit_plants)?;
        let availability = self.plants.numbers(AVAILABILITY).map_err(unfit_plants)?;
        let rated = capacity.iter().zip(&availability);
        let available: Vec<Number> = rated.map(|(&size, &share)| size * share).collect();

        let mut bids = Table::default();
        bids.push(COMPANY, vec![self.name.clone(); count]);
        for (name, cells) in self.plants.columns() {
            bids.push(Arc::clone(name), cells.to_vec());
        }
        bids.push_numbers(AVAILABLE_CAPACITY, &available)
            .map_err(|_| StepError::overflow("bids"))?;
        let (offered, price) = match &self.manual {
            None => (
                bids.cells(AVAILABLE_CAPACITY).map_err(unfit_plants)?,
                bids.cells(COST).map_err(unfit_plants)?,
            ),
            Some(manual) => match (manual.capacity.get(..count), manual.price.get(..count)) {
                (Some(capacity), Some(price)) => (capacity, price),
                _ => return Err(too_few_bids(manual.capacity.len(), count)),
            },
        };
        let (offered, price) = (offered.to_vec(), price.to_vec());
        self.compare(&available, &offered, step);
        bids.push(BID_CAPACITY, offered);
        bids.push(BID_PRICE, price);
        Ok(bids.to_value())
    }

    /// Tells the user when the bids begin to differ from what is available.
    fn compare(&mut self, available: &[Number], offered: &[Value], step: &mut Step<'_>) {
        let available = available.iter().fold(Number::ZERO, |sum, &x| sum + x);
        let offered = offered.iter().filter_map(Value::as_number);
        let offered = offered.fold(Number::ZERO, |sum, x| sum + x);
        let unmatched = offered != available;
        if unmatched && !self.unmatched {
            step.notice(format!(
                "the company bids {} MW and has {} MW available",
                PythonFloat(offered.to_f64()),
                PythonFloat(available.to_f64())
            ));
        }
        self.unmatched = unmatched;
    }
}

impl Model for GenerationCompany {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        if let Some(row) = step.value(PORTFOLIO) {
            self.replace_plants(row, step)?;
        }
        let bids = match &self.bids {
            Some(bids) => bids.clone(),
            None => self.bid(step)?,
        };
        step.publish(BIDS, bids.clone());
        step.publish(PROFIT, self.profit.clone());
        self.bids = Some(bids);
        Ok(())
    }

    #[cfg(any(test, feature = "examination"))]
    fn acceptance(&self, input: shared::model::InputSlot) -> Option<shared::model::Acceptance> {
        let bids = self.manual.as_ref().map(|manual| manual.capacity.len());
        let accepts = move |row: &Value| match (plants_in(row)?.rows(), bids) {
            (0, _) => Err(no_plants()),
            (plants, Some(bids)) if bids < plants => Err(too_few_bids(bids, plants)),
            _ => Ok(()),
        };
        (input == PORTFOLIO).then(|| Arc::new(accepts) as _)
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        // The bids follow from the plants.
        if let Some(plants) = memory.keep_made(|| self.plants.to_value()) {
            match Table::from_value(&plants) {
                Ok(plants) => self.plants = plants,
                Err(_) => memory.spoil(),
            }
            self.bids = None;
        }
        memory.keep(&mut self.unmatched);
        true
    }
}

/// The plants in a row.
fn plants_in(row: &Value) -> Result<Table, StepError> {
    let Value::Map(row) = row else {
        let wanted = "the row of a reader with 'send_row: true'";
        return Err(StepError::type_mismatch("portfolio", wanted, row));
    };
    Ok(plants::from_row(row)?)
}

fn no_plants() -> StepError {
    StepError::new(
        "missing_input:portfolio",
        "there are no plants: connect 'portfolio' to 'row' of a reader with 'send_row: true', or \
         list them under 'inputs'",
    )
}

/// The declared profit, which may be left open.
fn initial_profit(build: &Build<'_>) -> Result<Value, BuildError> {
    let profit = build.initial_published(PROFIT);
    if profit == Value::Null || profit.as_number().is_some() {
        return Ok(profit);
    }
    Err(BuildError {
        code: "type_mismatch:profit".into(),
        place: Place::Key(Section::States, "profit".to_owned()),
        message: format!("the initial value of state 'profit' must be a number, not {profit}"),
    })
}

fn technologies(plants: &Table) -> Vec<Arc<str>> {
    plants.texts(TECHNOLOGY).unwrap_or_default()
}

/// The names that stand in a list more than once, each of them once.
fn repeated(names: &[Arc<str>]) -> Vec<&Arc<str>> {
    let mut repeated = Vec::new();
    for (place, name) in names.iter().enumerate() {
        if names[..place].contains(name) && !repeated.contains(&name) {
            repeated.push(name);
        }
    }
    repeated
}

fn unfit_plants(error: TableError) -> StepError {
    error.at_input("portfolio", "plants")
}

fn too_few_bids(bids: usize, plants: usize) -> StepError {
    StepError::new(
        "missing_value:bids_manual",
        format!("'bids_manual' has {bids} bids for {plants} plants; give one for each plant"),
    )
}
