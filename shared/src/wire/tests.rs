//! Two sides that meet, for tests.

use super::{Handshake, HandshakeError, Key, Met, Trust};

pub(super) fn trust(key: Option<&Key>) -> Trust<'_> {
    Trust {
        key,
        open_peers: false,
    }
}

pub(super) fn key() -> Key {
    Key::random().expect("random")
}

/// Carries a handshake over, up to so many bytes at a time, each of which somebody in between may
/// change: of the caller or not, at this place of what that one says. Who ends it closes.
pub(super) fn carry(
    caller: Trust<'_>,
    called: Trust<'_>,
    most: usize,
    mut change: impl FnMut((bool, usize), &mut u8),
) -> (Result<Met, HandshakeError>, Result<Met, HandshakeError>) {
    let mut sides = [
        (Handshake::call(caller).expect("begins"), None),
        (Handshake::answer(called).expect("begins"), None),
    ];
    let mut said = [0, 0];
    loop {
        let mut moved = false;
        for from in [0, 1] {
            let [first, second] = &mut sides;
            let (sender, receiver) = if from == 0 {
                (first, second)
            } else {
                (second, first)
            };
            if receiver.1.is_some() {
                continue;
            }
            // Who has failed had said before what it had to say.
            let bytes = sender.0.transmit();
            let room = receiver.0.room();
            let count = bytes.len().min(room.len()).min(most);
            room[..count].copy_from_slice(&bytes[..count]);
            for byte in &mut room[..count] {
                change((from == 0, said[from]), byte);
                said[from] += 1;
            }
            sender.0.sent(count);
            if count > 0 {
                moved = true;
                receiver.1 = receiver.0.received(count).err();
            } else if sender.1.is_some() && !receiver.0.is_over() {
                receiver.1 = Some(receiver.0.end());
            }
        }
        if !moved
            && sides
                .iter()
                .all(|side| side.1.is_some() || side.0.is_over())
        {
            let [caller, called] = sides.map(|(handshake, error)| match error {
                Some(error) => Err(error),
                None => Ok(handshake.finish().expect("over")),
            });
            return (caller, called);
        }
    }
}

/// Two sides that have shown each other their key.
pub(super) fn secrets() -> (Met, Met) {
    let key = key();
    let (caller, called) = carry(trust(Some(&key)), trust(Some(&key)), 1000, |_, _| {});
    (caller.expect("meets"), called.expect("meets"))
}
