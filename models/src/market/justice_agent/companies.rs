//! The companies that a justice agent looks at.

use std::sync::Arc;

use shared::model::BuildError;
use shared::value::{Number, OverflowError, Value};

/// A company, its social weight and its shares so far.
pub(super) struct Company {
    pub(super) name: Arc<str>,
    pub(super) alpha: Number,
    pub(super) beta: Number,
}

/// The companies of the parameter `social_parameters`, with their factors added up.
pub(super) fn companies(social_parameters: &Value) -> Result<Vec<Company>, BuildError> {
    let companies = match social_parameters {
        Value::Null => {
            return Err(BuildError::missing_parameter(
                "social_parameters",
                "parameter 'social_parameters' is null and needs the factors of each company",
            ));
        }
        Value::Map(companies) if !companies.is_empty() => companies,
        other => {
            return Err(unfit_weights(&format!(
                "must be a mapping from companies to their factors, not {other}"
            )));
        }
    };
    let company = |(name, factors): &(Arc<str>, Value)| {
        let Value::Map(factors) = factors else {
            return Err(unfit_weights(&format!(
                "wants a mapping from factors to weights for '{name}', not {factors}"
            )));
        };
        let mut alpha = Number::ZERO;
        for (factor, weight) in factors.iter() {
            alpha = alpha
                + match *weight {
                    Value::Int(int) => Number::Int(int),
                    Value::Float(float) | Value::Numpy(float) if float.is_finite() => {
                        Number::Float(float)
                    }
                    ref other => {
                        return Err(unfit_weights(&format!(
                            "wants a finite number for '{factor}' of '{name}', not {other}"
                        )));
                    }
                };
        }
        Ok(Company {
            name: Arc::clone(name),
            alpha,
            beta: Number::ZERO,
        })
    };
    companies.iter().map(company).collect()
}

/// A number of each company, by name.
pub(super) fn scores(
    companies: &[Company],
    score: fn(&Company) -> Number,
) -> Result<Vec<(Arc<str>, Value)>, OverflowError> {
    let named = |company: &Company| Ok((Arc::clone(&company.name), score(company).to_value()?));
    companies.iter().map(named).collect()
}

/// What is wrong with the parameter.
pub(super) fn unfit_weights(what: &str) -> BuildError {
    let message = format!("parameter 'social_parameters' {what}");
    BuildError::invalid_parameter("social_parameters", message)
}
