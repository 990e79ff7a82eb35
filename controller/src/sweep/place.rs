//! Where the results of variants go.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::places::{FileId, or_here};

/// So many result files share a folder, where there are more of them.
const FOLDER: u64 = 1000;

/// Where the results of variants go: each has its number before the ending of its name.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    result: PathBuf,
    count: u64,
}

impl Places {
    /// The places of the results of so many variants, of which this is the result of one.
    pub(crate) fn new(result: PathBuf, count: u64) -> Self {
        Self { result, count }
    }

    /// The folder of all of them.
    pub(crate) fn folder(&self) -> &Path {
        or_here(self.result.parent().unwrap_or(Path::new("")))
    }

    /// `res/out.d.csv` is `res/out.d_2.csv` for the second variant. Of more than a thousand each thousand has a folder,
    /// such as `res/out.d_001/out.d_1002.csv`.
    pub(crate) fn of(&self, id: u64) -> PathBuf {
        let (stem, ending) = self.parts();
        let mut name = stem.clone();
        name.push(format!("_{id}"));
        name.push(&ending);
        if self.count <= FOLDER {
            return self.result.with_file_name(name);
        }
        let last = ((self.count - 1) / FOLDER).to_string().len().max(3);
        let mut folder = stem;
        folder.push(format!("_{:0last$}", (id - 1) / FOLDER));
        self.result.with_file_name(folder).join(name)
    }

    /// The name without its ending, and the ending with its point.
    fn parts(&self) -> (OsString, OsString) {
        let stem = self.result.file_stem().unwrap_or_default().to_owned();
        let ending = self
            .result
            .extension()
            .map_or_else(OsString::new, |ending| {
                let mut with_point = OsString::from(".");
                with_point.push(ending);
                with_point
            });
        (stem, ending)
    }

    /// The number of the variant whose result a file would be.
    pub(crate) fn number_of(&self, path: &Path) -> Option<u64> {
        let (stem, ending) = self.parts();
        let name = path.file_name()?.to_str()?;
        let rest = name.strip_prefix(stem.to_str()?)?.strip_prefix('_')?;
        let id = rest.strip_suffix(ending.to_str()?)?.parse().ok()?;
        let own = self.of(id);
        let is_own = (1..=self.count).contains(&id)
            && FileId::of(or_here(own.parent()?)) == FileId::of(or_here(path.parent()?));
        is_own.then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_has_its_number_before_the_ending() {
        for (result, named) in [
            ("./res/out.d.csv", "./res/out.d_2.csv"),
            ("out", "out_2"),
            (".hidden", ".hidden_2"),
        ] {
            let places = Places::new(result.into(), 12);
            assert_eq!(places.of(2), Path::new(named), "{result}");
        }
    }

    #[test]
    fn many_results_have_folders_of_a_thousand() {
        let places = Places::new("res/out.csv".into(), 100_000);
        assert_eq!(places.of(1), Path::new("res/out_000/out_1.csv"));
        assert_eq!(places.of(1000), Path::new("res/out_000/out_1000.csv"));
        assert_eq!(places.of(1001), Path::new("res/out_001/out_1001.csv"));
        assert_eq!(places.of(100_000), Path::new("res/out_099/out_100000.csv"));
        let more = Places::new("out.csv".into(), 2_000_000);
        assert_eq!(more.of(2_000_000), Path::new("out_1999/out_2000000.csv"));
    }

    #[test]
    fn a_file_is_known_as_the_result_of_a_variant() {
        let places = Places::new("out.csv".into(), 12);
        assert_eq!(places.number_of(Path::new("./out_3.csv")), Some(3));
        for other in ["out_13.csv", "out.csv", "out_x.csv", "other/out_3.csv"] {
            assert_eq!(places.number_of(Path::new(other)), None, "{other}");
        }
    }
}
