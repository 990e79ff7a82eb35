//! What was decided for each type, and so which of its cases apply.

use crate::case::Case;

/// The decisions for a type.
pub(crate) struct Rules {
    /// The file of its cases, without extension: the name of the type, and of the variant.
    file: &'static str,
    /// Quirks whose cases do not apply, because what they show was fixed. (A fixed quirk that
    /// contradicts no case is not here.)
    fixed: &'static [&'static str],
    /// Cases with one of these quirks that apply all the same.
    kept: &'static [&'static str],
    /// Other cases that do not apply, and why.
    lapsed: &'static [(&'static str, &'static str)],
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
    file: "",
    fixed: &[],
    kept: &[],
    lapsed: &[],
    corrected: &[],
    optional: &[],
    tolerance: 0.0,
    numpy: false,
};

const UNDECLARED: &str = "attributes need not be declared";

const RULES: &[Rules] = &[
    Rules {
        file: "Adder",
        ..EXACT
    },
    Rules {
        file: "Battery",
        fixed: &["Q1", "Q2", "Q6"],
        corrected: &[
            "zero_charge_limit_exchanges_nothing",
            "zero_discharge_limit_exchanges_nothing",
        ],
        optional: &[("length_of_the_step_is_used", "whole_step")],
        ..EXACT
    },
    Rules {
        file: "Controller",
        ..EXACT
    },
    Rules {
        file: "ControllerEV",
        ..EXACT
    },
    Rules {
        file: "ControllerT3Congestion",
        fixed: &["Q4", "Q5", "Q6"],
        ..EXACT
    },
    Rules {
        file: "Controller_StoryMode",
        ..EXACT
    },
    Rules {
        file: "Controller_StoryMode_table",
        fixed: &["S2", "S3", "S4", "S6", "S7"],
        lapsed: &[
            ("nothing_connected", "nothing connected is an empty list"),
            ("a_mapping_not_declared", UNDECLARED),
            ("states_left_out", UNDECLARED),
        ],
        ..EXACT
    },
    Rules {
        file: "Controller_T1",
        fixed: &["Q3", "X4"],
        lapsed: &[("missing_wind", "without wind there is none (X3)")],
        corrected: &["battery_inactive_corrected"],
        ..EXACT
    },
    Rules {
        file: "Controller_T4",
        ..EXACT
    },
    Rules {
        file: "Dummy",
        fixed: &["D1"],
        lapsed: &[("state1_not_declared", UNDECLARED)],
        ..EXACT
    },
    Rules {
        file: "EV",
        fixed: &["Q1", "Q7", "Q8", "Q10"],
        corrected: &["step_length_is_used", "longer_steps_are_used"],
        ..EXACT
    },
    Rules {
        file: "GridConnection",
        fixed: &["Q2", "X5"],
        corrected: &["dump_alone_corrected"],
        ..EXACT
    },
    Rules {
        file: "GenerationCompanyAgent",
        fixed: &["Q2", "Q3", "Q4"],
        ..EXACT
    },
    Rules {
        file: "JusticeAgent",
        fixed: &["Q5", "Q6"],
        ..EXACT
    },
    Rules {
        file: "LED_connection",
        fixed: &["L2", "L5", "L7", "L8", "L9", "L11", "L12", "L15"],
        // Its span is no reversed one.
        kept: &["span_from_minus_1"],
        ..EXACT
    },
    Rules {
        file: "LED_connection_bytes",
        fixed: &["B6"],
        lapsed: &[("text_of_a_number", "text is no number")],
        ..EXACT
    },
    Rules {
        file: "Load",
        ..EXACT
    },
    Rules {
        file: "LoadEV",
        fixed: &["Q2"],
        ..EXACT
    },
    Rules {
        file: "LoadHeatpump",
        fixed: &["Q2"],
        ..EXACT
    },
    Rules {
        file: "Operator_Market",
        fixed: &["Q5", "Q8"],
        ..EXACT
    },
    Rules {
        file: "PV",
        fixed: &["Q5", "Q6", "X1"],
        numpy: true,
        ..EXACT
    },
    Rules {
        file: "Wind",
        fixed: &["Q2", "Q8"],
        optional: &[("energy_of_the_whole_step", "whole_step")],
        tolerance: 1e-12,
        numpy: true,
        ..EXACT
    },
];

/// Types that are not bound to the Python Illuminator: all of their cases apply, within the tolerance of each.
const OWN: [&str; 20] = [
    "Compressor",
    "DistributionNetwork",
    "ElectricBoiler",
    "ElectricityNetwork",
    "Electrolyser",
    "EnergyAccount",
    "FuelCell",
    "H2Demand",
    "H2Network",
    "H2Production",
    "H2Storage",
    "H2Valve",
    "HeatDemand",
    "HeatNetwork",
    "HeatProduction",
    "HeatPump",
    "HeatStorage",
    "HeatValve",
    "HotWaterTank",
    "Tariff",
];

/// The decisions for the cases in the file with this name.
pub(crate) fn of(file: &str) -> Option<&'static Rules> {
    let own = OWN.contains(&file).then_some(const { &EXACT });
    RULES.iter().find(|rules| rules.file == file).or(own)
}

impl Rules {
    /// The flag among the parameters that asks for what a case shows.
    pub(crate) fn flag_of(&self, case: &Case) -> Option<&'static str> {
        let (_, flag) = self.optional.iter().find(|(name, _)| *name == case.name)?;
        Some(flag)
    }

    /// Why a case does not apply, where it does not.
    pub(crate) fn reason_to_skip(&self, case: &Case) -> Option<String> {
        let name = case.name.as_str();
        let is_corrected = case.policy.as_deref() == Some("corrected");
        if self.kept.contains(&name) || is_corrected && self.corrected.contains(&name) {
            return None;
        }
        let fixed = case
            .quirks
            .iter()
            .find(|q| self.fixed.contains(&q.as_str()));
        if let Some(quirk) = fixed {
            return Some(format!("{quirk} is fixed"));
        }
        if let Some((_, why)) = self.lapsed.iter().find(|(lapsed, _)| *lapsed == name) {
            return Some((*why).to_owned());
        }
        match case.policy.as_deref() {
            None | Some("merged") => None,
            Some("corrected") if self.flag_of(case).is_some() => None,
            Some("corrected") => Some("the quirk that it corrects is kept".into()),
            // Only parameters are strict: names that a type publishes are always there, and so
            // are its initial values.
            Some("strict-sections") if case.error()?.starts_with("missing_parameter") => None,
            Some("strict-sections") => Some(UNDECLARED.into()),
            Some(other) => panic!("a policy without a decision: {other}"),
        }
    }
}
