//! What a sweep writes: result files with the table of their combinations, and the table of indicators.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::design::Design;
use super::place::Places;
use super::table::Table;
use super::table_place::TablePlace;
use super::{Share, SweepError};
use crate::places::{Collision, Named, Place, WriteError, refuse_collisions, write_whole};

/// The table of combinations, beside the results.
const COMBINATIONS: &str = "scenariotable.csv";

/// What results are made from, beside them.
const RECORD: &str = "scenariotable";

/// The table of indicators where nobody says where it goes.
const INDICATORS: &str = "indicators.csv";

/// What a sweep writes.
#[derive(Debug)]
pub(crate) struct Outputs {
    /// Where the result of each variant goes, if they are wanted.
    pub(crate) files: Option<Places>,
    /// Where the scenario of each goes, if they are wanted.
    scenarios: Option<Places>,
    /// Where the table of indicators goes, if there are any.
    pub(crate) table: Option<TablePlace>,
    /// Since when what is there is of this sweep, where it goes on with that.
    pub(crate) kept_since: Option<SystemTime>,
}

/// What is asked of a sweep to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// The result file of the scenario.
    pub(super) result: Option<&'a Path>,
    /// The place that somebody chose: of the table if there is one, else of results.
    pub(super) chosen: Option<&'a Path>,
    pub(super) table: bool,
    pub(super) files: bool,
    /// A scenario beside each result.
    pub(super) scenarios: bool,
}

impl Outputs {
    /// What a sweep of so many variants writes.
    ///
    /// # Errors
    /// There is no table of such a form, or the place cannot be.
    pub(super) fn of(wanted: Wanted<'_>, variants: u64) -> Result<Self, SweepError> {
        let chosen = wanted.chosen;
        let of_results = chosen.filter(|_| !wanted.table);
        if let Some(path) = of_results.filter(|path| is_parquet(path)) {
            let path = path.display();
            return Err(SweepError::Usage(format!(
                "results of variants are CSV, and '{path}' is none; a table in Parquet has --indicators"
            )));
        }
        let result = of_results.or(wanted.result);
        let result = result.unwrap_or(Path::new("")).to_owned();
        let of_scenarios = result.with_extension("yaml");
        if wanted.scenarios && !wanted.files {
            let text = "--write-scenarios writes a scenario beside each result, and with indicators there is no result; \
                        add --files";
            return Err(SweepError::Usage(text.to_owned()));
        }
        if wanted.scenarios && of_scenarios == result {
            let text = format!(
                "results that are called like '{}' would be written over their scenarios; choose another ending",
                result.display()
            );
            return Err(SweepError::Usage(text));
        }
        let scenarios = wanted
            .scenarios
            .then(|| Places::new(of_scenarios, variants));
        let table = chosen.map_or_else(|| result.with_file_name(INDICATORS), Path::to_owned);
        let table = wanted.table.then(|| TablePlace::of(&table)).transpose()?;
        Ok(Self {
            files: wanted.files.then(|| Places::new(result, variants)),
            scenarios,
            table,
            kept_since: None,
        })
    }

    /// Refuses a sweep, or a share of it, that would write over what it reads.
    pub(super) fn refuse_collisions(
        &self,
        reads: &[Named],
        share: &Share,
    ) -> Result<(), SweepError> {
        let mut writes = Vec::new();
        if let Some(table) = &self.table {
            let place = table.place().map(Place::path);
            writes.extend(place.map(|place| Named::new("the table of indicators", place)));
            let growing = table.growing_of(share)?;
            writes.extend(growing.map(|path| Named::new("the growing table", path)));
        }
        if self.files.is_some() {
            writes.push(Named::new("the table of combinations", self.combinations()));
        }
        refuse_collisions(reads, &writes, &[])?;
        for (what, places) in [("result", &self.files), ("scenario", &self.scenarios)] {
            let Some(places) = places else {
                continue;
            };
            for read in reads.iter().chain(&writes) {
                if let Some(id) = places.number_of(read.path()) {
                    let text = format!(
                        "the {what} of variant {id} would be written over {read}; choose another place with --output"
                    );
                    return Err(Collision::new(text).into());
                }
            }
        }
        Ok(())
    }

    /// Writes the table of combinations beside the results, where there are any.
    pub(super) fn write_combinations(&self, design: &Design) -> Result<(), SweepError> {
        if self.files.is_none() {
            return Ok(());
        }
        let path = self.combinations();
        let table = Table::of_combinations(design);
        let mut text = table.header(design, &[]);
        for variant in design.variants(1..design.count + 1)? {
            table.write(&mut text, &variant?, &[]);
        }
        let written =
            fs::create_dir_all(self.results_folder()).and_then(|()| write_whole(&path, &text));
        written.map_err(|cause| WriteError::new(&path, cause).into())
    }

    /// Where the scenario of a variant goes, and its result; `None` where nobody wants scenarios.
    pub(super) fn scenario_of(&self, id: u64) -> Option<(PathBuf, PathBuf)> {
        let (scenarios, files) = self.scenarios.as_ref().zip(self.files.as_ref())?;
        Some((scenarios.of(id), files.of(id)))
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

    /// Where it is written what a share is made from; `None` where it leaves nothing that could be gone on with.
    pub(super) fn record_of(&self, share: &Share) -> Option<PathBuf> {
        if let Some(table) = &self.table {
            return table.record_of(share);
        }
        let part = if share.is_whole() {
            String::new()
        } else {
            format!(".{}", share.name())
        };
        let name = format!("{RECORD}{part}.sweep.json");
        Some(self.results_folder().join(name))
    }

    /// Whether an earlier sweep, with which this one goes on, has left the result of a variant, which is all that is wanted
    /// of it.
    pub(super) fn has_kept(&self, id: u64) -> bool {
        let files = self.files.as_ref().filter(|_| self.table.is_none());
        let mut kept = files.zip(self.kept_since).into_iter();
        kept.any(|(places, since)| is_newer(&places.of(id), since))
    }

    /// Whether a sweep that is on record since then has left all that a share makes of the table.
    pub(super) fn has_table_of(&self, share: &Share, since: SystemTime) -> bool {
        let table = self.table.as_ref();
        table.is_some_and(|table| is_newer(&table.left_by(share), since))
    }
}

/// Whether a file was written at this time, or later.
pub(super) fn is_newer(path: &Path, since: SystemTime) -> bool {
    let changed = fs::metadata(path).and_then(|metadata| metadata.modified());
    changed.is_ok_and(|changed| changed >= since)
}

fn is_parquet(path: &Path) -> bool {
    let ending = path.extension();
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"))
}
