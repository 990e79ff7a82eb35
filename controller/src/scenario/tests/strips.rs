//! Strips that show values.

use shared::index::Index;
use shared::led::{Colour, LedKind, Palette, SpiBus, StripLed, StripRule, ValueLed};
use shared::model::AttributeSlot;
use shared::model::PublishedSlot;
use shared::plan::ModelId;

use super::leds::{light, market};
use super::{codes, load, only};

/// A strip on `spi0` with 20 pixels.
fn strip(rest: &str) -> String {
    light(&format!(
        "{{attribute: price, strip: spi0, pixels: 20, {rest}}}"
    ))
}

#[test]
fn a_strip_shows_an_attribute_by_a_mixed_colour_or_a_palette() {
    let text = market(
        "  connect: {ip: pi1}
  leds:
  - {attribute: price, strip: spi0, pixels: 20, from: red, to: '#0080FF', min: 0, max: 100}
  - {attribute: price, strip: spi1, pixels: 300, palette: pv, max: 2.5}",
    );
    let (graph, warnings) = load(&text);
    assert_eq!(warnings, [""; 0]);
    let led = |bus, pixels, rule| ValueLed {
        attribute: AttributeSlot::Published(PublishedSlot::at(0)),
        kind: LedKind::Strip(StripLed { bus, pixels, rule }),
    };
    let mix = StripRule::Mix {
        from: Colour::new(255, 0, 0),
        to: Colour::new(0, 128, 255),
        min: 0.0,
        max: 100.0,
    };
    let pv = StripRule::Palette(Palette::Pv { max: 2.5 });
    assert_eq!(
        graph.models[ModelId(2)].leds,
        [led(SpiBus::Spi0, 20, mix), led(SpiBus::Spi1, 300, pv)]
    );
    for (name, palette) in [
        ("battery", Palette::Battery),
        ("load", Palette::Load),
        ("ev", Palette::Ev),
    ] {
        let (graph, _) = load(&strip(&format!("palette: {name}")));
        let expected = led(SpiBus::Spi0, 20, StripRule::Palette(palette));
        assert_eq!(graph.models[ModelId(2)].leds, [expected]);
    }
}

#[test]
fn a_strip_has_a_bus_and_pixels() {
    let other = "{attribute: price, strip: spi2, pixels: 20, palette: load}";
    assert_eq!(
        only(&light(other)),
        "15:31: error: 'strip' of LED 1 of model 'M' must be the SPI bus spi0 or spi1, not 'spi2'"
    );
    assert_eq!(
        only(&light("{attribute: price, pixels: 20, palette: load}")),
        "15:5: error: LED 1 of model 'M' lacks the key 'strip'; add it"
    );
    assert_eq!(
        only(&light("{attribute: price, strip: spi0, palette: load}")),
        "15:5: error: LED 1 of model 'M' lacks the key 'pixels'; add it"
    );
    for pixels in ["0", "301"] {
        let text = format!("{{attribute: price, strip: spi0, pixels: {pixels}, palette: load}}");
        assert_eq!(codes(&light(&text)), ["15:out_of_range"], "{pixels}");
    }
    assert_eq!(
        codes(&light(
            "{attribute: price, stripe: spi0, pixels: 20, palette: load}"
        )),
        ["15:unknown_key"],
        "and nothing about pins"
    );
}

#[test]
fn a_light_is_on_a_pin_or_a_strip() {
    assert_eq!(
        only(&light(
            "{attribute: price, pin: 4, strip: spi0, pixels: 20, palette: load}"
        )),
        "15:24: error: LED 1 of model 'M' has both 'pin' and 'strip'; keep 'pin' for one LED, or \
         'strip' and its keys for a strip"
    );
    assert_eq!(
        codes(&light("{attribute: price, pin: 4, above: 1, to: red}")),
        ["15:led_kind_unclear"]
    );
    for rest in ["above: 1", "active_low: true", "palette: load, below: 1"] {
        assert_eq!(codes(&strip(rest)), ["15:led_rule"], "{rest}");
    }
    assert_eq!(
        only(&strip("above: 1")),
        "15:49: error: LED 1 of model 'M': 'above' is for an LED on a pin; a strip has 'from', 'to', \
         'min' and 'max', or 'palette'"
    );
}

#[test]
fn the_colours_of_a_strip_are_given_in_full() {
    assert_eq!(
        only(&light("{attribute: price, strip: spi0, pixels: 20}")),
        "15:5: error: LED 1 of model 'M' lacks its colours; add 'from', 'to', 'min' and 'max' for a \
         mixture of two, or 'palette'"
    );
    assert_eq!(
        only(&strip("from: red, min: 0, max: 1")),
        "15:5: error: LED 1 of model 'M' lacks the key 'to': a strip goes from the colour 'from' at \
         'min' to the colour 'to' at 'max'; add it"
    );
    assert_eq!(
        only(&strip("from: red, to: green, min: 1, max: 1")),
        "15:71: error: LED 1 of model 'M': 'min' must be less than 'max'"
    );
    assert_eq!(
        only(&strip("palette: pv")),
        "15:5: error: LED 1 of model 'M' lacks the key 'max': the palette 'pv' goes by fifths of the \
         largest power; add it"
    );
    assert_eq!(codes(&strip("palette: pv, max: 0")), ["15:led_rule"]);
    assert_eq!(
        only(&strip("palette: load, max: 5")),
        "15:64: error: LED 1 of model 'M': the palette 'load' has its own colours and limits; leave \
         out 'max', or the palette"
    );
    assert_eq!(
        only(&strip("palette: batery")),
        "15:58: error: LED 1 of model 'M': there is no palette 'batery', did you mean 'battery'? \
         (palettes: battery, pv, load, ev)"
    );
}

#[test]
fn a_colour_is_told_what_it_should_be() {
    let from = |colour: &str| only(&strip(&format!("from: {colour}, to: red, min: 0, max: 1")));
    assert_eq!(
        from("geen"),
        "15:55: error: 'from' of LED 1 of model 'M' is no colour that has a name: 'geen', did you mean \
         'green'? (colours: red, orange, yellow, green, cyan, blue, purple, white, black); or write \
         '#rrggbb'"
    );
    assert_eq!(
        from("'#12345'"),
        "15:55: error: 'from' of LED 1 of model 'M' must have six digits after '#', two each for red, \
         green and blue, not '#12345'"
    );
    assert_eq!(
        from("[255, 0, 0]"),
        "15:55: error: 'from' of LED 1 of model 'M' must be a colour, as a name or '#rrggbb' in quotes, \
         not a list"
    );
    let text = light(
        "attribute: price
    strip: spi0
    pixels: 20
    from: #ff0000
    to: red
    min: 0
    max: 1",
    );
    assert!(only(&text).ends_with(
        "'from' of LED 1 of model 'M' must be a colour, not empty; put '#rrggbb' in quotes, as a plain # \
         begins a comment"
    ));
}

#[test]
fn a_strip_keeps_the_pins_of_its_bus_from_other_lights() {
    let pair = |first: &str, second: &str| {
        let first = format!("{{attribute: price, {first}}}");
        only(&light(&format!(
            "{first}\n  - {{attribute: price, {second}}}"
        )))
    };
    let strip = "strip: spi0, pixels: 20, palette: load";
    assert_eq!(
        pair(strip, "pin: 10, above: 1"),
        "16:29: error: LED 2 of model 'M': pin 10 of its machine cannot be used beside strip spi0, which \
         is that of LED 1 of model 'M', in line 15; give one of them another pin"
    );
    assert_eq!(
        pair("pin: 7, above: 1", strip),
        "16:31: error: LED 2 of model 'M': strip spi0 of its machine cannot be used beside pin 7, which \
         is that of LED 1 of model 'M', in line 15; give one of them another bus"
    );
    assert_eq!(
        pair(strip, strip),
        "16:31: error: LED 2 of model 'M': strip spi0 of its machine is that of LED 1 of model 'M' \
         already, in line 15; give one of them another bus"
    );
    load(&light(
        "{attribute: price, strip: spi0, pixels: 20, palette: load}
  - {attribute: price, strip: spi1, pixels: 20, palette: load}
  - {attribute: price, pin: 12, above: 1}",
    ));
}
