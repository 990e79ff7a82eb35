//! Bridges: machines that run programs, whose units are models.

use std::net::TcpStream;
use std::time::Duration;

use foreign::remote::{Carrier, RemoteHost};
use shared::wire::{MAX_FRAME, ToController, ToNode};
use transport::{Connection, within};

use super::dial::attempt;
use super::endpoint::Endpoint;
use super::receive::receive;
use crate::chain::chain;
use crate::key::Keyring;

/// How long a bridge may take to say anything. It says whom it waits for while programs start.
const PATIENCE: Duration = Duration::from_secs(90);

/// A question goes in pieces of this size: before it knows what is wanted, a bridge takes no longer ones.
const PIECE: usize = 4 * 1024;

/// The longest answer, in bytes.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// The connection to a bridge for questions about its programs. They end with it, unless they run by then.
pub(crate) struct BridgeConnection(Connection<TcpStream>);

/// Connects to a bridge.
///
/// # Errors
/// Why that cannot be done, and what to do.
pub(crate) async fn bridge(
    endpoint: &Endpoint,
    keyring: &Keyring,
) -> Result<RemoteHost<BridgeConnection>, String> {
    let met = attempt(endpoint, keyring).await;
    let (_, mut connection) = met.map_err(|unusable| unusable.reason)?;
    connection.set_limit(MAX_FRAME);
    Ok(RemoteHost::new(
        endpoint.to_string(),
        BridgeConnection(connection),
    ))
}

impl Carrier for BridgeConnection {
    fn ask(&mut self, question: &[u8]) -> Result<(), String> {
        let mut pieces = question.chunks(PIECE).peekable();
        while let Some(content) = pieces.next() {
            let last = pieces.peek().is_none();
            let queued = self.0.queue(&ToNode::Ask { last, content });
            queued.map_err(|error| chain(&error))?;
        }
        smol::block_on(self.0.flush()).map_err(|error| chain(&error))
    }

    fn hear(&mut self) -> Result<Vec<u8>, String> {
        let mut answer = Vec::new();
        loop {
            let next = receive(&mut self.0, |said| match said {
                ToController::Answer { last, content } => {
                    answer.extend_from_slice(content);
                    Some(last)
                }
                _ => None,
            });
            let last = smol::block_on(within(PATIENCE, next));
            let last = last.ok_or_else(|| format!("no word for {} s", PATIENCE.as_secs()))?;
            let is_answer = last.map_err(|error| format!("{}; {}", chain(&error), NO_BRIDGE))?;
            match is_answer {
                Some(_) if answer.len() > MAX_ANSWER => {
                    return Err(format!("an answer of more than {MAX_ANSWER} bytes"));
                }
                Some(true) => return Ok(answer),
                Some(false) => {}
                None => return Err(NO_BRIDGE.to_owned()),
            }
        }
    }
}

/// What it usually is where no answer comes.
const NO_BRIDGE: &str =
    "a node runs no programs of others: 'illuminator-bridge serve' must listen there";
