//! The page in a browser, on real runs.

use std::net::SocketAddr;

use rig::{Trial, loop_scenario, wait_for};
use serde_json::Value as Json;

use super::driver::Browser;
use super::{Numbers, Shown};

/// To the right, on a slider.
const RIGHT: &str = "\u{e014}";

/// Names that are markup, or end a text that is.
const HOSTILE: [&str; 5] = [
    "<img src=x onerror=globalThis.hurt=1>",
    "\"'></title></script><script>globalThis.hurt=2</script>",
    "javascript:globalThis.hurt=3//${globalThis.hurt=4}",
    "&lt;b&gt; \u{202e}drawkcab\u{200f}",
    "__proto__",
];

#[test]
fn a_browser_shows_runs_steers_them_and_takes_no_name_for_more_than_a_name() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let address = steer(&browser);
    look_at_hostile_names(&browser, address);
}

/// Looks at a run, holds it, and changes it; where its page was.
fn steer(browser: &Browser) -> SocketAddr {
    const TICKS: u64 = 2_000;
    let scenario = loop_scenario(TICKS);
    let trial = Trial::new(&scenario);
    let shown = Shown::of(&trial, &["--page-control", "--pace", "50/s"]);
    let address = shown.server.address;
    browser.open(&format!("http://{address}/"));
    browser.wait("document.body.dataset.phase === 'running'");
    assert_eq!(browser.text("#title"), "loop");
    assert_eq!(browser.text("#legend li").trim(), "this machine");
    hold(browser, &trial);
    slide(browser);
    browser.click("#controls button[aria-label^='as fast']");
    browser.wait("document.body.dataset.phase === 'ended'");
    browser.wait("document.querySelector('#banner').textContent.includes('The run has ended')");
    let rows = trial.csv().expect("a result");
    let journal = trial.path("out.journal.csv");
    let again = trial.path("again.csv");
    let [journal, again] = [&journal, &again].map(|path| path.to_str().expect("UTF-8"));
    let ended = trial.run(&["--replay", journal, "--output", again]);
    ended.assert(0, &[]);
    assert_eq!(std::fs::read_to_string(again).expect("a result"), rows);
    let plain = Trial::new(&scenario);
    plain.run(&[]).assert(0, &[]);
    assert_ne!(plain.csv(), Some(rows), "the slider has changed something");
    assert_alone(browser, address);

    look_at_kiosk(browser, address, &trial);
    assert_alone(browser, address);
    browser.open(&format!("http://{address}/"));
    browser.wait("document.body.dataset.phase === 'ended'");
    shown.interrupt().assert(0, &[]);
    browser.wait("document.body.dataset.phase === 'lost'");
    assert!(browser.text("#banner").contains("The controller is gone"));
    address
}

/// The tick that the page shows.
fn tick(browser: &Browser) -> u64 {
    let text = browser.text("#foot .at");
    let (tick, _) = text.split_once(" of ").expect("a tick");
    let digits: String = tick.chars().filter(char::is_ascii_digit).collect();
    digits.parse().expect("a tick")
}

/// Pauses, compares, makes a step, and goes on, by the buttons.
fn hold(browser: &Browser, trial: &Trial) {
    browser.wait("document.querySelector('#foot .at').textContent > 'tick 1'");
    browser.click("#controls button[aria-label^='pause']");
    browser.wait("document.body.dataset.phase === 'paused'");
    let held = tick(browser);
    for more in 0..2 {
        if more > 0 {
            browser.click("#controls button[aria-label^='one step']");
        }
        let result = wait_for("the row of a step", || {
            let result = Numbers::of(&trial.partial()?);
            let is_there = result.rows.len() as u64 == held + more;
            (is_there && tick(browser) == held + more).then_some(result)
        });
        for model in ["Brain", "Homes", "Cell"] {
            assert_shown(browser, model, &result);
        }
    }
    assert_eq!(browser.text("body[data-phase=paused] #phase"), "paused");
    browser.click("#controls button[aria-label^='go on']");
    wait_for("more ticks", || (tick(browser) > held + 2).then_some(()));
}

/// Opens a model, and compares what is there with the last row of the result.
fn assert_shown(browser: &Browser, model: &str, result: &Numbers) {
    browser.click(&format!("#drawing .card[aria-label^='{model},']"));
    let own = result
        .columns
        .iter()
        .enumerate()
        .filter_map(|(column, item)| {
            let attribute = item.strip_prefix(&format!("{model}."))?;
            Some((attribute, result.rows.last().expect("a row")[column]))
        });
    for (attribute, value) in own {
        wait_for(&format!("{value} as {model}.{attribute}"), || {
            let script = format!(
                "return [...document.querySelectorAll('#dock .attributes .line')]
                    .find((line) => line.querySelector('.attribute').textContent === '{attribute}')
                    ?.querySelector('.figure').textContent"
            );
            let shown = browser.script(&script);
            is_shown(shown.as_str()?, value).then_some(())
        });
    }
}

/// Whether a text with a unit shows a number, to as many places as it has.
fn is_shown(text: &str, value: f64) -> bool {
    let plain = text.replace('\u{2212}', "-").replace('\u{2009}', "");
    let number = plain.split(['\u{a0}', '·']).next().expect("a part");
    let places = number.split_once('.').map_or(0, |(_, places)| places.len());
    format!("{value:.places$}").trim_start_matches("-0.000") == number.trim_start_matches("-0.000")
        || number.parse::<f64>().is_ok_and(|shown| {
            let unit = 0.1_f64.powi(i32::try_from(places).expect("small"));
            (shown - value).abs() <= unit * 0.500_001
        })
}

/// Moves a slider of a model that is open.
fn slide(browser: &Browser) {
    browser.click("#drawing .card[aria-label^='Homes,']");
    let slider = "#dock .slider input[type=range][aria-label^='houses']";
    browser.press(slider, &RIGHT.repeat(3));
    browser.wait("document.querySelector('#dock .slider .acted').textContent.includes(' since ')");
    let moved = browser.script(&format!("return document.querySelector({slider:?}).value"));
    let moved: f64 = moved.as_str().expect("text").parse().expect("a number");
    assert!(moved > 0.03, "{moved}");
}

/// The page for the screen of a Pi, with one model.
fn look_at_kiosk(browser: &Browser, address: SocketAddr, trial: &Trial) {
    browser.open(&format!("http://{address}/kiosk?model=Cell"));
    browser.wait("document.querySelector('#kiosk .figure-part .value')?.textContent");
    assert_eq!(browser.text("#kiosk h1"), "Cell");
    let result = Numbers::of(&trial.csv().expect("a result"));
    let level = result.rows.last().expect("a row")[result.column("Cell.soc")];
    wait_for("the level in the kiosk", || {
        is_shown(&browser.text("#kiosk .figure-part .value"), level).then_some(())
    });
    let seen = "return [...document.querySelectorAll('button, input')].filter((each) => each.checkVisibility()).length";
    assert_eq!(browser.script(seen), 0, "nothing can be changed there");
    browser.wait("document.getElementById('page').hidden");
}

/// Checks that a page asked nothing of anybody else, and that nothing went wrong in it.
fn assert_alone(browser: &Browser, address: SocketAddr) {
    let own = format!("http://{address}/");
    let entries =
        browser.script("return performance.getEntriesByType('resource').map((e) => e.name)");
    let mut asked: Vec<String> = serde_json::from_value(entries).expect("addresses");
    assert!(asked.len() > 20, "{asked:?}");
    for entry in browser.log("performance") {
        let message = entry["message"].as_str().expect("text");
        let message: Json = serde_json::from_str(message).expect("JSON");
        let message = &message["message"];
        if message["method"] == "Network.requestWillBeSent" {
            let url = message["params"]["request"]["url"].as_str();
            asked.push(url.expect("an address").to_owned());
        }
    }
    for url in &asked {
        assert!(url.starts_with(&own) || url.starts_with("data:"), "{url}");
    }
    assert_eq!(browser.log("browser"), Vec::<Json>::new());
}

/// A scenario whose names are none that anybody gives.
fn hostile_scenario() -> String {
    let names = HOSTILE.iter().map(|name| (*name).to_owned());
    // In quotes as JSON has them, which YAML reads as well.
    let model = |name| format!("- {{name: {}, type: Load}}\n", Json::String(name));
    let models: String = names.chain(["x".repeat(300)]).map(model).collect();
    format!(
        "scenario:\n  name: {}\n  time_resolution: 1\n  start_time: '2012-01-01 00:00:00'\n  \
        end_time: '2012-01-01 00:00:05'\nmodels:\n{models}connections: []\n\
        monitor: {{items: [__proto__.load_dem]}}\n",
        Json::from(HOSTILE[0])
    )
}

/// Another run on the page that is still open, with names that are markup.
fn look_at_hostile_names(browser: &Browser, address: SocketAddr) {
    let trial = Trial::new(&hostile_scenario());
    let place = address.to_string();
    let shown = Shown::at(&trial, &place, &["--page-control"]);
    assert_eq!(shown.server.address, address);
    // The page finds the controller by itself.
    browser.wait("document.body.dataset.phase === 'ended'");
    browser.wait("document.querySelectorAll('#drawing .card').length === 6");
    // That there was nobody for a while is said there.
    browser.log("browser");
    assert_eq!(browser.text("#title"), HOSTILE[0]);
    for number in 1..=6 {
        browser.script(&format!(
            "document.querySelectorAll('#drawing .card')[{}].dispatchEvent(new MouseEvent('click', {{bubbles: true}}))",
            number - 1
        ));
        browser.wait("document.querySelector('#dock .attributes') !== null");
        assert_harmless(browser);
    }
    // Each of them says its whole name, but for marks that turn the text around them.
    let labels = "return [...document.querySelectorAll('#drawing .card')].map((card) => card.getAttribute('aria-label'))";
    let labels: Vec<String> = serde_json::from_value(browser.script(labels)).expect("texts");
    for (label, name) in labels.iter().zip(HOSTILE) {
        let name = name.replace(['\u{202e}', '\u{200f}'], "\u{fffd}");
        assert!(
            label.starts_with(&format!("{name}, Load")),
            "{name} in {labels:?}"
        );
    }
    browser.open(&format!(
        "http://{address}/kiosk?model=%3Cimg%20src=x%20onerror=globalThis.hurt=1%3E"
    ));
    browser.wait("document.querySelector('#kiosk h1').textContent.startsWith('<img')");
    assert_harmless(browser);
    assert_alone(browser, address);
    shown.interrupt().assert(0, &[]);
}

fn assert_harmless(browser: &Browser) {
    assert_eq!(browser.script("return globalThis.hurt"), Json::Null);
    let foreign = "return [...document.querySelectorAll('img, iframe, object, script:not([src])')]
        .map((each) => each.outerHTML)";
    assert_eq!(browser.script(foreign), Json::Array(Vec::new()));
    let lines = "return document.scrollingElement.scrollWidth <= innerWidth";
    assert_eq!(browser.script(lines), true, "all of it fits in the window");
}
