//! What a scenario and options ask of a sweep: which variants, what of each is a number, and what is written.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::design::Design;
use super::factor::{Factor, factors_of};
use super::outputs::{Outputs, Wanted};
use super::study::GROUND;
use super::{Event, Options, SweepError};
use crate::scenario::{Columns, IndicatorEntry, Problems, Template};

/// What stands for all totals among indicators.
const TOTALS: &str = "totals";

/// What is asked of a sweep.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) design: Design,
    /// The totals of what is monitored are indicators.
    pub(super) totals: bool,
    /// The indicators that have a name.
    pub(super) own: Vec<IndicatorEntry>,
    pub(super) outputs: Outputs,
}

impl Asked {
    /// What these ask.
    ///
    /// # Errors
    /// It does not go together, or is not of this scenario.
    pub(super) fn of(
        template: &Template,
        options: &Options,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<Self, SweepError> {
        let design = design_of(template, options, tell)?;
        let (totals, own) = indicators_of(template, &options.indicators)?;
        let table = totals || !own.is_empty();
        let wanted = Wanted {
            result: template.result().map(PathBuf::as_path),
            chosen: options.output.as_deref(),
            table,
            files: options.files || !table,
            scenarios: options.write_scenarios,
        };
        Ok(Self {
            outputs: Outputs::of(wanted, design.count)?,
            design,
            totals,
            own,
        })
    }

    /// Whether all that is monitored is needed of each variant.
    pub(super) fn is_monitored(&self) -> bool {
        self.totals || self.outputs.files.is_some()
    }

    /// What a variant has a column of.
    pub(super) fn columns(&self) -> Columns<'_> {
        Columns {
            monitored: self.is_monitored(),
            of: &self.own,
        }
    }
}

/// Which variants there are.
fn design_of(
    template: &Template,
    options: &Options,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Design, SweepError> {
    let Some(samples) = &options.samples else {
        let factors = factors_of(template, &options.set, GROUND.types)?;
        let said = template.is_aligned().filter(|_| !options.aligned);
        let aligned = options.aligned || said == Some(true);
        let several = factors
            .iter()
            .filter(|factor| factor.values.len() > 1)
            .count();
        if !aligned && said.is_none() && several > 1 {
            let note = "all combinations of the values are run; --aligned takes them one by one";
            tell(Event::Note(note));
        }
        return Design::of(factors, aligned);
    };
    if options.aligned {
        let text = "--samples says itself which values belong together; leave --aligned out";
        return Err(SweepError::Usage(text.to_owned()));
    }
    let fixed = factors_of(template, &options.set, GROUND.types)?;
    // The table takes the place of what the scenario has.
    let fixed = fixed
        .into_iter()
        .filter(|factor| factor.option.is_some())
        .collect();
    let find = |name: &str| {
        let (model, key) = template.parameter(name, GROUND.types)?;
        Ok(Factor {
            model,
            model_name: template.model_name(model).to_owned(),
            key,
            values: Vec::new(),
            option: None,
        })
    };
    Design::of_samples(samples, fixed, &find)
}

/// Whether totals are wanted, and the indicators that have a name.
fn indicators_of(
    template: &Template,
    options: &[String],
) -> Result<(bool, Vec<IndicatorEntry>), SweepError> {
    let mut own = template.indicators().to_vec();
    let mut totals = false;
    for option in options {
        if option == TOTALS {
            totals = true;
            continue;
        }
        let mut problems = Problems::new(&format!("--indicators '{option}'"));
        match template.indicator(option, &mut problems) {
            Some(entry) => own.push(entry),
            None => return Err(SweepError::Values(problems.into_vec())),
        }
    }
    let mut names = BTreeSet::new();
    if let Some(twice) = own.iter().find(|entry| !names.insert(entry.name.as_str())) {
        let name = &twice.name;
        return Err(SweepError::Usage(format!(
            "there are two indicators called '{name}'"
        )));
    }
    Ok((totals, own))
}
