//! Lights that show values: what each of them shows, and whether its place is free.

use std::collections::BTreeMap;
use std::fmt;

use shared::index::Index;
use shared::led::{LedPlace, ValueLed};
use shared::model::AttributeSlot;
use shared::model::InputSlot;
use shared::value::Kind;

use super::feeding::Feeding;
use crate::scenario::entries::{LedEntry, ModelEntry};
use crate::scenario::models::{Candidate, Known};
use crate::scenario::problems::{Position, Problems, shortened, suggestion, with_article};

/// The slot of the attribute. `None` where there is an error, which is reported.
fn find(
    led: &LedEntry,
    place: usize,
    candidate: &Candidate,
    feeding: &Feeding,
    problems: &mut Problems,
) -> Option<AttributeSlot> {
    let (name, position) = led.attribute.as_ref()?;
    let (position, label) = (*position, &led.label);
    let model_type = candidate.model_type.as_ref()?;
    let input = model_type.inputs.iter().position(|i| i.name == *name);
    let (what, kind, found) = match (candidate.source(name), input) {
        (Known::Yes(published), _) => {
            let slot = published.slot?;
            let found = AttributeSlot::Published(slot);
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
            let found = AttributeSlot::Input(InputSlot::at(input));
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

/// The light that has a pin: its place, its label, and where it stands.
type Holder<'a> = (LedPlace, &'a str, Position);

/// Which light has which pin.
#[derive(Default)]
struct Pins<'a>(BTreeMap<(Machine<'a>, u8), Holder<'a>>);

impl<'a> Pins<'a> {
    /// Gives a light the pins that it wants, or reports who has one of them.
    fn take(
        &mut self,
        machine: Machine<'a>,
        (place, label, position): Holder<'a>,
        problems: &mut Problems,
    ) {
        let taken = place.pins().find_map(|pin| self.0.get(&(machine, pin)));
        if let Some((other, holder, first)) = taken {
            let remedy = match place {
                LedPlace::Pin(_) => "pin",
                LedPlace::Strip(_) => "bus",
            };
            let whose = if place == *other {
                format!("is that of {holder} already")
            } else {
                format!("cannot be used beside {other}, which is that of {holder}")
            };
            let message = format!(
                "{label}: {place} of {machine} {whose}, in line {}; give one of them another {remedy}",
                first.line
            );
            problems.error("led_pin_taken", position, message);
            return;
        }
        for pin in place.pins() {
            self.0.insert((machine, pin), (place, label, position));
        }
    }
}

/// Looks up what the lights of each model show. Reports unknown attributes, and pins that are in
/// use.
pub(crate) fn resolve_leds(
    candidates: &[Candidate],
    feeding: &Feeding,
    problems: &mut Problems,
) -> Vec<Vec<ValueLed>> {
    let mut pins = Pins::default();
    let mut resolved = Vec::with_capacity(candidates.len());
    for (place, candidate) in candidates.iter().enumerate() {
        let machine = machine(place, &candidate.entry);
        let mut leds = Vec::new();
        for led in &candidate.entry.leds {
            if let Some((at, position)) = led.place {
                pins.take(machine, (at, &led.label, position), problems);
            }
            let attribute = find(led, place, candidate, feeding, problems);
            if let (Some(attribute), Some(kind)) = (attribute, led.kind) {
                leds.push(ValueLed { attribute, kind });
            }
        }
        resolved.push(leds);
    }
    resolved
}
