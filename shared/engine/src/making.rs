//! The step of one model, and what comes of it.

use super::border::BorderState;
use super::outlook::Outlook;
use super::state::{ModelState, State};
use super::wiring::{BorderId, Model, Wiring};
use shared::index::{Index, Table};
use shared::journal::{Adjustable, Adjustment, Entry, What};
use shared::memory::OutOfMemory;
use shared::model::{Asides, Instance, Notice, Said, Severity, StepError, Stepped, WrittenFile};
use shared::plan::{LocalId, ModelId};
use shared::progress::Failure;
use shared::time::Tick;
use shared::value::Value;
use shared::wire::MAX_PUBLICATION;

impl State {
    /// Holds what a model has published, for later members of its group that want what stood before its step. Also
    /// where it makes none at this tick: then it is what stood before.
    #[inline]
    pub(super) fn hold(&mut self, model: &Model) {
        for &(value, held) in &model.held {
            if let Some((value, held)) = self.values.two(value, held) {
                held.clone_from(value);
            }
        }
    }

    /// Makes the step of a model. Returns whether it was made, and not put off.
    pub(super) fn step(
        &mut self,
        wiring: &Wiring,
        place: LocalId,
        model: &Model,
        tick: Tick,
    ) -> Result<bool, StepError> {
        self.gather(wiring, place, model, tick == 0)?;
        let own = &mut self.models[place];
        let model_id = model.id;
        let (inputs, published) = model.values_in(&mut self.values);
        if own.outlook.is_some() {
            own.look(model_id, inputs, &mut self.entries);
        }
        let window = own.outlook.as_mut().map(|outlook| &mut outlook.window);
        let stepped = own.instance.step_with(tick, inputs, published, window);
        let Stepped { next, asides } = match &mut own.outlook {
            None => stepped?,
            Some(outlook) => settled(outlook, stepped, (model_id, tick), &mut self.entries)?,
        };
        #[cfg(feature = "described")]
        if next == tick {
            self.say(model_id, tick, asides.map_or(Vec::new(), |a| a.notices));
            return Ok(false);
        }
        if !model.exports.is_empty() {
            let published = &self.values[&model.published()];
            send(wiring, model, published, (tick, next), &mut self.borders)?;
        }
        own.next = next;
        if self.account.is_limited() {
            own.weigh(model, &self.values[&model.values], &mut self.account)
                .map_err(out_of_memory)?;
        }
        if let Some(asides) = asides {
            self.take_asides(model_id, tick, *asides);
        }
        Ok(true)
    }

    fn say(&mut self, model: ModelId, tick: Tick, said: Vec<Said>) {
        self.notices.extend(said.into_iter().map(|said| Notice {
            model,
            tick,
            severity: said.severity,
            text: said.text,
        }));
    }

    /// Takes what a step has to say beside its results.
    #[cold]
    fn take_asides(&mut self, model: ModelId, tick: Tick, asides: Asides) {
        self.say(model, tick, asides.notices);
        #[cfg(feature = "described")]
        self.entries
            .extend(asides.asked.into_iter().map(|simulator| Entry {
                model,
                tick,
                what: What::Asked { simulator },
            }));
        for file in asides.files {
            self.file_bytes += file.path.len() + file.content.len();
            self.files.push(WrittenFile { model, tick, file });
        }
    }

    /// Notes a failure. What lies before it can still be done, what lies after it never will.
    pub(super) fn fail(&mut self, place: LocalId, model: &Model, tick: Tick, error: StepError) {
        let own = &mut self.models[place];
        if let Some(outlook) = &mut own.outlook {
            outlook.fail();
        }
        let declared = own.instance.model_type.inputs.iter();
        let inputs = declared
            .zip(&self.values[&model.values])
            .filter_map(|(input, value)| Some((input.name.to_string(), value.clone()?)));
        let failure = Failure {
            model: model.id,
            tick,
            code: error.code.into_owned(),
            message: error.message,
            inputs: inputs.collect(),
        };
        let known = self.failure.as_ref();
        if known.is_none_or(|known| (tick, failure.model) < (known.tick, known.model)) {
            self.failure = Some(failure);
        }
        self.limit(tick);
    }
}

impl ModelState {
    /// Takes what comes in from the world outside before a step.
    #[cold]
    fn look(&mut self, model: ModelId, inputs: &mut [Option<Value>], entries: &mut Vec<Entry>) {
        let tick = self.next;
        let outlook = self.outlook.as_mut().expect("it has an outlook");
        outlook.look(tick);
        while let Some(what) = outlook.next(tick) {
            match what {
                What::Seen { socket, cable } => {
                    outlook.window.set_sight(socket.into(), cable.into());
                }
                What::Adjusted(adjustment) => {
                    if adjust(&mut self.instance, inputs, adjustment) {
                        entries.push(Entry { model, tick, what });
                    }
                }
                // Programs have heard of the ones before the first step; the others go out.
                What::Asked { .. } | What::Told { .. } => {}
            }
        }
    }
}

/// Hands over what a step left for the world outside: also where it failed, since what was seen may be why.
#[cold]
fn settled(
    outlook: &mut Outlook,
    stepped: Result<Stepped, StepError>,
    (model, tick): (ModelId, Tick),
    entries: &mut Vec<Entry>,
) -> Result<Stepped, StepError> {
    let news = outlook.settle(model, tick, entries);
    let mut stepped = stepped?;
    // Of the world outside the scenario knows nothing.
    if let Some(text) = news {
        let severity = Severity::Note;
        let asides: &mut Asides = stepped.asides.get_or_insert_default();
        asides.notices.push(Said { severity, text });
    }
    Ok(stepped)
}

/// Changes a value of a model; returns whether it is one that can be changed, to a number that makes sense.
fn adjust(instance: &mut Instance, inputs: &mut [Option<Value>], adjustment: Adjustment) -> bool {
    let number = adjustment.number();
    match adjustment.target {
        Adjustable::Input(slot) => {
            let place = inputs.get_mut(slot.place());
            place.is_some_and(|place| {
                *place = number.to_value().ok();
                true
            })
        }
        Adjustable::Parameter(slot) => {
            let declared = instance.model_type.parameters.get(slot.place());
            declared.is_some_and(|known| known.range.contains(adjustment.value))
                && instance.model.adjust(slot, number)
        }
    }
}

/// Has what a model has published sent to the sites that read it.
pub(super) fn send(
    wiring: &Wiring,
    model: &Model,
    published: &[Option<Value>],
    (tick, next): (Tick, Tick),
    borders: &mut Table<BorderId, BorderState>,
) -> Result<(), StepError> {
    for &(border, stream) in &model.exports {
        let (wired, border) = (&wiring.borders[border], &mut borders[border]);
        if !border.publish(wired, stream, (tick, next), published) {
            return Err(too_large());
        }
    }
    Ok(())
}

/// The failure of a model whose values nobody sends.
#[cold]
fn too_large() -> StepError {
    let message = format!(
        "its values take more than {MAX_PUBLICATION} bytes, the limit for what goes to another \
         site; put its readers on the same node"
    );
    StepError::new("value_too_large", message)
}

/// The failure of a model for whose values there is no room.
#[cold]
pub(super) fn out_of_memory(error: OutOfMemory) -> StepError {
    let message = format!(
        "its values and those that wait for their readers take memory {error}; put fewer models on \
         this node"
    );
    StepError::new("out_of_memory", message)
}
