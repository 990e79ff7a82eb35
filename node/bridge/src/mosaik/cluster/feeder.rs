//! The model that stands for all that mosaik connects to models.

use std::sync::Arc;

use shared::index::Index;
use shared::journal::Outside;
use shared::model::{Model, ModelType, Published, PublishedSlot, Step, StepError, Waker};
use shared::value::Kind;

use super::exchange::Exchange;
use crate::mosaik::entity::next_of;

/// The slot under which the feeder publishes the tick that it has come to: what depends on nothing else of it does
/// not run ahead of mosaik.
pub(super) const PROGRESS: usize = 0;

/// Publishes what mosaik's steps bring.
#[derive(Clone)]
struct Feeder {
    exchange: Arc<Exchange>,
    /// The step sizes of the models.
    sizes: Arc<[u32]>,
}

impl Model for Feeder {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let tick = step.tick();
        let Some(values) = self.exchange.fed(tick) else {
            step.put_off();
            return Ok(());
        };
        let progress = i64::try_from(tick).unwrap_or(i64::MAX);
        step.publish(PublishedSlot::at(PROGRESS), progress);
        for (place, value) in values.into_iter().enumerate() {
            step.publish(PublishedSlot::at(PROGRESS + 1 + place), value);
        }
        step.come_again(next_of(self.sizes.iter().copied(), tick));
        Ok(())
    }

    fn attend(&mut self, waker: &Waker, _outside: &Outside) -> bool {
        self.exchange.attend(waker);
        true
    }
}

/// The type of a feeder with so many values.
pub(super) fn feeder(exchange: &Arc<Exchange>, sizes: &Arc<[u32]>, values: usize) -> ModelType {
    let (exchange, sizes) = (Arc::clone(exchange), Arc::clone(sizes));
    let feeder = Feeder { exchange, sizes };
    let mut described = ModelType::described("mosaik", move |_| Ok(Box::new(feeder.clone())));
    let published = (PROGRESS..=values).map(|place| Published {
        name: format!("value{place}").into(),
        kind: if place == PROGRESS {
            Kind::Number
        } else {
            Kind::Any
        },
        ..Published::state("", "-", "")
    });
    described.published = published.collect();
    described
}
