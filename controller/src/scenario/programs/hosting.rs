//! Who starts the programs that a scenario names.

use std::fmt;

use foreign::Host;

use crate::scenario::entries::Connect;

/// Starts the programs that a scenario names, here and on other machines.
pub trait Hosts {
    /// The host of this machine, or the one at an address.
    ///
    /// # Errors
    /// Why there is none, and what to do.
    fn host_at(&mut self, connect: Option<&Connect>) -> Result<&mut dyn Host, String>;
}

/// A host of this machine alone.
impl<H: Host> Hosts for H {
    fn host_at(&mut self, connect: Option<&Connect>) -> Result<&mut dyn Host, String> {
        match connect {
            Some(connect) => Err(format!(
                "its program runs on this machine only, not on '{}'; remove 'connect', or run with --local",
                connect.host
            )),
            None => Ok(self),
        }
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
    /// The host for programs whose models have this `connect`; or why there is none.
    pub(in crate::scenario) fn host_for(
        &mut self,
        connect: Option<&Connect>,
    ) -> Result<&mut dyn Host, String> {
        self.hosts.host_at(connect.filter(|_| !self.local))
    }
}

impl fmt::Debug for Hosting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hosting")
            .field("local", &self.local)
            .finish_non_exhaustive()
    }
}
