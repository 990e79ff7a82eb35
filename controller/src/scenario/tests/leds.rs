//! Lights that show values.

use shared::index::Index;
use shared::led::{LedKind, LedRule, PinLed, ValueLed};
use shared::model::AttributeSlot;
use shared::model::{InputSlot, PublishedSlot};
use shared::plan::ModelId;

use super::{codes, load, only, scenario};

/// A scenario with a market, whose entry goes on with `rest`, from line 13 on.
pub(super) fn market(rest: &str) -> String {
    scenario(&format!("- name: M\n  type: Market\n{rest}"), "", "")
}

pub(super) fn light(light: &str) -> String {
    market(&format!("  leds:\n  - {light}"))
}

#[test]
fn a_light_shows_an_attribute_by_brightness_or_by_a_threshold() {
    let text = market(
        "  connect: {ip: pi1}
  leds:
  - {attribute: price, pin: 18, min: 0, max: 100}
  - attribute: price
    pin: 23
    above: 90.5
  - {attribute: price, pin: 0, below: -1, active_low: true}",
    );
    let (graph, warnings) = load(&text);
    assert_eq!(warnings, [""; 0]);
    let led = |pin, rule, active_low| ValueLed {
        attribute: AttributeSlot::Published(PublishedSlot::at(0)),
        kind: LedKind::Pin(PinLed {
            pin,
            active_low,
            rule,
        }),
    };
    let range = LedRule::Range {
        min: 0.0,
        max: 100.0,
    };
    assert_eq!(
        graph.models[ModelId(2)].leds,
        [
            led(18, range, false),
            led(23, LedRule::Above(90.5), false),
            led(0, LedRule::Below(-1.0), true),
        ]
    );
    assert_eq!(graph.models[ModelId(0)].leds, []);
}

#[test]
fn a_light_may_show_a_connected_input() {
    let text = scenario("", "", "").replace(
        "  type: House",
        "  type: House\n  leds: [{attribute: load, pin: 4, above: 1}]",
    );
    let (graph, _) = load(&text);
    assert_eq!(
        graph.models[ModelId(1)].leds[0].attribute,
        AttributeSlot::Input(InputSlot::at(0))
    );

    assert_eq!(
        only(&light("{attribute: anything, pin: 4, above: 1}")),
        "15:17: error: LED 1 of model 'M': nothing is connected to the input 'anything', so there \
         is nothing to show; connect it, or show another attribute"
    );
}

#[test]
fn an_attribute_that_is_not_there_is_refused_with_what_is() {
    assert_eq!(
        only(&light("{attribute: prize, pin: 4, above: 1}")),
        "15:17: error: LED 1 of model 'M': 'M' has no attribute 'prize', did you mean 'price'? (it \
         publishes: price) (inputs: bids, anything)"
    );
    assert_eq!(
        codes(&light("{pin: 4, above: 1}")),
        ["15:missing_key"],
        "none at all"
    );
}

#[test]
fn lights_show_numbers() {
    let text = scenario(
        "- {name: C, type: Company, leds: [{attribute: slogan, pin: 4, above: 1}]}",
        "",
        "",
    );
    assert_eq!(
        only(&text),
        "12:47: error: LED 1 of model 'C': 'slogan', an output, is a text, and an LED shows \
         numbers; show another attribute"
    );
}

#[test]
fn pins_are_those_of_the_header() {
    assert_eq!(
        only(&light("{attribute: price, pin: 28, above: 1}")),
        "15:29: error: 'pin' of LED 1 of model 'M' must be at most 27, not 28"
    );
    assert_eq!(
        codes(&light("{attribute: price, pin: GPIO4, above: 1}")),
        ["15:wrong_kind"]
    );
    assert_eq!(
        only(&light("{attribute: price, above: 1}")),
        "15:5: error: LED 1 of model 'M' lacks the key 'pin'; add it"
    );
}

#[test]
fn a_light_has_one_rule() {
    assert_eq!(
        only(&light("{attribute: price, pin: 4}")),
        "15:5: error: LED 1 of model 'M' lacks a rule; add 'min' and 'max' for its brightness, or \
         'above' or 'below' for on and off"
    );
    assert_eq!(
        only(&light(
            "{attribute: price, pin: 4, min: 0, max: 1, above: 1}"
        )),
        "15:48: error: LED 1 of model 'M' has more than one rule (min, max, above); keep 'min' and \
         'max', or 'above', or 'below'"
    );
    assert_eq!(
        only(&light("{attribute: price, pin: 4, max: 1}")),
        "15:5: error: LED 1 of model 'M' lacks the key 'min': brightness goes from 'min' to 'max'; \
         add it"
    );
    assert_eq!(
        only(&light("{attribute: price, pin: 4, min: 1, max: 1}")),
        "15:32: error: LED 1 of model 'M': 'min' must be less than 'max'"
    );
    assert_eq!(
        codes(&light("{attribute: price, pin: 4, above: high}")),
        ["15:wrong_kind"]
    );
    assert_eq!(
        codes(&light("{attribute: price, pin: 4, below: .inf}")),
        ["15:wrong_kind"]
    );
}

#[test]
fn keys_and_kinds_are_checked() {
    assert_eq!(
        only(&light("{attribute: price, pin: 4, over: 1, above: 1}")),
        "15:32: error: LED 1 of model 'M' has an unknown key 'over' (keys: attribute, pin, \
         strip, pixels, min, max, above, below, from, to, palette, active_low)"
    );
    assert_eq!(
        codes(&light(
            "{attribute: price, pin: 4, above: 1, active_low: 1}"
        )),
        ["15:wrong_kind"]
    );
    assert_eq!(codes(&market("  leds: {pin: 4}")), ["14:wrong_kind"]);
    assert_eq!(codes(&market("  leds: []")), ["14:wrong_kind"]);
    assert_eq!(codes(&light("price")), ["15:wrong_kind"]);
}

/// A market on this machine with a light on pin 4.
fn on(name: &str, connect: &str) -> String {
    format!(
        "- {{name: {name}, type: Market, {connect} leds: [{{attribute: price, pin: 4, above: 1}}]}}"
    )
}

#[test]
fn lights_of_one_machine_have_pins_of_their_own() {
    let two = |first: &str, second: &str| {
        let models = format!("{}\n{}", on("A", first), on("B", second));
        scenario(&models, "", "")
    };
    let taken = only(&two("connect: {ip: pi1},", "connect: {ip: pi1, port: 9},"));
    assert_eq!(
        taken,
        "13:87: error: LED 1 of model 'B': pin 4 of pi1 is that of LED 1 of model 'A' already, in \
         line 12; give one of them another pin"
    );
    load(&two("connect: {ip: pi1},", "connect: {ip: pi2},"));
    load(&two("", ""));
    assert_eq!(
        codes(&light(
            "{attribute: price, pin: 4, above: 1}\n  - {attribute: price, pin: 4, below: 0}"
        )),
        ["16:led_pin_taken"],
        "of one model"
    );
}
