//! Evaluating variants as somebody asks for them: a line of JSON with parameters in, one with indicators out.
//!
//! Questions are answered side by side on all cores, and answers come in the order of the questions.

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::{Map, Value as Json, json};
use shared::value::Value;

use super::blueprint::TOGETHER;
use super::design::Variant;
use super::study::NEVER_STOPPED;
use super::variant::VariantError;
use super::workers::{self, Together};
use super::{Options, Study, SweepError};
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

/// The questions that wait.
struct Queue {
    lines: Mutex<Receiver<(u64, String)>>,
    /// How many there are.
    waiting: AtomicUsize,
    /// How many answer some.
    jobs: usize,
}

/// What is wanted by a question.
struct Wanted {
    number: u64,
    id: Option<Json>,
    study: Arc<Study>,
    variant: Variant,
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
    let (asked, lines) = sync_channel::<(u64, String)>(WAITING);
    let (answered, answers) = sync_channel::<Vec<(u64, String)>>(WAITING);
    let jobs = options.jobs.unwrap_or_else(workers::cores).max(1);
    let queue = Queue {
        lines: Mutex::new(lines),
        waiting: AtomicUsize::new(0),
        jobs,
    };
    thread::scope(|scope| {
        for _ in 0..jobs {
            let (answered, queue, evaluator) = (answered.clone(), &queue, &evaluator);
            scope.spawn(move || {
                let mut together = Together::at_most(TOGETHER);
                while let Some(lines) = queue.next(together.now()) {
                    let (answers, were_well) = evaluator.answer(lines);
                    together.adapt(were_well);
                    if answered.send(answers).is_err() {
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
                    queue.waiting.fetch_add(1, Ordering::Relaxed);
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
fn in_order(answers: &Receiver<Vec<(u64, String)>>, say: &mut dyn FnMut(&str)) {
    let (mut early, mut next) = (BTreeMap::new(), 0);
    while let Ok(answers) = answers.recv() {
        early.extend(answers);
        while let Some(answer) = early.remove(&next) {
            say(&answer);
            next += 1;
        }
    }
}

impl Queue {
    /// The next questions for somebody, so many at most, and no more than half of what each one would have of those that
    /// wait; `None` where there will be none.
    fn next(&self, most: usize) -> Option<Vec<(u64, String)>> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = vec![lines.recv().ok()?];
        let share = self.waiting.load(Ordering::Relaxed) / (2 * self.jobs);
        let more = most.min(share).saturating_sub(1);
        taken.extend(lines.try_iter().take(more));
        self.waiting.fetch_sub(taken.len(), Ordering::Relaxed);
        Some(taken)
    }
}

impl Evaluator {
    /// Answers questions. Returns whether each has indicators.
    fn answer(&self, lines: Vec<(u64, String)>) -> (Vec<(u64, String)>, bool) {
        let mut answers = Vec::with_capacity(lines.len());
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut were_well = true;
        for (number, line) in lines {
            match self.understand(number, &line) {
                Ok(one) => wanted.push(one),
                Err(answer) => {
                    were_well = false;
                    answers.push((number, Json::Object(answer).to_string()));
                }
            }
        }
        let runs = wanted.chunk_by(|one, other| Arc::ptr_eq(&one.study, &other.study));
        for run in runs {
            let study = &run[0].study;
            for some in run.chunks(study.most_together) {
                let variants: Vec<Variant> = some.iter().map(|one| one.variant.clone()).collect();
                let came = study.evaluate(&variants, &NEVER_STOPPED);
                for (one, came) in some.iter().zip(came) {
                    were_well &= came.is_ok();
                    answers.push((one.number, one.answer(came).to_string()));
                }
            }
        }
        (answers, were_well)
    }

    /// What is wanted by a question; the answer where it is wrong.
    fn understand(&self, number: u64, line: &str) -> Result<Wanted, Map<String, Json>> {
        let question = Question::read(line).map_err(|why| said(None, "error", why.into()))?;
        let Question { id, parameters } = question;
        let study = match self.study(&parameters) {
            Ok(study) => study,
            Err(why) => return Err(said(id, "error", why.into())),
        };
        let factors = study.design.factors.iter().map(|factor| {
            let name = format!("{}.{}", factor.model_name, factor.key);
            parameters
                .get(&name)
                .map_or_else(|| factor.values[0].0.clone(), value_of)
        });
        Ok(Wanted {
            number,
            id,
            variant: Variant::of(factors.collect()),
            study,
        })
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

impl Wanted {
    /// The answer where this came of it.
    fn answer(&self, came: Result<Vec<Option<f64>>, VariantError>) -> Json {
        let id = self.id.clone();
        Json::Object(match came {
            Ok(numbers) => {
                let names = self.study.indicators.names().into_iter();
                let numbers = names.zip(numbers.into_iter().map(|number| json!(number)));
                said(id, "indicators", Json::Object(numbers.collect()))
            }
            Err(why) => said(id, "error", chain(&why).into()),
        })
    }
}

/// An answer.
fn said(id: Option<Json>, key: &str, content: Json) -> Map<String, Json> {
    let id = id.map(|id| ("id".to_owned(), id));
    id.into_iter().chain([(key.to_owned(), content)]).collect()
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
