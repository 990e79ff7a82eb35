//! The section `monitor`: what is recorded, and where.

use std::path::PathBuf;

use super::beside::read_beside;
use super::fields::{Fields, filled_list};
use super::reference::{ModelNames, Reference};
use super::written_file::written_file;
use crate::places::Beside;
use crate::scenario::problems::{Problems, shortened};
use crate::scenario::yaml::Node;

const KEYS: &[&str] = &["file", "items", "dates", "parquet", "influx", "mqtt"];

/// The result file where the scenario does not say.
const DEFAULT_RESULT: &str = "./out.csv";

/// How the date of a row is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dates {
    /// A row at midnight has no time of day, as in the Python Illuminator.
    #[default]
    Short,
    /// Every row has date and time.
    Whole,
}

/// The section, as far as it could be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct MonitorEntry {
    pub(crate) file: Option<PathBuf>,
    pub(crate) beside: Beside,
    pub(crate) dates: Dates,
    pub(crate) items: Vec<Reference>,
}

impl MonitorEntry {
    /// Reads the section.
    pub(super) fn read(node: &Node, names: &ModelNames<'_>, problems: &mut Problems) -> Self {
        let Some(fields) = Fields::of(node, "'monitor'", KEYS, problems) else {
            return Self::default();
        };
        fields.refuse_unknown(problems);
        Self {
            file: read_file(&fields, problems),
            beside: read_beside(&fields, problems),
            dates: read_dates(&fields, problems).unwrap_or_default(),
            items: read_items(&fields, names, problems),
        }
    }
}

fn read_file(fields: &Fields<'_>, problems: &mut Problems) -> Option<PathBuf> {
    if fields.get("file").is_none() {
        return Some(DEFAULT_RESULT.into());
    }
    let (path, place) = fields.text("file", problems)?;
    written_file("file", path, place, problems)
}

fn read_dates(fields: &Fields<'_>, problems: &mut Problems) -> Option<Dates> {
    let (dates, place) = fields.text("dates", problems)?;
    match dates {
        "short" => Some(Dates::Short),
        "whole" => Some(Dates::Whole),
        other => {
            let message = format!(
                "'dates' of 'monitor' must be 'whole' (every row has date and time) or \
                 'short' (a row at midnight has no time), not '{}'",
                shortened(other)
            );
            problems.error("invalid_choice", place, message);
            None
        }
    }
}

fn read_items(
    fields: &Fields<'_>,
    names: &ModelNames<'_>,
    problems: &mut Problems,
) -> Vec<Reference> {
    let items = fields.required("items", problems);
    let items = items.and_then(|items| filled_list(items, &fields.name_of("items"), problems));
    let items = items.unwrap_or_default().iter().enumerate();
    items
        .filter_map(|(number, item)| {
            let name = format!("monitor item {}", number + 1);
            Reference::of(item, &name, names, problems)
        })
        .collect()
}
