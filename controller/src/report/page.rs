//! The page of a report.

use std::fmt::{self, Write};
use std::path::Path;

use shared::model::Role;
use shared::time::WallTime;

use super::charts::{self, Placed};
use super::flows::links;
use super::gather::Gathered;
use super::profile::Profile;
use crate::chart::{STYLE, dark, escaped, light, sankey};
use crate::output::grouped;
use crate::results::{Provenance, Record, ResultError};
use crate::totals::{Flow, Totals, number, percent};

const CSS: &str = include_str!("page.css");

/// The report of a result.
pub(crate) fn of(path: &Path, provenance: &Provenance) -> Result<String, ResultError> {
    let mut gathered = Gathered::of(path, provenance)?;
    let mut page = Page::default();
    page.begin(&title(path, provenance));
    page.head(path, provenance, &gathered.totals);
    page.totals(&gathered.totals);
    page.energy(&gathered.totals, provenance);
    let durations = std::mem::take(&mut gathered.durations);
    page.durations(&durations.curve());
    page.items(&gathered);
    page.days(&gathered);
    page.remarks(&gathered.totals, provenance.record.as_ref());
    page.end();
    Ok(page.finish())
}

/// A page in the making. What comes from outside goes through [`escaped`].
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    pub(super) fn push(&mut self, markup: fmt::Arguments<'_>) {
        // Writing into a string cannot fail.
        let _ = self.0.write_fmt(markup);
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.push(format_args!("<h2>{text}</h2>\n"));
    }

    /// Up to the heading. Browsers are told to fetch nothing and to run nothing.
    pub(super) fn begin(&mut self, title: &str) {
        let title = escaped(title);
        let (light, dark) = (light(), dark());
        self.push(format_args!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" \
             content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{CSS}{STYLE}{light}\
             @media (prefers-color-scheme:dark){{{dark}}}\n</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        ));
    }

    /// No more comes.
    pub(super) fn end(&mut self) {
        self.0.push_str("</body>\n</html>\n");
    }

    /// The page as text.
    pub(super) fn finish(self) -> String {
        self.0
    }

    /// Where the result comes from.
    fn head(&mut self, path: &Path, provenance: &Provenance, totals: &Totals) {
        if let Some((start, end)) = totals.span {
            let at = WallTime::from_seconds;
            self.push(format_args!(
                "<p class=\"under\">{} to {}</p>\n",
                at(start),
                at(end)
            ));
        }
        let nothing = Record::default();
        let record = provenance.record.as_ref().unwrap_or(&nothing);
        let file = record.file().map(|file| file.path.display().to_string());
        let started = record
            .started
            .as_ref()
            .map(|at| at.replace(['T', 'Z'], " "));
        let rows = match record.ticks.filter(|ticks| *ticks != totals.rows) {
            Some(ticks) => format!("{} of {}", grouped(totals.rows), grouped(ticks)),
            None => grouped(totals.rows),
        };
        let sites = (!record.sites.is_empty()).then(|| record.sites.join(", "));
        self.0.push_str("<dl>\n");
        for (term, text) in [
            ("Result", Some(path.display().to_string())),
            ("Scenario", file),
            ("Run", started.map(|at| format!("{} UTC", at.trim()))),
            (
                "Took",
                record
                    .seconds
                    .map(|seconds| format!("{} s", number(seconds, 3))),
            ),
            ("Ran on", sites),
            ("Release", record.version.clone()),
            ("Rows", Some(rows)),
        ] {
            if let Some(text) = text {
                self.push(format_args!("<dt>{term}</dt><dd>{}</dd>\n", escaped(&text)));
            }
        }
        self.0.push_str("</dl>\n");
    }

    fn totals(&mut self, totals: &Totals) {
        self.heading("Totals");
        let kwh = |energy| format!("{} kWh", number(energy, 1));
        let is_there = |role, sum| totals.has(role).then(|| kwh(sum));
        let (into, out) = totals.stored();
        let (converted, reconverted) = totals.converted();
        let euros = |amount| format!("{} €", number(amount, 2));
        let emitted = totals.entered(Role::Emissions);
        let mut tiles = vec![
            ("made", is_there(Role::Made, totals.sums.made)),
            ("used", is_there(Role::Used, totals.sums.used)),
            ("into stores", is_there(Role::Stored, into)),
            ("out of stores", is_there(Role::Stored, out)),
            ("into conversion", is_there(Role::Converted, converted)),
            (
                "out of conversion",
                is_there(Role::Reconverted, reconverted),
            ),
            ("without use", is_there(Role::Spilled, totals.sums.spilled)),
            ("bought", totals.grid.map(|grid| kwh(grid.0))),
            ("sold", totals.grid.map(|grid| kwh(grid.1))),
            ("self-sufficiency", totals.self_sufficiency().map(percent)),
            ("self-consumption", totals.self_consumption().map(percent)),
            ("cost", totals.entered(Role::Cost).map(euros)),
            ("revenue", totals.entered(Role::Revenue).map(euros)),
            ("net cost", totals.net_cost().map(euros)),
            (
                "emissions",
                emitted.map(|kg| format!("{} kg", number(kg, 2))),
            ),
        ];
        if let Some(money) = &totals.money {
            tiles.extend([
                ("paid", Some(euros(money.paid))),
                ("earned", Some(euros(money.earned))),
            ]);
        }
        self.0.push_str("<div class=\"tiles\">\n");
        for (name, value) in &tiles {
            if let Some(value) = value {
                self.push(format_args!(
                    "<div class=\"tile\"><span>{name}</span><b>{value}</b></div>\n"
                ));
            }
        }
        self.0.push_str("</div>\n");
        if tiles.iter().all(|tile| tile.1.is_none()) {
            self.0.push_str(
                "<p class=\"less\">No item of the result is part of a balance of energy.</p>\n",
            );
        }
        self.flows(totals);
    }

    /// The table of what the totals are made of.
    fn flows(&mut self, totals: &Totals) {
        if totals.flows.is_empty() && totals.stores.is_empty() {
            return;
        }
        self.0.push_str(
            "<table>\n<tr><th>Item</th><th>Is</th><th class=\"n\">kWh above 0</th>\
             <th class=\"n\">kWh below 0</th></tr>\n",
        );
        for Flow {
            name,
            role,
            positive,
            negative,
            ..
        } in &totals.flows
        {
            let (name, positive, negative) =
                (escaped(name), number(*positive, 3), number(*negative, 3));
            self.push(format_args!(
                "<tr><td>{name}</td><td>{role}</td><td class=\"n\">{positive}</td>\
                 <td class=\"n\">{negative}</td></tr>\n"
            ));
        }
        self.0.push_str("</table>\n");
        for store in &totals.stores {
            let Some((first, last)) = store.levels else {
                continue;
            };
            let (name, cycles) = (escaped(&store.name), number(store.cycles(), 2));
            let (first, last) = (number(first, 1), number(last, 1));
            self.push(format_args!(
                "<p class=\"less\">{name}: {cycles} full cycles, from {first} to {last} %</p>\n"
            ));
        }
    }

    fn energy(&mut self, totals: &Totals, provenance: &Provenance) {
        let links = links(totals, provenance.outline.as_ref());
        if links.is_empty() {
            return;
        }
        self.heading("Where energy comes from, and where it goes");
        let written = |energy| format!("{} kWh", number(energy, 1));
        let picture = sankey(&links, "flows of energy", written);
        self.push(format_args!(
            "<figure class=\"wide\">\n{picture}</figure>\n"
        ));
    }

    fn durations(&mut self, curve: &[(f64, f64)]) {
        if curve.is_empty() {
            return;
        }
        self.heading("Load duration");
        let picture = charts::durations(curve);
        self.push(format_args!(
            "<div class=\"charts\"><figure>\n{picture}</figure></div>\n"
        ));
    }

    fn items(&mut self, gathered: &Gathered) {
        self.heading("Items");
        let placed = gathered.columns.iter().enumerate();
        let (shown, empty): (Vec<Placed<'_>>, Vec<Placed<'_>>) =
            placed.partition(|(place, _)| gathered.values[*place].range().is_some());
        self.0.push_str("<div class=\"charts\">\n");
        for (place, column) in shown {
            let picture = charts::item((place, column), &gathered.values[place], gathered.span);
            self.push(format_args!("<figure>\n{picture}</figure>\n"));
        }
        self.0.push_str("</div>\n");
        if !empty.is_empty() {
            let names: Vec<&str> = empty.iter().map(|(_, column)| &*column.name).collect();
            let names = escaped(&names.join(", "));
            self.push(format_args!(
                "<p class=\"less\">Without a number: {names}</p>\n"
            ));
        }
    }

    fn days(&mut self, gathered: &Gathered) {
        let (first, last) = gathered.span;
        let profiles = gathered.profiles.iter().map(Profile::hours);
        let columns = gathered.columns.iter().enumerate().zip(profiles);
        let columns: Vec<_> = columns.filter(|(_, hours)| hours.len() > 1).collect();
        // Of less than a day, the days are what the items are.
        if last - first < 86_400 || columns.is_empty() {
            return;
        }
        self.heading("Days");
        self.0.push_str(
            "<p class=\"less\">Mean of each hour of the day, and between which values it is.</p>\n\
             <div class=\"charts\">\n",
        );
        for (placed, hours) in columns {
            let picture = charts::day(placed, &hours);
            self.push(format_args!("<figure>\n{picture}</figure>\n"));
        }
        self.0.push_str("</div>\n");
    }

    /// What the run and the totals had to say.
    fn remarks(&mut self, totals: &Totals, record: Option<&Record>) {
        let problems = record.into_iter().flat_map(|record| &record.problems);
        let problems = problems.map(|(severity, message)| format!("{severity}: {message}"));
        let left_out = (!totals.left_out.is_empty())
            .then(|| format!("no part of the balance: {}", totals.left_out.join(", ")));
        let remarks = problems.chain(left_out).chain(totals.notes.iter().cloned());
        let remarks: Vec<String> = remarks.collect();
        if remarks.is_empty() {
            return;
        }
        self.heading("Remarks");
        self.0.push_str("<ul>\n");
        for remark in remarks {
            self.push(format_args!("<li>{}</li>\n", escaped(&remark)));
        }
        self.0.push_str("</ul>\n");
    }
}

/// The name of the scenario, else that of the file.
fn title(path: &Path, provenance: &Provenance) -> String {
    let recorded = provenance
        .record
        .as_ref()
        .and_then(|record| record.scenario.clone());
    let outlined = || Some(provenance.outline.as_ref()?.name.clone());
    let file = || {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    recorded.or_else(outlined).unwrap_or_else(file)
}
