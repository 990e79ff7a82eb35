//! What passed between models and the world outside of the simulation, as files beside the result.
//!
//! Entries come in the order of the steps of each model, and in any order from one model to the next. In
//! the files they have the order of ticks, and within a tick that of the models in the scenario; so an
//! entry waits until no earlier one can come any more.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::PathBuf;

use scratch::Scratch;
use shared::index::Table;
use shared::journal::{Adjustable, Entry, What};
use shared::plan::ModelId;
use shared::time::Tick;
use shared::value::{write_cell, write_quoted};

use super::growing::GrowingFile;
use crate::adjusting::Adjustables;
use crate::places::{Target, WriteError};

/// The first line of a journal.
pub(crate) const JOURNAL_HEADER: &str = "tick,model,what,value";

/// What is in a journal where a simulator had asked for the step.
pub(crate) const STEP: &str = "step";

/// The first line of what cables were told.
const LOG_HEADER: &str = "tick,model,socket,text";

/// Where entries go.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// What came in.
    seen: Option<GrowingFile>,
    /// What cables were told.
    told: Option<GrowingFile>,
    /// Entries that an earlier one may still come before.
    waiting: BTreeMap<(Tick, ModelId), Vec<What>>,
    /// The tick before which all entries are written.
    written: Tick,
    names: Table<ModelId, String>,
    adjustables: Adjustables,
}

impl Journal {
    /// Claims the places of the files that are wanted.
    pub(crate) fn claim(
        seen: Option<&Target>,
        told: Option<&Target>,
        names: Table<ModelId, String>,
        adjustables: Adjustables,
    ) -> Result<Self, WriteError> {
        Ok(Self {
            seen: file(seen, JOURNAL_HEADER)?,
            told: file(told, LOG_HEADER)?,
            waiting: BTreeMap::new(),
            written: 0,
            names,
            adjustables,
        })
    }

    /// Where the disk is full, what is kept there is given up for entries.
    pub(crate) fn goes_before(&mut self, kept: &Scratch) {
        for file in self.files() {
            file.goes_before(kept);
        }
    }

    /// Begins: what an earlier run has left in it is none of this run's rows, of which the first one follows.
    pub(crate) fn begin(&mut self) -> Result<(), WriteError> {
        let Some(seen) = &mut self.seen else {
            return Ok(());
        };
        seen.lines()?;
        hand_on(seen)
    }

    /// Where it grows.
    pub(crate) fn path(&self) -> PathBuf {
        self.seen
            .as_ref()
            .map(GrowingFile::path)
            .unwrap_or_default()
    }

    /// Goes on with what an earlier run has left in it; returns that, for [`replay::read_from`](crate::replay::read_from).
    /// `None` where that run had none.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn go_on(&mut self) -> Result<Option<impl Read + use<>>, WriteError> {
        let Some(seen) = &mut self.seen else {
            return Ok(None);
        };
        // It has its first line as soon as there are rows.
        let Some(kept) = seen.kept()?.filter(|kept| kept.lines > 0) else {
            return Ok(None);
        };
        seen.go_on(kept, kept.lines);
        seen.earlier(kept).map(Some)
    }

    /// Takes an entry.
    pub(crate) fn take(&mut self, entry: Entry) {
        let place = (entry.tick, entry.model);
        self.waiting.entry(place).or_default().push(entry.what);
    }

    /// The run goes on from a tick, in another way than it had: what has not been written comes again, as far as it lies before
    /// that.
    pub(crate) fn forget(&mut self) {
        self.waiting.clear();
    }

    /// The tick before which all entries are written.
    pub(crate) fn written(&self) -> Tick {
        self.written
    }

    /// Writes the entries before a tick, before which all models have stepped.
    pub(crate) fn write_before(&mut self, tick: Tick) -> Result<(), WriteError> {
        self.written = self.written.max(tick);
        let rest = self.waiting.split_off(&(tick, ModelId::default()));
        for ((tick, model), whats) in std::mem::replace(&mut self.waiting, rest) {
            for what in whats {
                self.write(tick, model, what)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, tick: Tick, model: ModelId, what: What) -> Result<(), WriteError> {
        let file = match what {
            What::Seen { .. } | What::Asked { .. } | What::Adjusted(_) => &mut self.seen,
            What::Told { .. } => &mut self.told,
        };
        let Some(file) = file else {
            return Ok(());
        };
        let line = file.lines()?;
        // Text in memory takes everything.
        let _ = write!(line, "{tick},");
        write_quoted(line, self.names.get(model).map_or("", String::as_str));
        let _ = match what {
            What::Asked { simulator } => writeln!(line, ",{STEP},{simulator}"),
            What::Adjusted(adjustment) => {
                let target = adjustment.target;
                let kind = match target {
                    Adjustable::Parameter(_) => "parameter",
                    Adjustable::Input(_) => "input",
                };
                let (_, name) = self.adjustables.names(model, target).unwrap_or_default();
                line.push(b',');
                write_quoted(line, &format!("{kind} {name}"));
                line.push(b',');
                write_cell(line, &adjustment.number().to_value().unwrap_or_default());
                writeln!(line)
            }
            What::Seen {
                socket,
                cable: None,
            } => writeln!(line, ",socket {socket},"),
            What::Seen {
                socket,
                cable: Some(id),
            } => {
                let _ = write!(line, ",socket {socket},");
                write_quoted(line, &id.to_string());
                writeln!(line)
            }
            What::Told { socket, picture } => writeln!(line, ",{socket},{picture}"),
        };
        if file.is_due() { hand_on(file) } else { Ok(()) }
    }

    /// Hands on what is written.
    pub(crate) fn flush(&mut self) -> Result<(), WriteError> {
        self.files().try_for_each(hand_on)
    }

    /// No more entries come. Those up to this tick are what the rows before it come from; later ones are
    /// of steps that nobody has recorded.
    pub(crate) fn end(&mut self, tick: Tick) -> Result<(), WriteError> {
        // At this tick itself some have made their step and others have not: of what cables are told there would be a part.
        for (_, whats) in self.waiting.range_mut((tick, ModelId::default())..) {
            whats.retain(|what| !matches!(what, What::Told { .. }));
        }
        self.write_before(tick.saturating_add(1))?;
        self.waiting.clear();
        for file in self.files() {
            // One in which nothing is has its first line all the same: nothing came from outside.
            file.lines()?;
            hand_on(file)?;
            file.end()?;
        }
        Ok(())
    }

    /// Lets the files take their places.
    pub(crate) fn settle(&mut self) -> Result<(), WriteError> {
        self.files().try_for_each(GrowingFile::settle)
    }

    fn files(&mut self) -> impl Iterator<Item = &mut GrowingFile> {
        self.seen.iter_mut().chain(&mut self.told)
    }
}

fn file(target: Option<&Target>, header: &str) -> Result<Option<GrowingFile>, WriteError> {
    let Some(target) = target else {
        return Ok(None);
    };
    let mut file = GrowingFile::claim(target)?;
    file.set_header(format!("{header}\n").into_bytes());
    Ok(Some(file))
}

fn hand_on(file: &mut GrowingFile) -> Result<(), WriteError> {
    file.hand_on().map_err(|(_, error)| error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::cable::{CableId, Picture};
    use std::fs;

    fn seen(tick: Tick, model: u32, cable: Option<u8>) -> Entry {
        Entry {
            model: ModelId(model),
            tick,
            what: What::Seen {
                socket: 1,
                cable: cable.and_then(CableId::new),
            },
        }
    }

    #[test]
    fn entries_have_the_order_of_ticks_and_models_whenever_they_come() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let target = |name: &str| Target::of(&path(name)).expect("a target");
        let names = ["A", "B, the other"].map(str::to_owned).to_vec().into();
        let (to, log) = (target("out.journal.csv"), target("told.csv"));
        let mut journal =
            Journal::claim(Some(&to), Some(&log), names, Adjustables::default()).expect("free");
        journal.take(seen(5, 0, None));
        journal.take(seen(3, 1, Some(b'"')));
        journal.take(Entry {
            model: ModelId(0),
            tick: 3,
            what: What::Told {
                socket: 0,
                picture: Picture::Text(*b"3g1"),
            },
        });
        journal.write_before(4).expect("written");
        journal.take(seen(5, 1, Some(b'2')));
        journal.take(seen(4, 0, Some(b'3')));
        journal.take(Entry {
            model: ModelId(1),
            tick: 4,
            what: What::Asked { simulator: 2 },
        });
        journal.take(seen(7, 0, Some(b'9')));
        journal.end(5).expect("written");
        journal.settle().expect("settled");
        let content = |name: &str| fs::read_to_string(path(name)).expect("readable");
        assert_eq!(
            content("out.journal.csv"),
            "tick,model,what,value\n3,\"B, the other\",socket 1,\"\"\"\"\n4,A,socket 1,3\n\
             4,\"B, the other\",step,2\n\
             5,A,socket 1,\n5,\"B, the other\",socket 1,2\n"
        );
        assert_eq!(content("told.csv"), "tick,model,socket,text\n3,A,0,3g1\n");
    }
}
