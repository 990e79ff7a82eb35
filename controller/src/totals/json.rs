//! Totals for programs.

use serde_json::{Map, Value as Json, json};
use shared::model::Role;
use shared::time::WallTime;

use super::flows::Flow;
use super::ledger::Totals;
use super::money::Entry;

/// The totals as one object. What is not known is null. Energies are in kWh, money in euros, shares from
/// 0 to 1.
pub(crate) fn to_json(totals: &Totals) -> Json {
    let at = |seconds| WallTime::from_seconds(seconds).to_string();
    let items = |role: Role, of: fn(&Flow) -> f64| -> Json {
        let item = |flow: &Flow| (flow.name.clone(), json!(of(flow)));
        Json::Object(totals.with(role).map(item).collect::<Map<_, _>>())
    };
    let sum = |role: Role, sum: f64| {
        let is_there = totals.has(role);
        is_there.then(|| json!({"kwh": sum, "items": items(role, Flow::net)}))
    };
    let (into, out) = totals.stored();
    let is_stored = totals.has(Role::Stored);
    let stored = is_stored.then(|| {
        json!({
            "in_kwh": into,
            "out_kwh": out,
            "in": items(Role::Stored, |flow| flow.positive),
            "out": items(Role::Stored, |flow| flow.negative),
        })
    });
    let stores = totals.stores.iter().map(|store| {
        json!({
            "item": store.name,
            "first_percent": store.levels.map(|levels| levels.0),
            "last_percent": store.levels.map(|levels| levels.1),
            "full_cycles": store.cycles(),
        })
    });
    let (converted, reconverted) = totals.converted();
    let is_converted = totals.has(Role::Converted) || totals.has(Role::Reconverted);
    let conversion = is_converted.then(|| {
        json!({
            "in_kwh": converted,
            "out_kwh": reconverted,
            "in": items(Role::Converted, Flow::net),
            "out": items(Role::Reconverted, Flow::net),
        })
    });
    let entries = |role: Role| -> Json {
        let entries = totals.entries.iter().filter(|entry| entry.role == role);
        let item = |entry: &Entry| (entry.name.clone(), json!(entry.amount));
        Json::Object(entries.map(item).collect::<Map<_, _>>())
    };
    let accounts = (!totals.entries.is_empty()).then(|| {
        json!({
            "cost_eur": totals.entered(Role::Cost),
            "revenue_eur": totals.entered(Role::Revenue),
            "net_cost_eur": totals.net_cost(),
            "emissions_kg": totals.entered(Role::Emissions),
            "cost": entries(Role::Cost),
            "revenue": entries(Role::Revenue),
            "emissions": entries(Role::Emissions),
        })
    });
    let money = totals.money.as_ref().map(
        |money| json!({"price": money.price, "paid_eur": money.paid, "earned_eur": money.earned}),
    );
    json!({
        "rows": totals.rows,
        "from": totals.span.map(|span| at(span.0)),
        "to": totals.span.map(|span| at(span.1)),
        "hours": totals.hours(),
        "made": sum(Role::Made, totals.sums.made),
        "used": sum(Role::Used, totals.sums.used),
        "stored": stored,
        "converted": conversion,
        "spilled": sum(Role::Spilled, totals.sums.spilled),
        "bought_kwh": totals.grid.map(|grid| grid.0),
        "sold_kwh": totals.grid.map(|grid| grid.1),
        "unexplained_kwh": totals.unexplained,
        "self_sufficiency": totals.self_sufficiency(),
        "self_consumption": totals.self_consumption(),
        "stores": stores.collect::<Vec<_>>(),
        "accounts": accounts,
        "money": money,
        "left_out": totals.left_out,
        "notes": totals.notes,
    })
}
