//! The lights of a node as a whole, on an output that tells what it is to show.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use shared::index::Index;
use shared::journal::Outside;
use shared::led::{
    Colour, LedKind, LedRule, Palette, PinLed, SpiBus, StripLed, StripRule, ValueLed,
};
use shared::model::AttributeSlot;
use shared::model::{ModelConfig, PublishedSlot};
use shared::plan::{PlannedModel, SiteId};
use shared::time::{TimeGrid, WallTime};

use super::*;

/// More than any of these tests takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Tells of each light by place.
struct Telling(Sender<(LedPlace, String)>);

impl LedOutput for Telling {
    fn begin(&mut self, lamp: &Lamp, pattern: &str) -> io::Result<()> {
        self.0
            .send((lamp.place, pattern.to_owned()))
            .map_err(io::Error::other)
    }

    fn set(&mut self, lamp: &Lamp, setting: Setting) -> io::Result<()> {
        let told = match setting {
            // The brightness of a breath is that of its moment.
            Setting::Pin { percent, .. } if !matches!(percent, 0 | 57 | 100) => return Ok(()),
            Setting::Pin { percent, .. } => percent.to_string(),
            Setting::Strip { pixels, colour, .. } => format!("{pixels} {colour}"),
        };
        self.0.send((lamp.place, told)).map_err(io::Error::other)
    }
}

/// An output that never comes back.
struct Hanging;

impl LedOutput for Hanging {
    fn set(&mut self, _: &Lamp, _: Setting) -> io::Result<()> {
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

fn telling(config: &LedConfig) -> (Lights, Receiver<(LedPlace, String)>) {
    let (teller, tells) = channel();
    let lights = lights(config, Box::new(|| Ok(Box::new(Telling(teller)))));
    (lights, tells)
}

/// Waits until a light is to show this.
fn wait_for(tells: &Receiver<(LedPlace, String)>, place: LedPlace, what: &str) {
    let end = Instant::now() + PATIENCE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let shown = tells.recv_timeout(left);
        let shown = shown.unwrap_or_else(|_| panic!("{place} was not to show '{what}'"));
        if shown == (place, what.to_owned()) {
            return;
        }
    }
}

/// Waits until a light on a pin is to show this.
fn wait_for_pin(tells: &Receiver<(LedPlace, String)>, pin: u8, what: &str) {
    wait_for(tells, LedPlace::Pin(pin), what);
}

fn plan(leds: &[(u8, LedRule)]) -> SitePlan {
    let pin = |&(pin, rule): &(u8, LedRule)| {
        LedKind::Pin(PinLed {
            pin,
            active_low: false,
            rule,
        })
    };
    plan_of(leds.iter().map(pin).collect())
}

fn strip(bus: SpiBus, palette: Palette) -> LedKind {
    LedKind::Strip(StripLed {
        bus,
        pixels: 20,
        rule: StripRule::Palette(palette),
    })
}

fn plan_of(leds: Vec<LedKind>) -> SitePlan {
    let leds = leds.into_iter().map(|kind| ValueLed {
        attribute: AttributeSlot::Published(PublishedSlot::at(0)),
        kind,
    });
    let config = ModelConfig {
        name: "Storage".into(),
        ..ModelConfig::default()
    };
    SitePlan {
        from: 0,
        site: SiteId(1),
        grid: TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
            resolution: 900,
            ticks: 1,
        },
        models: vec![PlannedModel {
            saved: Vec::new(),
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
    wait_for_pin(&tells, 17, "breathing");
    let session = lights.session();
    wait_for_pin(&tells, 17, "steady");
    lights.stepped();
    wait_for_pin(&tells, 27, "100");
    wait_for_pin(&tells, 27, "0");
    lights.fault(Fault::Lost);
    drop(session);
    wait_for_pin(&tells, 22, "2 blinks");
    let _next = lights.session();
    wait_for_pin(&tells, 22, "off");
    assert!(lights.identify(PATIENCE));
    wait_for_pin(&tells, 27, "quick blinks");
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
    wait_for_pin(&tells, 18, "0");
    assert_eq!(lights.describe(), "pin 18: 0 %");
    {
        let claims = lights.board.claims();
        claims[0].store(57.2);
    }
    wait_for_pin(&tells, 18, "57");
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
fn a_strip_takes_the_colour_of_its_value_and_blinks_when_that_rises() {
    let (lights, tells) = telling(&LedConfig::default());
    let mut notices = Vec::new();
    let strips = [
        strip(SpiBus::Spi0, Palette::Load),
        strip(SpiBus::Spi1, Palette::Battery),
    ];
    let bound = lights.bind(&plan_of(strips.to_vec()), &mut notices);
    assert_eq!(notices, []);
    let (load, battery) = (LedPlace::Strip(SpiBus::Spi0), LedPlace::Strip(SpiBus::Spi1));
    wait_for(&tells, load, "20 #000000");
    assert_eq!(lights.describe(), "strip spi0: dark, strip spi1: dark");
    lights.board.claims()[0].store(5.0);
    lights.board.claims()[1].store(10.0);
    wait_for(&tells, load, "20 #00ff00");
    wait_for(&tells, battery, "20 #8b0000");
    lights.board.claims()[0].store(13.0);
    for blink in [
        "20 #8b0000",
        "20 #000000",
        "20 #8b0000",
        "20 #000000",
        "20 #8b0000",
    ] {
        wait_for(&tells, load, blink);
    }
    lights.board.claims()[1].store(90.0);
    wait_for(&tells, battery, "20 #00ff00");
    assert_eq!(
        lights.describe(),
        "strip spi0: #8b0000, strip spi1: #00ff00"
    );
    drop(bound);
    lights.stop();
    let dark = tells
        .iter()
        .filter(|(_, shown)| *shown == format!("20 {}", Colour::DARK));
    assert_eq!(dark.count(), 2, "both at the end, and none blinks");
}

#[test]
fn a_strip_has_all_pins_of_its_bus() {
    let taken = LedConfig {
        ready: Some(9),
        ..LedConfig::default()
    };
    let (lights, _tells) = telling(&taken);
    let mut notices = Vec::new();
    let both = plan_of(vec![
        strip(SpiBus::Spi0, Palette::Battery),
        strip(SpiBus::Spi1, Palette::Battery),
    ]);
    let first = lights.bind(&both, &mut notices);
    let pin = plan(&[(20, LedRule::Above(1.0))]);
    lights.bind(&pin, &mut notices);
    lights.bind(&both, &mut notices);
    let said: Vec<&str> = notices.iter().map(|notice| &*notice.text).collect();
    let first_said = "its strip stays dark: strip spi0 of the node cannot be used beside pin 9, which shows 'ready'; \
                      give it another bus";
    let expected = [
        first_said,
        "its LED stays dark: pin 20 of the node cannot be used beside strip spi1, which shows 'Storage'; give it \
         another pin",
        first_said,
        "its strip stays dark: strip spi1 of the node shows 'Storage'; give it another bus",
    ];
    assert_eq!(said, expected);
    drop(first);
    notices.clear();
    let _last = lights.bind(&pin, &mut notices);
    assert_eq!(notices, [], "free after the session");
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
