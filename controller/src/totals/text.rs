//! Totals for people.

use std::fmt::Write;

use shared::model::Role;
use shared::time::WallTime;

use super::flows::Flow;
use super::ledger::Totals;
use crate::output::{columns, count, grouped, printable_line};

/// A number with so many decimals, its thousands grouped: `-1,234.50`.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    format!("{sign}{whole}{rest}")
}

/// A part of a whole: `45.6 %`.
pub(crate) fn percent(part: f64) -> String {
    format!("{} %", number(part * 100.0, 1))
}

/// A line of the table: its head, its number and unit, and what it is made of.
type Line = [String; 3];

/// The totals as lines of text.
pub(crate) fn to_text(totals: &Totals) -> String {
    let mut text = String::new();
    let rows = count(totals.rows, "row");
    // Writing into a string cannot fail.
    let _ = match totals.span {
        Some((start, end)) => {
            let at = |seconds| WallTime::from_seconds(seconds);
            let hours = number(totals.hours(), 2);
            writeln!(
                text,
                "{rows} from {} to {}, {hours} hours",
                at(start),
                at(end)
            )
        }
        None => writeln!(text, "{rows}"),
    };
    let lines = lines(totals);
    let width = lines.iter().map(|line| line[1].chars().count()).max();
    let padded = |[head, value, of]: &Line| {
        let value = format!("{value:>width$}", width = width.unwrap_or(0));
        [format!("  {head}"), value, of.clone()]
    };
    let lines: Vec<Vec<String>> = lines.iter().map(|line| padded(line).into()).collect();
    text.push_str(&columns(&lines));
    text
}

fn lines(totals: &Totals) -> Vec<Line> {
    let mut lines = Vec::new();
    for (role, sum) in [
        (Role::Made, totals.sums.made),
        (Role::Used, totals.sums.used),
    ] {
        if totals.has(role) {
            lines.push(line(
                &role.to_string(),
                energy(sum),
                parts(totals, role, Flow::net),
            ));
        }
    }
    if totals.has(Role::Stored) {
        let (into, out) = totals.stored();
        let (ins, outs) = (|flow: &Flow| flow.positive, |flow: &Flow| flow.negative);
        lines.push(line(
            "into stores",
            energy(into),
            parts(totals, Role::Stored, ins),
        ));
        lines.push(line(
            "out of stores",
            energy(out),
            parts(totals, Role::Stored, outs),
        ));
    }
    let (converted, reconverted) = totals.converted();
    for (head, role, sum) in [
        ("into conversion", Role::Converted, converted),
        ("out of conversion", Role::Reconverted, reconverted),
    ] {
        if totals.has(role) {
            lines.push(line(head, energy(sum), parts(totals, role, Flow::net)));
        }
    }
    if totals.has(Role::Spilled) {
        let sum = energy(totals.sums.spilled);
        lines.push(line(
            "without use",
            sum,
            parts(totals, Role::Spilled, Flow::net),
        ));
    }
    if let Some((bought, sold)) = totals.grid {
        lines.push(line("bought", energy(bought), String::new()));
        lines.push(line("sold", energy(sold), String::new()));
    }
    if totals.unexplained != 0.0 {
        lines.push(line(
            "unexplained",
            energy(totals.unexplained),
            String::new(),
        ));
    }
    lines.extend(shares(totals));
    lines
}

/// What follows from the energies.
fn shares(totals: &Totals) -> Vec<Line> {
    let mut lines = Vec::new();
    for (head, part) in [
        ("self-sufficiency", totals.self_sufficiency()),
        ("self-consumption", totals.self_consumption()),
    ] {
        lines.extend(part.map(|part| line(head, percent(part), String::new())));
    }
    for store in &totals.stores {
        let Some((first, last)) = store.levels else {
            continue;
        };
        let levels = format!("{} to {} %", number(first, 1), number(last, 1));
        let of = format!("{}, {levels}", printable_line(&store.name));
        lines.push(line("full cycles", number(store.cycles(), 2), of));
    }
    if let Some(money) = &totals.money {
        let at = format!("at {}", printable_line(&money.price));
        lines.push(line("paid", euros(money.paid), at.clone()));
        lines.push(line("earned", euros(money.earned), at));
    }
    lines.extend(accounts(totals));
    lines
}

/// What accounts have come to.
fn accounts(totals: &Totals) -> Vec<Line> {
    let of = |role| {
        let entries = totals.entries.iter().filter(|entry| entry.role == role);
        let known = entries.filter_map(|entry| Some((entry.name.as_str(), entry.amount?)));
        items(&known.collect::<Vec<_>>(), 2)
    };
    let entry = |head, role, unit: fn(f64) -> String| {
        let sum = totals.entered(role);
        sum.map(|sum| line(head, unit(sum), of(role)))
    };
    let net = totals.net_cost();
    let lines = [
        entry("cost", Role::Cost, euros),
        entry("revenue", Role::Revenue, euros),
        net.map(|net| line("net cost", euros(net), String::new())),
        entry("emissions", Role::Emissions, |kg| {
            format!("{} kg", number(kg, 2))
        }),
    ];
    lines.into_iter().flatten().collect()
}

fn euros(amount: f64) -> String {
    format!("{} €", number(amount, 2))
}

fn line(head: &str, value: String, of: String) -> Line {
    [head.to_owned(), value, of]
}

fn energy(kwh: f64) -> String {
    format!("{} kWh", number(kwh, 3))
}

/// What a sum is made of: one item, or several with their parts.
fn parts(totals: &Totals, role: Role, of: fn(&Flow) -> f64) -> String {
    let flows = totals.with(role).map(|flow| (flow.name.as_str(), of(flow)));
    items(&flows.collect::<Vec<_>>(), 3)
}

/// One item by its name, or several with their amounts.
fn items(items: &[(&str, f64)], decimals: usize) -> String {
    if let [(name, _)] = items {
        return printable_line(name).into_owned();
    }
    let item = |(name, amount): &(&str, f64)| {
        format!("{} {}", printable_line(name), number(*amount, decimals))
    };
    items.iter().map(item).collect::<Vec<_>>().join(", ")
}
