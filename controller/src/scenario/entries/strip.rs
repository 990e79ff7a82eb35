//! Lights that are strips of pixels: which bus, how many pixels, and what they show.

use shared::led::{LedKind, LedPlace, PIXELS, Palette, SpiBus, StripLed, StripRule};

use super::colour;
use super::fields::Fields;
use super::limits::read_limits;
use crate::scenario::problems::{Position, Problems, shortened, suggestion};

/// The keys that a strip has and a light on a pin has not.
pub(super) const KEYS: [&str; 5] = ["strip", "pixels", "from", "to", "palette"];

/// The keys of a mixed colour, in the order in which people think of it.
const MIX: [&str; 4] = ["from", "to", "min", "max"];

/// The names of the palettes.
pub(crate) const PALETTES: [&str; 4] = ["battery", "pv", "load", "ev"];

/// Reads a strip: its place, and what it is if nothing is wrong with that.
pub(super) fn read(
    fields: &Fields<'_>,
    position: Position,
    problems: &mut Problems,
) -> (Option<(LedPlace, Position)>, Option<LedKind>) {
    let bus = read_bus(fields, problems);
    let place = bus.map(|(bus, position)| (LedPlace::Strip(bus), position));
    let pixels = read_pixels(fields, problems);
    let rule = read_rule(fields, position, problems);
    let kind = || {
        Some(LedKind::Strip(StripLed {
            bus: bus?.0,
            pixels: pixels?,
            rule: rule?,
        }))
    };
    (place, kind())
}

fn read_bus(fields: &Fields<'_>, problems: &mut Problems) -> Option<(SpiBus, Position)> {
    let (name, position) = fields.required_text("strip", problems)?;
    let bus = SpiBus::ALL.into_iter().find(|bus| bus.name() == name);
    if bus.is_none() {
        let known = SpiBus::ALL.map(SpiBus::name).join(" or ");
        let (object, name) = (fields.name_of("strip"), shortened(name));
        let message = format!("{object} must be the SPI bus {known}, not '{name}'");
        problems.error("led_strip", position, message);
    }
    Some((bus?, position))
}

fn read_pixels(fields: &Fields<'_>, problems: &mut Problems) -> Option<u16> {
    fields.required("pixels", problems)?;
    let allowed = u32::from(*PIXELS.start())..=u32::from(*PIXELS.end());
    let pixels = fields.integer("pixels", allowed, problems)?;
    u16::try_from(pixels).ok()
}

fn read_rule(
    fields: &Fields<'_>,
    position: Position,
    problems: &mut Problems,
) -> Option<StripRule> {
    if has_keys_of_pins(fields, problems) {
        return None;
    }
    if fields.get("palette").is_some() || fields.misspells("palette") {
        return read_palette(fields, position, problems).map(StripRule::Palette);
    }
    read_mix(fields, position, problems)
}

/// Whether a key is there that only a light on a pin has; the first is reported.
fn has_keys_of_pins(fields: &Fields<'_>, problems: &mut Problems) -> bool {
    let mut keys = ["above", "below", "active_low"].into_iter();
    let Some((key, place)) = keys.find_map(|key| Some((key, fields.place_of(key)?))) else {
        return false;
    };
    let message = format!(
        "{}: '{key}' is for an LED on a pin; a strip has 'from', 'to', 'min' and 'max', or 'palette'",
        fields.object
    );
    problems.error("led_rule", place, message);
    true
}

/// A colour that is mixed of two.
fn read_mix(fields: &Fields<'_>, position: Position, problems: &mut Problems) -> Option<StripRule> {
    let missing: Vec<&str> = MIX
        .into_iter()
        .filter(|key| fields.get(key).is_none() && !fields.misspells(key))
        .collect();
    if missing.len() == MIX.len() {
        let message = format!(
            "{} lacks its colours; add 'from', 'to', 'min' and 'max' for a mixture of two, or 'palette'",
            fields.object
        );
        problems.error("led_rule", position, message);
        return None;
    }
    if let [first, ..] = missing.as_slice() {
        let message = format!(
            "{} lacks the key '{first}': a strip goes from the colour 'from' at 'min' to the colour \
             'to' at 'max'; add it",
            fields.object
        );
        problems.error("led_rule", position, message);
    }
    let mut read = |key| {
        let node = fields.get(key)?;
        colour::read(node, &fields.name_of(key), problems)
    };
    let (from, to) = (read("from"), read("to"));
    let (min, max) = read_limits(fields, position, problems)?;
    Some(StripRule::Mix {
        from: from?,
        to: to?,
        min,
        max,
    })
}

fn read_palette(
    fields: &Fields<'_>,
    position: Position,
    problems: &mut Problems,
) -> Option<Palette> {
    let (name, place) = fields.text("palette", problems)?;
    if !PALETTES.contains(&name) {
        let (object, known) = (&fields.object, suggestion(name, "palettes", &PALETTES));
        let message = format!("{object}: there is no palette '{}'{known}", shortened(name));
        problems.error("led_palette", place, message);
        return None;
    }
    let has_max = name == "pv";
    for key in MIX {
        if let Some(place) = fields.place_of(key).filter(|_| key != "max" || !has_max) {
            let message = format!(
                "{}: the palette '{name}' has its own colours and limits; leave out '{key}', or the palette",
                fields.object
            );
            problems.error("led_rule", place, message);
            return None;
        }
    }
    match name {
        "battery" => Some(Palette::Battery),
        "load" => Some(Palette::Load),
        "ev" => Some(Palette::Ev),
        _ => read_largest(fields, position, problems).map(|max| Palette::Pv { max }),
    }
}

/// The largest power of a palette that goes by its fifths.
fn read_largest(fields: &Fields<'_>, position: Position, problems: &mut Problems) -> Option<f64> {
    let object = &fields.object;
    if fields.get("max").is_none() {
        if !fields.misspells("max") {
            let message = format!(
                "{object} lacks the key 'max': the palette 'pv' goes by fifths of the largest power; add it"
            );
            problems.error("led_rule", position, message);
        }
        return None;
    }
    let max = fields.number("max", problems)?;
    if max <= 0.0 {
        let message = format!("{object}: 'max' must be more than 0");
        let place = fields.place_of("max").unwrap_or(position);
        problems.error("led_rule", place, message);
        return None;
    }
    Some(max)
}
