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
    /// Cases of that policy that show what a flag among the parameters asks for, and the flag.
    optional: &'static [(&'static str, &'static str)],
    /// How far a float may be off, relative to its size; 0 demands the same bits.
    pub(crate) tolerance: f64,
    /// Whether the type publishes floats of numpy, which vector files write as others.
    pub(crate) numpy: bool,
}

const EXACT: Rules = Rules {
    model_type: "",
    fixed: &[],
    corrected: &[],
    optional: &[],
    tolerance: 0.0,
    numpy: false,
};

const RULES: &[Rules] = &[
    Rules {
        model_type: "Adder",
        ..EXACT
    },
    Rules {
        model_type: "Battery",
        fixed: &["Q1", "Q2", "Q6"],
        corrected: &[
            "zero_charge_limit_exchanges_nothing",
            "zero_discharge_limit_exchanges_nothing",
        ],
        optional: &[("length_of_the_step_is_used", "whole_step")],
        ..EXACT
    },
    Rules {
        model_type: "Controller",
        ..EXACT
    },
    Rules {
        model_type: "ControllerEV",
        ..EXACT
    },
    Rules {
        model_type: "ControllerT3Congestion",
        fixed: &["Q4", "Q5", "Q6"],
        ..EXACT
    },
    Rules {
        model_type: "Controller_StoryMode",
        ..EXACT
    },
    Rules {
        model_type: "Controller_T1",
        fixed: &["Q3"],
        ..EXACT
    },
    Rules {
        model_type: "Controller_T4",
        ..EXACT
    },
    Rules {
        model_type: "EV",
        fixed: &["Q1", "Q7", "Q8", "Q10"],
        corrected: &["step_length_is_used", "longer_steps_are_used"],
        ..EXACT
    },
    Rules {
        model_type: "GridConnection",
        fixed: &["Q2"],
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
        model_type: "LoadEV",
        fixed: &["Q2"],
        ..EXACT
    },
    Rules {
        model_type: "LoadHeatpump",
        fixed: &["Q2"],
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
        numpy: true,
        ..EXACT
    },
    Rules {
        model_type: "Wind",
        fixed: &["Q2", "Q8"],
        optional: &[("energy_of_the_whole_step", "whole_step")],
        tolerance: 1e-12,
        numpy: true,
        ..EXACT
    },
];

/// The decisions for the type with this name.
pub(crate) fn of(model_type: &str) -> Option<&'static Rules> {
    RULES.iter().find(|rules| rules.model_type == model_type)
}

impl Rules {
    /// The flag among the parameters that asks for what a case shows.
    pub(crate) fn flag_of(&self, case: &Case) -> Option<&'static str> {
        let (_, flag) = self.optional.iter().find(|(name, _)| *name == case.name)?;
        Some(flag)
    }

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
            Some("corrected") if self.flag_of(case).is_some() => None,
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
