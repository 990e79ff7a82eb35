//! The rows in an `InfluxDB`.

mod delivery;
mod lines;
mod login;

use std::path::PathBuf;

use shared::time::{Tick, TimeGrid};
use shared::value::Value;

use super::sink::{Ending, Header, Sink};
use crate::output::grouped;
use crate::places::{InfluxServer, WriteError};
use delivery::{BATCH, Batch, Delivery, LIMITS, Limits};
use lines::Lines;
use login::Login;

/// Rows on their way to an `InfluxDB`. The run does not wait for it and does not fail by it: what is not taken is
/// counted.
pub(crate) struct Influx {
    url: String,
    delivery: Option<Delivery>,
    lines: Option<Lines>,
    batch: Batch,
    /// Rows with a number.
    told: Tick,
    rows: Tick,
}

impl Influx {
    /// The way to this server, for rows of these times.
    ///
    /// # Errors
    /// What is wrong with what is asked for.
    pub(crate) fn new(server: &InfluxServer, grid: &TimeGrid) -> Result<Self, String> {
        Self::within(LIMITS, server, grid)
    }

    fn within(limits: Limits, server: &InfluxServer, grid: &TimeGrid) -> Result<Self, String> {
        if !lines::fits(grid) {
            return Err(
                "an InfluxDB has no times before 1677-09-21 and after 2262-04-11; move the scenario, or leave 'influx' out"
                    .to_owned(),
            );
        }
        let login = Login::of(server)?;
        let delivery = Delivery::to(server, login, limits);
        let delivery =
            delivery.map_err(|cause| format!("there is no thread for InfluxDB: {cause}"))?;
        Ok(Self {
            url: server.url.clone(),
            delivery: Some(delivery),
            lines: None,
            batch: Batch::default(),
            told: 0,
            rows: 0,
        })
    }

    fn hand_over(&mut self) {
        if self.batch.rows == 0 {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        if let Some(delivery) = &self.delivery {
            self.batch = delivery.hand_over(batch);
        }
    }
}

impl Sink for Influx {
    fn begin(&mut self, header: &Header) {
        self.lines = Some(Lines::new(header));
    }

    fn row(&mut self, tick: Tick, values: &[Value]) -> Result<(), WriteError> {
        self.rows = tick + 1;
        let lines = self.lines.as_mut();
        if lines.is_some_and(|lines| lines.append(&mut self.batch.lines, tick, values)) {
            self.told += 1;
            self.batch.rows += 1;
        }
        if self.batch.lines.len() >= BATCH {
            self.hand_over();
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        self.hand_over();
        Ok(())
    }

    fn end(&mut self, _: Ending) -> Result<(), WriteError> {
        self.hand_over();
        Ok(())
    }

    fn over(&mut self) {
        if let Some(delivery) = &mut self.delivery {
            delivery.over();
        }
    }

    fn finish(&mut self) -> Vec<String> {
        let Some(delivery) = self.delivery.take() else {
            return Vec::new();
        };
        let delivered = delivery.finish();
        let mut notes = Vec::new();
        let lost = self.told.saturating_sub(delivered.rows);
        if lost > 0 {
            let why = delivered
                .why
                .unwrap_or_else(|| "it is slower than the run".to_owned());
            let (lost, told, url) = (grouped(lost), grouped(self.told), &self.url);
            notes.push(format!(
                "influx: {lost} of {told} rows were not delivered to {url}: {why}"
            ));
        }
        let left_out = self.lines.as_ref().map(Lines::left_out).unwrap_or_default();
        if !left_out.is_empty() {
            notes.push(format!(
                "influx: an InfluxDB gets finite numbers only, so values of {} were left out",
                left_out.join(", ")
            ));
        }
        notes
    }

    fn rows(&self) -> Tick {
        self.rows
    }

    fn path(&self) -> PathBuf {
        self.url.clone().into()
    }
}

#[cfg(test)]
mod tests;
