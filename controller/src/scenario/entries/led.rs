//! The section `leds` of a model: which lights of its node show its values.

use shared::led::{LedKind, LedPlace, LedRule, MAX_PIN, PinLed};

use super::fields::{Fields, filled_list};
use super::limits::read_limits;
use super::strip;
use crate::scenario::problems::{Position, Problems};
use crate::scenario::yaml::Node;

/// The keys of a light.
pub(crate) const LED_KEYS: &[&str] = &[
    "attribute",
    "pin",
    "strip",
    "pixels",
    "min",
    "max",
    "above",
    "below",
    "from",
    "to",
    "palette",
    "active_low",
];

/// A light, as far as it could be read.
#[derive(Clone, Debug)]
pub(crate) struct LedEntry {
    /// How messages call it: `LED 1 of model 'Storage'`.
    pub(crate) label: String,
    /// The attribute that it shows, and where that stands.
    pub(crate) attribute: Option<(String, Position)>,
    /// Where it is connected, and where that stands.
    pub(crate) place: Option<(LedPlace, Position)>,
    /// What it is, unless something is wrong with that.
    pub(crate) kind: Option<LedKind>,
}

/// Reads the section of a model.
pub(super) fn read(fields: &Fields<'_>, problems: &mut Problems) -> Vec<LedEntry> {
    let Some(node) = fields.get("leds") else {
        return Vec::new();
    };
    let entries = filled_list(node, &fields.name_of("leds"), problems).unwrap_or_default();
    let entries = entries.iter().enumerate();
    let read = entries.filter_map(|(number, entry)| {
        let label = format!("LED {} of {}", number + 1, fields.object);
        LedEntry::read(entry, label, problems)
    });
    read.collect()
}

impl LedEntry {
    fn read(node: &Node, label: String, problems: &mut Problems) -> Option<Self> {
        let fields = Fields::of(node, label, LED_KEYS, problems)?;
        fields.refuse_unknown(problems);
        let attribute = fields.required_text("attribute", problems);
        let attribute = attribute.map(|(name, position)| (name.to_owned(), position));
        let (place, kind) = read_kind(&fields, node.position, problems);
        Some(Self {
            label: fields.object,
            attribute,
            place,
            kind,
        })
    }
}

/// A light on a pin or a strip, by the keys that it has.
fn read_kind(
    fields: &Fields<'_>,
    position: Position,
    problems: &mut Problems,
) -> (Option<(LedPlace, Position)>, Option<LedKind>) {
    let of_strips = strip::KEYS.into_iter();
    let mut of_strips = of_strips.filter(|key| fields.get(key).is_some() || fields.misspells(key));
    let Some(first) = of_strips.next() else {
        return read_pin(fields, position, problems);
    };
    let Some(pin) = fields.place_of("pin") else {
        return strip::read(fields, position, problems);
    };
    let message = format!(
        "{} has both 'pin' and '{first}'; keep 'pin' for one LED, or 'strip' and its keys for a strip",
        fields.object
    );
    problems.error("led_kind_unclear", pin, message);
    (None, None)
}

fn read_pin(
    fields: &Fields<'_>,
    position: Position,
    problems: &mut Problems,
) -> (Option<(LedPlace, Position)>, Option<LedKind>) {
    let pin = match fields.required("pin", problems) {
        Some(node) => fields
            .integer("pin", 0..=u32::from(MAX_PIN), problems)
            .and_then(|pin| Some((u8::try_from(pin).ok()?, node.position))),
        None => None,
    };
    let active_low = fields.boolean("active_low", problems).unwrap_or(false);
    let rule = read_rule(fields, position, problems);
    let kind = || {
        Some(LedKind::Pin(PinLed {
            pin: pin?.0,
            active_low,
            rule: rule?,
        }))
    };
    (
        pin.map(|(pin, position)| (LedPlace::Pin(pin), position)),
        kind(),
    )
}

/// The rule of a light: two thresholds of brightness, or one for on and off.
fn read_rule(fields: &Fields<'_>, position: Position, problems: &mut Problems) -> Option<LedRule> {
    let given: Vec<&str> = ["min", "max", "above", "below"]
        .into_iter()
        .filter(|key| fields.get(key).is_some())
        .collect();
    let object = &fields.object;
    match given.as_slice() {
        [] => {
            let message = format!(
                "{object} lacks a rule; add 'min' and 'max' for its brightness, or 'above' or \
                 'below' for on and off"
            );
            problems.error("led_rule", position, message);
            None
        }
        ["above"] => Some(LedRule::Above(fields.number("above", problems)?)),
        ["below"] => Some(LedRule::Below(fields.number("below", problems)?)),
        ["min", "max"] => {
            let (min, max) = read_limits(fields, position, problems)?;
            Some(LedRule::Range { min, max })
        }
        ["min" | "max"] => {
            let other = if given == ["min"] { "max" } else { "min" };
            let message = format!(
                "{object} lacks the key '{other}': brightness goes from 'min' to 'max'; add it"
            );
            problems.error("led_rule", position, message);
            None
        }
        [.., last] => {
            let message = format!(
                "{object} has more than one rule ({}); keep 'min' and 'max', or 'above', or \
                 'below'",
                given.join(", ")
            );
            let place = fields.place_of(last).unwrap_or(position);
            problems.error("led_rule", place, message);
            None
        }
    }
}
