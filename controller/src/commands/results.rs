//! `controller totals`, `controller plot`, `controller report` and `controller show`.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::json;
use terminal::printer::Stream;

use super::failure::Failure;
use super::served::Served;
use crate::arguments::{Plot, Report, Show, Totals};
use crate::chain::chain;
use crate::output::{answer, answer_line, say_line};
use crate::page::PageOptions;
use crate::places::{WriteError, or_here, write_whole};
use crate::plot::{Window, gather, to_svg};
use crate::results::{Column, Provenance, Reader, describe};
use crate::run::RunError;
use crate::{plot, report, totals};

/// Prints totals of a result.
pub(super) fn print_totals(arguments: &Totals) -> Result<(), Failure> {
    let path = &arguments.result;
    let provenance = provenance(path, arguments.scenario.as_deref())?;
    let totals = totals::of(path, &provenance).map_err(|error| usage(&error))?;
    if arguments.json {
        let names = Reader::open(path).map_err(|error| usage(&error))?;
        let columns = describe(names.names(), &provenance);
        let column = |column: &Column| json!({"name": column.name, "unit": column.unit});
        answer_line!(
            "{:#}",
            json!({
                "version": env!("CARGO_PKG_VERSION"),
                "file": path.display().to_string(),
                "columns": columns.iter().map(column).collect::<Vec<_>>(),
                "totals": totals::to_json(&totals),
            })
        );
        return Ok(());
    }
    answer(format_args!("{}", totals::to_text(&totals)));
    if !totals.left_out.is_empty() {
        say_line!(
            Note,
            "no part of the balance: {}",
            totals.left_out.join(", ")
        );
    }
    for note in &totals.notes {
        say_line!(Note, "{note}");
    }
    Ok(())
}

/// Shows a result in a browser, until somebody ends it.
pub(super) fn show(arguments: &Show) -> Result<(), Failure> {
    let path = &arguments.result;
    let provenance = provenance(path, arguments.scenario.as_deref())?;
    let options = PageOptions {
        listen: arguments.page_listen,
        control: false,
    };
    let served = Served::open(&options, !arguments.no_browser)?;
    served
        .page
        .show(path, &provenance)
        .map_err(|error| usage(&error))?;
    served
        .compare(&arguments.compare)
        .map_err(|error| usage(&error))?;
    Ok(served.stay()?)
}

/// Draws items of a result.
pub(super) fn draw_plot(arguments: &Plot) -> Result<(), Failure> {
    let output = arguments.output.as_deref();
    let is_png = output.is_some_and(|path| has_ending(path, &["png"]));
    if let Some(path) = output.filter(|path| !has_ending(path, &["svg", "png"])) {
        let path = path.display();
        return Err(Failure::Usage(format!(
            "a plot is an .svg or a .png, and '{path}' is neither"
        )));
    }
    let (from, to) = (arguments.from, arguments.to);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(Failure::Usage("--from is later than --to".to_owned()));
    }
    let path = &arguments.result;
    let provenance = provenance(path, arguments.scenario.as_deref())?;
    let plot = gather(path, &arguments.items, Window { from, to }, &provenance);
    let plot = plot.map_err(|error| usage(&error))?;
    let Some(output) = output else {
        let (width, colours) = (
            terminal::width(Stream::Output),
            terminal::has_colours(Stream::Output),
        );
        answer(format_args!("{}", plot::to_text(&plot, width, colours)));
        return Ok(());
    };
    let svg = to_svg(&plot);
    if is_png {
        return write(output, &png(&svg)?);
    }
    write(output, svg.as_bytes())
}

/// Writes the report of a result.
pub(super) fn write_report(arguments: &Report) -> Result<(), Failure> {
    let path = &arguments.result;
    let output = arguments.output.clone();
    let output = output.unwrap_or_else(|| path.with_extension("html"));
    if !has_ending(&output, &["html", "htm"]) {
        let output = output.display();
        return Err(Failure::Usage(format!(
            "a report is an .html, and '{output}' is none"
        )));
    }
    let page = if report::sweep::is_table(path) {
        report::sweep::of(path)
    } else {
        let provenance = provenance(path, arguments.scenario.as_deref())?;
        report::of(path, &provenance)
    };
    let page = page.map_err(|error| usage(&error))?;
    write(&output, page.as_bytes())?;
    answer_line!("{}", output.display());
    Ok(())
}

/// A picture as PNG.
#[cfg(feature = "png")]
fn png(svg: &str) -> Result<Vec<u8>, Failure> {
    crate::chart::to_png(svg).map_err(|error| usage(&error))
}

/// A picture as PNG, which this program does not write.
#[cfg(not(feature = "png"))]
fn png(_: &str) -> Result<Vec<u8>, Failure> {
    let text = "this program is built without the feature 'png'; write an .svg";
    Err(Failure::Usage(text.to_owned()))
}

fn usage(error: &dyn std::error::Error) -> Failure {
    Failure::Usage(chain(error))
}

/// Where a result comes from; a scenario that the user names must be one.
fn provenance(result: &Path, scenario: Option<&Path>) -> Result<Provenance, Failure> {
    match scenario {
        Some(scenario) => Ok(Provenance::with(result, scenario)?),
        None => Ok(Provenance::of(result)),
    }
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| {
        endings
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    })
}

/// Writes a file, and the folder that it is in.
fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let made = fs::create_dir_all(or_here(path.parent().unwrap_or(path)));
    let written: io::Result<()> = made.and_then(|()| write_whole(path, content));
    let failed = |cause| Failure::Run(RunError::Output(WriteError::new(path, cause)));
    written.map_err(failed)
}
