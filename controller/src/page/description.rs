//! What the page is told of a scenario: models, what they have, and what is connected to what.

use serde::Serialize;
use serde_json::{Value as Json, json};
use shared::model::{
    AttributeSlot, Facet, InputSlot, Literal, ModelConfig, ParameterKind, PublishedSlot, Section,
};
use shared::plan::{ModelId, PublishedId};
use shared::value::{Kind, Number, Origin, Value, write_cell};

use super::lights::{DescribedLed, Lights, described_leds, sockets};
use crate::adjusting::Adjustables;
use crate::results::{Column, unit_of};
use crate::scenario::{Graph, GraphModel};

/// A scenario, for the page.
#[derive(Debug, Default)]
pub(super) struct Description {
    pub(super) title: String,
    pub(super) start: String,
    /// Seconds of a tick.
    pub(super) resolution: u32,
    pub(super) ticks: u64,
    pub(super) models: Vec<DescribedModel>,
    pub(super) connections: Vec<DescribedConnection>,
    pub(super) columns: Vec<DescribedColumn>,
    /// What can be changed.
    pub(super) adjustables: Adjustables,
    pub(super) lights: Lights,
    /// What can be looked at, by its name.
    pub(super) places: Vec<(String, Place)>,
}

/// Where a value is found while a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) model: ModelId,
    pub(super) facet: Facet,
}

/// A model.
#[derive(Debug, Serialize)]
pub(super) struct DescribedModel {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) model_type: String,
    pub(super) summary: String,
    /// The place of the site that runs it, once that is known.
    pub(super) site: usize,
    pub(super) attributes: Vec<DescribedAttribute>,
    /// The LEDs that show something of it.
    pub(super) leds: Vec<DescribedLed>,
    /// Its sockets for cables, by their devices.
    pub(super) sockets: Vec<String>,
}

/// What a model has.
#[derive(Debug, Serialize)]
pub(super) struct DescribedAttribute {
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) unit: String,
    pub(super) kind: &'static str,
    pub(super) value: Json,
    pub(super) adjust: Option<Json>,
}

/// A connection, between models by their places.
#[derive(Debug, Serialize)]
pub(super) struct DescribedConnection {
    pub(super) from: usize,
    pub(super) output: String,
    pub(super) to: usize,
    pub(super) input: String,
    pub(super) origin: &'static str,
    pub(super) unit: String,
    pub(super) shifted: bool,
}

/// What is recorded.
#[derive(Clone, Debug, Serialize)]
pub(super) struct DescribedColumn {
    pub(super) item: String,
    pub(super) model: String,
    pub(super) attribute: String,
    pub(super) unit: String,
}

impl Description {
    /// Of a scenario that is about to run.
    pub(super) fn of(graph: &Graph) -> Self {
        let mut description = Self {
            title: graph.name.clone(),
            start: graph.grid.start.to_string(),
            resolution: graph.grid.resolution,
            ticks: graph.grid.ticks,
            adjustables: Adjustables::of(graph),
            lights: Lights::of(graph),
            ..Self::default()
        };
        for (id, model) in graph.models.enumerate() {
            description.places.extend(places(id, model));
            let model_described = described(id, model, &description.adjustables);
            description.models.push(model_described);
            for input in &model.inputs {
                let to = description.models.len() - 1;
                let name = &model.instance.model_type.inputs[input.slot.index()].name;
                let sources = input.sources.iter().map(|source| {
                    let (output, unit, origin) = published(graph, source.from);
                    DescribedConnection {
                        from: usize::try_from(source.from.model.0).unwrap_or(usize::MAX),
                        output,
                        to,
                        input: name.to_string(),
                        origin,
                        unit,
                        shifted: source.shifted,
                    }
                });
                description.connections.extend(sources);
            }
        }
        let column = |item: &crate::scenario::MonitorItem| {
            let (attribute, unit, _) = published(graph, item.source);
            DescribedColumn {
                item: item.text.clone(),
                model: graph.models[item.source.model].config.name.clone(),
                attribute,
                unit,
            }
        };
        description.columns = graph.monitor.items.iter().map(column).collect();
        description
    }
}

/// The name, the unit and the origin of something that is published.
fn published(graph: &Graph, id: PublishedId) -> (String, String, &'static str) {
    let model = &graph.models[id.model];
    let attribute = &model.instance.published[id.slot.index()];
    let unit = unit_of_published(model, id.slot.index());
    (attribute.name.to_string(), unit, origin(attribute.origin))
}

fn unit_of_published(model: &GraphModel, slot: usize) -> String {
    let model_type = &model.instance.model_type;
    let Some(declared) = model_type.published.get(slot) else {
        let name = &model.instance.published[slot].name;
        return model_type.unit_of_added(name).unwrap_or_default().into();
    };
    let unit = (&*declared.unit, declared.unit_by.as_deref());
    unit_of(model_type, unit, &model.config).unwrap_or_default()
}

/// What of a model can be looked at.
fn places(model: ModelId, of: &GraphModel) -> impl Iterator<Item = (String, Place)> {
    let name = &of.config.name;
    let item = move |attribute: &str| format!("{name}.{attribute}");
    let published = of.instance.published.iter().enumerate();
    let published = published.map(move |(slot, known)| {
        let facet = Facet::Attribute(AttributeSlot::Published(PublishedSlot::new(slot)));
        (item(&known.name), Place { model, facet })
    });
    let inputs = of.instance.model_type.inputs.iter().enumerate();
    let inputs = inputs.map(move |(slot, known)| {
        let facet = Facet::Attribute(AttributeSlot::Input(InputSlot::new(slot)));
        (item(&known.name), Place { model, facet })
    });
    published.chain(inputs)
}

fn described(id: ModelId, model: &GraphModel, all: &Adjustables) -> DescribedModel {
    let model_type = &model.instance.model_type;
    let mut attributes = parameters_of(id, model, all);
    attributes.extend(inputs_of(id, model, all));
    attributes.extend(published_of(model));
    DescribedModel {
        name: model.config.name.clone(),
        model_type: model.type_name(),
        summary: model_type.summary(),
        site: 0,
        attributes,
        leds: described_leds(model),
        sockets: sockets(model).to_vec(),
    }
}

/// Between which numbers something usually is that can be changed.
fn adjust(id: ModelId, name: &str, all: &Adjustables) -> Option<Json> {
    let (low, high) = all.find(id, name)?.usual;
    Some(json!({"min": low, "max": high}))
}

fn parameters_of(id: ModelId, model: &GraphModel, all: &Adjustables) -> Vec<DescribedAttribute> {
    let model_type = &model.instance.model_type;
    let declared = model_type.parameters.iter();
    let used = declared.filter(|known| !matches!(known.kind, ParameterKind::Unused));
    let described = used.map(|parameter| {
        let value = model.config.parameter(model_type, parameter);
        let unit = unit_of(model_type, (&parameter.unit, None), &model.config);
        DescribedAttribute {
            name: parameter.name.to_string(),
            role: "parameter",
            unit: unit.unwrap_or_default(),
            kind: kind_of_parameter(&parameter.kind),
            value: value.map_or(Json::Null, |value| json_of(&value)),
            adjust: adjust(id, &parameter.name, all),
        }
    });
    described.collect()
}

fn inputs_of(id: ModelId, model: &GraphModel, all: &Adjustables) -> Vec<DescribedAttribute> {
    let (config, model_type) = (&model.config, &model.instance.model_type);
    let described = model_type.inputs.iter().enumerate().map(|(slot, input)| {
        let connected = model.inputs.iter().any(|known| known.slot.index() == slot);
        let unit = (&*input.unit, input.unit_by.as_deref());
        let free = || initial(config, Section::Inputs, &input.name, &input.initial);
        DescribedAttribute {
            name: input.name.to_string(),
            role: "input",
            unit: unit_of(model_type, unit, config).unwrap_or_default(),
            kind: kind(input.kind),
            value: if connected { Json::Null } else { free() },
            adjust: adjust(id, &input.name, all),
        }
    });
    described.collect()
}

fn published_of(model: &GraphModel) -> Vec<DescribedAttribute> {
    let model_type = &model.instance.model_type;
    let all = model.instance.published.iter().enumerate();
    let described = all.map(|(slot, attribute)| {
        let section = match attribute.origin {
            Origin::Output => Section::Outputs,
            Origin::State => Section::States,
        };
        let declared = model_type.published.get(slot);
        let initial =
            declared.map(|known| initial(&model.config, section, &known.name, &known.initial));
        DescribedAttribute {
            name: attribute.name.to_string(),
            role: origin(attribute.origin),
            unit: unit_of_published(model, slot),
            kind: kind(attribute.kind),
            value: initial.unwrap_or(Json::Null),
            adjust: None,
        }
    });
    described.collect()
}

impl DescribedModel {
    /// Of a run that is over: all that is known of it is in columns.
    pub(super) fn of_result(
        name: &str,
        model_type: &str,
        summary: String,
        columns: &[Column],
    ) -> Self {
        let own = columns.iter().filter(|column| column.model == name);
        let attribute = |column: &Column| DescribedAttribute {
            name: column.attribute.clone(),
            role: "state",
            unit: column.unit.clone().unwrap_or_default(),
            kind: "number",
            value: Json::Null,
            adjust: None,
        };
        Self {
            name: name.to_owned(),
            model_type: model_type.to_owned(),
            summary,
            site: 0,
            attributes: own.map(attribute).collect(),
            leds: Vec::new(),
            sockets: Vec::new(),
        }
    }
}

fn initial(config: &ModelConfig, section: Section, name: &str, otherwise: &Literal) -> Json {
    let given = config.entry(section, name).cloned();
    json_of(&given.unwrap_or_else(|| Value::from(otherwise)))
}

pub(super) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Output => "output",
        Origin::State => "state",
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Number | Kind::Bool => "number",
        Kind::Text => "text",
        Kind::List => "list",
        Kind::Map => "mapping",
        _ => "any",
    }
}

fn kind_of_parameter(kind: &ParameterKind) -> &'static str {
    match kind {
        ParameterKind::Number | ParameterKind::Integer | ParameterKind::Flag => "number",
        ParameterKind::Text
        | ParameterKind::Choice(_)
        | ParameterKind::ReadPaths
        | ParameterKind::WriteFolder(_) => "text",
        ParameterKind::Any | ParameterKind::Unused => "any",
    }
}

/// A value for people: of long ones the beginning.
pub(super) fn json_of(value: &Value) -> Json {
    const LONGEST: usize = 200;
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Int(int) => json!(int),
        Value::Float(float) | Value::Numpy(float) => json!(float),
        Value::Text(text) => json!(text.chars().take(LONGEST).collect::<String>()),
        Value::List(_) | Value::Map(_) => {
            let mut cell = Vec::new();
            write_cell(&mut cell, value);
            json!(
                String::from_utf8_lossy(&cell)
                    .chars()
                    .take(LONGEST)
                    .collect::<String>()
            )
        }
    }
}

/// A value as a chart has it: not a number where it is none.
pub(super) fn number_of(value: &Value) -> f64 {
    value.as_number().map_or(f64::NAN, Number::to_f64)
}
