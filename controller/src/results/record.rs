//! The record of the run that a result is from.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

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
    /// The scenario file, as the run was given it, and its hash.
    pub(crate) file: Option<(PathBuf, Option<String>)>,
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
        if std::fs::metadata(&path).ok()?.len() > MAX_BYTES {
            return None;
        }
        let json: Json = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        json.is_object().then(|| Self::of(&json))
    }

    fn of(json: &Json) -> Self {
        let text = |json: &Json, key: &str| json[key].as_str().map(str::to_owned);
        let list = |key: &str| json[key].as_array().into_iter().flatten();
        // The scenario comes first of the files that a result is made from.
        let file = list("made_from").next();
        let file = file.and_then(|file| Some((text(file, "path")?.into(), text(file, "sha256"))));
        let problem = |json| Some((text(json, "severity")?, text(json, "message")?));
        Self {
            version: text(json, "version"),
            started: text(json, "started"),
            seconds: json["seconds"].as_f64(),
            scenario: text(json, "scenario"),
            ticks: json["ticks"].as_u64(),
            file,
            sites: list("sites")
                .filter_map(|site| text(site, "name"))
                .collect(),
            problems: list("problems").filter_map(problem).collect(),
        }
    }
}
