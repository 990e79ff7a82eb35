//! Reading a scenario for a command: with the programs that it names started, here and by bridges, and ended with it.

use std::path::Path;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use foreign::remote::RemoteHost;
use foreign::{Host, LocalHost, kill_programs};
use shared::files::WorkingDirectory;
use smol::stream::StreamExt;

use crate::chain::chain;
use crate::cluster::{BridgeConnection, Endpoint, NodeAccess, bridge};
use crate::exit::INTERRUPTED;
use crate::output::{finish, say_line};
use crate::scenario::{Connect, Hosting, Hosts, LoadError, Scenario};
use crate::signals;

/// Programs that are started, here and by bridges. A user who ends this process ends them as well, also before there
/// is a run that could.
pub(super) struct Programs {
    here: LocalHost,
    /// The bridges that have been asked. Each goes on as long as it is connected.
    bridges: Vec<(Endpoint, RemoteHost<BridgeConnection>)>,
    access: NodeAccess,
    is_watched: bool,
    /// There is a run that hears of signals itself.
    has_run: Arc<AtomicBool>,
}

impl Programs {
    /// None yet; bridges are met as nodes are.
    pub(super) fn new(access: NodeAccess) -> Self {
        Self {
            here: LocalHost::new(),
            bridges: Vec::new(),
            access,
            is_watched: false,
            has_run: Arc::default(),
        }
    }

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
            hosts: self,
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

impl Hosts for Programs {
    fn host_at(&mut self, connect: Option<&Connect>) -> Result<&mut dyn Host, String> {
        self.watch();
        let Some(connect) = connect else {
            return Ok(&mut self.here);
        };
        let endpoint = Endpoint::of(connect);
        let known = self
            .bridges
            .iter()
            .position(|(known, _)| *known == endpoint);
        let place = if let Some(place) = known {
            place
        } else {
            let keyring = self.access.keyring().map_err(|error| chain(&error))?;
            let host = bridge(&endpoint, &keyring)
                .map_err(|why| format!("the bridge at {endpoint} cannot be used: {why}"))?;
            self.bridges.push((endpoint, host));
            self.bridges.len() - 1
        };
        Ok(&mut self.bridges[place].1)
    }
}
