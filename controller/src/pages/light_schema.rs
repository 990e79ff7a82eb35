//! The part of the JSON Schema that is about lights of nodes.

use serde_json::{Value as Json, json};
use shared::led::{MAX_PIN, PIXELS, SpiBus};

use crate::scenario::{LED_KEYS, PALETTES, colour_names};

/// A light of a node that shows a value.
pub(super) fn light() -> Json {
    let on_pin = |rule: &[&str]| form(&[&["pin"], rule].concat(), &["active_low"]);
    let strip = |rule: &[&str]| form(&[&["strip", "pixels"], rule].concat(), &[]);
    let palette = |names: &[&str], rule: &[&str]| {
        let mut form = strip(&[&["palette"], rule].concat());
        form["properties"] = json!({"palette": {"enum": names}});
        form
    };
    json!({
        "description": "an LED on a pin of the model's node, or a strip of WS2812 pixels, that shows an attribute",
        "type": "object",
        "required": ["attribute"],
        "additionalProperties": false,
        "properties": properties(),
        "oneOf": [
            on_pin(&["min", "max"]),
            on_pin(&["above"]),
            on_pin(&["below"]),
            strip(&["from", "to", "min", "max"]),
            palette(&["battery", "load", "ev"], &[]),
            palette(&["pv"], &["max"]),
        ],
    })
}

fn properties() -> Json {
    let colour = |when: &str| {
        json!({
            "description": format!("colour of a strip {when}, by name or as #rrggbb"),
            "type": "string",
            "pattern": format!("^(#[0-9a-fA-F]{{6}}|{})$", colour_names().join("|")),
        })
    };
    json!({
        "attribute": {"description": "of the model itself", "type": "string", "minLength": 1},
        "pin": {
            "description": "BCM number",
            "type": "integer",
            "minimum": 0,
            "maximum": MAX_PIN,
        },
        "min": {"description": "dark up to here, or all of 'from'", "type": "number"},
        "max": {
            "description": "full brightness from here on, or all of 'to'",
            "type": "number",
        },
        "above": {"description": "on for values above this", "type": "number"},
        "below": {"description": "on for values below this", "type": "number"},
        "active_low": {
            "description": "the LED shines when the pin is low",
            "type": "boolean",
            "default": false,
        },
        "strip": {"description": "SPI bus of a strip", "enum": SpiBus::ALL.map(SpiBus::name)},
        "pixels": {
            "description": "how many a strip has",
            "type": "integer",
            "minimum": PIXELS.start(),
            "maximum": PIXELS.end(),
        },
        "from": colour("at 'min' and below"),
        "to": colour("at 'max' and above"),
        "palette": {"description": "colours of a strip by ranges of values", "enum": PALETTES},
    })
}

/// A light that has these keys, perhaps those, and no others.
fn form(required: &[&str], optional: &[&str]) -> Json {
    let others = LED_KEYS
        .iter()
        .filter(|key| **key != "attribute" && !required.contains(key) && !optional.contains(key));
    let others: Vec<Json> = others.map(|key| json!({"required": [key]})).collect();
    json!({"required": required, "not": {"anyOf": others}})
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn lights_are_known() {
        let light = light();
        let properties = light["properties"].as_object().expect("an object");
        assert_eq!(properties["pin"]["maximum"], 27);
        assert_eq!(properties["strip"]["enum"], json!(["spi0", "spi1"]));
        assert_eq!(properties["pixels"]["maximum"], 300);
        let colours = properties["from"]["pattern"].as_str().expect("a text");
        assert!(
            colours.starts_with("^(#[0-9a-fA-F]{6}|red|orange|"),
            "{colours}"
        );
        let named: BTreeSet<&str> = LED_KEYS.iter().copied().collect();
        let there = properties.keys().map(String::as_str).collect();
        assert_eq!(named, there, "those of the loader");
    }

    #[test]
    fn a_light_has_the_keys_of_one_form() {
        let light = light();
        let forms = light["oneOf"].as_array().expect("a list");
        let fits = |keys: &[&str]| {
            let has = |key: &Json| keys.contains(&key.as_str().expect("a key"));
            let all = |form: &Json| form["required"].as_array().expect("a list").iter().all(has);
            let fitting = forms.iter().filter(|form| {
                let mut others = form["not"]["anyOf"].as_array().expect("a list").iter();
                all(form) && !others.any(all)
            });
            fitting.count()
        };
        for keys in [
            &["attribute", "pin", "min", "max"][..],
            &["attribute", "pin", "above", "active_low"],
            &["attribute", "strip", "pixels", "from", "to", "min", "max"],
            &["attribute", "strip", "pixels", "palette"],
            &["attribute", "strip", "pixels", "palette", "max"],
        ] {
            assert_eq!(fits(keys), 1, "{keys:?}");
        }
        for keys in [
            &["attribute", "pin"][..],
            &["attribute", "pin", "above", "below"],
            &["attribute", "pin", "above", "strip"],
            &["attribute", "strip", "pixels"],
            &["attribute", "strip", "pixels", "palette", "from"],
        ] {
            assert_eq!(fits(keys), 0, "{keys:?}");
        }
    }
}
