//! A program on its way to a host.

use std::path::Path;

use super::hosts::Host;
use super::service::Service;
use super::ssh::{self, Input, Line};
use super::words::reason;

/// Sends a program to a host; returns the name of the file, in the folder where the user logs in.
pub(super) async fn send(
    host: &Host,
    program: Service,
    line: &Line<'_>,
    path: &Path,
    sum: &str,
) -> Result<String, String> {
    let name = program.upload_name(host);
    let bytes = sum.rsplit(' ').next().unwrap_or_default();
    let command = ssh::receive_into(&name, bytes);
    let input = Input::File(path.to_owned());
    let said = line.run(&command, input, ssh::SEND_LIMIT).await?;
    if said.succeeded {
        return Ok(name);
    }
    let reason = reason(&said.stderr, &said.stdout);
    Err(format!(
        "cannot copy the {} there: {reason}",
        program.kind()
    ))
}
