//! Evaluating variants as somebody asks for them: a line of JSON with parameters in, one with indicators out.
//!
//! Questions are answered side by side on all cores, and answers come in the order of the questions.

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::{Map, Value as Json, json};
use shared::value::Value;

use super::design::Variant;
use super::study::NEVER_STOPPED;
use super::{Options, Study, SweepError, workers};
use crate::chain::chain;

/// So many kinds of questions are kept in mind: each is a set of parameters.
const KINDS: usize = 16;

/// So many questions wait for a core.
const WAITING: usize = 1024;

/// Evaluates variants of a scenario.
struct Evaluator {
    scenario: PathBuf,
    options: Options,
    /// What is known of each set of parameters.
    known: Mutex<BTreeMap<Vec<String>, Arc<Study>>>,
}

/// A question, as far as it could be read.
struct Question {
    /// What its answer is told apart by.
    id: Option<Json>,
    parameters: BTreeMap<String, Json>,
}

/// Answers questions until there are no more.
///
/// # Errors
/// They cannot be read.
pub(crate) fn answer(
    scenario: &Path,
    options: &Options,
    questions: &mut dyn BufRead,
    say: &mut (dyn FnMut(&str) + Send),
) -> io::Result<()> {
    let evaluator = Evaluator {
        scenario: scenario.to_owned(),
        options: options.clone(),
        known: Mutex::default(),
    };
    let (asked, waiting) = sync_channel::<(u64, String)>(WAITING);
    let (answered, answers) = sync_channel::<(u64, String)>(WAITING);
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        for _ in 0..options.jobs.unwrap_or_else(workers::cores).max(1) {
            let (answered, waiting, evaluator) = (answered.clone(), &waiting, &evaluator);
            scope.spawn(move || {
                let next = || {
                    waiting
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .recv()
                };
                while let Ok((number, line)) = next() {
                    let answer = evaluator.answer(&line).to_string();
                    if answered.send((number, answer)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(answered);
        scope.spawn(move || in_order(&answers, say));
        let mut number = 0;
        let mut line = String::new();
        let read = loop {
            line.clear();
            match questions.read_line(&mut line) {
                Ok(0) => break Ok(()),
                Ok(_) if line.trim().is_empty() => {}
                Ok(_) => {
                    if asked.send((number, std::mem::take(&mut line))).is_err() {
                        break Ok(());
                    }
                    number += 1;
                }
                Err(error) => break Err(error),
            }
        };
        drop(asked);
        read
    })
}

/// Says answers in the order of their questions.
fn in_order(answers: &Receiver<(u64, String)>, say: &mut dyn FnMut(&str)) {
    let (mut early, mut next) = (BTreeMap::new(), 0);
    while let Ok((number, answer)) = answers.recv() {
        early.insert(number, answer);
        while let Some(answer) = early.remove(&next) {
            say(&answer);
            next += 1;
        }
    }
}

impl Evaluator {
    fn answer(&self, line: &str) -> Json {
        let question = match Question::read(line) {
            Ok(question) => question,
            Err(why) => return json!({"error": why}),
        };
        let mut answer = Map::new();
        if let Some(id) = &question.id {
            answer.insert("id".to_owned(), id.clone());
        }
        match self.evaluate(&question.parameters) {
            Ok(indicators) => answer.insert("indicators".to_owned(), indicators.into()),
            Err(why) => answer.insert("error".to_owned(), why.into()),
        };
        Json::Object(answer)
    }

    fn evaluate(&self, parameters: &BTreeMap<String, Json>) -> Result<Map<String, Json>, String> {
        let study = self.study(parameters)?;
        let factors = study.design.factors.iter().map(|factor| {
            let name = format!("{}.{}", factor.model_name, factor.key);
            parameters
                .get(&name)
                .map_or_else(|| factor.values[0].0.clone(), value_of)
        });
        let variant = Variant::of(factors.collect());
        let numbers = study.evaluate(&variant, &NEVER_STOPPED);
        let numbers = numbers.map_err(|why| chain(&why))?;
        let names = study.indicators.names();
        Ok(names
            .into_iter()
            .zip(numbers)
            .map(|(name, number)| (name, json!(number)))
            .collect())
    }

    /// What is known of scenarios in which these parameters are given.
    fn study(&self, parameters: &BTreeMap<String, Json>) -> Result<Arc<Study>, String> {
        let kind: Vec<String> = parameters.keys().cloned().collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(study) = known.get(&kind) {
            return Ok(Arc::clone(study));
        }
        let mut options = self.options.clone();
        // JSON is YAML.
        options.set.extend(
            parameters
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        let study = Study::new(&self.scenario, &options, &mut |_| {});
        let study = study.map_err(|error: SweepError| chain(&error))?;
        if study.design.count != 1 {
            return Err(format!(
                "the scenario has {} variants with these parameters; give each parameter that has several values one",
                study.design.count
            ));
        }
        if study.outputs.table.is_none() {
            return Err(
                "no indicator is wanted: give --indicators, or 'indicators' in the scenario"
                    .to_owned(),
            );
        }
        if known.len() >= KINDS {
            known.clear();
        }
        let study = Arc::new(study);
        known.insert(kind, Arc::clone(&study));
        Ok(study)
    }
}

impl Question {
    /// `{"id": 1, "parameters": {"Store.max_energy": 10}}`, or the parameters alone.
    fn read(line: &str) -> Result<Self, String> {
        let json: Json = serde_json::from_str(line)
            .map_err(|error| format!("a question is one line of JSON: {error}"))?;
        let Json::Object(mut object) = json else {
            return Err(
                "a question is an object, such as {\"parameters\": {\"Store.max_energy\": 10}}"
                    .to_owned(),
            );
        };
        let id = object.remove("id");
        let parameters = match object.remove("parameters") {
            None => object,
            Some(Json::Object(parameters)) if object.is_empty() => parameters,
            Some(Json::Object(_)) => {
                let other = object.keys().next().cloned().unwrap_or_default();
                return Err(format!(
                    "a question has 'id' and 'parameters', and not '{other}'"
                ));
            }
            Some(_) => return Err("'parameters' must be an object".to_owned()),
        };
        Ok(Self {
            id,
            parameters: parameters.into_iter().collect(),
        })
    }
}

/// A value of JSON as a scenario has it.
fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => number.as_i64().map_or_else(
            || Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            Value::Int,
        ),
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::List(items.iter().map(value_of).collect()),
        Json::Object(entries) => {
            let entries = entries.iter();
            Value::Map(
                entries
                    .map(|(key, value)| (key.as_str().into(), value_of(value)))
                    .collect(),
            )
        }
    }
}
