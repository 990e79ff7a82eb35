//! A session of mosaik: what is answered to its requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use foreign::wire::{Call, Failed};
use shared::index::Index;
use shared::model::Stepped;
use shared::time::Tick;
use shared::value::Value;

use super::arrivals::{Arrivals, arrivals};
use super::cluster::{Cluster, Means};
use super::creation::{Creation, Data, MAX_ENTITIES, check_sections, entries, instantiate};
use super::description::{description, map};
use super::entity::{Entities, Entity};
use super::here::Here;
use super::refusal::{Answer, Kind, refusal, refuse, unknown};
use super::serve::Serving;
use super::settings::Settings;
use crate::log;

/// What the models of a session have published, by model and slot.
pub(super) type Values = Vec<Vec<Option<Value>>>;

/// The functions that there are.
const FUNCTIONS: [&str; 6] = ["init", "create", "setup_done", "step", "get_data", "stop"];

/// How many notices of models a session has in the log.
const NOTICES: usize = 100;

/// A session.
#[derive(Debug)]
pub(super) struct Session<'s> {
    serving: &'s Serving,
    /// Who is at the other end, in the log.
    who: String,
    settings: Option<Settings>,
    entities: Entities,
    counts: BTreeMap<String, usize>,
    data: Data,
    place: Place,
    values: Values,
    /// The tick of the next step.
    due: Tick,
    notices: usize,
}

/// Where the models are.
#[derive(Debug)]
enum Place {
    /// They are being created.
    Nowhere,
    Here(Here),
    Nodes(Cluster),
    /// They failed.
    Broken(Failed),
}

impl<'s> Session<'s> {
    pub(super) fn new(serving: &'s Serving, who: String) -> Self {
        Self {
            serving,
            who,
            settings: None,
            entities: Entities::default(),
            counts: BTreeMap::new(),
            data: Data::default(),
            place: Place::Nowhere,
            values: Values::new(),
            due: 0,
            notices: 0,
        }
    }

    /// Whether `init` has been answered.
    pub(super) fn has_begun(&self) -> bool {
        self.settings.is_some()
    }

    /// What there is to say of it at its end.
    pub(super) fn summary(&self) -> String {
        let models = self.entities.list().len();
        format!("{models} models, {} steps", self.due)
    }

    /// Does what is asked for.
    pub(super) fn answer(&mut self, call: &Call) -> Answer {
        match &*call.function {
            "init" => self.init(call),
            "create" => self.create(call),
            "setup_done" => Ok(Value::Null),
            "step" => self.step(&call.arguments),
            "get_data" => self.get_data(&call.arguments),
            other => Err(unknown("function", other, FUNCTIONS)),
        }
    }

    fn init(&mut self, call: &Call) -> Answer {
        if self.settings.is_some() {
            return refuse(Kind::Runtime, "'init' comes once in a session");
        }
        let settings = Settings::read(call, &self.serving.types)?;
        let answer = description(&self.serving.types, &settings);
        if !self.serving.is_quiet {
            let sid = call
                .arguments
                .first()
                .and_then(Value::as_text)
                .unwrap_or("?");
            let seconds = settings.clock.grid.resolution;
            log::say(format_args!(
                "{}: session '{sid}', with steps of {seconds} s",
                self.who
            ));
        }
        self.settings = Some(settings);
        Ok(answer)
    }

    fn settings(&self) -> Answer<&Settings> {
        let settings = self.settings.as_ref();
        settings.ok_or_else(|| refusal(Kind::Runtime, "'init' must come first"))
    }

    fn create(&mut self, call: &Call) -> Answer {
        let settings = self.settings()?;
        let grid = settings.clock.grid;
        if !matches!(self.place, Place::Nowhere) {
            return refuse(Kind::Runtime, "models are created before the first step");
        }
        let creation = Creation::read(call, &self.serving.types)?;
        let (count, model_type) = (creation.count, creation.model_type.clone());
        let before = self.entities.list().len();
        if before + count > MAX_ENTITIES {
            return refuse(
                Kind::Value,
                format!("a session has at most {MAX_ENTITIES} models"),
            );
        }
        let entry = settings.entry.as_ref();
        if let Some(entry) = entry {
            check_only(
                &entry.name,
                &entry.model_type,
                &model_type.name,
                before + count,
            )?;
        }
        let (data, is_entry) = (creation.data.clone(), entry.is_some());
        let mut config = match entry {
            Some(entry) => creation.over(entry),
            None => creation.config,
        };
        self.data.take(&data)?;
        let first = self
            .counts
            .get(&config.model_type)
            .copied()
            .unwrap_or_default();
        let mut created = Vec::with_capacity(count);
        for number in first..first + count {
            let id = if is_entry {
                "time-based_0".to_owned()
            } else {
                config.name = format!("{}_{number}", config.model_type);
                config.name.clone()
            };
            let instance = instantiate(&model_type, &config, grid, &self.data.files)?;
            if !is_entry {
                check_sections(&config, &instance)?;
            }
            let config = config.clone();
            created.push(Entity {
                id,
                config,
                instance,
            });
        }
        self.counts.insert(config.model_type, first + count);
        let answer = created.iter().map(|entity| {
            let model_type = Value::text(&entity.config.model_type);
            map([("eid", Value::text(&entity.id)), ("type", model_type)])
        });
        let answer = Value::List(answer.collect());
        for entity in created {
            for warning in &entity.instance.warnings {
                self.tell(&entity.config.name, warning);
            }
            self.values
                .push(vec![None; entity.instance.published.len()]);
            self.entities.push(entity);
        }
        Ok(answer)
    }

    fn step(&mut self, arguments: &[Value]) -> Answer {
        let (Value::Int(time), inputs) = (match arguments {
            // How far one may go on is of no use to models that name their next step.
            [time, inputs] | [time, inputs, _] => (time, inputs),
            _ => {
                return refuse(
                    Kind::Type,
                    "step takes a time, inputs, and how far to advance",
                );
            }
        }) else {
            return refuse(
                Kind::Type,
                format!("a time must be an integer, not {}", arguments[0]),
            );
        };
        let settings = self.settings()?;
        let (clock, envelopes) = (settings.clock, settings.entry.is_some());
        if let Place::Broken(failed) = &self.place {
            return Err(failed.clone());
        }
        let tick = self.due;
        if clock.tick(*time) != Some(tick) {
            let due = clock.time(tick);
            let why = if *time < due {
                "is no step"
            } else {
                "is beyond the next step"
            };
            let seconds = clock.grid.resolution;
            let message =
                format!("time {time} {why}: with steps of {seconds} s the next one is at {due}");
            return refuse(Kind::Value, message);
        }
        let arrivals = arrivals(inputs, &self.entities, envelopes)?;
        if matches!(self.place, Place::Nowhere) {
            self.place = self.start(&arrivals)?;
        }
        self.make(tick, arrivals).inspect_err(|failed| {
            if !self.serving.is_quiet {
                log::say(format_args!("{}: {}", self.who, failed.message));
            }
            self.place = Place::Broken(failed.clone());
        })?;
        self.due = self.entities.next(tick);
        Ok(Value::Int(clock.time(self.due)))
    }

    /// Puts the models where they run.
    fn start(&self, first: &Arrivals) -> Answer<Place> {
        let Some(nodes) = self.serving.places.for_models(self.entities.list().len()) else {
            return Ok(Place::Here(Here::new(&self.entities)));
        };
        let means = Means {
            nodes: &nodes,
            access: &self.serving.places.access,
            grid: self.settings()?.clock.grid,
            files: &self.data.files,
            who: &self.who,
            is_quiet: self.serving.is_quiet,
        };
        Ok(Place::Nodes(Cluster::start(&self.entities, first, &means)?))
    }

    /// Makes a step.
    fn make(&mut self, tick: Tick, arrivals: Arrivals) -> Result<(), Failed> {
        let (entities, values) = (&mut self.entities, &mut self.values);
        match &mut self.place {
            Place::Here(here) => {
                let mut said = Vec::new();
                let mut tell =
                    |entity: &Entity, stepped: &Stepped| said.extend(notices(entity, stepped));
                let made = here.step(tick, entities, arrivals, values, &mut tell);
                for (name, text) in said {
                    self.tell(&name, &text);
                }
                made
            }
            Place::Nodes(cluster) => cluster.step(tick, entities, &arrivals, values),
            Place::Nowhere => refuse(Kind::Runtime, "the models have not started"),
            Place::Broken(failed) => Err(failed.clone()),
        }
    }

    /// Reports what a model says, unless that has been much.
    fn tell(&mut self, model: &str, text: &str) {
        self.notices += 1;
        if self.serving.is_quiet || self.notices > NOTICES {
            return;
        }
        log::say(format_args!("{}: model '{model}': {text}", self.who));
    }

    fn get_data(&self, arguments: &[Value]) -> Answer {
        let envelopes = self.settings()?.entry.is_some();
        if let Place::Broken(failed) = &self.place {
            return Err(failed.clone());
        }
        let [asked] = arguments else {
            return refuse(
                Kind::Type,
                "get_data takes one mapping from entities to lists of attributes",
            );
        };
        if matches!(self.place, Place::Nowhere) {
            return refuse(
                Kind::Runtime,
                "before the first step there is nothing to get",
            );
        }
        let form = || refusal(Kind::Type, "get_data takes {entity: [attribute, …]}");
        let mut data = Vec::new();
        for (id, names) in entries(asked).ok_or_else(form)? {
            let Value::List(names) = names else {
                return Err(form());
            };
            let place = self.entities.find(id)?;
            let (entity, values) = (&self.entities.list()[place], &self.values[place]);
            let mut found: Vec<(Arc<str>, Value)> = Vec::with_capacity(names.len());
            for name in &**names {
                let name = name.as_text().ok_or_else(form)?;
                let slot = entity.published(name)?.place();
                if found.iter().any(|(known, _)| **known == *name) {
                    continue;
                }
                let value = values[slot].clone().unwrap_or_default();
                let origin = entity.instance.published[slot].origin;
                let value = if envelopes {
                    map([
                        ("message_origin", Value::text(&origin.to_string())),
                        ("value", value),
                    ])
                } else {
                    value
                };
                found.push((name.into(), value));
            }
            data.push((id.clone(), Value::Map(found.into())));
        }
        Ok(Value::Map(data.into()))
    }
}

/// The only model of a session of the Illuminator must be that of its entry.
fn check_only(name: &str, wanted: &str, model_type: &str, count: usize) -> Answer<()> {
    if wanted != model_type {
        let message =
            format!("model '{name}' of 'sim_params' is a {wanted}, and not a {model_type}");
        return refuse(Kind::Value, message);
    }
    if count > 1 {
        let message = format!("with 'sim_params' there is one model, '{name}'");
        return refuse(Kind::Value, message);
    }
    Ok(())
}

/// What a model says in a step, with its name.
fn notices(entity: &Entity, stepped: &Stepped) -> Vec<(String, String)> {
    let said = stepped.notices.iter().map(|said| said.text.clone());
    let files = stepped.files.iter().map(|file| {
        format!(
            "the file '{}' is not written: the bridge writes none",
            file.path
        )
    });
    let all = said.chain(files);
    all.map(|text| (entity.config.name.clone(), text)).collect()
}
