//! Several variants in one engine: what they have in common, made of what one of them has.

use std::sync::Arc;

use shared::index::Index;
use shared::plan::{ConnectedInput, Feed, LocalId, PlannedModel, SitePlan};
use shared::variant::{Maker, Making};

use super::common::Common;
use crate::groups::MOST;

impl Common {
    /// How many variants one engine has at most: as many as step in one group with what is played back. Where nothing is, they
    /// have nothing to share and each is a group, which has rows come by other ways: then one.
    pub fn most_copies(&self) -> usize {
        let built = self.makers().filter(|maker| !maker.is_played()).count();
        let played = self.plan.models.len() - built;
        if played == 0 || built == 0 {
            return 1;
        }
        (MOST.saturating_sub(played) / built).max(1)
    }

    /// What variants have in common that are so many of these, of so many values each: one after the other, as are the values of
    /// their rows. What is played back is there once, and whatever is built follows its likes of the other variants, so that
    /// the order of the plan is kept.
    #[must_use]
    pub fn times(&self, copies: usize, values: usize) -> Self {
        let count = |maker: &Maker| if maker.is_played() { 1 } else { copies };
        let mut end = 0;
        let firsts = self.makers().map(|maker| {
            end += count(maker);
            end - count(maker)
        });
        let firsts: Vec<usize> = firsts.collect();
        // The place of a model of a variant.
        let place = |model: LocalId, copy: usize| {
            let (maker, _) = &self.makers[model.place()];
            let own = if maker.is_played() { 0 } else { copy };
            LocalId::at(firsts[model.place()] + own)
        };
        let feed = |from: Feed, copy: usize| match from {
            Feed::Local { model, slot } => Feed::Local {
                model: place(model, copy),
                slot,
            },
            from @ Feed::Import { .. } => from,
        };
        let models = self.plan.models.iter().zip(&self.makers);
        let models = models.flat_map(|(planned, (maker, _))| {
            (0..count(maker)).map(move |copy| {
                let inputs = planned.inputs.iter();
                let inputs = inputs.map(|input| input.found_at(|from| feed(from, copy)));
                PlannedModel {
                    inputs: inputs.collect::<Vec<ConnectedInput>>(),
                    ..planned.clone()
                }
            })
        });
        let makers = self.makers.iter().flat_map(|(maker, model_type)| {
            (0..count(maker)).map(move |copy| {
                (
                    moved(maker, copy.saturating_mul(values)),
                    model_type.clone(),
                )
            })
        });
        let items =
            (0..copies).flat_map(|copy| self.items.iter().map(move |&item| feed(item, copy)));
        Self {
            plan: SitePlan {
                models: models.collect(),
                ..self.plan.clone()
            },
            items: items.collect(),
            makers: makers.collect(),
            trace: Arc::clone(&self.trace),
        }
    }
}

/// The same, of whose values the first one has this place.
fn moved(maker: &Maker, first: usize) -> Maker {
    let mut maker = maker.clone();
    if let Making::Built(factors) = &mut maker.making {
        // No plan has a value at the last place, as the largest of its indices.
        let first = u32::try_from(first).unwrap_or(u32::MAX);
        for (factor, _) in factors {
            *factor = factor.saturating_add(first);
        }
    }
    maker
}
