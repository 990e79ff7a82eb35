//! The record of a sweep: what it was made from, so that another one goes on with the same only.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Value as Json, json};

use super::{Options, Share, Study, SweepError};
use crate::observers::hash;
use crate::places::{WriteError, write_whole};

/// What a sweep was made from, and where that is written.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) path: PathBuf,
    content: Json,
}

impl Record {
    /// The record of a share of a sweep.
    pub(super) fn of(
        study: &Study,
        scenario: &Path,
        options: &Options,
        share: &Share,
    ) -> Result<Self, SweepError> {
        let mut files = Vec::new();
        // This program is known by its release.
        let program = std::env::current_exe().ok();
        for path in study
            .reads()
            .filter(|path| Some(*path) != program.as_deref())
        {
            let (bytes, sha256) =
                hash(path).map_err(|cause| SweepError::unreadable(path, &cause))?;
            files.push(
                json!({"path": path.display().to_string(), "bytes": bytes, "sha256": sha256}),
            );
        }
        let content = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "scenario": scenario.display().to_string(),
            "made_from": files,
            "set": options.set,
            "aligned": options.aligned,
            "indicators": options.indicators,
            "files": options.files,
            "variants": study.design.count,
            "share": share.to_string(),
        });
        Ok(Self {
            path: Self::place(study, share),
            content,
        })
    }

    /// Where the record of a share is.
    pub(super) fn place(study: &Study, share: &Share) -> PathBuf {
        let beside = match &study.table {
            Some(table) => table.clone(),
            None => study.results_folder().join("scenariotable"),
        };
        if share.is_whole() {
            return beside.with_extension("sweep.json");
        }
        beside.with_extension(format!("{}.sweep.json", share.name()))
    }

    /// Begins a sweep: with `resume` it is compared with that of the sweep before, else it takes its place. Returns since
    /// when there is what it goes on with, if there is anything.
    ///
    /// # Errors
    /// The sweep before was made from something else, or the record cannot be written.
    pub(super) fn begin(&self, resume: bool) -> Result<Option<SystemTime>, SweepError> {
        if resume && let Some(since) = self.compare()? {
            return Ok(Some(since));
        }
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let text = format!("{:#}\n", self.content);
        let written =
            fs::create_dir_all(folder).and_then(|()| write_whole(&self.path, text.as_bytes()));
        written.map_err(|cause| WriteError::new(&self.path, cause))?;
        Ok(None)
    }

    fn compare(&self) -> Result<Option<SystemTime>, SweepError> {
        let read = fs::read(&self.path).and_then(|bytes| {
            let since = fs::metadata(&self.path)?.modified()?;
            Ok((serde_json::from_slice::<Json>(&bytes)?, since))
        });
        let (before, since) = match read {
            Ok(read) => read,
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(SweepError::unreadable(&self.path, &cause)),
        };
        match self.difference(&before) {
            None => Ok(Some(since)),
            Some(what) => Err(SweepError::Resume(format!(
                "'{}' says that the sweep before was made from something else: {what}; with what it was it goes on, and \
                 without --resume all is made anew",
                self.path.display()
            ))),
        }
    }

    /// What differs from another record, if anything.
    fn difference(&self, before: &Json) -> Option<String> {
        let files = |record: &Json| {
            let files = record["made_from"].as_array().cloned().unwrap_or_default();
            files
                .into_iter()
                .map(|file| (file["path"].clone(), file["sha256"].clone()))
        };
        let known: Vec<_> = files(before).collect();
        for (path, sha256) in files(&self.content) {
            let same = known.iter().find(|(other, _)| *other == path);
            match same {
                None => return Some(format!("it did not read {path}")),
                Some((_, other)) if *other != sha256 => {
                    return Some(format!("{path} was another one"));
                }
                Some(_) => {}
            }
        }
        let keys = [
            "version",
            "set",
            "aligned",
            "indicators",
            "files",
            "variants",
            "share",
        ];
        let key = keys
            .into_iter()
            .find(|key| before[key] != self.content[key]);
        key.map(|key| format!("'{key}' was {}, and is {}", before[key], self.content[key]))
    }

    /// Whether a share has a record that is this one but for which share it is.
    pub(super) fn is_also_of(&self, path: &Path, share: &Share) -> bool {
        let read = fs::read(path).ok();
        let before = read.and_then(|bytes| serde_json::from_slice::<Json>(&bytes).ok());
        before.is_some_and(|mut before| {
            let is_its = before["share"] == json!(share.to_string());
            before["share"] = self.content["share"].clone();
            is_its && self.difference(&before).is_none()
        })
    }
}
