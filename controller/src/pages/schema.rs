//! The JSON Schema of scenario files, from the catalogue, so that editors complete and check them.

use serde_json::{Map, Value as Json, json};
use shared::model::{
    Literal, Missing, ModelType, Parameter, ParameterKind, Registry, SectionPolicy,
};
use shared::value::Origin;

use super::{light_schema, simulator_schema};

/// The schema (draft 2020-12).
pub(crate) fn schema(catalogue: &Registry) -> Json {
    let rules: Vec<Json> = catalogue.iter().map(rule_of).collect();
    let time = json!({
        "type": "string",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$",
    });
    // Attributes of entities of simulators have any characters, and so may their children.
    let reference = json!({"type": "string", "pattern": "^\\w+(\\..+|/.+\\..+)$"});
    let plain = json!({"pattern": "^\\w+\\.\\w+$"});
    let names: Vec<&str> = catalogue.names().collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Illuminator scenario",
        "type": "object",
        "required": ["scenario", "models", "connections", "monitor"],
        "additionalProperties": false,
        "properties": {
            "indicators": {
                "description": "of sweeps: what of a variant is one number, such as max(Store.soc)",
                "type": "object",
                "additionalProperties": {"type": "string"},
            },
            "scenario": {
                "type": "object",
                "required": ["name", "start_time", "end_time"],
                "additionalProperties": false,
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "start_time": described(&time, "first tick, in quotes: '2012-02-01 00:00:00'"),
                    "end_time": described(&time, "end, in quotes; itself not simulated"),
                    "time_resolution": {
                        "description": "seconds per tick",
                        "type": "integer",
                        "minimum": 1,
                        "default": 900,
                    },
                    "align_parameters": {"type": "boolean"},
                },
            },
            "simulators": simulator_schema::simulators(),
            "models": {"type": "array", "items": model(&names, &rules)},
            "connections": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["from", "to"],
                    "additionalProperties": false,
                    "properties": {
                        "from": described(&reference, "model.attribute that gives"),
                        "to": described(&reference, "model.attribute that takes"),
                        "time_shifted": {
                            "description": "deliver the value of the tick before; breaks a loop",
                            "type": "boolean",
                            "default": false,
                        },
                        "weak": {
                            "description": "between simulators: the loop that it closes is gone through again \
                                            within a tick",
                            "type": "boolean",
                            "default": false,
                        },
                        "async_requests": {
                            "description": "between simulators: the target may ask the source for values, and \
                                            set some, while it steps",
                            "type": "boolean",
                            "default": false,
                        },
                    },
                },
            },
            "monitor": {
                "type": "object",
                "required": ["items"],
                "additionalProperties": false,
                "properties": {
                    "file": {
                        "description": "the CSV file that is written",
                        "type": "string",
                        "default": "./out.csv",
                    },
                    "dates": {
                        "description": "'whole': every row has date and time; 'short': a row at \
                                        midnight has no time, as in the Python Illuminator",
                        "enum": ["short", "whole"],
                        "default": "short",
                    },
                    "items": {"type": "array", "minItems": 1, "items": reference},
                    "parquet": {
                        "description": "a Parquet file that is written beside it; the Python Illuminator has no such key",
                        "type": "string",
                    },
                    "influx": influx(),
                    "mqtt": mqtt(),
                },
            },
        },
        "if": {"required": ["simulators"]},
        "else": {
            "properties": {
                "models": {"items": {"properties": {"type": {"enum": names}}}},
                "connections": {"items": {"properties": {"from": plain, "to": plain}}},
                "monitor": {"properties": {"items": {"items": plain}}},
            },
        },
    })
}

fn influx() -> Json {
    let server = influx_server();
    json!({
        "description": "an InfluxDB that the rows go to, or a list of them; the Python Illuminator has no such key",
        "type": ["object", "array"],
        "if": {"type": "object"},
        "then": server,
        "items": server,
        "minItems": 1,
    })
}

fn influx_server() -> Json {
    json!({
        "type": "object",
        "required": ["url"],
        "oneOf": [{"required": ["db"]}, {"required": ["org", "bucket"]}],
        "additionalProperties": false,
        "properties": {
            "url": {
                "description": "such as http://localhost:8086; for https, of a tunnel or a proxy that adds TLS",
                "type": "string",
                "pattern": "^http://",
            },
            "db": {"description": "InfluxDB 1: the database", "type": "string"},
            "org": {"description": "InfluxDB 2: the organisation", "type": "string"},
            "bucket": {"description": "InfluxDB 2: the bucket", "type": "string"},
            "token_file": {
                "description": "a file with the token, for InfluxDB 1 with USER:PASSWORD; else it is taken from \
                                the environment, INFLUX_TOKEN",
                "type": "string",
            },
        },
    })
}

fn mqtt() -> Json {
    json!({
        "description": "a server for MQTT that the newest values go to, where Home Assistant finds them; the \
                        Python Illuminator has no such key",
        "type": "object",
        "required": ["url"],
        "additionalProperties": false,
        "properties": {
            "url": {"description": "such as mqtt://USER@HOST:1883", "type": "string", "pattern": "^mqtt://"},
            "topic": {
                "description": "what the values are below; by default illuminator/ and the name of the scenario",
                "type": "string",
            },
            "discovery": {
                "description": "below which topic Home Assistant looks for sensors",
                "type": "string",
                "default": "homeassistant",
            },
            "password_file": {
                "description": "a file with the password of the user; else it is taken from the environment, \
                                MQTT_PASSWORD",
                "type": "string",
            },
        },
    })
}

fn described(schema: &Json, description: &str) -> Json {
    let mut schema = schema.clone();
    schema["description"] = description.into();
    schema
}

/// What all models have in common, and what each type adds.
fn model(names: &[&str], rules: &[Json]) -> Json {
    let section = json!({"type": "object", "minProperties": 1});
    json!({
        "type": "object",
        "required": ["name", "type"],
        "additionalProperties": false,
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "type": {
                "anyOf": [
                    {"enum": names},
                    {
                        "description": "a simulator of this scenario, or one of its models: SIMULATOR.MODEL",
                        "type": "string",
                    },
                ],
            },
            "parameters": section,
            "inputs": section,
            "outputs": section,
            "states": section,
            "time_step_size": {
                "description": "ticks from one step to the next",
                "type": "integer",
                "minimum": 1,
            },
            "triggers": {"type": "array", "minItems": 1},
            "connect": {
                "description": "the node that runs the model; without it the controller does",
                "type": "object",
                "required": ["ip"],
                "additionalProperties": false,
                "properties": {
                    "ip": {"description": "address or name of the node", "type": "string"},
                    "port": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 65535,
                        "default": shared::wire::DEFAULT_PORT,
                    },
                },
            },
            "leds": {
                "description": "lights of the model's node that show its values",
                "type": "array",
                "minItems": 1,
                "items": light_schema::light(),
            },
            "multi_parameters": section,
        },
        "allOf": rules,
    })
}

/// What holds for models of one type.
fn rule_of(model_type: &ModelType) -> Json {
    let parameters = &model_type.parameters;
    let required: Vec<&str> = parameters
        .iter()
        .filter(|p| p.used_with.is_none() && is_required(model_type, p))
        .map(|parameter| &*parameter.name)
        .collect();
    let properties: Map<String, Json> = parameters
        .iter()
        .map(|p| (p.name.to_string(), always_allowed(p)))
        .collect();
    let switched: Vec<Json> = parameters
        .iter()
        .filter_map(|p| where_used(model_type, p))
        .collect();
    let inputs = model_type
        .inputs
        .iter()
        .map(|i| (&*i.name, &*i.unit, &i.initial, &*i.meaning));
    let published = |origin| {
        let published = model_type
            .published
            .iter()
            .filter(move |p| p.origin == origin);
        attributes(published.map(|p| (&*p.name, &*p.unit, &p.initial, &*p.meaning)))
    };
    // What a type publishes that declares nothing depends on its files and parameters.
    let is_closed = !model_type.published.is_empty();
    let mut then = json!({
        "description": model_type.summary(),
        "properties": {
            "parameters": {"properties": properties, "required": required, "allOf": switched},
            "inputs": section(&attributes(inputs), Some("input")),
            "outputs": section(&published(Origin::Output), is_closed.then_some("output")),
            "states": section(&published(Origin::State), is_closed.then_some("state")),
        },
    });
    if parameters
        .iter()
        .any(|p| p.default.is_none() && p.kind != ParameterKind::Unused)
        || model_type.sections == SectionPolicy::Own
    {
        then["required"] = json!(["parameters"]);
    }
    json!({"if": {"properties": {"type": {"const": &*model_type.name}}}, "then": then})
}

/// A section of initial values. Where it is known what there is, other names are allowed, as
/// scenario files have them, and used by nobody: editors show them like what is out of use.
fn section(properties: &Map<String, Json>, closed: Option<&str>) -> Json {
    let mut section = json!({"properties": properties});
    if let Some(what) = closed {
        section["additionalProperties"] = json!({
            "deprecated": true,
            "deprecationMessage":
                format!("the type has no {what} of this name, so the value is not used"),
        });
    }
    section
}

/// Whether a given section must have this parameter, as far as it is used.
pub(super) fn is_required(model_type: &ModelType, parameter: &Parameter) -> bool {
    let refused = parameter.missing == Missing::Refused;
    let replaces = model_type.sections == SectionPolicy::Replace;
    refused && parameter.kind != ParameterKind::Unused && (replaces || parameter.default.is_none())
}

/// What may be given for a parameter in every case: anything where another one may leave it unused.
fn always_allowed(parameter: &Parameter) -> Json {
    let schema = parameter_schema(parameter);
    if parameter.used_with.is_none() {
        return schema;
    }
    let texts = ["description", "default"].map(|key| (key.to_owned(), schema[key].clone()));
    Json::Object(texts.into_iter().collect())
}

/// What holds for a parameter unless the flag that it is used with is off.
fn where_used(model_type: &ModelType, parameter: &Parameter) -> Option<Json> {
    let flag = parameter.used_with.as_deref()?;
    let mut schema = json!({"properties": {&*parameter.name: parameter_schema(parameter)}});
    if is_required(model_type, parameter) {
        schema["required"] = json!([&*parameter.name]);
    }
    let is_off = json!({"properties": {flag: {"enum": [false, 0]}}, "required": [flag]});
    Some(json!({"if": is_off, "else": schema}))
}

fn attributes<'a>(
    declared: impl Iterator<Item = (&'a str, &'a str, &'a Literal, &'a str)>,
) -> Map<String, Json> {
    declared
        .map(|(name, unit, initial, meaning)| {
            let description = with_unit(meaning, unit);
            (
                name.to_owned(),
                json!({"description": description, "default": literal(initial)}),
            )
        })
        .collect()
}

fn parameter_schema(parameter: &Parameter) -> Json {
    let mut schema = match &parameter.kind {
        ParameterKind::Number => json!({"type": "number"}),
        ParameterKind::Integer => json!({"type": ["integer", "null"]}),
        ParameterKind::Flag => json!({"enum": [true, false, 0, 1]}),
        ParameterKind::Text | ParameterKind::WriteFolder(_) => json!({"type": "string"}),
        ParameterKind::Choice(choices) => json!({"enum": choices.iter().collect::<Vec<_>>()}),
        ParameterKind::ReadPaths => json!({
            "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
        }),
        ParameterKind::Any | ParameterKind::Unused => json!({}),
    };
    schema["description"] = with_unit(&parameter.meaning, &parameter.unit).into();
    if let Some(default) = &parameter.default {
        schema["default"] = literal(default);
    }
    // Whoever leaves a parameter at null by default may write it.
    if parameter.default == Some(Literal::Null)
        && let Some(Json::String(kind)) = schema.get("type").cloned()
    {
        schema["type"] = json!([kind, "null"]);
    }
    for (limit, closed, open) in [
        (parameter.range.low, "minimum", "exclusiveMinimum"),
        (parameter.range.high, "maximum", "exclusiveMaximum"),
    ] {
        if let Some((value, is_closed)) = limit {
            schema[if is_closed { closed } else { open }] = value.into();
        }
    }
    schema
}

fn with_unit(meaning: &str, unit: &str) -> String {
    if unit == "-" {
        meaning.to_owned()
    } else {
        format!("{meaning} ({unit})")
    }
}

fn literal(literal: &Literal) -> Json {
    match literal {
        Literal::Null => Json::Null,
        Literal::Bool(flag) => (*flag).into(),
        Literal::Int(int) => (*int).into(),
        Literal::Float(float) => (*float).into(),
        Literal::Text(text) => (**text).into(),
        Literal::EmptyList => json!([]),
        Literal::EmptyMap => json!({}),
        Literal::Floats(floats) => json!(floats),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_without_simulators_has_the_types_that_there_are() {
        let schema = schema(&models::CATALOGUE);
        assert_eq!(schema["if"]["required"], json!(["simulators"]));
        let types = &schema["else"]["properties"]["models"]["items"]["properties"]["type"]["enum"];
        assert_eq!(
            types.as_array().expect("names").len(),
            models::CATALOGUE.names().count()
        );
    }

    #[test]
    fn every_type_has_its_rule() {
        let schema = schema(&models::CATALOGUE);
        let rules = schema["properties"]["models"]["items"]["allOf"]
            .as_array()
            .expect("rules");
        assert_eq!(rules.len(), models::CATALOGUE.iter().count());
        let battery = rules
            .iter()
            .find(|rule| rule["if"]["properties"]["type"]["const"] == "Battery")
            .expect("a rule");
        let parameters = &battery["then"]["properties"]["parameters"];
        assert_eq!(
            parameters["properties"]["max_energy"]["exclusiveMinimum"],
            0.0
        );
        assert_eq!(parameters["properties"]["min_p"]["default"], -250);
        let required = parameters["required"].as_array().expect("names");
        assert!(required.contains(&"max_p".into()) && !required.contains(&"whole_step".into()));
    }

    #[test]
    fn names_that_a_type_does_not_have_are_marked() {
        let schema = schema(&models::CATALOGUE);
        let rules = &schema["properties"]["models"]["items"]["allOf"];
        let rule = |name: &str| {
            let all = rules.as_array().expect("rules").iter();
            let mut found = all.filter(|rule| rule["if"]["properties"]["type"]["const"] == name);
            found.next().expect("a rule")["then"]["properties"].clone()
        };
        let battery = rule("Battery");
        assert_eq!(
            battery["states"]["additionalProperties"]["deprecated"],
            true
        );
        assert!(battery["states"]["properties"]["soc"].is_object());
        // A null that is the default may be written.
        let reader = &rule("CSV")["parameters"]["properties"];
        assert_eq!(reader["tzinfo"]["type"], json!(["string", "null"]));
        // What a reader publishes depends on its file.
        assert_eq!(rule("CSV")["states"]["additionalProperties"], Json::Null);
    }
}
