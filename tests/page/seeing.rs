//! What a page shows, beside the result.

use rig::{Trial, loop_scenario};
use serde_json::Value as Json;

use super::http::Server;
use super::{Numbers, Shown};

const TICKS: u64 = 9_000;

/// A series as a page gets it: the ticks of a piece, and of each the first tick, the least and the largest value.
struct Series {
    step: usize,
    pieces: Vec<(usize, f64, f64)>,
}

/// Takes the first bytes of an answer.
fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (first, rest) = bytes.split_first_chunk().expect("enough bytes");
    *bytes = rest;
    *first
}

fn count(bytes: &mut &[u8]) -> usize {
    usize::try_from(u32::from_le_bytes(take(bytes))).expect("small")
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ticks of a test"
)]
fn series(server: Server, query: &str) -> Vec<Series> {
    let answer = server.get(&format!("/api/series?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut bytes = answer.content.as_slice();
    let all = (0..count(&mut bytes)).map(|_| {
        let length = count(&mut bytes);
        let step = count(&mut bytes);
        let mut numbers = || {
            (0..length)
                .map(|_| f64::from_le_bytes(take(&mut bytes)))
                .collect()
        };
        let [ticks, low, high]: [Vec<f64>; 3] = [numbers(), numbers(), numbers()];
        let pieces = (0..length).map(|at| (ticks[at] as usize, low[at], high[at]));
        Series {
            step,
            pieces: pieces.collect(),
        }
    });
    let all = all.collect();
    assert!(bytes.is_empty(), "{} bytes more", bytes.len());
    all
}

/// Everything that a page without commands says of a run, until its end.
fn hear_all(shown: &Shown) -> (Vec<Json>, Vec<Json>) {
    let (mut states, mut values) = (Vec::new(), Vec::new());
    for (name, what) in shown.server.events("first") {
        match name.as_str() {
            "state" => states.push(what),
            "values" => values.push(what),
            "ended" => {
                assert_eq!(
                    (&what["phase"], &what["rows"]),
                    (&"ended".into(), &TICKS.into())
                );
                return (states, values);
            }
            _ => {}
        }
    }
    panic!("no end was told");
}

#[test]
fn a_page_shows_the_numbers_of_the_result_and_its_charts_lose_no_peak() {
    let trial = Trial::new(&loop_scenario(TICKS));
    let shown = Shown::of(&trial, &["--pace", "10000/s"]);
    let (states, values) = hear_all(&shown);
    let result = Numbers::of(&trial.csv().expect("a result"));
    assert_newest(&result, &values);
    let ticks: Vec<u64> = states
        .iter()
        .filter_map(|state| state["tick"].as_u64())
        .collect();
    assert!(
        ticks.is_sorted() && ticks.last() == Some(&TICKS),
        "{ticks:?}"
    );
    assert!(states.iter().any(|state| state["pace"]["rate"] == 10_000.0));
    assert_described(&shown.server.get("/api/run").json(), &result);
    assert_series(shown.server, &result);

    // Whoever comes late hears all of it, and then that the controller ends.
    let mut late = shown.server.events("late");
    late.wait_for_end();
    let server = shown.server;
    let ended = shown.interrupt();
    ended.assert(
        0,
        &[
            "9,000 of 9,000 rows",
            &format!("http://{}/", server.address),
        ],
    );
    late.wait("bye", |_| true);
    assert_eq!(late.next(), None);
}

fn assert_newest(result: &Numbers, values: &[Json]) {
    assert!(values.len() > 2, "{} times", values.len());
    let last = values.last().map(|told| &told["tick"]);
    assert_eq!(last, Some(&(TICKS - 1).into()));
    for told in values {
        let tick = usize::try_from(told["tick"].as_u64().expect("a tick")).expect("small");
        for (column, item) in result.columns.iter().enumerate() {
            let value = told["values"][item].as_f64();
            assert_eq!(value, Some(result.rows[tick][column]), "{item} at {tick}");
        }
    }
}

fn assert_described(facts: &Json, result: &Numbers) {
    assert_eq!((&facts["title"], &facts["id"]), (&"loop".into(), &1.into()));
    assert_eq!(facts["control"], false);
    assert_eq!(facts["ticks"], TICKS);
    let of = |list: &str, name: &str| -> Vec<Json> {
        let list = facts[list].as_array().expect("a list");
        list.iter().map(|each| each[name].clone()).collect()
    };
    assert_eq!(
        of("models", "name"),
        ["Tank", "Mill", "Roof", "Homes", "Cell", "Brain"]
    );
    assert_eq!(of("columns", "item"), result.columns);
    let shifted = of("connections", "shifted").into_iter();
    assert_eq!(shifted.filter(|is_shifted| *is_shifted == true).count(), 2);
    let attributes = facts["models"][4]["attributes"].as_array().expect("a list");
    let level = attributes.iter().find(|known| known["name"] == "soc");
    let level = level.expect("a level");
    assert_eq!(
        (&level["role"], &level["unit"]),
        (&"state".into(), &"%".into())
    );
    assert_eq!(level["value"], 80);
}

fn assert_series(server: Server, result: &Numbers) {
    let items: Vec<String> = result
        .columns
        .iter()
        .map(|item| format!("&item={item}"))
        .collect();
    let items = items.concat();
    // All of them, over the end of a block, and in pieces of some and of many ticks.
    for (from, to, points) in [
        (0, 9_000, 9_000),
        (4_090, 4_110, 20),
        (0, 9_000, 1_000),
        (0, 9_000, 100),
        (0, 9_000, 1),
    ] {
        let query = format!("run=1&from={from}&to={to}&points={points}{items}");
        for (column, series) in series(server, &query).iter().enumerate() {
            let item = &result.columns[column];
            let mut next = from;
            for &(tick, low, high) in &series.pieces {
                assert_eq!(tick, next, "{item} of {query}");
                next = (tick + series.step).min(to);
                let values = result.rows[tick..next].iter().map(|row| row[column]);
                let extent =
                    values.clone().fold(f64::NAN, f64::min)..values.fold(f64::NAN, f64::max);
                let bits =
                    |range: std::ops::Range<f64>| (range.start.to_bits(), range.end.to_bits());
                assert_eq!(bits(low..high), bits(extent), "{item} at {tick} of {query}");
            }
            assert_eq!(next, to, "{item} of {query}");
            assert!(series.pieces.len() <= 2 * points, "{item} of {query}");
            assert_eq!(series.step == 1, points >= to - from, "{query}");
        }
    }
    let unknown = series(server, "item=Cell.nothing");
    assert!(unknown.len() == 1 && unknown[0].pieces.is_empty());
}
