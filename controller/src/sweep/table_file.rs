//! The file of a table of indicators: a line a variant, in their order.

use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::design::Variant;
use super::table::Table;
use super::{Share, Study, SweepError};
use crate::outputs::GrowingFile;
use crate::places::{Target, WriteError};

/// Lines go to the file at least this often, while some come.
const INTERVAL: Duration = Duration::from_secs(1);

/// The file of a table of indicators.
#[derive(Debug)]
pub(super) struct TableFile {
    table: Table,
    file: GrowingFile,
    shown: PathBuf,
    flushed: Instant,
}

/// Where the table of a share goes.
pub(super) fn place_of(study: &Study, share: &Share) -> Option<PathBuf> {
    let table = study.table.as_ref()?;
    if share.is_whole() {
        return Some(table.clone());
    }
    let ending = table.extension().unwrap_or_default().to_string_lossy();
    Some(table.with_extension(format!("{}.{ending}", share.name())))
}

impl TableFile {
    /// The file of a share, if indicators are wanted. Nobody else writes there from now on.
    pub(super) fn open(study: &Study, share: &Share) -> Result<Option<Self>, SweepError> {
        let Some(shown) = place_of(study, share) else {
            return Ok(None);
        };
        let mut file = GrowingFile::claim(&Target::of_option(&shown)?)?;
        let table = Table::of_indicators(&study.design);
        let names = study.indicators.header(&study.described);
        file.set_header(table.header(&study.design, &names));
        Ok(Some(Self {
            table,
            file,
            shown,
            flushed: Instant::now(),
        }))
    }

    /// Goes on with the lines that an earlier sweep has left. Returns the first variant that is not among them.
    pub(super) fn go_on(&mut self, ids: &Range<u64>) -> Result<u64, SweepError> {
        let kept = self.file.kept()?.unwrap_or_default();
        if kept.rows() == 0 {
            return Ok(ids.start);
        }
        let lines = BufReader::new(self.file.earlier(kept)?).split(b'\n');
        let lines: Result<Vec<Vec<u8>>, _> = lines.collect();
        let lines = lines.map_err(|cause| WriteError::new(&self.shown, cause))?;
        self.file.go_on(kept, kept.lines);
        for mut line in lines.into_iter().skip(1) {
            line.push(b'\n');
            self.file.lines()?.extend_from_slice(&line);
            if self.file.is_due() {
                self.hand_on()?;
            }
        }
        self.hand_on()?;
        Ok((ids.start + kept.rows()).min(ids.end))
    }

    /// Adds the line of a variant.
    pub(super) fn add(
        &mut self,
        variant: &Variant,
        numbers: &[Option<f64>],
    ) -> Result<(), SweepError> {
        self.table.write(self.file.lines()?, variant, numbers);
        if self.file.is_due() || self.flushed.elapsed() > INTERVAL {
            self.hand_on()?;
        }
        Ok(())
    }

    fn hand_on(&mut self) -> Result<(), WriteError> {
        self.flushed = Instant::now();
        self.file.hand_on().map_err(|(_, error)| error)
    }

    /// No more lines come: the table takes its place, if it is whole. Returns where it is.
    pub(super) fn end(mut self, is_whole: bool) -> Result<PathBuf, SweepError> {
        self.file.lines()?;
        self.hand_on()?;
        self.file.end()?;
        if !is_whole {
            return Ok(self.file.path());
        }
        self.file.settle()?;
        Ok(self.shown)
    }
}
