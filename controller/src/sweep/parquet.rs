//! The table of a sweep as a Parquet file, made of its lines in one pass.

use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

use csv::ByteRecord;
use shared::value::{Kind, Value};

use super::design::Variant;
use super::table::{NUMBER, Table, name_and_unit};
use super::table_place::TablePlace;
use super::{Study, SweepError};
use crate::outputs::{Key, ParquetRows, Title};
use crate::places::{WriteError, or_here};

/// Writes the table: which values a variant has says the design, so that they are what they are there, and what came of it
/// say the lines. These are in several files, one after the other.
pub(super) fn write(
    study: &Study,
    place: &TablePlace,
    file: &File,
    parts: impl Iterator<Item = io::Result<impl Read>>,
    stop: &AtomicBool,
) -> Result<(), SweepError> {
    let failed = |cause| SweepError::from(WriteError::new(place.shown(), cause));
    let table = Table::of_indicators(&study.design);
    let folder = or_here(place.shown().parent().unwrap_or(place.shown()));
    let mut rows = ParquetRows::new(
        file.try_clone().map_err(failed)?,
        folder.to_owned(),
        Key::Number(NUMBER),
        titles(study, &table),
    );
    let mut variants = study.design.variants(1..study.design.count + 1)?;
    let indicators = study.indicators.none().len();
    let mut record = ByteRecord::new();
    for part in parts {
        let mut lines = csv::Reader::from_reader(part.map_err(failed)?);
        while lines
            .read_byte_record(&mut record)
            .map_err(|cause| failed(cause.into()))?
        {
            if stop.load(Ordering::Relaxed) {
                return Err(SweepError::Interrupted);
            }
            let variant = variants.next().transpose()?;
            let variant = variant.filter(|variant| is_line_of(&record, variant, indicators));
            let Some(variant) = variant else {
                return Err(failed(not_the_lines()));
            };
            let numbers = record.iter().skip(1 + variant.values.len());
            let numbers: Vec<Value> = numbers.map(number).collect();
            let values = table.in_order(&variant).chain(&numbers);
            let key = i64::try_from(variant.id).unwrap_or(i64::MAX);
            rows.add(key, values).map_err(failed)?;
        }
    }
    if variants.next().is_some() {
        return Err(failed(not_the_lines()));
    }
    rows.finish().map(|_| ()).map_err(failed)
}

/// The columns, called as the header of the lines has them.
fn titles(study: &Study, table: &Table) -> Vec<Title> {
    let factors = table.factors(&study.design).map(|name| Title {
        name,
        unit: None,
        kind: Kind::Any,
    });
    let indicators = study.indicators.header(&study.described).into_iter();
    let indicators = indicators.map(|name| Title {
        unit: name_and_unit(&name).map(|(_, unit)| unit.to_owned()),
        name,
        kind: Kind::Number,
    });
    factors.chain(indicators).collect()
}

fn is_line_of(record: &ByteRecord, variant: &Variant, indicators: usize) -> bool {
    let id = record.get(0).unwrap_or_default();
    record.len() == 1 + variant.values.len() + indicators && id == variant.id.to_string().as_bytes()
}

fn not_the_lines() -> io::Error {
    io::Error::other(
        "the lines that it is to be made of are not those that this sweep wrote; without --resume all is made anew",
    )
}

/// The number in a cell, which may be empty.
fn number(cell: &[u8]) -> Value {
    let text = std::str::from_utf8(cell).ok();
    let number = text.and_then(|text| text.parse().ok());
    number.map_or(Value::Null, Value::Float)
}
