//! Preamble and key: a peer that says anything, and somebody in between who changes what two sides
//! say that have the same key.

#![no_main]

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use shared::wire::{HandshakeError, Key, Met, PREAMBLE_LENGTH, Preamble, Trust, answer, call};
use smol::Async;
use smol::future::zip;

/// Both sides have closed long before.
const LIMIT: Duration = Duration::from_secs(5);

/// The part of a handshake that goes in one direction: a preamble, and a key with its tag.
const PART: usize = PREAMBLE_LENGTH + 48;

type Outcome = Result<Met, HandshakeError>;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, bytes)) = bytes.split_first() else {
        return;
    };
    if let Some(preamble) = bytes.first_chunk::<PREAMBLE_LENGTH>() {
        let _ = Preamble::accept(preamble);
    }
    let key = Key::random().expect("random");
    let trust = |has_key: bool| Trust {
        key: has_key.then_some(&key),
        open_peers: choice & 2 != 0,
    };
    if choice & 4 == 0 {
        let (ours, mut theirs) = pair();
        theirs
            .write_all(&bytes[..bytes.len().min(1000)])
            .expect("there is room");
        theirs.shutdown(std::net::Shutdown::Write).expect("open");
        let trust = trust(choice & 1 != 0);
        let met: Outcome = smol::block_on(async {
            match choice & 8 {
                0 => answer(&ours, trust, LIMIT).await,
                _ => call(&ours, trust, LIMIT).await,
            }
        });
        let is_secure = met.is_ok_and(|met| met.is_secure());
        assert!(!is_secure, "nobody knows the key");
    } else {
        let secret = Trust {
            key: Some(&key),
            open_peers: false,
        };
        let is_changed = bytes.iter().take(2 * PART).any(|byte| *byte != 0);
        let (one, other) = between(bytes, secret);
        let both = one.is_ok() && other.is_ok();
        assert_eq!(both, !is_changed, "what is changed is noticed");
    }
});

fn pair() -> (Async<UnixStream>, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
    (Async::new(ours).expect("not waiting"), theirs)
}

/// Carries what two sides say, with these bytes added to it: first to what the caller says.
fn between(changes: &[u8], secret: Trust<'_>) -> (Outcome, Outcome) {
    let (a, mut to_a) = pair();
    let (b, mut to_b) = pair();
    let changes = changes.to_vec();
    let carrier = std::thread::spawn(move || {
        let mut parts = [[0; PART]; 2];
        // A caller with a key says its part at once, and the other one answers.
        if to_a.read_exact(&mut parts[0]).is_ok() {
            change(&mut parts[0], &changes);
            let _ = to_b.write_all(&parts[0]);
        }
        if to_b.read_exact(&mut parts[1]).is_ok() {
            change(&mut parts[1], changes.get(PART..).unwrap_or_default());
            let _ = to_a.write_all(&parts[1]);
        }
    });
    // Whoever gives up closes.
    let caller = async move { call(&a, secret, LIMIT).await };
    let called = async move { answer(&b, secret, LIMIT).await };
    let outcome = smol::block_on(zip(caller, called));
    carrier.join().expect("carried");
    outcome
}

fn change(part: &mut [u8], changes: &[u8]) {
    for (byte, change) in part.iter_mut().zip(changes) {
        *byte ^= change;
    }
}
