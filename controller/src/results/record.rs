//! The record of the run that a result is from.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use serde_json::Value as Json;

use crate::made_from::{MadeFrom, Source};
use crate::places::Target;

/// More bytes than this a record does not have.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What the record of a run says of it, as far as it says so.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The release of the controller.
    pub(crate) version: Option<String>,
    /// When the run was asked for, in UTC.
    pub(crate) started: Option<String>,
    /// How long it took, in seconds.
    pub(crate) seconds: Option<f64>,
    /// The scenario's name.
    pub(crate) scenario: Option<String>,
    /// The ticks that it has.
    pub(crate) ticks: Option<u64>,
    /// What the result is made from, as the run was given it.
    pub(crate) made_from: MadeFrom,
    /// Where models ran.
    pub(crate) sites: Vec<String>,
    /// What there was to say: severity and message.
    pub(crate) problems: Vec<(String, String)>,
}

impl Record {
    /// The record beside a result, if it is there.
    pub(crate) fn beside(result: &Path) -> Option<Self> {
        let target = Target::of(result).ok()?;
        let path = target.place()?.record();
        Self::read(&path).ok()
    }

    /// Reads a record.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let is_none = || io::Error::new(ErrorKind::InvalidData, "it is no record of a run");
        if fs::metadata(path)?.len() > MAX_BYTES {
            return Err(is_none());
        }
        let json: Json = serde_json::from_slice(&fs::read(path)?)?;
        json.is_object()
            .then(|| Self::of(&json))
            .ok_or_else(is_none)
    }

    /// The scenario file.
    pub(crate) fn file(&self) -> Option<&Source> {
        self.made_from.files.first()
    }

    fn of(json: &Json) -> Self {
        let text = |json: &Json, key: &str| json[key].as_str().map(str::to_owned);
        let list = |key: &str| json[key].as_array().into_iter().flatten();
        let problem = |json| Some((text(json, "severity")?, text(json, "message")?));
        Self {
            version: text(json, "version"),
            started: text(json, "started"),
            seconds: json["seconds"].as_f64(),
            scenario: text(json, "scenario"),
            ticks: json["ticks"].as_u64(),
            made_from: MadeFrom::of_record(json),
            sites: list("sites")
                .filter_map(|site| text(site, "name"))
                .collect(),
            problems: list("problems").filter_map(problem).collect(),
        }
    }
}
