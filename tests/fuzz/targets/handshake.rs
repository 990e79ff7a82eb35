//! Preamble and key: a peer that says anything, and somebody in between who changes what two sides
//! say that have the same key.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use shared::wire::{Handshake, HandshakeError, Key, PREAMBLE_LENGTH, Preamble, Trust};

/// What a side says in a handshake: a preamble, and a key with its tag.
const PART: usize = PREAMBLE_LENGTH + 48;

static KEY: LazyLock<Key> = LazyLock::new(|| Key::random().expect("random"));

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, bytes)) = bytes.split_first() else {
        return;
    };
    if let Some(preamble) = bytes.first_chunk::<PREAMBLE_LENGTH>() {
        let _ = Preamble::accept(preamble);
    }
    let trust = |has_key: bool| Trust {
        key: has_key.then_some(&*KEY),
        open_peers: choice & 2 != 0,
    };
    if choice & 4 == 0 {
        let trust = trust(choice & 1 != 0);
        let handshake = match choice & 8 {
            0 => Handshake::answer(trust),
            _ => Handshake::call(trust),
        };
        let mut handshake = handshake.expect("begins");
        let said = say(&mut handshake, bytes, usize::from(choice >> 4) + 1);
        let is_secure = said.is_ok() && handshake.finish().is_some_and(|met| met.is_secure());
        assert!(!is_secure, "nobody knows the key");
    } else {
        let is_changed = bytes.iter().take(2 * PART).any(|byte| *byte != 0);
        assert_eq!(between(bytes), !is_changed, "what is changed is noticed");
    }
});

/// Says these bytes to a side, so many at a time, which says what it will.
fn say(side: &mut Handshake<'_>, mut bytes: &[u8], most: usize) -> Result<(), HandshakeError> {
    loop {
        let unsent = side.transmit().len();
        side.sent(unsent);
        let room = side.room();
        let count = bytes.len().min(room.len()).min(most);
        if count == 0 {
            return Ok(());
        }
        room[..count].copy_from_slice(&bytes[..count]);
        bytes = &bytes[count..];
        side.received(count)?;
    }
}

/// Carries what two sides say, with these bytes added to it: first to what the caller says. Returns
/// whether they have met.
fn between(changes: &[u8]) -> bool {
    let secret = Trust {
        key: Some(&*KEY),
        open_peers: false,
    };
    let mut caller = Handshake::call(secret).expect("begins");
    let mut called = Handshake::answer(secret).expect("begins");
    let mut meet = || -> Result<(), HandshakeError> {
        // A caller with a key says all of its part at once, and the other one answers.
        let said = changed(caller.transmit(), changes);
        let mut answer = called.transmit().to_vec();
        called.sent(answer.len());
        say_whole(&mut called, &said)?;
        answer.extend_from_slice(called.transmit());
        called.sent(called.transmit().len());
        caller.sent(said.len());
        let answer = changed(&answer, changes.get(PART..).unwrap_or_default());
        say_whole(&mut caller, &answer)
    };
    meet().is_ok() && caller.is_over() && called.is_over()
}

fn say_whole(side: &mut Handshake<'_>, mut bytes: &[u8]) -> Result<(), HandshakeError> {
    while !bytes.is_empty() && !side.room().is_empty() {
        let room = side.room();
        let count = bytes.len().min(room.len());
        room[..count].copy_from_slice(&bytes[..count]);
        bytes = &bytes[count..];
        side.received(count)?;
    }
    Ok(())
}

fn changed(said: &[u8], changes: &[u8]) -> Vec<u8> {
    let changes = changes.iter().chain(std::iter::repeat(&0));
    said.iter()
        .zip(changes)
        .map(|(byte, change)| byte ^ change)
        .collect()
}
