//! Where the table of a sweep goes, in which form, and what stands beside it while it grows.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Share, SweepError};
use crate::places::{Place, Target, WriteError};

/// In which form a table is when it is whole. It grows as CSV in any case: what has come so far can be gone on with, and put
/// together with that of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Csv,
    Parquet,
}

/// Where the table of a sweep goes.
#[derive(Clone, Debug)]
pub(crate) struct TablePlace {
    path: PathBuf,
    target: Target,
    pub(super) form: Form,
}

impl Form {
    /// The form of a table that has this name; what its ending is otherwise.
    fn of(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let ending = path.extension();
        let ending = ending.map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            None | Some("csv") => Ok(Self::Csv),
            Some("parquet") if cfg!(feature = "sinks") => Ok(Self::Parquet),
            Some("parquet") => Err(format!(
                "this program is built without Parquet (its feature 'sinks'), which '{shown}' would be; write a .csv"
            )),
            Some(_) => Err(format!(
                "a table is a .csv or a .parquet, and '{shown}' is neither"
            )),
        }
    }
}

impl TablePlace {
    /// The place that a path means.
    ///
    /// # Errors
    /// There is no table of that form, or there can be no file.
    pub(crate) fn of(path: &Path) -> Result<Self, SweepError> {
        let form = Form::of(path).map_err(SweepError::Usage)?;
        let target = match form {
            Form::Csv => Target::of_option(path),
            Form::Parquet => Target::of_parquet(path),
        };
        Ok(Self {
            path: path.to_owned(),
            target: target?,
            form,
        })
    }

    /// As the user has it.
    pub(crate) fn shown(&self) -> &Path {
        &self.path
    }

    /// The place itself; `None` where lines go to standard output or the like as they come.
    pub(super) fn place(&self) -> Option<&Place> {
        self.target.place()
    }

    /// Where the lines of a share are, once they are all there: `table.csv`, `table.part-2-of-7.csv`. Those of a table in
    /// Parquet are `table.parquet.csv`, which nobody gets to see: it grows as `table.parquet.partial.csv`.
    pub(super) fn lines_of(&self, share: &Share) -> PathBuf {
        match (share.is_whole(), self.form) {
            (true, Form::Csv) => self.path.clone(),
            (true, Form::Parquet) => self.beside(".csv"),
            (false, _) => self.beside(&format!(".{}.csv", share.name())),
        }
    }

    /// What there is of a share once it is done.
    pub(super) fn left_by(&self, share: &Share) -> PathBuf {
        if share.is_whole() {
            self.path.clone()
        } else {
            self.lines_of(share)
        }
    }

    /// Where these lines grow, if in a file.
    pub(super) fn growing_of(&self, share: &Share) -> Result<Option<PathBuf>, WriteError> {
        let target = Target::of_option(&self.lines_of(share))?;
        Ok(target.place().map(Place::partial))
    }

    /// What the table of a share is made from is written there, if it is a file.
    pub(super) fn record_of(&self, share: &Share) -> Option<PathBuf> {
        self.place()?;
        Some(if share.is_whole() {
            self.beside(".sweep.json")
        } else {
            self.beside(&format!(".{}.sweep.json", share.name()))
        })
    }

    /// Where the whole table is written, before it takes its place, by whoever does this share.
    pub(super) fn scratch_of(&self, share: &Share) -> PathBuf {
        if share.is_whole() {
            self.beside(".merging")
        } else {
            self.beside(&format!(".{}.merging", share.name()))
        }
    }

    /// A file beside the table that is called like it, without its `.csv`.
    fn beside(&self, ending: &str) -> PathBuf {
        let is_csv = self
            .path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let name = if is_csv {
            self.path.file_stem()
        } else {
            self.path.file_name()
        };
        let mut name: OsString = name.unwrap_or_default().to_owned();
        name.push(ending);
        self.path.with_file_name(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_a_table_has_its_name_and_tables_of_two_forms_share_none() {
        let part: Share = "2/7".parse().expect("a part");
        for (path, lines, of_part, record) in [
            (
                "t/a.csv",
                "t/a.csv",
                "t/a.part-2-of-7.csv",
                "t/a.sweep.json",
            ),
            ("a", "a", "a.part-2-of-7.csv", "a.sweep.json"),
            (
                "t/a.parquet",
                "t/a.parquet.csv",
                "t/a.parquet.part-2-of-7.csv",
                "t/a.parquet.sweep.json",
            ),
        ] {
            if path.ends_with("parquet") && !cfg!(feature = "sinks") {
                continue;
            }
            let place = TablePlace::of(Path::new(path)).expect(path);
            assert_eq!(place.lines_of(&Share::WHOLE), Path::new(lines));
            assert_eq!(place.lines_of(&part), Path::new(of_part));
            let found = place.record_of(&Share::WHOLE);
            assert_eq!(found.as_deref(), Some(Path::new(record)));
        }
        let place = TablePlace::of(Path::new("-")).expect("standard output");
        assert_eq!(place.record_of(&Share::WHOLE), None);
    }

    #[test]
    fn a_table_has_a_form_that_its_ending_says() {
        for path in ["a.xlsx", "a.csv.gz", "a.arrow"] {
            let error = TablePlace::of(Path::new(path)).expect_err(path).to_string();
            assert!(error.contains("a .csv or a .parquet"), "{error}");
        }
        // Windows has no paths of devices.
        #[cfg(all(unix, feature = "sinks"))]
        assert!(TablePlace::of(Path::new("/dev/null")).is_ok());
        #[cfg(not(feature = "sinks"))]
        assert!(
            TablePlace::of(Path::new("a.parquet"))
                .expect_err("refused")
                .to_string()
                .contains("without Parquet")
        );
    }
}
