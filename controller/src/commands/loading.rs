//! Reading a scenario for a command: with the programs that it names started here, and ended with it.

use std::path::Path;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use foreign::{
    Fault, Host, LocalHost, SimulatorDescription, SimulatorRequest, UnitWiring, kill_programs,
};
use shared::files::WorkingDirectory;
use shared::model::ModelType;
use smol::stream::StreamExt;

use crate::exit::INTERRUPTED;
use crate::output::{finish, say_line};
use crate::scenario::{Hosting, LoadError, Scenario};
use crate::signals;

/// Programs that are started here. A user who ends this process ends them as well, also before there is a run that
/// could.
#[derive(Debug, Default)]
pub(super) struct Programs {
    host: LocalHost,
    is_watched: bool,
    /// There is a run that hears of signals itself.
    has_run: Arc<AtomicBool>,
}

impl Programs {
    /// Reads and checks a scenario. With `local` everything runs here, whatever it says of nodes.
    pub(super) fn load(
        &mut self,
        path: &Path,
        local: bool,
        quiet: bool,
    ) -> Result<Scenario, LoadError> {
        let mut tell = |text: &str| {
            if !quiet {
                say_line!(Note, "{text}");
            }
        };
        let mut hosting = Hosting {
            host: self,
            local,
            tell: &mut tell,
        };
        let types = &models::CATALOGUE;
        Scenario::load_hosted(path, types, &WorkingDirectory, Some(&mut hosting))
    }

    /// Somebody else hears of signals from now on.
    pub(super) fn hand_over(&self) {
        self.has_run.store(true, Ordering::Relaxed);
    }

    /// Has signals end the programs with this process.
    fn watch(&mut self) {
        if self.is_watched {
            return;
        }
        // Where signals cannot be heard of, they end this process alone, and its programs lose their connections.
        let Ok(mut signals) = signals::that_end() else {
            return;
        };
        let has_run = Arc::clone(&self.has_run);
        let watch = move || {
            smol::block_on(signals.next());
            if !has_run.load(Ordering::Relaxed) {
                kill_programs();
                say_line!(Error, "interrupted");
                process::exit(finish(INTERRUPTED).into());
            }
        };
        let thread = thread::Builder::new().name("signals before a run".to_owned());
        self.is_watched = thread.spawn(watch).is_ok();
    }
}

impl Host for Programs {
    fn start(
        &mut self,
        requests: Vec<SimulatorRequest>,
        tell: &mut dyn FnMut(&str),
    ) -> Vec<Result<SimulatorDescription, Fault>> {
        self.watch();
        self.host.start(requests, tell)
    }

    fn wire(&mut self, unit: UnitWiring) -> Result<ModelType, Fault> {
        self.host.wire(unit)
    }
}
