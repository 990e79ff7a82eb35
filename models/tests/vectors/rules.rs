//! What was decided for each type, and so which of its cases apply.

use crate::case::Case;

/// The decisions for a type.
pub(crate) struct Rules {
    model_type: &'static str,
    /// Quirks whose cases do not apply, because what they show was fixed. (A fixed quirk that
    /// contradicts no case is not here.)
    fixed: &'static [&'static str],
    /// Cases of the policy `corrected` that show a correction that was made.
    corrected: &'static [&'static str],
    /// How far a float may be off, relative to its size; 0 demands the same bits.
    pub(crate) tolerance: f64,
}

const EXACT: Rules = Rules {
    model_type: "",
    fixed: &[],
    corrected: &[],
    tolerance: 0.0,
};

const RULES: &[Rules] = &[
    Rules {
        model_type: "Adder",
        ..EXACT
    },
    Rules {
        model_type: "Battery",
        fixed: &["Q1", "Q2", "Q4", "Q6"],
        corrected: &[
            "zero_charge_limit_exchanges_nothing",
            "zero_discharge_limit_exchanges_nothing",
            "length_of_the_step_is_used",
        ],
        ..EXACT
    },
    Rules {
        model_type: "Controller_T1",
        fixed: &["Q3"],
        ..EXACT
    },
    Rules {
        model_type: "GenerationCompanyAgent",
        fixed: &["Q2", "Q3", "Q4"],
        ..EXACT
    },
    Rules {
        model_type: "JusticeAgent",
        fixed: &["Q5", "Q6"],
        ..EXACT
    },
    Rules {
        model_type: "Load",
        ..EXACT
    },
    Rules {
        model_type: "Operator_Market",
        fixed: &["Q5", "Q8"],
        ..EXACT
    },
    Rules {
        model_type: "PV",
        fixed: &["Q5", "Q6"],
        ..EXACT
    },
    Rules {
        model_type: "Wind",
        fixed: &["Q2", "Q3", "Q8"],
        corrected: &["energy_of_the_whole_step"],
        tolerance: 1e-12,
    },
];

/// The decisions for the type with this name.
pub(crate) fn of(model_type: &str) -> Option<&'static Rules> {
    RULES.iter().find(|rules| rules.model_type == model_type)
}

impl Rules {
    /// Why a case does not apply, where it does not.
    pub(crate) fn reason_to_skip(&self, case: &Case) -> Option<String> {
        let fixed = case
            .quirks
            .iter()
            .find(|q| self.fixed.contains(&q.as_str()));
        if let Some(quirk) = fixed {
            return Some(format!("{quirk} is fixed"));
        }
        match case.policy.as_deref() {
            None => None,
            Some("corrected") if self.corrected.contains(&case.name.as_str()) => None,
            Some("corrected") => Some("the quirk that it corrects is kept".into()),
            // Only parameters are strict: names that a type publishes are always there, and so
            // are its initial values.
            Some("strict-sections") if case.error()?.starts_with("missing_parameter") => None,
            Some("strict-sections") => Some("attributes need not be declared".into()),
            Some(other) => panic!("a policy without a decision: {other}"),
        }
    }
}
