//! LEDs and cables, as they shine. What each shows follows from the value of its attribute, or is what its socket was
//! told; the controller looks at both as at any other value.

use serde::Serialize;
use serde_json::{Value as Json, json};
use shared::cable::{Picture, Sight, SocketView};
use shared::led::{Colour, LedKind, ValueLed, shown_number};
use shared::model::{AttributeSlot, Facet};
use shared::plan::ModelId;
use shared::value::Value;

use crate::run::Newest;
use crate::scenario::{Graph, GraphModel};

/// The lights of a run: models that have some.
#[derive(Debug, Default)]
pub(super) struct Lights(Vec<OfModel>);

/// The lights of a model.
#[derive(Debug)]
struct OfModel {
    model: ModelId,
    leds: Vec<ValueLed>,
    sockets: u8,
}

/// An LED that shows something of a model.
#[derive(Debug, Serialize)]
pub(super) struct DescribedLed {
    pub(super) item: String,
    pub(super) place: String,
    pub(super) pixels: u16,
}

/// What an LED at a pin shines like at its full brightness: a warm white.
const FULL: Colour = Colour::new(255, 214, 142);

/// What is left of a cable of which nobody wants anything.
const REST: Picture = Picture::Bytes([10, 0, 10, 10, 10]);

impl Lights {
    /// Of a scenario.
    pub(super) fn of(graph: &Graph) -> Self {
        let models = graph.models.enumerate();
        let lights = models.map(|(model, known)| OfModel {
            model,
            leds: known.leds.clone(),
            sockets: u8::try_from(sockets(known).len()).unwrap_or(u8::MAX),
        });
        Self(
            lights
                .filter(|of| of.sockets > 0 || !of.leds.is_empty())
                .collect(),
        )
    }

    /// What they show now; `None` where there are none.
    pub(super) fn shown(&self, newest: &dyn Newest) -> Option<Json> {
        self.json(|model, facet| newest.of(model, facet))
    }

    /// What they show once the run is over: LEDs are dark, cables that were there come to rest.
    pub(super) fn at_rest(before: &Json) -> Json {
        let mut lights = before.clone();
        let models = lights.as_array_mut().into_iter().flatten();
        for model in models {
            for led in model["leds"].as_array_mut().into_iter().flatten() {
                led["colour"] = json!(Colour::DARK.to_string());
            }
            let sockets = model["sockets"].as_array_mut().into_iter().flatten();
            for socket in sockets.filter(|socket| !socket.is_null()) {
                socket["shows"] = json_of(REST);
            }
        }
        lights
    }

    fn json(&self, newest: impl Fn(ModelId, Facet) -> Option<Value>) -> Option<Json> {
        let Self(models) = self;
        if models.is_empty() {
            return None;
        }
        let lights = models.iter().map(|of| {
            let number = |facet| shown_number(newest(of.model, facet).as_ref());
            let leds = of.leds.iter().map(|led| {
                let value = number(Facet::Attribute(led.attribute));
                json!({"colour": colour(led.kind, value).to_string(), "blinks": blinks(led.kind)})
            });
            let sockets = (0..of.sockets).map(|place| socket(number(Facet::Socket(place))));
            json!({
                "model": of.model.0,
                "leds": leds.collect::<Vec<_>>(),
                "sockets": sockets.collect::<Vec<_>>(),
            })
        });
        Some(lights.collect())
    }
}

/// The LEDs of a model, for the description of the run.
pub(super) fn described_leds(model: &GraphModel) -> Vec<DescribedLed> {
    let led = |led: &ValueLed| DescribedLed {
        item: item_of(model, led.attribute),
        place: led.kind.place().to_string(),
        pixels: match led.kind {
            LedKind::Pin(_) => 1,
            LedKind::Strip(strip) => strip.pixels,
        },
    };
    model.leds.iter().map(led).collect()
}

fn item_of(model: &GraphModel, attribute: AttributeSlot) -> String {
    let instance = &model.instance;
    let name = match attribute {
        AttributeSlot::Published(slot) => &instance.published[slot.index()].name,
        AttributeSlot::Input(slot) => &instance.model_type.inputs[slot.index()].name,
    };
    format!("{}.{name}", model.config.name)
}

/// The sockets of a model, by their devices.
pub(super) fn sockets(model: &GraphModel) -> &[String] {
    let wish = model.instance.sockets.as_ref();
    wish.map_or(&[], |wish| &wish.devices)
}

fn colour(kind: LedKind, value: f64) -> Colour {
    match kind {
        LedKind::Pin(pin) => {
            let percent = u32::from(pin.rule.percent(value));
            let share = |full: u8| u8::try_from(u32::from(full) * percent / 100).unwrap_or(full);
            Colour::new(share(FULL.red), share(FULL.green), share(FULL.blue))
        }
        LedKind::Strip(strip) => strip.rule.colour(value),
    }
}

fn blinks(kind: LedKind) -> bool {
    match kind {
        LedKind::Pin(_) => false,
        LedKind::Strip(strip) => strip.rule.blinks(),
    }
}

/// A socket: null where nothing is plugged in, or nothing is known of it.
fn socket(number: f64) -> Json {
    let view = SocketView::from_number(number).unwrap_or_default();
    let cable = match view.sight {
        Sight::Gone => return Json::Null,
        Sight::Silent => None,
        Sight::Cable(id) => Some(id.to_string()),
    };
    json!({"cable": cable, "shows": view.picture.map(json_of)})
}

/// What the strip of a cable does with a picture, as its boards understand it.
fn json_of(picture: Picture) -> Json {
    const DIM: Colour = Colour::new(10, 10, 10);
    let (milliseconds, colour, direction) = match picture {
        Picture::Text([stage, colour, direction]) => {
            let milliseconds = match stage {
                b'1' => Some(500),
                b'2' => Some(100),
                b'3' => Some(50),
                b'0' | b'4' => Some(10),
                _ => None,
            };
            let colour = match (stage, colour) {
                (b'0', _) => DIM,
                (_, b'r') => Colour::new(255, 0, 0),
                (_, b'g') => Colour::new(0, 255, 0),
                (_, b'b') => Colour::new(0, 0, 255),
                _ => DIM,
            };
            (milliseconds, colour, direction == b'1')
        }
        Picture::Bytes([delay, direction, red, green, blue]) => {
            let milliseconds = (delay > 0).then_some(u16::from(delay));
            (milliseconds, Colour::new(red, green, blue), direction == 1)
        }
    };
    json!({"colour": colour.to_string(), "pixel_ms": milliseconds, "away": direction})
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::cable::CableId;
    use shared::led::{LedRule, PinLed};
    use shared::model::PublishedSlot;

    fn lights(sockets: u8) -> Lights {
        let rule = LedRule::Range { min: 0.0, max: 1.0 };
        let pin = LedKind::Pin(PinLed {
            pin: 18,
            active_low: true,
            rule,
        });
        let attribute = AttributeSlot::Published(PublishedSlot::new(0));
        let leds = vec![ValueLed {
            attribute,
            kind: pin,
        }];
        Lights(vec![OfModel {
            model: ModelId(4),
            leds,
            sockets,
        }])
    }

    fn cable(picture: Option<Picture>) -> f64 {
        let sight = Sight::Cable(CableId::new(b'3').expect("an id"));
        SocketView { sight, picture }.to_number()
    }

    #[test]
    fn leds_and_cables_are_told_as_they_shine() {
        let numbers = [
            cable(Some(Picture::Text(*b"3g1"))),
            f64::NAN,
            SocketView {
                sight: Sight::Silent,
                picture: None,
            }
            .to_number(),
            cable(Some(Picture::Bytes([0, 0, 0, 255, 0]))),
        ];
        let shown = lights(4).json(|model, facet| {
            assert_eq!(model, ModelId(4));
            Some(Value::Float(match facet {
                Facet::Attribute(_) => 1.5,
                Facet::Socket(place) => numbers[usize::from(place)],
            }))
        });
        let green = "#00ff00";
        let expected = json!([{
            "model": 4,
            "leds": [{"colour": "#ffd68e", "blinks": false}],
            "sockets": [
                {"cable": "3", "shows": {"colour": green, "pixel_ms": 50, "away": true}},
                null,
                {"cable": null, "shows": null},
                {"cable": "3", "shows": {"colour": green, "pixel_ms": null, "away": false}},
            ],
        }]);
        let shown = shown.expect("there are lights");
        assert_eq!(shown, expected);
        let rest = Lights::at_rest(&shown);
        assert_eq!(rest[0]["leds"][0]["colour"], "#000000");
        let dim = json!({"colour": "#0a0a0a", "pixel_ms": 10, "away": false});
        assert_eq!(rest[0]["sockets"][3], json!({"cable": "3", "shows": dim}));
        assert_eq!(rest[0]["sockets"][1], Json::Null);
    }

    #[test]
    fn what_no_board_knows_is_all_pixels_in_a_dim_white() {
        assert_eq!(
            json_of(Picture::Text(*b"9x0")),
            json!({"colour": "#0a0a0a", "pixel_ms": null, "away": false})
        );
    }

    #[test]
    fn without_lights_there_is_nothing_to_tell() {
        let none = Lights::default();
        assert_eq!(none.json(|_, _| panic!("nobody looks")), None);
    }
}
