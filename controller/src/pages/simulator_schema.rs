//! The part of the schema that is about simulators.

use serde_json::{Value as Json, json};

/// The section `simulators`.
pub(super) fn simulators() -> Json {
    let arguments = |what: &str| json!({"description": what, "type": "object"});
    let one_of = ["python", "command", "connect"].map(|key| json!({"required": [key]}));
    json!({
        "description": "programs whose models are models of this scenario: classes in Python, and simulators \
                        for mosaik",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^\\w+$"},
        "additionalProperties": {
            "type": "object",
            "oneOf": one_of,
            "additionalProperties": false,
            "properties": {
                "python": {
                    "description": "a class in Python, module:Class; each model of it is a program of its own",
                    "type": "string",
                    "pattern": "^\\w+(\\.\\w+)*:\\w+$",
                },
                "command": {
                    "description": "a command that is started and calls back at %(addr)s; %(python)s is the \
                                    interpreter",
                    "type": "string",
                    "minLength": 1,
                },
                "connect": {
                    "description": "host:port of a simulator that is there already",
                    "type": "string",
                    "pattern": "^.+:[0-9]+$",
                },
                "interpreter": {
                    "description": "the Python to run it with; default python3",
                    "type": "string",
                    "minLength": 1,
                },
                "init": arguments("named arguments of init; not for a class in Python"),
                "calls": {
                    "description": "extra methods that are called once all models have been created",
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["method"],
                        "additionalProperties": false,
                        "properties": {
                            "method": {"type": "string", "minLength": 1},
                            "arguments": arguments("its named arguments"),
                        },
                    },
                },
                "pipeline": {
                    "description": "whether a step and the question for its results go out together",
                    "type": "boolean",
                    "default": true,
                },
            },
        },
    })
}
