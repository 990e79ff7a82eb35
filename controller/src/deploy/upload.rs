//! A program on its way to a host.

use std::fs;
use std::path::Path;

use super::hosts::Host;
use super::service::Service;
use super::ssh::{self, Line};
use super::ssh_error::SshError;
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
    let content = fs::read(path).map_err(|source| SshError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let said = line.run(&command, &content, ssh::SEND_LIMIT).await?;
    if said.succeeded {
        return Ok(name);
    }
    let reason = reason(&said.stderr, &said.stdout);
    Err(format!(
        "cannot copy the {} there: {reason}",
        program.kind()
    ))
}
