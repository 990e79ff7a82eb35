//! The observer of fairness in a market.

mod companies;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use shared::model::{
    Build, BuildError, Input, Literal, Memory, Model, ModelType, Parameter, Published, Step,
    StepError,
};
use shared::model_type;
use shared::time::Tick;
use shared::value::{Kind, Number, Value};

use crate::parts::market_table::{COMPANY, SUPPLIED_CAPACITY, Table, TableError};
use crate::parts::results_folder::{ResultsFolder, results_dir};
use companies::{Company, companies, scores, unfit_weights};

model_type! {
    /// Justice agent: scores how fairly the supply of a market is spread over its companies.
    ///
    /// # Model
    ///
    /// A company c has social factors with weights w, and collects its shares of the demand D that
    /// was served:
    ///
    /// ```text
    /// α_c = Σ w_c        m_c = S_c / D        β_c ← β_c + m_c
    /// ```
    ///
    /// Where the shares of a step add up to g < 1, the company with the smallest one, the first of
    /// several, gets 1 − g more. At one step, t_J, the score is computed:
    ///
    /// ```text
    /// J = Σ α_c·β_c
    /// ```
    ///
    /// S is `Supplied Capacity (MW)` of `market_results`, in the row of the `Company`, in MW.
    /// `alpha_scores` and `beta_scores` are mappings from companies to numbers, in the order of
    /// `social_parameters`. The step t_J writes `betascores_<t_J>.csv` into `results_dir`.
    ///
    /// # Assumptions
    ///
    /// Factors of one company may be added (simple additive weighting), so their scales must be
    /// comparable. The length of a step plays no part: each counts the same.
    ///
    /// # Source
    ///
    /// K. Jenkins, D. McCauley, R. Heffron, H. Stephan, R. Rehner, "Energy justice: a conceptual
    /// review", *Energy Research & Social Science* 11 (2016) 174-182,
    /// doi:10.1016/j.erss.2015.10.004; C.-L. Hwang, K. Yoon, *Multiple Attribute Decision Making*,
    /// Springer, 1981: simple additive weighting.
    ///
    /// # Errors
    ///
    /// `social_parameters` must name a company at least, and weights must be finite numbers. A
    /// company of `social_parameters` without a row in `market_results`, two rows of one company,
    /// and a supply or a demand that is no number stop the run.
    ///
    /// # Example
    ///
    /// Of a demand of 300 MW a company with α = 5 supplies 100 MW and one with α = 0 the rest. If
    /// the score is computed at the second step of this kind, it is 5 × (1/3 + 1/3) = 3.33.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: `justice_score` is 0 before `justice_step`, and stays what it was then while
    /// `beta_scores` goes on; a step that never comes gives a warning, null asks for no score.
    /// Demand that was not served, and what rounding leaves of it, goes to the smallest share, even
    /// to that of a company that supplied nothing. `beta_scores` are sums over steps, not means.
    /// Companies without social factors take part in the shares, and what they get is lost; this is
    /// told when it first happens. Shares that add up to more than 1 stay as they are.
    ///
    /// Fixed: `market_clearing_price` need not be connected. Without demand a step has no shares,
    /// which is told when it first happens; they were infinite or not-a-number for the rest of the
    /// run. Two rows of one company are refused.
    pub static JUSTICE_AGENT =
        ModelType::new("JusticeAgent", |build| Ok(Box::new(JusticeAgent::new(build)?)));
    parameters {
        SOCIAL_PARAMETERS = Parameter::any(
            "social_parameters",
            "social factors: a mapping from companies to mappings from factors to weights",
        )
        .symbol("w"),
        JUSTICE_STEP = Parameter::number(
            "justice_step",
            "step",
            "index of the step at which the score is computed; null for none",
        )
        .symbol("t_J")
        .with_default(Literal::Null),
        RESULTS_DIR = results_dir("justice_agent_results", &[SCORES_FILE]),
    }
    inputs {
        MARKET_RESULTS = Input::number(
            "market_results",
            "-",
            "table with the supply of each company, such as 'market_results_summary'",
        )
        .symbol("S")
        .with_kind(Kind::Map)
        .with_initial(Literal::Null),
        DEMAND = Input::number("demand", "MW", "demand of the step").symbol("D"),
        _ = Input::unused("market_clearing_price", "€/MWh", "price of the market; not used"),
    }
    published {
        BETA_SCORES = Published::state(
            "beta_scores",
            "-",
            "shares of the demand so far, by company",
        )
        .symbol("β")
        .with_kind(Kind::Map)
        .with_initial(Literal::EmptyMap)
        .memory(),
        JUSTICE_SCORE = Published::state(
            "justice_score",
            "-",
            "score, from the chosen step on; 0 before",
        )
        .symbol("J")
        .with_initial(Literal::Null),
        ALPHA_SCORES = Published::state("alpha_scores", "-", "social weights, by company")
            .symbol("α")
            .with_kind(Kind::Map)
            .with_initial(Literal::EmptyMap),
    }
}

/// The shares of the companies.
const SCORES_FILE: &str = "betascores";

struct JusticeAgent {
    companies: Vec<Company>,
    /// The weights, as they are published.
    alpha_scores: Value,
    /// The step at which the score is computed.
    justice_step: Option<Number>,
    folder: ResultsFolder,
    justice_score: Number,
    /// What the user has been told.
    told_of_strangers: bool,
    told_of_no_demand: bool,
}

impl JusticeAgent {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let companies = companies(build.parameter(SOCIAL_PARAMETERS))?;
        let alpha_scores = scores(&companies, |company| company.alpha)
            .map_err(|error| unfit_weights(&format!("add up to an {error}")))?;
        let justice_step = build.parameter(JUSTICE_STEP).as_number();
        if justice_step.is_some_and(|step| !is_reached(step, build)) {
            let given = build.parameter(JUSTICE_STEP).clone();
            let (size, ticks) = (build.step_size(), build.grid().ticks);
            build.warn(|| {
                format!(
                    "there is no step {given}, so 'justice_score' stays 0; steps are 0, {size}, … below {ticks}"
                )
            });
        }
        Ok(Self {
            companies,
            alpha_scores: Value::Map(alpha_scores.into()),
            justice_step,
            folder: ResultsFolder::new(build, RESULTS_DIR)?,
            justice_score: Number::ZERO,
            told_of_strangers: false,
            told_of_no_demand: false,
        })
    }

    /// The share of each company: first those with social factors, in their order, then the
    /// others.
    fn shares(
        &mut self,
        results: &Table,
        demand: Number,
        step: &mut Step<'_>,
    ) -> Result<Vec<f64>, StepError> {
        let names = results.texts(COMPANY).map_err(unfit_results)?;
        let supplied = results.numbers(SUPPLIED_CAPACITY).map_err(unfit_results)?;
        let mut own: Vec<Option<f64>> = vec![None; self.companies.len()];
        let mut others = Vec::new();
        for (row, (name, supplied)) in names.iter().zip(supplied).enumerate() {
            if names[..row].contains(name) {
                return Err(StepError::new(
                    format!("duplicate_company:{name}"),
                    format!("there are two rows of '{name}' in 'market_results'"),
                ));
            }
            let share = (supplied / demand).to_f64();
            match self.companies.iter().position(|known| known.name == *name) {
                Some(place) => own[place] = Some(share),
                None => others.push((name, share)),
            }
        }
        if let [(stranger, _), ..] = others.as_slice()
            && !self.told_of_strangers
        {
            self.told_of_strangers = true;
            step.notice(format!(
                "'{stranger}' is not in 'social_parameters': its share is lost (said once)"
            ));
        }
        let own = self.companies.iter().zip(own).map(|(company, share)| {
            share.ok_or_else(|| {
                let name = &company.name;
                StepError::new(
                    format!("missing_result:{name}"),
                    format!("there is no row of '{name}' in 'market_results'"),
                )
            })
        });
        let others = others.iter().map(|&(_, share)| Ok(share));
        own.chain(others).collect()
    }

    /// Adds the shares of a step to those so far.
    fn collect_shares(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let Some(results) = step.value(MARKET_RESULTS) else {
            return Err(StepError::missing_input("market_results"));
        };
        let demand = step.number(DEMAND)?;
        let results = Table::from_value(results).map_err(unfit_results)?;
        if demand <= 0 {
            if !self.told_of_no_demand {
                self.told_of_no_demand = true;
                step.notice("there is no demand, so the step has no shares (said once)".to_owned());
            }
            return Ok(());
        }
        if demand.to_f64().is_nan() {
            return Err(StepError::new(
                "type_mismatch:demand",
                "input 'demand' wants a power in MW and got not-a-number",
            ));
        }
        let mut shares = self.shares(&results, demand, step)?;
        give_rest_to_smallest(&mut shares);
        for (company, share) in self.companies.iter_mut().zip(shares) {
            company.beta = company.beta + share;
        }
        Ok(())
    }
}

impl Model for JusticeAgent {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        self.collect_shares(step)?;
        let betas = scores(&self.companies, |company| company.beta)
            .map_err(|_| StepError::overflow("beta_scores"))?;
        if self.justice_step.is_some_and(|due| due == at(step.tick())) {
            let weighted = self
                .companies
                .iter()
                .map(|company| company.alpha * company.beta);
            self.justice_score = weighted.fold(Number::ZERO, |sum, score| sum + score);
            let mut table = Table::default();
            for (name, beta) in &betas {
                table.push(Arc::clone(name), vec![beta.clone()]);
            }
            self.folder.write(step, SCORES_FILE, &table)?;
        }
        step.publish(BETA_SCORES, Value::Map(betas.into()));
        step.publish_number(JUSTICE_SCORE, self.justice_score);
        step.publish(ALPHA_SCORES, self.alpha_scores.clone());
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        for company in &mut self.companies {
            memory.keep(&mut company.beta);
        }
        memory.keep(&mut self.justice_score);
        memory.keep(&mut self.told_of_strangers);
        memory.keep(&mut self.told_of_no_demand);
        true
    }
}

/// What shares lack to 1 goes to the smallest one, the first of several.
fn give_rest_to_smallest(shares: &mut [f64]) {
    let sum = shares.iter().fold(0.0, |sum, share| sum + share);
    let smallest = shares
        .iter_mut()
        .reduce(|smallest, share| if *share < *smallest { share } else { smallest });
    if let Some(smallest) = smallest
        && sum < 1.0
    {
        *smallest += 1.0 - sum;
    }
}

fn unfit_results(error: TableError) -> StepError {
    error.at_input("market_results", "a table of results")
}

/// A tick as a number to compare with.
fn at(tick: Tick) -> Number {
    Number::Int(i64::try_from(tick).unwrap_or(i64::MAX))
}

/// Whether there is a step with this index.
fn is_reached(index: Number, build: &Build<'_>) -> bool {
    let (float, step_size) = (index.to_f64(), f64::from(build.step_size()));
    index >= 0 && index < at(build.grid().ticks) && float % step_size == 0.0
}
