//! A look at a host, which changes nothing there.

use super::found::Found;
use super::script;
use super::ssh::{self, Input, Line};
use super::words::reason;

/// Asks a host what it is and what it has.
pub(super) async fn look(line: &Line<'_>) -> Result<Found, String> {
    let input = Input::Text(script::LOOK.to_owned());
    let said = line.run(ssh::AS_USER, input, ssh::LOOK_LIMIT).await?;
    Found::read(&said.stdout).ok_or_else(|| {
        let reason = reason(&said.stderr, &said.stdout);
        format!("what logs in there is not a POSIX shell: {reason}")
    })
}
