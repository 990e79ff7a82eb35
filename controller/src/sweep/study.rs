//! A sweep that is checked and ready: which variants there are, and what they have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use shared::files::WorkingDirectory;
use shared::plan::ModelId;

use super::blueprint::Blueprint;
use super::design::{Design, Variant};
use super::factor::{Factor, factors_of};
use super::indicators::{Described, Indicators};
use super::place::Places;
use super::table::Table;
use super::trial::{first_graph, try_values};
use super::{Event, Options, SweepError};
use crate::output::count;
use crate::outputs::scenario_files;
use crate::places::{Collision, Named, WriteError, refuse_collisions, write_whole};
use crate::scenario::{
    Assigned, Columns, Dates, Graph, Ground, Hosting, IndicatorEntry, LoadError, Problem, Problems,
    Template,
};

/// So many problems of one kind are told.
const TOLD: usize = 5;

/// What stands for all totals among indicators.
const TOTALS: &str = "totals";

/// The table of combinations, beside the results.
const COMBINATIONS: &str = "scenariotable.csv";

/// The table of indicators where nobody says where it goes.
const INDICATORS: &str = "indicators.csv";

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
    /// Where the result of each variant goes, if they are wanted.
    pub(crate) files: Option<Places>,
    /// Where the table of indicators goes, if there are any.
    pub(crate) table: Option<PathBuf>,
    pub(crate) dates: Dates,
    pub(crate) strict: bool,
    monitored: bool,
    own: Vec<IndicatorEntry>,
    columns: Vec<String>,
    /// What all variants read.
    reads: Vec<Named>,
    /// Since when results are those of this sweep, where it goes on with them.
    pub(crate) kept_since: Option<SystemTime>,
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
        let is_table = totals || !own.is_empty();
        let files = options.files || !is_table;
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
        let result = options.output.as_ref().filter(|_| !is_table);
        let result = result.or(template.result()).cloned().unwrap_or_default();
        let has_side_files = graph.models.iter().any(|model| {
            let written = model.files_written();
            !written.folders().is_empty()
        });
        let is_common = !(graph.has_programs() || files && has_side_files);
        let dates = graph.monitor.dates;
        let has_other_words = has_other_words(&graph, &design.factors);
        let blueprint = is_common.then(|| Blueprint::new(graph, &design.factors, GROUND.files));
        let blueprint = blueprint.transpose().map_err(|_| SweepError::Plan)?;
        let notices = blueprint.iter().flat_map(|blueprint| {
            let notices = blueprint.notices.iter();
            notices.map(|notice| (blueprint.told.name(notice.model), notice))
        });
        for (model, notice) in notices {
            tell(Event::Note(&format!(
                "model '{model}' at tick {}: {}",
                notice.tick, notice.text
            )));
        }
        let table = options.output.clone().filter(|_| is_table);
        let table = table.or_else(|| is_table.then(|| result.with_file_name(INDICATORS)));
        Ok(Self {
            files: files.then(|| Places::new(result, design.count)),
            table,
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
            kept_since: None,
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

    /// Refuses a sweep that would write over what it reads.
    pub(super) fn refuse_collisions(&self) -> Result<(), Collision> {
        let mut writes = Vec::new();
        writes.extend(
            self.table
                .as_ref()
                .map(|table| Named::new("the table of indicators", table)),
        );
        if self.files.is_some() {
            writes.push(Named::new("the table of combinations", self.combinations()));
        }
        refuse_collisions(&self.reads, &writes, &[])?;
        let Some(places) = &self.files else {
            return Ok(());
        };
        for read in self.reads.iter().chain(&writes) {
            if let Some(id) = places.number_of(read.path()) {
                return Err(Collision::new(format!(
                    "the result of variant {id} would be written over {read}; choose another place with --output"
                )));
            }
        }
        Ok(())
    }

    /// Writes the table of combinations beside the results, where there are any.
    pub(super) fn write_combinations(&self) -> Result<(), SweepError> {
        if self.files.is_none() {
            return Ok(());
        }
        let path = self.combinations();
        let table = Table::of_combinations(&self.design);
        let mut text = table.header(&self.design, &[]);
        for variant in self.design.variants(1..self.design.count + 1)? {
            table.write(&mut text, &variant?, &[]);
        }
        let folder = self.results_folder();
        let written = std::fs::create_dir_all(&folder).and_then(|()| write_whole(&path, &text));
        written.map_err(|cause| WriteError::new(&path, cause).into())
    }

    /// The folder of all results.
    pub(super) fn results_folder(&self) -> PathBuf {
        self.files
            .as_ref()
            .map(|places| places.folder().to_owned())
            .unwrap_or_default()
    }

    fn combinations(&self) -> PathBuf {
        self.results_folder().join(COMBINATIONS)
    }

    /// Whether an earlier sweep, with which this one goes on, has left the result of a variant.
    pub(super) fn has_kept(&self, id: u64) -> bool {
        let (Some(since), Some(places), None) = (self.kept_since, &self.files, &self.table) else {
            return false;
        };
        let changed = std::fs::metadata(places.of(id)).and_then(|metadata| metadata.modified());
        changed.is_ok_and(|changed| changed >= since)
    }

    /// The files that all variants are made from.
    pub(super) fn reads(&self) -> impl Iterator<Item = &Path> {
        self.reads.iter().map(Named::path)
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
