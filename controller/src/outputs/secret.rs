//! What servers want to know of who writes to them: from a file or the environment, where no list of processes
//! shows it.

use std::path::Path;
use std::{env, fs};

/// More than this is no secret of a server.
const MAX_LENGTH: u64 = 4096;

/// The secret in a file, else in a variable of the environment; `None` where there is neither.
pub(super) fn secret(file: Option<&Path>, variable: &str) -> Result<Option<String>, String> {
    let Some(path) = file else {
        return Ok(env::var(variable).ok().filter(|secret| !secret.is_empty()));
    };
    let length = fs::metadata(path).map(|metadata| metadata.len());
    if length.is_ok_and(|length| length > MAX_LENGTH) {
        let shown = path.display();
        return Err(format!(
            "'{shown}' is longer than {MAX_LENGTH} bytes; name a file with one line, the secret"
        ));
    }
    match fs::read_to_string(path) {
        Ok(text) if text.trim().is_empty() || text.trim().contains(char::is_control) => Err(
            format!("'{}' must have one line, the secret", path.display()),
        ),
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(cause) => Err(format!("cannot read '{}': {cause}", path.display())),
    }
}
