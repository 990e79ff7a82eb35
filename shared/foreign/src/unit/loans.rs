//! Values of one simulator that another one asks for while it steps.

use std::collections::VecDeque;
use std::sync::Arc;

use shared::value::Value;

use super::Unit;
use super::loan::Loan;
use super::member::Phase;
use super::requests::{entries, refused};
use crate::Fault;
use crate::said::{json, names};
use crate::wire::{Call, Failed};

impl Unit {
    /// Takes a request for values. Those that are asked for after each step are there.
    pub(super) fn borrow(
        &mut self,
        place: usize,
        number: u64,
        wanted: &Value,
    ) -> Result<(), Failed> {
        let mut loan = Loan {
            place,
            number,
            data: Vec::new(),
            missing: VecDeque::new(),
        };
        for (full, attributes) in entries(wanted)? {
            let (other, id) = self.asked_of(place, full)?;
            let (mut values, mut missing) = (Vec::new(), Vec::new());
            for attribute in names(Some(attributes), "the list of attributes").map_err(refused)? {
                let mut outlets = self.members[other].outlets.iter();
                let outlet =
                    outlets.find(|outlet| *outlet.entity == *id && *outlet.attribute == *attribute);
                match outlet.and_then(|outlet| outlet.at(self.now?)) {
                    Some(value) => values.push((attribute.into(), value.clone())),
                    None => missing.push(Value::text(&attribute)),
                }
            }
            loan.data.push((Arc::clone(full), values));
            if !missing.is_empty() {
                loan.missing.push_back((other, id.into(), missing));
            }
        }
        self.loans.0.push_back(loan);
        Ok(())
    }

    /// Asks for what is missing first, and answers those that have everything.
    pub(super) fn lend(&mut self) -> Result<(), Fault> {
        while let Some(first) = self.loans.0.front() {
            if let Some((other, _, _)) = first.missing.front() {
                let other = *other;
                if self.members[other].phase == Phase::Lending {
                    return Ok(());
                }
                if self.members[other].phase == Phase::Idle {
                    return self.ask_for_missing(other);
                }
            }
            let Some(Loan {
                place,
                number,
                data,
                missing,
            }) = self.loans.0.pop_front()
            else {
                return Ok(());
            };
            let answer = if missing.is_empty() {
                let data = data
                    .into_iter()
                    .map(|(full, values)| (full, Value::Map(values.into())));
                Ok(Value::Map(data.collect()))
            } else {
                Err(refused(
                    "the other simulator works itself, and cannot be asked",
                ))
            };
            let simulator = &mut self.members[place].running.simulator;
            simulator.answer(number, answer);
            simulator.send()?;
        }
        Ok(())
    }

    /// Asks a simulator for all that the first request wants of it.
    fn ask_for_missing(&mut self, other: usize) -> Result<(), Fault> {
        let Some(first) = self.loans.0.front() else {
            return Ok(());
        };
        let missing = first.missing.iter().filter(|(whom, ..)| *whom == other);
        let missing = missing
            .map(|(_, id, attributes)| (Arc::clone(id), Value::List(attributes.as_slice().into())));
        let call = Call::new("get_data", vec![Value::Map(missing.collect())]);
        let member = &mut self.members[other];
        member.phase = Phase::Lending;
        member.running.simulator.ask(&call);
        member.running.simulator.send()
    }

    /// Takes what a simulator has lent.
    pub(super) fn lent(&mut self, other: usize, answer: &Value, asked: &str) -> Result<(), Fault> {
        let member = &mut self.members[other];
        member.phase = Phase::Idle;
        let Value::Map(entities) = answer else {
            let message = format!(
                "'get_data' should answer a mapping, and answers {}",
                json(answer)
            );
            return Err(member
                .running
                .simulator
                .nonsense(message, Some(asked.to_owned())));
        };
        if let Some(first) = self.loans.0.front_mut() {
            first.missing.retain(|(whom, ..)| *whom != other);
            for (id, values) in entities.iter() {
                let full = format!("{}.{id}", member.sid);
                let known = first.data.iter_mut().find(|(known, _)| **known == *full);
                if let (Some((_, known)), Value::Map(values)) = (known, values) {
                    known.extend(values.iter().cloned());
                }
            }
        }
        self.lend()
    }
}
