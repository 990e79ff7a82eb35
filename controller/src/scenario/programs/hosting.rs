//! Who starts the programs that a scenario names.

use std::fmt;

use foreign::Host;

use crate::scenario::entries::Connect;

/// Who starts the programs that a scenario names.
pub struct Hosting<'a> {
    /// Starts those of this machine.
    pub host: &'a mut dyn Host,
    /// Everything runs here, whatever the scenario says of nodes.
    pub local: bool,
    /// Hears whom it waits for, if that takes long.
    pub tell: &'a mut dyn FnMut(&str),
}

impl Hosting<'_> {
    /// The host for programs whose models have this `connect`; or why there is none.
    pub(super) fn host_for(&mut self, connect: Option<&Connect>) -> Result<&mut dyn Host, String> {
        match connect {
            Some(connect) if !self.local => Err(format!(
                "its program runs on this machine only, not on '{}'; remove 'connect', or run with --local",
                connect.host
            )),
            _ => Ok(&mut *self.host),
        }
    }
}

impl fmt::Debug for Hosting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hosting")
            .field("local", &self.local)
            .finish_non_exhaustive()
    }
}
