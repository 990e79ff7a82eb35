//! The file in which a table grows: a line a variant, in their order.

use std::iter::once;
use std::ops::Range;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant, SystemTime};

use super::design::Variant;
use super::merge::write_table;
use super::outputs::is_newer;
use super::table::Table;
use super::table_place::{Form, TablePlace};
use super::{Share, Study, SweepError};
use crate::outputs::GrowingFile;
use crate::places::{Target, WriteError, remove};

/// Lines go to the file at least this often, while some come.
const INTERVAL: Duration = Duration::from_secs(1);

/// The file in which the table of a share grows.
#[derive(Debug)]
pub(super) struct TableFile {
    place: TablePlace,
    share: Share,
    table: Table,
    file: GrowingFile,
    flushed: Instant,
}

impl TableFile {
    /// That of a share. Nobody else writes there from now on.
    pub(super) fn open(
        study: &Study,
        place: TablePlace,
        share: &Share,
    ) -> Result<Self, SweepError> {
        if place.place().is_none() && !share.is_whole() {
            let text = "parts of a table are put together in a file, and this goes into none; name one with --output";
            return Err(SweepError::Usage(text.to_owned()));
        }
        let mut file = GrowingFile::claim(&Target::of_option(&place.lines_of(share))?)?;
        let table = Table::of_indicators(&study.design);
        let names = study.indicators.header(&study.described);
        file.set_header(table.header(&study.design, &names));
        Ok(Self {
            place,
            share: share.clone(),
            table,
            file,
            flushed: Instant::now(),
        })
    }

    /// Goes on with the lines that an earlier sweep has left since then. Returns the first variant that is not among them.
    pub(super) fn go_on(&mut self, since: SystemTime, ids: &Range<u64>) -> Result<u64, SweepError> {
        let kept = self.file.kept()?.unwrap_or_default();
        if kept.rows() == 0 || !is_newer(&self.file.path(), since) {
            return Ok(ids.start);
        }
        self.file.follow(kept)?;
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

    /// No more lines come: the table, or what this share makes of it, takes its place if they are all there.
    pub(super) fn end(
        mut self,
        study: &Study,
        is_whole: bool,
        stop: &AtomicBool,
    ) -> Result<(), SweepError> {
        self.file.lines()?;
        self.hand_on()?;
        self.file.end()?;
        if !is_whole {
            return Ok(());
        }
        if !self.share.is_whole() || self.place.form == Form::Csv {
            return Ok(self.file.settle()?);
        }
        let lines = self.file.earlier(self.file.kept()?.unwrap_or_default())?;
        write_table(study, &self.place, &self.share, once(Ok(lines)), stop)?;
        let growing = self.file.path();
        drop(self.file);
        remove(&growing).map_err(|cause| WriteError::new(&growing, cause).into())
    }
}
