//! The record of a sweep: what it was made from, so that another one goes on with the same only.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Map, Value as Json, json};

use super::{Options, Share, Study, SweepError};
use crate::made_from::MadeFrom;
use crate::places::{WriteError, remove, write_whole};

/// What a sweep is made from, and what is asked of it.
#[derive(Debug)]
pub(super) struct Record {
    made_from: MadeFrom,
    /// As the user gave them.
    scenario: PathBuf,
    asked: Map<String, Json>,
}

/// What an earlier sweep has written of it.
struct Earlier {
    made_from: MadeFrom,
    content: Json,
    since: SystemTime,
}

impl Record {
    /// The record of a sweep.
    pub(super) fn of(study: &Study, scenario: &Path, options: &Options) -> Self {
        let asked = [
            ("set", json!(options.set)),
            ("aligned", json!(options.aligned)),
            ("indicators", json!(options.indicators)),
            ("files", json!(options.files)),
            ("variants", json!(study.design.count)),
        ];
        let asked = asked.map(|(key, value)| (key.to_owned(), value));
        Self {
            made_from: MadeFrom::now(study.reads().map(Path::to_owned)),
            scenario: scenario.to_owned(),
            asked: asked.into_iter().collect(),
        }
    }

    /// Writes it as that of a share.
    pub(super) fn write(&self, study: &Study, share: &Share) -> Result<(), WriteError> {
        let Some(path) = study.outputs.record_of(share) else {
            return Ok(());
        };
        let mut content = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "scenario": self.scenario.display().to_string(),
            "made_from": self.made_from.to_json(),
            "share": share.to_string(),
        });
        for (key, value) in &self.asked {
            content[key] = value.clone();
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let text = format!("{content:#}\n");
        let written = fs::create_dir_all(folder).and_then(|()| write_whole(&path, text.as_bytes()));
        written.map_err(|cause| WriteError::new(&path, cause))
    }

    /// Takes that of a share away. It may be gone.
    pub(super) fn remove(study: &Study, share: &Share) {
        if let Some(path) = study.outputs.record_of(share) {
            // What is left of it is of no harm.
            let _ = remove(&path);
        }
    }

    /// Whether the same sweep has left all that a share makes of the table.
    pub(super) fn has_table_of(&self, study: &Study, share: &Share) -> bool {
        let path = study.outputs.record_of(share);
        let earlier = path.and_then(|path| Earlier::read(&path).ok()?);
        earlier.is_some_and(|earlier| {
            let is_same = self.difference(&earlier, share).is_none();
            is_same && study.outputs.has_table_of(share, earlier.since)
        })
    }

    /// Since when there is what the same sweep has left of a share, if there is anything.
    ///
    /// # Errors
    /// The sweep before was made from something else, its record cannot be read, or there cannot be one.
    pub(super) fn to_go_on_with(
        &self,
        study: &Study,
        share: &Share,
    ) -> Result<Option<SystemTime>, SweepError> {
        let Some(path) = study.outputs.record_of(share) else {
            let text = "--resume goes on with a table in a file, and this one goes into none; name a file with --output";
            return Err(SweepError::Usage(text.to_owned()));
        };
        let unreadable = |cause| {
            SweepError::Resume(format!(
                "the record '{}' of the earlier sweep cannot be read: {cause}; without --resume all is made anew",
                path.display()
            ))
        };
        let Some(earlier) = Earlier::read(&path).map_err(unreadable)? else {
            return Ok(None);
        };
        match self.difference(&earlier, share) {
            None => Ok(Some(earlier.since)),
            Some(what) => Err(SweepError::Resume(format!(
                "what '{}' is about cannot be gone on with: {what}; with what it was the sweep goes on, and without \
                 --resume all is made anew",
                path.display()
            ))),
        }
    }

    /// What differs from another record, if anything.
    fn difference(&self, earlier: &Earlier, share: &Share) -> Option<String> {
        if let Some(what) = self.made_from.difference(&earlier.made_from) {
            return Some(what);
        }
        let share = ("share", json!(share.to_string()));
        let asked = self.asked.iter().map(|(key, value)| (key.as_str(), value));
        let mut asked = asked.chain([(share.0, &share.1)]);
        let (key, now) = asked.find(|(key, now)| earlier.content[key] != **now)?;
        Some(format!(
            "'{key}' was {}, and is {now}",
            earlier.content[key]
        ))
    }
}

impl Earlier {
    /// Reads a record, if it is there.
    fn read(path: &Path) -> io::Result<Option<Self>> {
        let read = || -> io::Result<Self> {
            let since = fs::metadata(path)?.modified()?;
            let content: Json = serde_json::from_slice(&fs::read(path)?)?;
            Ok(Self {
                made_from: MadeFrom::of_record(&content),
                content,
                since,
            })
        };
        match read() {
            Ok(earlier) => Ok(Some(earlier)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
