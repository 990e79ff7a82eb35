//! The page of a sweep.

use std::path::Path;

use super::effects::effects;
use super::pictures::{cloud, tornado};
use super::table::{Column, Table};
use crate::chart::escaped;
use crate::output::{count, grouped};
use crate::report::page::Page;
use crate::results::ResultError;
use crate::totals::number;

/// The report of a sweep.
pub(crate) fn of(path: &Path) -> Result<String, ResultError> {
    let table = Table::read(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut page = Page::default();
    page.begin(&name);
    let (variants, factors) = (grouped(table.rows as u64), table.factors.len() as u64);
    let parameters = count(factors, "parameter");
    page.push(format_args!(
        "<p class=\"under\">{variants} variants, in which {parameters} had other values</p>\n"
    ));
    let changes = |column: &&Column| range(column).is_some_and(|(low, high)| low < high);
    let (changing, same): (Vec<&Column>, Vec<&Column>) = table.indicators.iter().partition(changes);
    tornados(&mut page, &table, &changing);
    clouds(&mut page, &table, &changing);
    numbers(&mut page, &changing, &same);
    page.end();
    Ok(page.finish())
}

/// What decides each indicator.
fn tornados(page: &mut Page, table: &Table, indicators: &[&Column]) {
    page.heading("What decides");
    page.push(format_args!(
        "<p class=\"less\">Each bar goes from the mean of all variants in which a parameter is lowest to that of those in which \
         it is highest, whatever the others are. Orange ones go down.</p>\n<div class=\"charts\">\n"
    ));
    for indicator in indicators {
        let effects = effects(table, indicator);
        if !effects.is_empty() {
            let picture = tornado(indicator, &effects);
            page.push(format_args!("<figure>\n{picture}</figure>\n"));
        }
    }
    page.push(format_args!("</div>\n"));
}

/// Each indicator over each parameter, that which decides it most first.
fn clouds(page: &mut Page, table: &Table, indicators: &[&Column]) {
    page.heading("Each variant");
    page.push(format_args!("<div class=\"charts\">\n"));
    for (place, indicator) in indicators.iter().enumerate() {
        for effect in effects(table, indicator) {
            let picture = cloud(effect.factor, indicator, place);
            page.push(format_args!("<figure>\n{picture}</figure>\n"));
        }
    }
    page.push(format_args!("</div>\n"));
}

/// Between which numbers indicators are, and those that are the same in all variants.
fn numbers(page: &mut Page, changing: &[&Column], same: &[&Column]) {
    page.heading("Numbers");
    page.push(format_args!(
        "<table>\n<tr><th>Indicator</th><th>Unit</th><th class=\"n\">lowest</th><th class=\"n\">mean</th>\
         <th class=\"n\">highest</th><th class=\"n\">without</th></tr>\n"
    ));
    for column in changing.iter().chain(same) {
        let Some((low, high)) = range(column) else {
            continue;
        };
        let numbers = || column.values.iter().filter(|value| value.is_finite());
        let mean = numbers().sum::<f64>() / numbers().count() as f64;
        let without = column.values.len() - numbers().count();
        let (name, unit) = (escaped(&column.name), escaped(&column.unit));
        let [low, mean, high] = [low, mean, high].map(|value| number(value, 3));
        page.push(format_args!(
            "<tr><td>{name}</td><td>{unit}</td><td class=\"n\">{low}</td><td class=\"n\">{mean}</td>\
             <td class=\"n\">{high}</td><td class=\"n\">{without}</td></tr>\n"
        ));
    }
    page.push(format_args!("</table>\n"));
}

/// The lowest and the highest number of a column, if it has any.
fn range(column: &Column) -> Option<(f64, f64)> {
    let numbers = || {
        column
            .values
            .iter()
            .copied()
            .filter(|value| value.is_finite())
    };
    Some((numbers().reduce(f64::min)?, numbers().reduce(f64::max)?))
}
