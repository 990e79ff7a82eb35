//! Connects the models of a site: what each input gathers in a step.
//!
//! What is marked cold is done once a plan or a model: it is made small for nodes, and not fast.

use super::error::PlanError;
use super::known::Known;
use super::wirer::Wirer;
use super::wiring::{Connection, Direct, GroupId, Input, Provenance, ValueId, Wiring};
use shared::index::Index;
use shared::plan::{self, ConnectedInput, Feed, LocalId, SitePlan};

impl Wirer<'_> {
    /// Connects the models, group by group.
    #[cold]
    pub(super) fn connect(&mut self, plan: &SitePlan) -> Result<(), PlanError> {
        for id in self.wiring.groups.ids() {
            self.reader_of = Known::nothing();
            let first_reader = self.wiring.readers.end();
            for number in 0..self.wiring.groups[id].members.len() {
                let member = self.wiring.groups[id].members[number];
                self.connect_model(member, &plan.models[member.place()].inputs)?;
            }
            self.wiring.groups[id].readers = first_reader..self.wiring.readers.end();
        }
        Ok(())
    }

    fn connect_model(
        &mut self,
        place: LocalId,
        inputs: &[ConnectedInput],
    ) -> Result<(), PlanError> {
        let first_input = self.wiring.inputs.end();
        let places = self.instances[place].model_type.inputs.len();
        for input in inputs {
            if input.slot.place() >= places || input.sources.is_empty() {
                return Err(PlanError::Inconsistent);
            }
            let first_connection = self.wiring.connections.end();
            for wanted in &input.sources {
                self.connect_source(place, wanted)?;
            }
            self.wiring.inputs.push(Input {
                slot: input.slot,
                origin: input.origin,
                connections: first_connection..self.wiring.connections.end(),
            });
        }
        self.wiring.models[place].inputs = first_input..self.wiring.inputs.end();
        self.shorten(place);
        Ok(())
    }

    /// Notes the inputs of a model as direct ones, if all of them are. What is noted before one that is not belongs to
    /// nobody.
    #[cold]
    fn shorten(&mut self, place: LocalId) {
        let Wiring {
            models,
            inputs,
            connections,
            directs,
            ..
        } = &mut self.wiring;
        let model = &mut models[place];
        let first = directs.end();
        for input in &inputs[&model.inputs] {
            let [only] = &connections[&input.connections] else {
                return;
            };
            let Provenance::Group(from) = only.from else {
                return;
            };
            directs.push(Direct {
                from,
                to: Index::at(model.values.start.place() + input.slot.place()),
                origin: input.origin,
            });
        }
        model.directs = first..directs.end();
    }

    fn connect_source(&mut self, place: LocalId, wanted: &plan::Source) -> Result<(), PlanError> {
        if wanted.shifted && wanted.initial.is_none() {
            return Err(PlanError::Inconsistent);
        }
        let group = self.wiring.models[place].group;
        let from = match wanted.from {
            Feed::Local { model, slot } if self.is_member(model, group) => {
                let value = self.value(model, slot)?;
                if wanted.shifted && model < place {
                    Provenance::Group(self.held(model, value))
                } else {
                    Provenance::Group(value)
                }
            }
            from => {
                let (source, position) = self.source(from)?;
                let reader = self.reader(group, source, wanted.shifted);
                Provenance::Read(reader, source, position)
            }
        };
        let initial = wanted.initial.as_ref().filter(|_| wanted.shifted);
        self.wiring.connections.push(Connection {
            from,
            initial: initial.cloned(),
        });
        Ok(())
    }

    fn is_member(&self, model: LocalId, group: GroupId) -> bool {
        let model = self.wiring.models.get(model);
        model.is_some_and(|model| model.group == group)
    }

    /// Where a member of the group that comes after a model finds what that had published before.
    fn held(&mut self, model: LocalId, value: ValueId) -> ValueId {
        let Wiring { models, values, .. } = &mut self.wiring;
        self.held_of.find_or_add([value.place(), 0], || {
            let place = ValueId::at(*values);
            *values += 1;
            models[model].held.push((value, place));
            place
        })
    }
}
