//! The lights of a node as a whole, on an output that tells what it is to show.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use shared::index::Index;
use shared::journal::Outside;
use shared::led::{LedAttribute, LedRule, ValueLed};
use shared::model::{ModelConfig, PublishedSlot};
use shared::plan::{PlannedModel, SiteId};
use shared::time::{TimeGrid, WallTime};

use super::*;

/// More than any of these tests takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Tells of each light by pin.
struct Telling(Sender<(u8, String)>);

impl LedOutput for Telling {
    fn begin(&mut self, lamp: &Lamp, pattern: &str) -> io::Result<()> {
        self.0
            .send((lamp.pin, pattern.to_owned()))
            .map_err(io::Error::other)
    }

    fn set(&mut self, lamp: &Lamp, percent: u8) -> io::Result<()> {
        // The brightness of a breath is that of its moment.
        if matches!(percent, 0 | 57 | 100) {
            self.0
                .send((lamp.pin, percent.to_string()))
                .map_err(io::Error::other)?;
        }
        Ok(())
    }
}

/// An output that never comes back.
struct Hanging;

impl LedOutput for Hanging {
    fn set(&mut self, _: &Lamp, _: u8) -> io::Result<()> {
        loop {
            thread::park();
        }
    }
}

fn lights(config: &LedConfig, open: Open) -> Lights {
    let none = LedConfig {
        output: Some(LedTarget::None),
        ..config.clone()
    };
    let mut lights = Lights::new(&none);
    lights.output = LedTarget::Gpio;
    lights.thread = OnceLock::from(lights.spawn(open).ok());
    lights
}

fn telling(config: &LedConfig) -> (Lights, Receiver<(u8, String)>) {
    let (teller, tells) = channel();
    let lights = lights(config, Box::new(|| Ok(Box::new(Telling(teller)))));
    (lights, tells)
}

/// Waits until a light is to show this.
fn wait_for(tells: &Receiver<(u8, String)>, pin: u8, what: &str) {
    let end = Instant::now() + PATIENCE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let shown = tells.recv_timeout(left);
        let shown = shown.unwrap_or_else(|_| panic!("pin {pin} was not to show '{what}'"));
        if shown == (pin, what.to_owned()) {
            return;
        }
    }
}

fn plan(leds: &[(u8, LedRule)]) -> SitePlan {
    let leds = leds.iter().map(|&(pin, rule)| ValueLed {
        attribute: LedAttribute::Published(PublishedSlot::at(0)),
        pin,
        active_low: false,
        rule,
    });
    let config = ModelConfig {
        name: "Storage".into(),
        ..ModelConfig::default()
    };
    SitePlan {
        site: SiteId(1),
        grid: TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
            resolution: 900,
            ticks: 1,
        },
        models: vec![PlannedModel {
            id: ModelId(3),
            config,
            inputs: Vec::new(),
            leds: leds.collect(),
            outside: Outside::default(),
        }],
        imports: Vec::new(),
        exports: Vec::new(),
    }
}

fn three() -> LedConfig {
    LedConfig {
        ready: Some(17),
        step: Some(27),
        fault: Some(22),
        ..LedConfig::default()
    }
}

#[test]
fn a_node_shows_how_it_is() {
    let (lights, tells) = telling(&three());
    wait_for(&tells, 17, "breathing");
    let session = lights.session();
    wait_for(&tells, 17, "steady");
    lights.stepped();
    wait_for(&tells, 27, "100");
    wait_for(&tells, 27, "0");
    lights.fault(Fault::Lost);
    drop(session);
    wait_for(&tells, 22, "2 blinks");
    let _next = lights.session();
    wait_for(&tells, 22, "off");
    assert!(lights.identify(PATIENCE));
    wait_for(&tells, 27, "quick blinks");
    let quick = "ready: quick blinks, step: quick blinks, fault: quick blinks";
    assert_eq!(lights.describe(), quick);
    lights.stop();
    assert!(tells.iter().count() < 100, "dark, and nobody drives them");
}

#[test]
fn a_light_follows_its_value_and_glows_on_after_the_session() {
    let (lights, tells) = telling(&LedConfig::default());
    let mut notices = Vec::new();
    let range = LedRule::Range {
        min: 0.0,
        max: 100.0,
    };
    let bound = lights.bind(&plan(&[(18, range)]), &mut notices);
    assert_eq!(notices, []);
    wait_for(&tells, 18, "0");
    assert_eq!(lights.describe(), "pin 18: 0 %");
    {
        let claims = lights.board.claims();
        claims[0].store(57.2);
    }
    wait_for(&tells, 18, "57");
    drop(bound);
    assert_eq!(lights.describe(), "pin 18: 57 %");
}

#[test]
fn a_pin_has_one_light_at_a_time() {
    let (lights, _tells) = telling(&three());
    let mut notices = Vec::new();
    let first = lights.bind(
        &plan(&[(17, LedRule::Above(1.0)), (18, LedRule::Above(1.0))]),
        &mut notices,
    );
    assert_eq!(
        notices[0].text,
        "its LED stays dark: pin 17 of the node shows 'ready'; give it another pin"
    );
    assert_eq!((notices.len(), notices[0].model), (1, ModelId(3)));
    notices.clear();
    let again = plan(&[(18, LedRule::Above(1.0))]);
    lights.bind(&again, &mut notices);
    assert!(
        notices[0]
            .text
            .contains("pin 18 of the node shows 'Storage'")
    );
    drop(first);
    notices.clear();
    let _third = lights.bind(&again, &mut notices);
    assert_eq!(notices, [], "free after the session, though it still glows");
}

#[test]
fn without_lights_there_is_no_thread() {
    let lights = Lights::new(&LedConfig::default());
    let bound = lights.bind(&plan(&[]), &mut Vec::new());
    assert!(lights.thread.get().is_none() && bound.is_empty());
    assert_eq!(lights.describe(), "none");
    assert!(!lights.identify(PATIENCE));

    let none = LedConfig {
        output: Some(LedTarget::None),
        ..three()
    };
    let lights = Lights::new(&none);
    let bound = lights.bind(&plan(&[(18, LedRule::Above(1.0))]), &mut Vec::new());
    assert!(matches!(lights.thread.get(), Some(None)) && bound.is_empty());
    assert_eq!(lights.describe(), "none");
}

#[test]
fn a_node_without_pins_goes_on_and_says_that_it_has_no_lights() {
    let refused = || Err(io::ErrorKind::PermissionDenied.into());
    let lights = lights(&three(), Box::new(refused));
    let Some(Some(end)) = lights.thread.get() else {
        panic!("a thread");
    };
    end.wait(PATIENCE);
    assert!(*end.is_here.lock().expect("nobody panics"), "it has ended");
    assert_eq!(lights.describe(), "unavailable");
    assert!(!lights.identify(PATIENCE));
    let bound = lights.bind(&plan(&[(18, LedRule::Above(1.0))]), &mut Vec::new());
    assert!(bound.is_empty());
}

#[test]
fn nobody_waits_for_an_output_that_hangs() {
    let lights = lights(&three(), Box::new(|| Ok(Box::new(Hanging))));
    for _ in 0..1000 {
        let session = lights.session();
        let bound = lights.bind(&plan(&[(18, LedRule::Above(1.0))]), &mut Vec::new());
        lights.stepped();
        lights.fault(Fault::Model);
        drop((session, bound));
        assert!(lights.describe().contains("ready"));
    }
    lights.stop();
}
