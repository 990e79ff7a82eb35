//! Handshakes over streams.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use shared::wire::{Handshake, HandshakeError, Key, Met, Trust};
use smol::Async;

use crate::within::within;

/// Greets a peer that this side has called.
pub async fn call<S>(
    stream: &Async<S>,
    trust: Trust<'_>,
    limit: Duration,
) -> Result<Met, HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    meet(stream, Handshake::call(trust)?, limit).await
}

/// Greets a node of any version that this side has called to update it.
pub async fn call_for_update<S>(
    stream: &Async<S>,
    key: &Key,
    limit: Duration,
) -> Result<Met, HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    meet(stream, Handshake::call_for_update(key)?, limit).await
}

/// Greets a peer that has called this side.
pub async fn answer<S>(
    stream: &Async<S>,
    trust: Trust<'_>,
    limit: Duration,
) -> Result<Met, HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    meet(stream, Handshake::answer(trust)?, limit).await
}

async fn meet<S>(
    stream: &Async<S>,
    mut handshake: Handshake<'_>,
    limit: Duration,
) -> Result<Met, HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    let met = async {
        while !handshake.is_over() {
            turn(stream, &mut handshake).await?;
        }
        Ok::<_, HandshakeError>(())
    };
    match within(limit, met).await {
        Some(met) => met?,
        None => return Err(handshake.timed_out(limit)),
    }
    handshake.finish().ok_or(HandshakeError::Closed)
}

/// Writes what is to be said, then reads once if there is something to come.
async fn turn<S>(stream: &Async<S>, handshake: &mut Handshake<'_>) -> Result<(), HandshakeError>
where
    for<'a> &'a S: Read + Write,
{
    while !handshake.transmit().is_empty() {
        let bytes = handshake.transmit();
        match stream.write_with(|mut stream| stream.write(bytes)).await {
            Ok(0) => return Err(HandshakeError::Closed),
            Ok(count) => handshake.sent(count),
            Err(error) if is_closed(&error) => return Err(HandshakeError::Closed),
            Err(error) => return Err(HandshakeError::Io(error)),
        }
    }
    if handshake.is_over() {
        return Ok(());
    }
    let room = handshake.room();
    match stream.read_with(|mut stream| stream.read(room)).await {
        Ok(0) => Err(handshake.end()),
        Ok(count) => handshake.received(count),
        Err(error) if is_closed(&error) => Err(handshake.end()),
        Err(error) => Err(HandshakeError::Io(error)),
    }
}

fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    const SOON: Duration = Duration::from_secs(5);

    fn pair() -> (Async<UnixStream>, Async<UnixStream>) {
        Async::<UnixStream>::pair().expect("a pair of sockets")
    }

    #[test]
    fn two_sides_meet_over_a_stream() {
        let key = Key::random().expect("random");
        let trust = Trust {
            key: Some(&key),
            open_peers: false,
        };
        let (a, b) = pair();
        let (caller, called) = smol::block_on(smol::future::zip(
            call(&a, trust, SOON),
            answer(&b, trust, SOON),
        ));
        assert!(caller.expect("meets").is_secure());
        assert!(called.expect("meets").is_secure());
    }

    #[test]
    fn a_silent_peer_times_out_and_one_that_leaves_is_told() {
        let trust = Trust {
            key: None,
            open_peers: false,
        };
        let (a, b) = pair();
        smol::block_on(async {
            let error = call(&a, trust, Duration::from_millis(1)).await;
            assert!(matches!(
                error,
                Err(HandshakeError::TimedOut { greeted: false, .. })
            ));
            drop(b);
            let error = answer(&a, trust, SOON).await;
            assert!(matches!(error, Err(HandshakeError::Closed)), "{error:?}");
        });
    }
}
