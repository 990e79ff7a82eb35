//! What models have become by a tick: taken out of one engine, and put back into others, wherever they run.
//!
//! Once all steps before a tick are made and none at it or after it, every source has made the publication that
//! holds until then, and no reader will look at an earlier one: a direct one looks at the tick or later, a time-shifted one
//! no earlier than one tick before. So beside the memory of the models and what they have published last, nothing of an
//! engine has to be known.

use super::error::PlanError;
use super::making::send;
use super::site::Engine;
use super::state::{ModelState, State, held_at};
use super::wiring::{Model, ValueId, Wiring};
use shared::index::{Index, Table};
use shared::memory::block;
use shared::model::Memory;
use shared::plan::SitePlan;
use shared::time::{NEVER, Tick};
use shared::value::Value;

/// A value of many bytes in memory can be one on the wire.
const GROWTH: usize = 24;

impl Engine {
    /// What the models have become, by their place, once they have made all steps before the release and none
    /// after. `None` where one cannot be had again from that.
    ///
    /// # Panics
    /// Where steps before the release are missing.
    #[cfg(feature = "saving")]
    pub fn save(&mut self) -> Option<Vec<Vec<u8>>> {
        let State {
            models,
            values,
            until,
            ..
        } = &mut self.state;
        let mut saved = Vec::with_capacity(models.len());
        for (own, wired) in models.iter_mut().zip(&self.wiring.models) {
            assert!(own.next >= *until, "a step is still to be made");
            let mut bytes = Vec::new();
            let mut memory = Memory::save(&mut bytes);
            let is_saved = own.memory(&self.wiring, wired, values, &mut memory, *until);
            if !is_saved || !memory.is_whole() {
                return None;
            }
            saved.push(bytes);
        }
        Some(saved)
    }
}

impl State {
    /// Has the models go on where they were when they were saved, and hands their readers what holds then.
    #[cold]
    pub(super) fn restore(&mut self, wiring: &Wiring, plan: &SitePlan) -> Result<(), PlanError> {
        let from = plan.from;
        for group in &mut self.groups {
            group.next = NEVER;
        }
        for (place, planned) in wiring.models.ids().zip(&plan.models) {
            let model = &wiring.models[place];
            let own = &mut self.models[place];
            self.account
                .take(block(planned.saved.len()).saturating_mul(GROWTH))?;
            let mut memory = Memory::restore(&planned.saved);
            let is_restored = own.memory(wiring, model, &mut self.values, &mut memory, from);
            if !is_restored || !memory.is_whole() || own.next < from {
                return Err(PlanError::Inconsistent);
            }
            let published = &self.values[&model.published()];
            let ticks = (held_at(from), own.next);
            send(wiring, model, published, ticks, &mut self.borders)
                .map_err(|_| PlanError::Inconsistent)?;
            own.weigh(model, &self.values[&model.values], &mut self.account)?;
            let group = &mut self.groups[model.group];
            group.next = group.next.min(own.next);
        }
        for (id, group) in wiring.groups.enumerate() {
            if group.row.is_some() {
                self.groups[id].next = from;
            }
            let next = self.groups[id].next;
            self.keep(group, held_at(from), next)?;
            for cursor in &mut self.cursors[&group.readers] {
                cursor.go_on(next, self.horizon);
            }
        }
        if let Some(monitor) = &wiring.monitor {
            for cursor in &mut self.cursors[&monitor.readers] {
                cursor.go_on(from, self.horizon);
            }
        }
        Ok(())
    }
}

impl ModelState {
    /// Takes out what the model has become, or puts it back; returns whether its type does that.
    #[cold]
    fn memory(
        &mut self,
        wiring: &Wiring,
        model: &Model,
        values: &mut Table<ValueId, Option<Value>>,
        memory: &mut Memory<'_>,
        from: Tick,
    ) -> bool {
        let (seen, published) = model.values_in(values);
        // What is connected comes again.
        for input in &wiring.inputs[&model.inputs] {
            seen[input.slot.place()] = None;
        }
        memory.keep(&mut self.next);
        for places in [seen, published] {
            let mut values = places.to_vec();
            memory.keep(&mut values);
            if values.len() != places.len() {
                return false;
            }
            places.clone_from_slice(&values);
        }
        if let Some(outlook) = &mut self.outlook {
            outlook.memory(memory, from);
        }
        self.instance.model.memory(memory)
    }
}
