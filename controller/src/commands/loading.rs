//! Reading a scenario for a command: with the programs that it names started here, and ended with it.

use std::path::Path;

use foreign::LocalHost;
use shared::files::WorkingDirectory;

use crate::output::say_line;
use crate::run::RunError;
use crate::scenario::{Hosting, LoadError, Scenario};

/// Reads and checks a scenario. With `local` everything runs here, whatever it says of nodes.
pub(super) fn load(path: &Path, local: bool, quiet: bool) -> Result<Scenario, LoadError> {
    let mut tell = |text: &str| {
        if !quiet {
            say_line!(Note, "{text}");
        }
    };
    let mut hosting = Hosting {
        host: &mut LocalHost::new(),
        local,
        tell: &mut tell,
    };
    Scenario::load_hosted(path, &models::CATALOGUE, &WorkingDirectory, Some(&mut hosting))
}
