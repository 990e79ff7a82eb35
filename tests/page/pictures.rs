//! Five states of the page, on screens of all kinds: nothing lies on top of something else. With `WRITE_PICTURES`
//! set, the pictures of the documentation are made anew; look at them.

use std::fs;

use rig::{Node, TABLE_JOURNAL, Trial, controller_in, placed, table_on, workspace};
use serde_json::{Value as Json, json};

use super::driver::Browser;
use super::{Numbers, Shown};

/// Pairs of cards, or of cards and the edge of the drawing, that lie on each other, by their names.
const OVERLAPS: &str = "
    const all = [...document.querySelectorAll('#drawing .card')].map((card) => {
        const { left, right, top, bottom } = card.querySelector('.ground').getBoundingClientRect();
        return { name: card.getAttribute('aria-label'), left, right, top, bottom };
    });
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return all.flatMap((a, at) => all.slice(at + 1).filter((b) => meet(a, b)).map((b) => `${a.name} / ${b.name}`));
";

/// What is wider than the window.
const WIDE: &str = "return document.documentElement.scrollWidth > innerWidth";

fn assert_tidy(browser: &Browser, name: &str) {
    assert_eq!(browser.script(OVERLAPS), json!([]), "{name}");
    assert_eq!(
        browser.script(WIDE),
        false,
        "{name} is wider than its window"
    );
    let said = browser.log("browser");
    let is_bad = |line: &&Json| line["level"] == "SEVERE";
    let bad: Vec<&Json> = said.iter().filter(is_bad).collect();
    assert!(bad.is_empty(), "{name}: {bad:?}");
    let picture = browser.picture();
    assert!(picture.len() > 8_000, "{name} shows nothing");
    if std::env::var_os("WRITE_PICTURES").is_some() {
        let file = workspace().join(format!("docs/page/{name}.png"));
        fs::write(file, picture).expect("written");
    }
}

/// Goes elsewhere, before the controller is gone.
fn leave(browser: &Browser) {
    browser.open("about:blank");
    browser.log("browser");
}

/// The battery of the first example, and its sun, on two nodes.
fn balance(nodes: &[Node; 2]) -> String {
    let text = fs::read_to_string(workspace().join("scenarios/power-balance.yaml"));
    placed(&text.expect("readable"), &|model| {
        let node = match model {
            "Storage" | "Control" => &nodes[0],
            "Panels" | "SunFile" | "Turbine" => &nodes[1],
            _ => return None,
        };
        Some((node.address.ip().to_string(), node.address.port()))
    })
}

#[test]
fn five_states_are_tidy_on_the_screens_that_they_are_for() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let nodes = [Node::start(), Node::start()];
    let trial = Trial::with_data(workspace(), &balance(&nodes));
    look_at_a_run(&browser, &trial);
    compare(&browser, &trial);
    look_at_a_table(&browser, &nodes);
}

/// A run that is held at noon of its third day: on a laptop, on a phone with a model open, and on the screen of a Pi.
fn look_at_a_run(browser: &Browser, trial: &Trial) {
    const NOON: u64 = 2 * 96 + 48;
    let shown = Shown::of(trial, &["--insecure", "--page-control", "--pace", "240/s"]);
    let server = shown.server;
    let mut events = server.events("a");
    events.wait("state", |state| state["tick"].as_u64() >= Some(NOON - 40));
    server.order("/api/control", &json!({"do": "pause"}));
    let mut tick = events.wait_for_phase("paused");
    while tick < NOON {
        server.order("/api/control", &json!({"do": "step"}));
        let state = events.wait("state", |state| state["tick"].as_u64() > Some(tick));
        tick = state["tick"].as_u64().expect("a tick");
    }
    let address = server.address;
    browser.show(1180, 740, "light");
    browser.open(&format!("http://{address}/"));
    browser.wait("document.body.dataset.phase === 'paused'");
    browser.wait("document.querySelectorAll('#legend li').length === 3");
    browser.wait("[...document.querySelectorAll('#drawing .card')].every((card) => card.querySelector('.value').textContent !== '–')");
    assert_tidy(browser, "run");

    browser.show(390, 780, "dark");
    browser.open(&format!("http://{address}/#view=picture"));
    browser.wait("document.body.dataset.phase === 'paused'");
    browser.click("#drawing .card[aria-label^='Homes,']");
    browser.wait("document.querySelector('#dock input[type=range]')");
    assert_tidy(browser, "phone");

    browser.show(800, 480, "dark");
    browser.open(&format!("http://{address}/kiosk?model=Storage"));
    browser.wait("document.body.innerText.includes('Storage')");
    browser.wait("document.querySelector('.uplot')");
    assert_tidy(browser, "kiosk");
    leave(browser);
    server.order("/api/control", &json!({"do": "pace", "rate": null}));
    server.order("/api/control", &json!({"do": "resume"}));
    events.wait_for_end();
    shown.interrupt().assert(0, &[]);
    assert_eq!(Numbers::of(&trial.csv().expect("a result")).rows.len(), 384);
}

/// Two results in the same charts.
fn compare(browser: &Browser, trial: &Trial) {
    let scenario = fs::read_to_string(workspace().join("scenarios/power-balance.yaml"));
    let scenario = scenario
        .expect("readable")
        .replace("houses: 30", "houses: 20");
    let smaller = Trial::with_data(workspace(), &scenario);
    let files = [trial.path("out.csv"), smaller.path("twenty-homes.csv")];
    let files = files.map(|file| file.display().to_string());
    smaller.run(&["--output", &files[1]]).assert(0, &[]);
    let options = [
        "--no-browser",
        "--page-listen",
        "127.0.0.1:0",
        "--compare",
        &files[1],
    ];
    let run = controller_in(workspace(), &[&["show", &files[0]], &options[..]].concat());
    let (shown, _) = Shown::open(run);
    browser.show(1180, 740, "dark");
    let address = shown.server.address;
    let charts = "charts=Storage.soc,Panels.pv_gen,Homes.load_dem&view=charts&with=1000000";
    browser.open(&format!("http://{address}/#{charts}"));
    browser.wait("document.body.dataset.phase === 'ended'");
    browser.wait("document.querySelectorAll('.uplot').length >= 2");
    assert_tidy(browser, "compare");
    leave(browser);
    shown.interrupt().assert(0, &[]);
}

/// The demonstration table while its visitors are at it.
fn look_at_a_table(browser: &Browser, nodes: &[Node; 2]) {
    let trial = Trial::with_data(workspace(), &table_on(nodes));
    let options = [
        "--insecure",
        "--replay",
        TABLE_JOURNAL,
        "--page-control",
        "--pace",
        "40/s",
    ];
    let shown = Shown::of(&trial, &options);
    let server = shown.server;
    let mut events = server.events("a");
    events.wait("state", |state| state["tick"].as_u64() > Some(84));
    server.order("/api/control", &json!({"do": "pause"}));
    events.wait_for_phase("paused");
    browser.show(1180, 740, "dark");
    browser.open(&format!("http://{}/#view=picture", server.address));
    browser.wait("document.body.dataset.phase === 'paused'");
    browser.wait("document.querySelectorAll('#drawing .cable').length === 5");
    assert_tidy(browser, "table");
    leave(browser);
    server.order("/api/control", &json!({"do": "stop"}));
    shown.interrupt();
}
