//! A sweep that is checked and ready: which variants there are, and what they have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use shared::files::WorkingDirectory;
use shared::plan::ModelId;

use super::blueprint::Blueprint;
use super::design::{Design, Variant};
use super::factor::{Factor, factors_of};
use super::indicators::{Described, Indicators};
use super::outputs::{Outputs, Wanted};
use super::trial::{first_graph, try_values};
use super::{Event, Options, Share, SweepError};
use crate::output::count;
use crate::outputs::scenario_files;
use crate::places::Named;
use crate::scenario::{
    Assigned, Columns, Dates, Graph, Ground, Hosting, IndicatorEntry, LoadError, Problem, Problems,
    Template,
};

/// So many problems of one kind are told.
const TOLD: usize = 5;

/// What stands for all totals among indicators.
const TOTALS: &str = "totals";

/// The ground that scenarios stand on.
pub(super) const GROUND: Ground<'static> = Ground {
    types: &models::CATALOGUE,
    files: &WorkingDirectory,
};

/// A sweep that is checked and ready.
#[derive(Debug)]
pub(crate) struct Study {
    template: Template,
    pub(crate) design: Design,
    /// `None` where nothing can be had in common.
    pub(crate) blueprint: Option<Blueprint>,
    pub(crate) indicators: Indicators,
    pub(crate) described: Described,
    /// A value can change what columns are.
    has_other_words: bool,
    pub(crate) outputs: Outputs,
    pub(crate) dates: Dates,
    pub(crate) strict: bool,
    monitored: bool,
    own: Vec<IndicatorEntry>,
    columns: Vec<String>,
    /// What all variants read.
    reads: Vec<Named>,
}

impl Study {
    /// Reads a scenario, and checks it with all values.
    ///
    /// # Errors
    /// [`SweepError`] says what can be wrong.
    pub(crate) fn new(
        scenario: &Path,
        options: &Options,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<Self, SweepError> {
        let template = Template::read(scenario, GROUND.types)?;
        let design = design_of(&template, options, tell)?;
        let (totals, own) = indicators_of(&template, &options.indicators)?;
        let table = totals || !own.is_empty();
        let files = options.files || !table;
        let result = template.result().map(PathBuf::as_path);
        let wanted = Wanted {
            result,
            chosen: options.output.as_deref(),
            table,
            files,
        };
        let outputs = Outputs::of(wanted, design.count)?;
        let problems = try_values(&template, &design)?;
        tell_problems(&problems, tell);
        if options.strict && !problems.is_empty() {
            let text = format!(
                "{}, and --strict runs nothing then",
                count(problems.len() as u64, "value is wrong, or surprises")
            );
            return Err(SweepError::Refused(text));
        }
        let monitored = totals || files;
        let wanted = Columns {
            monitored,
            of: &own,
        };
        let (graph, warnings, first) = first_graph(&template, &design, &wanted)?;
        let is_new = |warning: &&Problem| !problems.contains(warning);
        let new: Vec<Problem> = warnings.iter().filter(is_new).cloned().collect();
        tell_problems(&new, tell);
        if options.strict && !warnings.is_empty() {
            return Err(SweepError::Values(warnings));
        }
        for note in notes(&graph) {
            tell(Event::Note(note));
        }
        let columns = graph.monitor.items.iter().map(|item| item.text.clone());
        let columns: Vec<String> = columns.collect();
        // Attributes of indicators that nobody monitors come last.
        let monitor = template.monitored().filter(|_| monitored).count();
        let indicators = Indicators::new(totals, own.clone(), &columns, monitor);
        let written = template.written(&first, GROUND.types);
        let described = indicators.describe(&columns, written);
        if let Some(wrong) = indicators.wrong(&described).first() {
            return Err(SweepError::Usage(wrong.clone()));
        }
        let mut reads = scenario_files(&graph, Some(scenario));
        reads.extend(
            design
                .table()
                .map(|table| Named::new("the table of samples", table)),
        );
        let has_side_files = graph.models.iter().any(|model| {
            let written = model.files_written();
            !written.folders().is_empty()
        });
        let is_common = !(graph.has_programs() || files && has_side_files);
        let dates = graph.monitor.dates;
        let has_other_words = has_other_words(&graph, &design.factors);
        let blueprint = is_common.then(|| Blueprint::new(graph, &design.factors, GROUND.files));
        let notices = blueprint.iter().flat_map(|blueprint| {
            let notices = blueprint.notices.iter();
            notices.map(|notice| (blueprint.name(notice.model), notice))
        });
        for (model, notice) in notices {
            tell(Event::Note(&format!(
                "model '{model}' at tick {}: {}",
                notice.tick, notice.text
            )));
        }
        Ok(Self {
            outputs,
            design,
            blueprint,
            indicators,
            described,
            has_other_words,
            dates,
            strict: options.strict,
            monitored,
            own,
            columns,
            reads,
            template,
        })
    }

    /// The scenario with these values.
    pub(super) fn load(
        &self,
        assigned: &[Assigned],
        hosting: Option<&mut Hosting<'_>>,
    ) -> Result<(Graph, Vec<Problem>), LoadError> {
        let wanted = Columns {
            monitored: self.monitored,
            of: &self.own,
        };
        self.template.with(assigned, &wanted, GROUND, hosting)
    }

    /// What the columns of a variant are, where its values change that.
    pub(super) fn describe_if_other(&self, variant: &Variant) -> Option<Described> {
        if !self.has_other_words {
            return None;
        }
        let assigned = self.design.assigned(variant);
        let written = self.template.written(&assigned, GROUND.types);
        Some(self.indicators.describe(&self.columns, written))
    }

    /// A variant for messages: `variant 3 (Store.max_energy = 10)`.
    pub(super) fn describe_variant(&self, variant: &Variant) -> String {
        let factors = self.design.factors.iter().zip(&variant.values);
        let values = factors
            .map(|(factor, value)| format!("{}.{} = {value}", factor.model_name, factor.key));
        let values: Vec<String> = values.collect();
        if values.is_empty() {
            return format!("variant {}", variant.id);
        }
        format!("variant {} ({})", variant.id, values.join(", "))
    }

    /// Refuses a sweep, or a share of it, that would write over what it reads.
    pub(super) fn refuse_collisions(&self, share: &Share) -> Result<(), SweepError> {
        self.outputs.refuse_collisions(&self.reads, share)
    }

    /// The files that all variants are made from, without this program, which is known by its release.
    pub(super) fn reads(&self) -> impl Iterator<Item = &Path> {
        let program = std::env::current_exe().ok();
        let reads = self.reads.iter().map(Named::path);
        reads.filter(move |path| program.as_deref() != Some(*path))
    }
}

/// What of a scenario is other than in a run.
fn notes(graph: &Graph) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if graph.has_nodes() {
        notes.push("models with 'connect' run here: a variant takes less time than a network");
    }
    if graph.has_sockets() {
        notes.push("sockets of cables are empty in all variants");
    }
    let beside = &graph.monitor.beside;
    if beside.parquet.is_some() || !beside.influx.is_empty() || beside.mqtt.is_some() {
        notes.push(
            "rows of variants go to result files only, and not to what 'monitor' has beside them",
        );
    }
    notes
}

/// Tells of problems: a few of each kind, since a range has many values.
fn tell_problems(problems: &[Problem], tell: &mut dyn FnMut(Event<'_>)) {
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for problem in problems {
        let count = told.entry(&problem.code).or_default();
        *count += 1;
        if *count <= TOLD {
            tell(Event::Problem(problem));
        }
    }
    let more = told
        .into_values()
        .map(|count| count.saturating_sub(TOLD))
        .sum::<usize>();
    if more > 0 {
        let more = count(more as u64, "more value");
        tell(Event::Note(&format!("the same is to be said of {more}")));
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

/// Whether a value says in what unit a model gives an attribute, or whether it counts.
fn has_other_words(graph: &Graph, factors: &[Factor]) -> bool {
    let is_named = |model: ModelId, key: &str| {
        let name = &graph.models[model].config.name;
        let mut factors = factors.iter();
        factors.any(|factor| factor.model_name == *name && *factor.key == *key)
    };
    graph.models.ids().any(|id| {
        let mut published = graph.models[id].instance.model_type.published.iter();
        published.any(|published| {
            let by = [&published.unit_by, &published.role_with];
            by.into_iter().flatten().any(|key| is_named(id, key))
        })
    })
}

/// Nobody has asked for an end.
pub(super) static NEVER_STOPPED: AtomicBool = AtomicBool::new(false);
