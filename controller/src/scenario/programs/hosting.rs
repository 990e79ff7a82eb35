//! Who starts the programs that a scenario names.

use std::fmt;

use foreign::{Host, LocalHost};

use crate::scenario::entries::Connect;

/// Starts the programs that a scenario names, here and on other machines.
pub trait Hosts {
    /// The hosts at these places, each of which is there once: this machine, which has no address, and those at
    /// addresses. All that have to be reached for it are reached at the same time.
    ///
    /// The result has one entry for each place: its host, or why there is none, and what to do.
    fn hosts_at(&mut self, places: &[Option<&Connect>]) -> Vec<Result<&mut dyn Host, String>>;
}

/// A host of this machine alone.
impl<H: Host> Hosts for H {
    fn hosts_at(&mut self, places: &[Option<&Connect>]) -> Vec<Result<&mut dyn Host, String>> {
        let mut here = Some(self);
        let host = |place: Option<&Connect>| -> Result<&mut dyn Host, String> {
            match place {
                Some(connect) => Err(format!(
                    "its program runs on this machine only, not on '{}'; remove 'connect', or run with --local",
                    connect.host
                )),
                None => Ok(here.take().expect("this machine is there once")),
            }
        };
        places.iter().copied().map(host).collect()
    }
}

/// Who starts the programs that a scenario names, and how.
pub struct Hosting<'a> {
    /// Starts them.
    pub hosts: &'a mut dyn Hosts,
    /// Everything runs here, whatever the scenario says of nodes.
    pub local: bool,
    /// Hears whom it waits for, if that takes long.
    pub tell: &'a mut dyn FnMut(&str),
}

impl Hosting<'_> {
    /// Does something for which this machine starts programs, and nobody hears whom it waits for. They end with what
    /// comes of it. With `local` also those are started here that the scenario has elsewhere.
    pub(crate) fn here<T>(local: bool, work: impl FnOnce(&mut Hosting<'_>) -> T) -> T {
        work(&mut Hosting {
            hosts: &mut LocalHost::new(),
            local,
            tell: &mut |_| {},
        })
    }

    /// The host for programs whose models have this `connect`; or why there is none.
    pub(in crate::scenario) fn host_for(
        &mut self,
        connect: Option<&Connect>,
    ) -> Result<&mut dyn Host, String> {
        let place = connect.filter(|_| !self.local);
        let host = self.hosts.hosts_at(&[place]).pop();
        host.expect("each place has an entry")
    }
}

impl fmt::Debug for Hosting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hosting")
            .field("local", &self.local)
            .finish_non_exhaustive()
    }
}
