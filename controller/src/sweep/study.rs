//! A sweep that is checked and ready: which variants there are, and what they have in common.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use shared::files::WorkingDirectory;
use shared::model::Section;
use shared::plan::ModelId;
use shared::value::Value;
use shared::variant::TallyPlan;

use super::asked::Asked;
use super::blueprint::Blueprint;
use super::checks::checked;
use super::design::{Design, Variant};
use super::factor::Factor;
use super::indicators::{Described, Indicators};
use super::outputs::Outputs;
use super::{Event, Options, Share, SweepError};
use crate::output::printable_line;
use crate::outputs::scenario_files;
use crate::places::{FileId, Named, WriteError, or_here, write_whole};
use crate::scenario::{
    Assigned, Columns, Dates, Graph, Ground, Hosting, IndicatorEntry, LoadError, Problem, Template,
    WrittenOut, begins_with_source,
};

/// The ground that scenarios stand on.
pub(super) const GROUND: Ground<'static> = Ground {
    types: &models::CATALOGUE,
    files: &WorkingDirectory,
};

/// So many bytes may be kept of the rows of variants in one engine.
const MOST_KEPT: usize = 16 << 20;

/// A sweep that is checked and ready.
#[derive(Debug)]
pub(crate) struct Study {
    template: Template,
    /// Where each variant is to be a scenario of its own.
    written_out: Option<WrittenOut>,
    pub(crate) design: Design,
    /// `None` where nothing can be had in common.
    pub(crate) blueprint: Option<Blueprint>,
    /// How many variants may go into one engine.
    pub(super) most_together: usize,
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
        let asked = Asked::of(&template, options, tell)?;
        let (graph, first) = checked(&template, &asked, options.strict, tell)?;
        let monitored = asked.is_monitored();
        let Asked {
            design,
            totals,
            own,
            outputs,
        } = asked;
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
        let is_common = !(graph.has_programs()
            || outputs.files.is_some() && has_side_files
            || begins_otherwise(&graph, &design.factors));
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
        let written_out = options.write_scenarios.then(|| template.to_write_out());
        let written_out = written_out.flatten();
        if written_out.as_ref().is_some_and(|all| all.has_programs)
            && FileId::of(&outputs.results_folder()) != FileId::of(folder_of(scenario))
        {
            let text = "the programs of 'simulators' are looked for in the folder of their scenario, and with \
                        --write-scenarios that of a variant is beside its result; choose that folder with --output";
            return Err(SweepError::Usage(text.to_owned()));
        }
        let together = blueprint.as_ref().filter(|_| outputs.files.is_none());
        let most_together = together.map_or(1, |blueprint| {
            most_together(blueprint, &design, described.tallies())
        });
        Ok(Self {
            written_out,
            most_together,
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

    /// Writes the scenario of a variant beside its result, if that is wanted.
    pub(super) fn write_scenario(&self, variant: &Variant) -> Result<(), WriteError> {
        let places = self.outputs.scenario_of(variant.id);
        let Some(((path, result), written_out)) = places.zip(self.written_out.as_ref()) else {
            return Ok(());
        };
        let title = format!(
            "{} of {}",
            self.describe_variant(variant),
            self.template.name
        );
        let title = printable_line(&title);
        let text = written_out.with(&self.design.assigned(variant), &result);
        let text = format!("# {title}, as 'controller sweep' has run it\n\n{text}");
        let made = std::fs::create_dir_all(folder_of(&path));
        let written = made.and_then(|()| write_whole(&path, text.as_bytes()));
        written.map_err(|cause| WriteError::new(&path, cause))
    }

    /// How many variants go into one engine of a node: where their columns are not the same, one says what they are.
    pub(super) fn most_on_a_node(&self) -> usize {
        if self.has_other_words {
            1
        } else {
            self.most_together
        }
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

/// Whether a value may say with what a connection begins: an input that is null at first begins with the first state of its
/// source, which follows from its parameters.
fn begins_otherwise(graph: &Graph, factors: &[Factor]) -> bool {
    let is_changed = |model: ModelId| {
        let name = &graph.models[model].config.name;
        factors.iter().any(|factor| factor.model_name == *name)
    };
    graph.models.iter().any(|model| {
        model.inputs.iter().any(|input| {
            let model_type = &model.instance.model_type;
            let declared = &model_type.inputs[input.slot.index()];
            let given = model.config.entry(Section::Inputs, &declared.name);
            let mut shifted = input.sources.iter().filter(|source| source.shifted);
            begins_with_source(model_type, declared, given.unwrap_or(&Value::Null))
                && shifted.any(|source| is_changed(source.from.model))
        })
    })
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

/// How many variants may go into one engine. One where each has files that are open while it runs: they would be many at
/// once, and reading and writing them takes most of the time. And no more than have room for what is kept of their rows.
fn most_together(blueprint: &Blueprint, design: &Design, tallies: &TallyPlan) -> usize {
    if !blueprint.files_read(&design.factors).is_empty() {
        return 1;
    }
    let kept = tallies.bytes(blueprint.told.grid).max(1);
    blueprint.most_together().min(MOST_KEPT / kept).max(1)
}

fn folder_of(path: &Path) -> &Path {
    or_here(path.parent().unwrap_or(path))
}

/// Nobody has asked for an end.
pub(super) static NEVER_STOPPED: AtomicBool = AtomicBool::new(false);
