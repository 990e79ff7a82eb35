//! Conversations with controllers about programs, and the units that come of them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foreign::remote::{Answer, Answering};
use foreign::{Fault, Host, LocalHost, SimulatorDescription, SimulatorRequest, UnitWiring};
use node::{Conversation, Programs};
use scratch::Scratch;
use shared::model::{Model, TypeRef};

use super::listed::Listed;

/// The programs of this machine.
pub(super) struct Site {
    listed: Arc<Listed>,
    /// Where that stands.
    file: PathBuf,
    units: Arc<Units>,
    conversations: AtomicU64,
}

/// The units that can be run, each with the number of its conversation.
#[derive(Default)]
struct Units(Mutex<Vec<(u64, TypeRef)>>);

impl Units {
    fn lock(&self) -> MutexGuard<'_, Vec<(u64, TypeRef)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Site {
    /// A site with these programs, which a file lists.
    pub(super) fn new(listed: Listed, file: PathBuf) -> Self {
        Self {
            listed: Arc::new(listed),
            file,
            units: Arc::default(),
            conversations: AtomicU64::new(0),
        }
    }
}

impl Programs for Site {
    fn units(&self) -> Vec<TypeRef> {
        let units = self.units.lock();
        units.iter().map(|(_, unit)| unit.clone()).collect()
    }

    fn converse(&self) -> Box<dyn Conversation> {
        Box::new(Talk {
            number: self.conversations.fetch_add(1, Ordering::Relaxed),
            units: Arc::clone(&self.units),
            answering: Answering::new(
                ListedHost {
                    listed: Arc::clone(&self.listed),
                    file: self.file.clone(),
                    host: LocalHost::default(),
                },
                // Where this process works, which is a folder of its own where it is a service.
                Scratch::in_folder(PathBuf::from(".")),
            ),
        })
    }
}

/// A conversation with a controller. Its programs last as long, whatever becomes of the sessions that step them.
struct Talk {
    number: u64,
    units: Arc<Units>,
    answering: Answering<ListedHost>,
}

impl Conversation for Talk {
    fn answer(&mut self, question: &[u8], say: &mut dyn FnMut(Vec<u8>) -> bool) {
        let (number, units) = (self.number, &self.units);
        let mut keep = |unit: TypeRef| units.lock().push((number, unit));
        let mut say = |answer: Answer| say(answer.encoded());
        self.answering.answer(question, &mut keep, &mut say);
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.units
            .lock()
            .retain(|(number, _)| *number != self.number);
    }
}

/// A host of the programs that are listed.
struct ListedHost {
    listed: Arc<Listed>,
    file: PathBuf,
    host: LocalHost,
}

impl Host for ListedHost {
    fn start(
        &mut self,
        requests: Vec<SimulatorRequest>,
        tell: &mut dyn FnMut(&str),
    ) -> Vec<Result<SimulatorDescription, Fault>> {
        let requests = requests.into_iter();
        let asked = requests.map(|request| self.listed.allow(request, &self.file));
        let asked: Vec<Result<SimulatorRequest, Fault>> = asked.collect();
        let allowed = asked.iter().flatten().cloned().collect();
        // Where one is refused there will be no run, so it does not matter that the numbers of those behind it are
        // other ones then.
        let mut started = self.host.start(allowed, tell).into_iter();
        let result = asked.into_iter().filter_map(|asked| match asked {
            Ok(_) => started.next(),
            Err(fault) => Some(Err(fault)),
        });
        result.collect()
    }

    fn unit(&mut self, wiring: &UnitWiring) -> Result<Box<dyn Model>, Fault> {
        self.host.unit(wiring)
    }
}
