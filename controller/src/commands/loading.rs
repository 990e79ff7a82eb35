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
use crate::cluster::{BridgeConnection, Endpoint, NodeAccess, Service, all, bridge};
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

    /// Reads and checks a scenario. With `local` everything runs here, whatever it says of nodes. The programs of one that
    /// was read before are let go: a scenario knows its own by their numbers.
    pub(super) fn load(
        &mut self,
        path: &Path,
        local: bool,
        quiet: bool,
    ) -> Result<Scenario, LoadError> {
        (self.here, self.bridges) = (LocalHost::new(), Vec::new());
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

    /// Connects to the bridges at these places that have not been met, all at the same time. Returns for each place
    /// why it cannot be used, if it cannot.
    fn meet(&mut self, places: &[Option<&Connect>]) -> Vec<Option<String>> {
        let new = |place: Option<&Connect>| {
            let endpoint = Endpoint::of(place?, Service::Bridge);
            let is_known = self.bridges.iter().any(|(known, _)| *known == endpoint);
            (!is_known).then_some(endpoint)
        };
        let new: Vec<Option<Endpoint>> = places.iter().copied().map(new).collect();
        if new.iter().all(Option::is_none) {
            return vec![None; new.len()];
        }
        let keyring = match self.access.keyring() {
            Ok(keyring) => Arc::new(keyring),
            Err(error) => {
                let why = chain(&error);
                return new
                    .iter()
                    .map(|new| new.as_ref().map(|_| why.clone()))
                    .collect();
            }
        };
        let called = smol::block_on(all(new.into_iter().map(async |endpoint| {
            let endpoint = endpoint?;
            let met = bridge(&endpoint, &keyring).await;
            Some((endpoint, met))
        })));
        let mut refusal = |(endpoint, met): (Endpoint, Result<_, String>)| match met {
            Ok(host) => {
                self.bridges.push((endpoint, host));
                None
            }
            Err(why) => Some(format!("the bridge at {endpoint} cannot be used: {why}")),
        };
        called.into_iter().map(|called| refusal(called?)).collect()
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
    fn hosts_at(&mut self, places: &[Option<&Connect>]) -> Vec<Result<&mut dyn Host, String>> {
        self.watch();
        let refusals = self.meet(places);
        let mut here = Some(&mut self.here);
        let mut bridges: Vec<_> = self.bridges.iter_mut().collect();
        let host = |(place, refusal): (Option<&Connect>, Option<String>)| {
            let host: &mut dyn Host = match (place, refusal) {
                (_, Some(why)) => return Err(why),
                (None, None) => here.take().expect("this machine is there once"),
                (Some(connect), None) => {
                    let endpoint = Endpoint::of(connect, Service::Bridge);
                    let mut known = bridges.iter();
                    let known = known.position(|(known, _)| *known == endpoint);
                    let known = known.expect("it has been met, and is there once");
                    &mut bridges.swap_remove(known).1
                }
            };
            Ok(host)
        };
        places.iter().copied().zip(refusals).map(host).collect()
    }
}
