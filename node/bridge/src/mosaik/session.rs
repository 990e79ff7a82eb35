//! A session of mosaik: what is answered to its requests.

use std::collections::BTreeMap;

use foreign::wire::{Call, Failed};
use shared::model::{ModelConfig, Stepped};
use shared::time::Tick;
use shared::value::Value;

use super::arrivals::{Arrivals, arrivals};
use super::cluster::{Cluster, Means};
use super::creation::{Creation, Data, MAX_ENTITIES, check_sections, instantiate};
use super::description::{description, map};
use super::entity::{Entities, Entity, Values, notices};
use super::here::Here;
use super::refusal::{Answer, Kind, refusal, refuse, unknown};
use super::serving::Serving;
use super::settings::Settings;
use crate::log;

/// The functions that there are.
const FUNCTIONS: [&str; 6] = ["init", "create", "setup_done", "step", "get_data", "stop"];

/// What the only model of a session of the Illuminator is called.
const ONLY: &str = "time-based_0";

/// How many notices of models a session has in the log.
const NOTICES: usize = 100;

/// A session.
#[derive(Debug)]
pub(super) struct Session<'s> {
    serving: &'s Serving,
    /// Who is at the other end, in the log.
    who: String,
    settings: Option<Settings>,
    pub(super) entities: Entities,
    counts: BTreeMap<String, usize>,
    data: Data,
    pub(super) place: Place,
    pub(super) values: Values,
    /// The tick of the next step.
    due: Tick,
    /// Steps that mosaik has made.
    steps: u64,
    notices: usize,
}

/// Where the models are.
#[derive(Debug)]
pub(super) enum Place {
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
            steps: 0,
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
        format!("{models} model(s), {} step(s)", self.steps)
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

    pub(super) fn settings(&self) -> Answer<&Settings> {
        let settings = self.settings.as_ref();
        settings.ok_or_else(|| refusal(Kind::Runtime, "'init' must come first"))
    }

    fn create(&mut self, call: &Call) -> Answer {
        self.settings()?;
        if !matches!(self.place, Place::Nowhere) {
            return refuse(Kind::Runtime, "models are created before the first step");
        }
        let creation = Creation::read(call, &self.serving.types)?;
        if self.entities.list().len() + creation.count > MAX_ENTITIES {
            let message = format!("a session has at most {MAX_ENTITIES} models");
            return refuse(Kind::Value, message);
        }
        let created = self.build(creation)?;
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

    /// Builds the models that are asked for.
    fn build(&mut self, creation: Creation) -> Answer<Vec<Entity>> {
        let settings = self.settings()?;
        let (grid, entry) = (settings.clock.grid, settings.entry.clone());
        let (count, model_type) = (creation.count, creation.model_type.clone());
        let data = creation.data.clone();
        let config = match &entry {
            Some(entry) => {
                check_only(entry, &model_type.name, self.entities.list().len() + count)?;
                creation.over(entry)
            }
            None => creation.config,
        };
        self.data.take(&data)?;
        let made = self.counts.get(&config.model_type).copied();
        let first = made.unwrap_or_default();
        let mut created = Vec::with_capacity(count);
        for number in first..first + count {
            let mut config = config.clone();
            if entry.is_none() {
                config.name = format!("{}_{number}", config.model_type);
            }
            let instance = instantiate(&model_type, &config, grid, &self.data.files)?;
            let id = if entry.is_some() {
                ONLY.to_owned()
            } else {
                check_sections(&config, &instance)?;
                config.name.clone()
            };
            created.push(Entity {
                id,
                config,
                instance,
            });
        }
        self.counts.insert(config.model_type, first + count);
        Ok(created)
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
        self.steps += 1;
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
}

/// The only model of a session of the Illuminator must be that of its entry.
fn check_only(entry: &ModelConfig, model_type: &str, count: usize) -> Answer<()> {
    let (name, wanted) = (&entry.name, &entry.model_type);
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
