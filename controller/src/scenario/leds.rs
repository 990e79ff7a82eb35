//! The section `leds` of a model: which lights of its node show its values.

use std::collections::BTreeMap;
use std::fmt;

use shared::led::{LedAttribute, LedRule, MAX_PIN, ValueLed};
use shared::value::Kind;

use super::attributes::{Known, with_article};
use super::entry::ModelEntry;
use super::feeding::Feeding;
use super::fields::{Fields, filled_list};
use super::models::Candidate;
use super::problem::{Position, Problems};
use super::spelling::suggestion;
use super::yaml::{Node, shortened};

const KEYS: &[&str] = &[
    "attribute",
    "pin",
    "min",
    "max",
    "above",
    "below",
    "active_low",
];

/// A light, as far as it could be read.
#[derive(Clone, Debug)]
pub(super) struct LedEntry {
    /// How messages call it: `LED 1 of model 'Storage'`.
    label: String,
    /// The attribute that it shows, and where that stands.
    attribute: Option<(String, Position)>,
    /// The pin, and where it stands.
    pin: Option<(u8, Position)>,
    rule: Option<LedRule>,
    active_low: bool,
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
        let fields = Fields::of(node, label, KEYS, problems)?;
        fields.refuse_unknown(problems);
        let attribute = fields.required_text("attribute", problems);
        let attribute = attribute.map(|(name, position)| (name.to_owned(), position));
        let pin = match fields.required("pin", problems) {
            Some(node) => fields
                .integer("pin", 0..=u32::from(MAX_PIN), problems)
                .and_then(|pin| Some((u8::try_from(pin).ok()?, node.position))),
            None => None,
        };
        let active_low = fields.boolean("active_low", problems).unwrap_or(false);
        Some(Self {
            rule: read_rule(&fields, node.position, problems),
            label: fields.object,
            attribute,
            pin,
            active_low,
        })
    }

    /// The slot of the attribute. `None` where there is an error, which is reported.
    fn find(
        &self,
        place: usize,
        candidate: &Candidate,
        feeding: &Feeding,
        problems: &mut Problems,
    ) -> Option<LedAttribute> {
        let (name, position) = self.attribute.as_ref()?;
        let (position, label) = (*position, &self.label);
        let model_type = candidate.model_type.as_ref()?;
        let input = model_type.inputs.iter().position(|i| i.name == *name);
        let (what, kind, found) = match (candidate.source(name), input) {
            (Known::Yes(published), _) => {
                let slot = published.slot?;
                let found = LedAttribute::Published(number(slot.index()));
                (with_article(published.origin), published.kind, found)
            }
            (Known::Nothing, None) => return None,
            (_, Some(input)) => {
                if !feeding.may_feed(place, input, name) {
                    let message = format!(
                        "{label}: nothing is connected to the input '{name}', so there is nothing \
                         to show; connect it, or show another attribute"
                    );
                    problems.error("led_input_unconnected", position, message);
                }
                let found = LedAttribute::Input(number(input));
                ("an input", model_type.inputs[input].kind, found)
            }
            (Known::No { code, why }, None) => {
                let inputs: Vec<&str> = model_type.inputs.iter().map(|i| &*i.name).collect();
                let inputs = if code == "unknown_attribute" {
                    suggestion(name, "inputs", &inputs)
                } else {
                    String::new()
                };
                problems.error(code, position, format!("{label}: {why}{inputs}"));
                return None;
            }
        };
        if !matches!(kind, Kind::Number | Kind::Bool | Kind::Any) {
            let message = format!(
                "{label}: '{name}', {what}, is a {kind}, and an LED shows numbers; show another \
                 attribute"
            );
            problems.error("led_kind", position, message);
        }
        Some(found)
    }
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
            let (min, max) = (
                fields.number("min", problems),
                fields.number("max", problems),
            );
            let (min, max) = (min?, max?);
            if min >= max {
                let message = format!("{object}: 'min' must be less than 'max'");
                let place = fields.place_of("min").unwrap_or(position);
                problems.error("led_rule", place, message);
                return None;
            }
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

/// Types have fewer attributes than this type holds.
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The machine whose pins a model's lights use. All nodes of one machine share its pins, whatever
/// their ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Machine<'a> {
    /// That of the controller, which drives no lights: a place of its own for each model.
    Controller(usize),
    Node(&'a str),
}

impl fmt::Display for Machine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Controller(_) => f.write_str("its machine"),
            Self::Node(host) => write!(f, "{}", shortened(host)),
        }
    }
}

fn machine(place: usize, entry: &ModelEntry) -> Machine<'_> {
    match &entry.connect {
        Some(connect) => Machine::Node(&connect.host),
        None => Machine::Controller(place),
    }
}

/// Looks up what the lights of each model show. Reports unknown attributes, and pins that are in
/// use.
pub(super) fn resolve(
    candidates: &[Candidate],
    feeding: &Feeding,
    problems: &mut Problems,
) -> Vec<Vec<ValueLed>> {
    let mut pins: BTreeMap<(Machine<'_>, u8), (&str, Position)> = BTreeMap::new();
    let mut resolved = Vec::with_capacity(candidates.len());
    for (place, candidate) in candidates.iter().enumerate() {
        let machine = machine(place, &candidate.entry);
        let mut leds = Vec::new();
        for led in &candidate.entry.leds {
            if let Some((pin, position)) = led.pin {
                if let Some((other, first)) = pins.get(&(machine, pin)) {
                    let message = format!(
                        "{}: pin {pin} of {machine} is that of {other} already, in line {}; give \
                         one of them another pin",
                        led.label, first.line
                    );
                    problems.error("led_pin_taken", position, message);
                } else {
                    pins.insert((machine, pin), (&led.label, position));
                }
            }
            let attribute = led.find(place, candidate, feeding, problems);
            if let (Some(attribute), Some((pin, _)), Some(rule)) = (attribute, led.pin, led.rule) {
                leds.push(ValueLed {
                    attribute,
                    pin,
                    active_low: led.active_low,
                    rule,
                });
            }
        }
        resolved.push(leds);
    }
    resolved
}
