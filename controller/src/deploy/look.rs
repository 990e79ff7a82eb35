//! A look at a host, which changes nothing there.

use super::found::Found;
use super::script;
use super::ssh::{self, Line};
use super::words::reason;

/// Asks a host what it is and what it has.
pub(super) async fn look(line: &Line<'_>) -> Result<Found, String> {
    let script = script::LOOK.as_bytes();
    let said = line.run(ssh::AS_USER, script, ssh::LOOK_LIMIT).await?;
    Found::read(&said.stdout).ok_or_else(|| {
        let reason = reason(&said.stderr, &said.stdout);
        format!("what logs in there is not a POSIX shell: {reason}")
    })
}
