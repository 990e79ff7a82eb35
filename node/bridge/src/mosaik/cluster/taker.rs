//! The model that stands for all that mosaik takes from models.

use std::sync::Arc;

use shared::index::Index;
use shared::model::{Input, InputSlot, Model, ModelType, Need, Step, StepError};
use shared::value::Kind;

use super::exchange::Exchange;
use crate::mosaik::entity::next_of;

/// The input at which the taker sees how far the feeder is: values of models that nothing is connected to would be
/// there early, and stand for the wrong step.
pub(super) const PROGRESS: usize = 0;

/// Hands back what models publish.
#[derive(Clone)]
struct Taker {
    exchange: Arc<Exchange>,
    sizes: Arc<[u32]>,
    values: usize,
}

impl Model for Taker {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let values = (0..self.values).map(|place| {
            let value = step.value(InputSlot::at(PROGRESS + 1 + place));
            value.cloned().unwrap_or_default()
        });
        self.exchange.hand_back(step.tick(), values.collect());
        step.come_again(next_of(self.sizes.iter().copied(), step.tick()));
        Ok(())
    }
}

/// The type of a taker with so many values.
pub(super) fn taker(exchange: &Arc<Exchange>, sizes: &Arc<[u32]>, values: usize) -> ModelType {
    let taker = Taker {
        exchange: Arc::clone(exchange),
        sizes: Arc::clone(sizes),
        values,
    };
    let mut described = ModelType::described("to mosaik", move |_| Ok(Box::new(taker.clone())));
    let inputs = (PROGRESS..=values).map(|place| Input {
        name: format!("value{place}").into(),
        kind: Kind::Any,
        need: Need::Optional,
        ..Input::number("", "-", "")
    });
    described.inputs = inputs.collect();
    described
}
